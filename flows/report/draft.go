package report

import (
	"slices"
	"strings"

	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/locales"
)

// Draft puts entries into the cells of an outline, in their order. A cell that
// kept has stays as people left it; entries that it was not offered before are
// added below and marked as new. entries are all that may stand in the report: a
// kept paragraph whose update was offered once and is not among them, because it
// was withdrawn, goes. What people wrote stays, whatever brackets end it.
// Entries for a part that the outline lacks are returned as lost.
func Draft(o Outline, entries []Entry, kept map[Place]Cell) (r *Report, lost []Entry) {
	r = &Report{Outline: o, Rows: map[Place][]Block{}, refs: map[Place][]string{}}
	known, gone := r.places(), map[string]bool{}
	for _, cell := range kept {
		for _, ref := range cell.Refs {
			gone[ref] = true
		}
	}
	for _, e := range entries {
		delete(gone, e.Ref)
	}
	for place, cell := range kept {
		if known[place] {
			r.Rows[place] = slices.DeleteFunc(ParseCell(cell.Text), func(b Block) bool { return gone[b.Ref] })
			// what comes back is offered again
			r.refs[place] = slices.DeleteFunc(slices.Clone(cell.Refs), func(ref string) bool { return gone[ref] })
		}
	}
	for _, e := range entries {
		place := Place{e.Part, e.Column}
		if !known[place] {
			lost = append(lost, e)
			continue
		}
		before, again := kept[place]
		if strings.TrimSpace(e.Text) == "" || e.Ref != "" && slices.Contains(before.Refs, e.Ref) {
			continue
		}
		r.insert(place, Block{Lead: e.Lead, Text: tidy(e.Text), Ref: e.Ref, New: again})
		if e.Ref != "" && !slices.Contains(r.refs[place], e.Ref) {
			r.refs[place] = append(r.refs[place], e.Ref)
		}
	}
	r.cite(entries)
	return r, lost
}

func (r *Report) places() map[Place]bool {
	known := map[Place]bool{}
	for _, s := range r.Sections {
		for _, p := range s.parts() {
			for c := range Column(columns) {
				known[Place{p.Key, c}] = true
			}
		}
	}
	return known
}

// insert adds a block to a cell. The second block of a theme turns the theme
// into a lead-in with a list.
func (r *Report) insert(place Place, b Block) {
	cell := r.Rows[place]
	i := slices.IndexFunc(cell, func(x Block) bool { return b.Lead != "" && x.Lead == b.Lead && !x.Bullet })
	if i < 0 {
		if b.Lead == "" {
			b.Bullet = true
		}
		r.Rows[place] = append(cell, b)
		return
	}
	b.Lead, b.Bullet = "", true
	at := i + 1
	for at < len(cell) && cell[at].Bullet {
		at++
	}
	if first := cell[i]; first.Text != "" && at == i+1 {
		cell[i] = Block{Lead: first.Lead, New: first.New}
		first.Lead, first.Bullet = "", true
		cell = slices.Insert(cell, at, first)
		at++
	}
	r.Rows[place] = slices.Insert(cell, at, b)
}

// cite lists the sources of what stands in the report, by reference number.
func (r *Report) cite(entries []Entry) {
	used := map[string]bool{}
	for _, cell := range r.Rows {
		for _, b := range cell {
			used[b.Ref] = true
		}
	}
	for _, e := range entries {
		if e.Ref != "" && used[e.Ref] {
			used[e.Ref] = false
			r.Sources = append(r.Sources, Source{e.Ref, tidy(e.Source)})
		}
	}
	slices.SortStableFunc(r.Sources, func(a, b Source) int { return compareRefs(a.Ref, b.Ref) })
}

// compareRefs orders U-9 before U-10.
func compareRefs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Cells returns what stands in the cells, to be kept and edited until the next
// draft.
func (r *Report) Cells() map[Place]Cell {
	out := map[Place]Cell{}
	for place, blocks := range r.Rows {
		out[place] = Cell{Text: CellText(blocks), Refs: slices.Clone(r.refs[place])}
	}
	return out
}

// CellText writes a cell as text that people edit: a line per paragraph, "- "
// before the points of a list, "**" around a lead-in, "[U-17]" after a text for
// the update that it was taken from.
func CellText(blocks []Block) string {
	var b strings.Builder
	for _, block := range blocks {
		line := block.Text
		if lead := tidy(strings.ReplaceAll(block.Lead, "*", "")); lead != "" {
			line = "**" + lead + "** " + line
		}
		if block.Bullet {
			line = "- " + line
		}
		if block.Ref != "" {
			line += " [" + block.Ref + "]"
		}
		b.WriteString(tidy(line) + "\n")
	}
	return b.String()
}

