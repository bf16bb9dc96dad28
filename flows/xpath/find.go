package xpath

// lookupStep finds the nodes of a step child[column = value] through an index,
// if the node has one and the value does not depend on the candidate. ok is
// false where the step must be walked.
func lookupStep(c *Context, n Node, s *Step) (nodes []Node, ok bool, err error) {
	return nil, false, nil
}
