package flows

import (
	"strings"
	"time"

	"example.org/fieldbot/flows/xpath"
)

// An env is the world of an instance's expressions.
type env struct{ in *Instance }

func (e *env) Now() time.Time { return e.in.now() }

// RefValue reads a ${name} without making nodes where it is one answer.
func (e *env) RefValue(c *xpath.Context, r *xpath.Ref) (xpath.Value, error) {
	b, k := boundIn(c, r)
	if b.target == blankNode {
		return xpath.LeafValue("", xpath.TextLeaf), nil
	}
	if b.position {
		if k = k.up(b.common); k == nil {
			return xpath.NumberValue(1), nil
		}
		return xpath.NumberValue(float64(k.pos + 1)), nil
	}
	top := k.up(b.common)
	if top == nil {
		return xpath.NodesValue(nil), nil
	}
	n := b.target
	if top.scope == n.scope && n.Kind == QuestionNode {
		if top.hiddenEffective(n) {
			return xpath.LeafValue("", n.leaf), nil
		}
		return xpath.LeafValue(top.text(n), n.leaf), nil
	}
	return xpath.NodesValue(e.in.collect(nil, top, n)), nil
}

// RefNodes reads a ${name} as nodes.
func (e *env) RefNodes(c *xpath.Context, r *xpath.Ref) ([]xpath.Node, error) {
	b, k := boundIn(c, r)
	if b.target == blankNode {
		return nil, nil
	}
	if b.position {
		if k = k.up(b.common); k != nil {
			return []xpath.Node{inode{e.in, k, b.target}}, nil
		}
		return nil, nil
	}
	if top := k.up(b.common); top != nil {
		return e.in.collect(nil, top, b.target), nil
	}
	return nil, nil
}

// boundIn gives what a reference is bound to, and the container to read it from.
func boundIn(c *xpath.Context, r *xpath.Ref) (*binding, *container) {
	b, k := r.Bound.(*binding), c.Scope.(*container)
	if b.candidate {
		if n, ok := c.Node.(inode); ok {
			k = n.c
		}
	}
	return b, k
}

func (e *env) Root(*xpath.Context) xpath.Node { return inode{e.in, e.in.root, nil} }

// Instance finds a choice list or an attached file.
func (e *env) Instance(id string) (xpath.Node, bool) {
	f := e.in.form
	if t := f.tables[id]; t != nil {
		return tnode{t: t, kind: tdoc, lang: uint8(e.in.lang)}, true
	}
	if d := f.documents[id]; d != nil {
		return d, true
	}
	return nil, false
}

// Random draws from the instance's own sequence, so that an interview that is
// loaded again goes on with the same numbers.
func (e *env) Random() float64 {
	return float64(e.in.draw()>>11) / (1 << 53)
}

// draw gives the next number of SplitMix64.
func (in *Instance) draw() uint64 {
	in.drawn++
	return mix(in.seed + in.drawn*0x9e3779b97f4a7c15)
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (e *env) NewID() string {
	return uuidOf(e.in.draw(), e.in.draw())
}

func (e *env) Language() string {
	return e.in.form.Languages[e.in.lang].Code
}

// Call runs the functions that need to know the form.
func (e *env) Call(c *xpath.Context, name string, args []xpath.Value) (xpath.Value, bool, error) {
	in := e.in
	blank := xpath.StringValue("")
	switch name {
	case "jr:choice-name":
		if len(args) != 2 {
			return blank, true, nil
		}
		q := in.form.byID[int(args[1].Number())]
		if q == nil {
			return blank, true, nil
		}
		k, _ := c.Scope.(*container)
		was := in.quoting
		in.quoting = false // a value is stored, not shown
		label := in.choiceLabel(q, args[0].String(), k)
		in.quoting = was
		return xpath.StringValue(label), true, nil
	case "pulldata":
		if len(args) != 4 {
			return blank, true, nil
		}
		t := in.form.tables[strings.TrimSuffix(args[0].String(), ".csv")]
		if t == nil {
			return blank, true, nil
		}
		col, ok := t.column[t.spelled(args[1].String())]
		rows := t.query(t.spelled(args[2].String()), args[3].String())
		if !ok || len(rows) == 0 {
			return blank, true, nil
		}
		return xpath.StringValue(t.cell(int(rows[0]), col, in.lang)), true, nil
	case "jr:itext", "property":
		return blank, true, nil
	case "version":
		return xpath.StringValue(in.form.Version), true, nil
	}
	return blank, false, nil
}