// ParseCell reads what CellText writes. Any text is a cell.
func ParseCell(text string) []Block {
	var out []Block
	for line := range strings.Lines(text) {
		line = tidy(line)
		if line == "" || line == "-" {
			continue
		}
		var b Block
		line, b.Bullet = strings.CutPrefix(line, "- ")
		if rest, ok := strings.CutPrefix(line, "**"); ok {
			if lead, after, ok := strings.Cut(rest, "**"); ok && strings.TrimSpace(lead) != "" && !strings.Contains(lead, "*") && !strings.HasPrefix(after, "*") {
				b.Lead, line = strings.TrimSpace(lead), strings.TrimSpace(after)
			}
		}
		b.Text, b.Ref = cutRef(line)
		if b.Lead != "" || b.Text != "" || b.Ref != "" {
			out = append(out, b)
		}
	}
	return out
}

// cutRef takes a reference number off the end of a text.
func cutRef(s string) (text, ref string) {
	i := strings.LastIndexByte(s, '[')
	if i < 0 || !strings.HasSuffix(s, "]") {
		return s, ""
	}
	ref = s[i+1 : len(s)-1]
	if ref == "" || len(ref) > 40 || strings.ContainsAny(ref, " ]") || !strings.ContainsAny(ref, "0123456789") {
		return s, ""
	}
	return strings.TrimSpace(s[:i]), ref
}

// tidy makes one line of a text.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// text writes a figure with what it was before.
func (o *Outline) figure(f Figure) string {
	value := func(v chart.Figure) string { return o.value(f, v) }
	s := o.word("report.figure", locales.Args{"Label": f.Label, "Value": value(f.Now)})
	if f.Before == nil {
		return s
	}
	key := "report.same"
	switch {
	case !f.Changed:
	case f.Now.Value > f.Before.Value:
		key = "report.higher"
	case f.Now.Value < f.Before.Value:
		key = "report.lower"
	}
	if !f.Tested || f.Now.State != chart.Known || f.Before.State != chart.Known {
		key = "report.before"
	}
	return s + " " + o.word(key, locales.Args{"Before": value(*f.Before)})
}

func (o *Outline) value(f Figure, v chart.Figure) string {
	switch v.State {
	case chart.Few:
		return o.word("chart.few", nil)
	case chart.None:
		return o.word("chart.none", nil)
	}
	text := func(x float64) string { return chart.Text(o.words(), o.Lang, f.Unit, f.Decimals, x) }
	var extra []string
	if v.Low < v.High {
		extra = append(extra, o.word("report.interval", locales.Args{"Low": text(v.Low), "High": text(v.High)}))
	}
	if v.N > 0 {
		extra = append(extra, o.word("chart.count", locales.Args{"Count": v.N}))
	}
	if len(extra) == 0 {
		return text(v.Value)
	}
	return text(v.Value) + " (" + strings.Join(extra, ", ") + ")"
}

// recommendation writes what was agreed, by whom and until when it is done.
func (o *Outline) recommendation(r Recommendation) Block {
	var parts []string
	if r.Owner != "" {
		parts = append(parts, r.Owner)
	}
	if !r.Due.IsZero() {
		parts = append(parts, o.word("report.due", locales.Args{"Date": r.Due}))
	}
	if r.Year > 0 && r.Year != o.Year {
		parts = append(parts, o.word("report.since", locales.Args{"Year": year(r.Year)}))
	}
	state := "report.open"
	switch {
	case r.Done:
		state = "report.done"
	case r.GivenUp:
		state = "report.given_up"
	}
	parts = append(parts, o.word(state, nil))
	return Block{Text: tidy(r.Text) + " (" + strings.Join(parts, "; ") + ")", Bullet: true}
}

// cell returns what a cell shows: the recommendations of its part, then its
// blocks.
func (r *Report) cell(p Part, c Column) []Block {
	var out []Block
	for _, rec := range p.Recommendations {
		if rec.Column == c {
			out = append(out, r.recommendation(rec))
		}
	}
	return append(out, r.Rows[Place{p.Key, c}]...)
}

// Places are all cells of the table, from top to bottom and left to right.
func (o *Outline) Places() []Place {
	var out []Place
	for i := range o.Sections {
		for _, p := range o.Sections[i].parts() {
			for c := range Column(columns) {
				out = append(out, Place{p.Key, c})
			}
		}
	}
	return out
}
