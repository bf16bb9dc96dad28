package flows

import (
	"cmp"
	"slices"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

// offered lists the choices that the filter lets through, by their index in the
// unfiltered list, in the order to show them.
func (in *Instance) offered(n *Node, c *container) []int {
	if n.List == nil {
		return nil
	}
	out := in.filtered(n, c)
	if n.Parameters["randomize"] != "true" {
		return out
	}
	var seed float64
	switch {
	case n.seed != nil:
		v, ok := in.eval(n.seed, n, c)
		if !ok {
			break
		}
		seed = xpath.SeedFrom(v.String())
	default:
		// drawn once for a respondent and question, and kept since it follows from the instance
		seed = float64(mix(in.seed^uint64(n.ID)) >> 33)
	}
	return xpath.Shuffle(out, seed)
}

func (in *Instance) filtered(n *Node, c *container) []int {
	out := make([]int, 0, min(len(n.List.Choices), 64))
	keep := func(i int) {
		if n.List.Choices[i].Name != "" {
			out = append(out, i)
		}
	}
	if n.filter == nil {
		for i := range n.List.Choices {
			keep(i)
		}
		return out
	}
	ctx := in.context(n.filter, n, c)
	nodes, err := n.filter.x.EvalNodes(&ctx)
	if err != nil {
		in.spent = in.spent || in.budget <= 0
		return nil
	}
	rows := make([]int, 0, len(nodes))
	for _, x := range nodes {
		if row, ok := x.(tnode); ok {
			rows = append(rows, int(row.row))
		}
	}
	if n.order != nil {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(n.order[a], n.order[b]) })
	}
	out = append(out, n.leading...)
	seen := map[string]bool{}
	for _, row := range rows {
		if n.distinct {
			name := n.List.Choices[row].Name
			if seen[name] {
				continue
			}
			seen[name] = true
		}
		keep(row)
	}
	return append(out, n.trailing...)
}

// choices are what a prompt offers.
func (in *Instance) choices(n *Node, c *container) []Choice {
	if n.fromRepeat != nil {
		return in.repeatChoices(n, c)
	}
	list := in.offered(n, c)
	out := make([]Choice, len(list))
	for i, k := range list {
		d := &n.List.Choices[k]
		out[i] = Choice{Index: k, Name: d.Name, Label: in.labelOf(d, c), Media: in.media(d.Media, c)}
	}
	return out
}

// listed is a value without the names that the list of a select does not have.
func (n *Node) listed(value string) string {
	if value == "" || n.List == nil || n.fromRepeat != nil || len(n.List.Choices) == 0 || n.List.Find(value) >= 0 {
		return value
	}
	var keep []string
	if n.Type.Multiple() {
		for _, w := range strings.Fields(value) {
			if n.List.Find(w) >= 0 {
				keep = append(keep, w)
			}
		}
	}
	return strings.Join(keep, " ")
}

func (in *Instance) labelOf(d *ChoiceDef, c *container) string {
	if l := in.text(d.Label, c); l != "" {
		return l
	}
	return d.Name
}

// repeatChoices are the answers given to a question in the instances of a repeat.
func (in *Instance) repeatChoices(n *Node, c *container) []Choice {
	var out []Choice
	top := c
	for !n.fromRepeat.scope.within(top.scope) {
		top = top.parent
	}
	if top.scope == n.fromRepeat.scope { // asked inside the same repeat: of all its instances
		top = top.parent
	}
	seen := map[string]bool{}
	var kept []xpath.Node
	if n.filter.x != nil {
		ctx := in.context(n.filter, n, c)
		var err error
		if kept, err = n.filter.x.EvalNodes(&ctx); err != nil {
			in.spent = in.spent || in.budget <= 0
			return nil
		}
	}
	for i, x := range in.collect(nil, top, n.fromRepeat) {
		v := x.Text()
		if v == "" || seen[v] || n.filter.x != nil && !slices.Contains(kept, x) {
			continue
		}
		seen[v] = true
		label := v
		if k, ok := x.(inode); ok {
			label = in.shown(n.fromRepeat, k.c)
		}
		if in.quoting && n.fromRepeat.written() {
			label = in.world.Quote(label)
		}
		out = append(out, Choice{Index: i, Name: v, Label: label})
	}
	return out
}

// choiceLabel is jr:choice-name: the label of a value in a question's list. Of
// several choices with this name it is that of the one which the filter offers.
func (in *Instance) choiceLabel(q *Node, value string, c *container) string {
	value = strings.TrimSpace(value)
	if q.fromRepeat != nil {
		return value
	}
	i := q.List.Find(value)
	if i >= 0 && q.filter != nil && q.List.repeats() {
		of := c
		for of != nil && of.scope != q.scope {
			of = of.parent
		}
		if of != nil {
			named := func(k int) bool { return q.List.Choices[k].Name == value }
			offered := in.filtered(q, of)
			if k := slices.IndexFunc(offered, named); k >= 0 {
				i = offered[k]
			}
		}
	}
	if i < 0 {
		return ""
	}
	if c == nil {
		c = in.root
	}
	return in.labelOf(&q.List.Choices[i], c)
}

// shown is a value as a person reads it: labels of choices, else as it is stored.
func (in *Instance) shown(n *Node, c *container) string {
	v := c.text(n)
	if v == "" || n.List == nil || n.fromRepeat != nil {
		return v
	}
	if !n.Type.Multiple() {
		if l := in.choiceLabel(n, v, c); l != "" {
			return l
		}
		return v
	}
	var out []string
	for _, w := range strings.Fields(v) {
		if l := in.choiceLabel(n, w, c); l != "" {
			w = l
		}
		out = append(out, w)
	}
	return strings.Join(out, ", ")
}
