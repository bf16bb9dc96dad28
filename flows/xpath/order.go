package xpath

import "slices"

// An ordered node knows its place in its document, which saves finding it out.
type ordered interface{ order() int }

// sortNodes puts nodes in document order and drops those that occur twice.
func sortNodes(c *Context, nodes []Node) ([]Node, error) {
	if len(nodes) < 2 {
		return nodes, nil
	}
	if err := c.spend(len(nodes)); err != nil {
		return nil, err
	}
	seen := make(map[Node]bool, len(nodes))
	keys := make([]placed, 0, len(nodes))
	for _, n := range nodes {
		if seen[n] {
			continue
		}
		seen[n] = true
		place, err := placeOf(c, n)
		if err != nil {
			return nil, err
		}
		keys = append(keys, placed{n, place})
	}
	slices.SortStableFunc(keys, func(a, b placed) int { return slices.Compare(a.place, b.place) })
	out := make([]Node, len(keys))
	for i, k := range keys {
		out[i] = k.node
	}
	return out, nil
}

// A placed node carries the indices that lead to it from the root.
type placed struct {
	node  Node
	place []int
}

func placeOf(c *Context, n Node) ([]int, error) {
	if o, ok := n.(ordered); ok {
		return []int{o.order()}, c.spend(1)
	}
	var place []int
	for p := n.Parent(); p != nil; n, p = p, p.Parent() {
		// Attributes come after their element and before its children.
		i, siblings := 0, p.Attributes()
		if n.Kind() != AttributeNode {
			i, siblings = len(siblings), p.Children()
		}
		if err := c.spend(1 + len(siblings)); err != nil {
			return nil, err
		}
		place = append(place, i+indexOf(siblings, n))
	}
	slices.Reverse(place)
	return place, nil
}
