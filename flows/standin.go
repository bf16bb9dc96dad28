package flows

import (
	"iter"
	"slices"
)

// StandIn is a form in the place of a version whose source does not compile, as
// one that an earlier fieldbot took, so that what was answered to it is not lost:
// its questions, groups and repeats are those of the submissions, by name and
// type, without labels, choices and expressions. Only what is read of it may be
// asked of it: it holds no interview. An error of answered is returned.
func StandIn(id, version, hash, title string, answered iter.Seq2[*Submission, error]) (*Form, error) {
	f := &Form{ID: id, Version: version, Hash: hash, Title: NewText(title), Languages: []Language{{Name: "default"}},
		Root: &Node{Kind: GroupNode, Name: "data", Index: -1}}
	for s, err := range answered {
		if err != nil {
			return nil, err
		}
		f.Root.adopt(s.Data)
	}
	f.number(f.Root)
	return f, nil
}

// adopt puts the fields of a record among the children, each behind the one that
// stands before it in the record.
func (n *Node) adopt(data Record) {
	at := 0
	for i := range data {
		d := &data[i]
		if at == len(n.Children) || n.Children[at].Name != d.Name {
			if k := slices.IndexFunc(n.Children, func(c *Node) bool { return c.Name == d.Name }); k >= 0 {
				at = k
			} else {
				n.Children = slices.Insert(n.Children, at, n.standIn(d))
			}
		}
		c := n.Children[at]
		for _, r := range d.Records {
			c.adopt(r)
		}
		at++
	}
}

func (n *Node) standIn(d *Field) *Node {
	c := &Node{Kind: d.Kind, Name: d.Name, Path: n.Path + "/" + d.Name, Parent: n}
	if d.Kind == QuestionNode {
		if c.Type = typesByName[d.Type]; c.Type == nil || c.Type.Bind == "" {
			c.Type = typesByName["text"]
		}
	}
	return c
}

// number lists the nodes in document order.
func (f *Form) number(n *Node) {
	for _, c := range n.Children {
		c.Index = len(f.Nodes)
		c.ID = c.Index
		f.Nodes = append(f.Nodes, c)
		f.number(c)
	}
	n.End = len(f.Nodes)
}
