package main

import (
	"fmt"
	"strings"

	"example.org/fieldbot/flows"
)

// changes lists what differs between two versions of a form as far as answers
// that were given to the old one are concerned: columns that go, come or move,
// values that mean something else or nothing any more.
func changes(old, now *flows.Form) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if old.ID != now.ID {
		add("form_id: %s becomes %s: another form, whose answers are kept apart", old.ID, now.ID)
	}
	here := columns(now)
	for _, n := range old.Nodes {
		if !column(n) {
			continue
		}
		m, ok := here[n.Path]
		switch {
		case ok && !sameRepeats(n, m):
			add("- %s: is repeated otherwise; old answers keep a table of their own", n.Path)
		case ok:
			list = append(list, nodeChanges(n, m)...)
		case moved(now, n) != nil:
			add("~ %s: is now %s; exports keep both columns", n.Path, moved(now, n).Path)
		default:
			add("- %s: is gone; its answers stay in exports", n.Path)
		}
	}
	was := columns(old)
	for _, n := range now.Nodes {
		if column(n) && was[n.Path] == nil && moved(old, n) == nil {
			add("+ %s: is new; blank in answers already given", n.Path)
		}
	}
	return list
}

func columns(f *flows.Form) map[string]*flows.Node {
	m := map[string]*flows.Node{}
	for _, n := range f.Nodes {
		if column(n) {
			m[n.Path] = n
		}
	}
	return m
}

// column reports whether a node holds answers.
func column(n *flows.Node) bool {
	return n.Kind == flows.QuestionNode && n.Type.Name != "note" && n.Type.Bind != ""
}

// moved finds the one question of this name in another place of f, nil if there
// is none, or one in the old place too.
func moved(f *flows.Form, n *flows.Node) *flows.Node {
	m := f.Question(n.Name)
	if m == nil || !column(m) || m.Path == n.Path || columns(f)[n.Path] != nil {
		return nil
	}
	return m
}

func sameRepeats(a, b *flows.Node) bool {
	return strings.Join(repeats(a), "\n") == strings.Join(repeats(b), "\n")
}

func repeats(n *flows.Node) []string {
	var paths []string
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Kind == flows.RepeatNode {
			paths = append(paths, p.Path)
		}
	}
	return paths
}

func nodeChanges(a, b *flows.Node) []string {
	var list []string
	if a.Type.Bind != b.Type.Bind || a.Type.Multiple() != b.Type.Multiple() {
		list = append(list, fmt.Sprintf("~ %s: %s becomes %s", a.Path, a.Type.Name, b.Type.Name))
	}
	if a.List == nil || b.List == nil {
		return list
	}
	for i, c := range a.List.Choices {
		j := b.List.Find(c.Name)
		switch {
		case j < 0:
			list = append(list, fmt.Sprintf("- %s: choice %q is gone; answers with it keep it", a.Path, c.Name))
		case !sameText(a.List.Choices[i].Label, b.List.Choices[j].Label):
			list = append(list, fmt.Sprintf("~ %s: choice %q is worded otherwise", a.Path, c.Name))
		}
	}
	for _, c := range b.List.Choices {
		if a.List.Find(c.Name) < 0 {
			list = append(list, fmt.Sprintf("+ %s: choice %q is new", a.Path, c.Name))
		}
	}
	return list
}

// sameText compares the first two languages, which is what tells a typing
// error mended from another meaning well enough to look.
func sameText(a, b flows.Text) bool {
	return a.In(0) == b.In(0) && a.In(1) == b.In(1)
}
