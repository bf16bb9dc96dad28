package flows

// A tableList is a group with the appearance table-list: its selects, which
// share a list, are the rows of a table. The standard's compiler adds a note
// with the group's label and a select that heads the columns, so that a
// submission has both as nodes.
type tableList struct {
	list string // of the first select; "" before it
}

// tableList looks whether a group is one, and gives it its note.
func (b *builder) tableList(n *Node, row Row, offset int) {
	b.appearance(n, row)
	if !n.Appearance.Has("table-list") {
		return
	}
	b.table = &tableList{}
	if n.Label.Empty() && n.Hint.Empty() {
		return
	}
	note := &Node{
		Kind: QuestionNode, Type: typesByName["note"], Name: "generated_table_list_label_" + row.place(), Made: true,
		Row: row.Number, ID: row.Number*4 + 3 + offset, Label: n.Label, Hint: n.Hint,
	}
	n.Label, n.Hint = Text{}, Text{}
	b.add(note, row)
}

// tableRow makes a select in a table-list a row of it, and puts the head before
// the first one.
func (b *builder) tableRow(n *Node, row Row, offset int) {
	if b.table == nil || n.List == nil || b.form.Lists[n.List.Name] != n.List {
		return
	}
	if b.table.list == "" {
		b.table.list = n.List.Name
		if b.s.Get(row, "choice_filter") != "" {
			b.errorf(b.s, row.Number, "choice_filter", "remove the filter, or the appearance table-list of the group", "the first question of a table-list cannot have a choice_filter")
		}
		b.add(&Node{
			Kind: QuestionNode, Type: n.Type, Name: "reserved_name_for_field_list_labels_" + row.place(), Made: true,
			Row: row.Number, ID: row.Number*4 + 3 + offset, List: n.List, Appearance: Appearance{"label"}, silent: true,
		}, row)
	}
	if b.table.list != n.List.Name {
		b.errorf(b.s, row.Number, "type", "use one list for all of them, or remove the appearance table-list of the group", "questions of a table-list share a list, but this has %q and the first has %q", n.List.Name, b.table.list)
	}
	n.Appearance = Appearance{"list-nolabel"} // and nothing else, as the standard's compiler has it
}
