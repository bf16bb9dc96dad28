// Package report drafts the yearly report of a sector from the updates that
// were chosen for it and the figures of the year: a Word document and the same
// as markdown. The layout is that of the sector reports of the Round Table
// Process: cover lists, then a table of three columns with sections, themes and
// bullets, a chart a section, and the list of the updates that sentences were
// taken from.
//
// Draft puts entries into the cells of an outline and keeps what people wrote
// into a cell since the draft before; Report.Word and Report.Markdown write the
// result. All words come from the caller or from locales; nothing is computed.
package report

import (
	"sync"
	"time"

	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/locales"
)

// A Column is a column of the report's table.
type Column int

// The columns, from left to right.
const (
	Outputs    Column = iota // sector outputs and key activities
	Progress                 // update on the progress, note on the situation
	Challenges               // challenges, opportunities and way forward
	columns    = 3
)

// columnNames are what the report sheet of a form calls the columns.
var columnNames = [columns]string{"outputs", "progress", "challenges"}

func (c Column) String() string {
	if c < 0 || c >= columns {
		return ""
	}
	return columnNames[c]
}

// ParseColumn returns the column of this name: outputs, progress, challenges.
func ParseColumn(name string) (Column, bool) {
	for i, n := range columnNames {
		if n == name {
			return Column(i), true
		}
	}
	return 0, false
}

// An Outline is a report before anything is in it.
type Outline struct {
	Title    string // the group that reports
	Subtitle string // a line below the title: the period, "draft of 24 November"
	Year     int
	Cover    []List
	Sections []OutlineSection
	Lang     string
	Words    *locales.Catalogue // nil: the embedded ones
	// Font is the typeface that the Word document names, Phetsarath OT if
	// empty. It is not embedded.
	Font string
}

// A List is a list of the cover: chairs, focal points, partners.
type List struct {
	Title string
	Items []string
}

// An OutlineSection is a heading of the table and the rows beneath it.
type OutlineSection struct {
	Key   string // "B"; where entries go if there are no parts
	Title string // "B. Communication and outreach"
	Parts []Part
	// Figures stand beneath the heading, with one chart.
	Figures []Figure
	Chart   *chart.Chart
}

// A Part is a row of the table.
type Part struct {
	Key   string // "A.1"
	Title string
	// Recommendations stand in their columns before what was taken from updates.
	Recommendations []Recommendation
}

// A Recommendation is what was agreed to do. It comes up in each report until
// it is done.
type Recommendation struct {
	Text    string
	Column  Column
	Owner   string
	Due     time.Time // the zero time is not written
	Done    bool
	GivenUp bool
	Year    int // of the report that brought it up; 0 is not written
}

// Recommend puts a recommendation into a part, or a section without parts; it
// reports false if there is none of this key.
func (o *Outline) Recommend(part string, r Recommendation) bool {
	for i := range o.Sections {
		s := &o.Sections[i]
		if s.Key == part && len(s.Parts) == 0 {
			s.Parts = s.parts()
		}
		for k := range s.Parts {
			if s.Parts[k].Key == part {
				s.Parts[k].Recommendations = append(s.Parts[k].Recommendations, r)
				return true
			}
		}
	}
	return false
}

// A Figure is a number of the year, and of the one before if there is one.
type Figure struct {
	Label    string
	Unit     chart.Unit
	Decimals int
	Now      chart.Figure
	Before   *chart.Figure
	// Tested: the two were compared by a test; a count is not. Changed: the
	// difference is more than chance, by that test.
	Tested, Changed bool
}

// An Entry is a text that an update gives to a cell.
type Entry struct {
	Part   string // key of the part, or of a section without parts
	Column Column
	Lead   string // the theme, set in bold; entries of one theme stand together
	Text   string
	Ref    string // the update's reference number
	Source string // who reported, where and when: for the list at the end
}

// A Table is an annex, as the count of updates by plan outcome.
type Table struct {
	Title  string
	Note   string // below the title
	Head   []string
	Rows   [][]string
	Widths []int // of the columns, in proportion; alike if there are none
}

// A Place names a cell of the table.
type Place struct {
	Part   string
	Column Column
}

// A Cell is what stands in a place after people worked on it. Its text is as
// CellText writes it.
type Cell struct {
	Text string
	Refs []string // updates that were offered to the cell, taken or struck out
}

// A Report is a draft that can be written.
type Report struct {
	Outline
	Rows    map[Place][]Block
	Sources []Source
	Annexes []Table

	refs map[Place][]string
}

// A Source is a line of the reference list.
type Source struct{ Ref, Text string }

// A Block is a paragraph of a cell, or a point of a list.
type Block struct {
	Lead   string // bold, before the text
	Text   string
	Bullet bool
	Ref    string // the update it was taken from
	New    bool   // not in the draft before
}

var embedded = sync.OnceValue(locales.New)

func (o *Outline) words() *locales.Catalogue {
	if o.Words != nil {
		return o.Words
	}
	return embedded()
}

func (o *Outline) word(key string, args locales.Args) string {
	return o.words().Text(o.Lang, key, args)
}

// parts returns the rows of a section, at least one.
func (s *OutlineSection) parts() []Part {
	if len(s.Parts) == 0 {
		return []Part{{Key: s.Key}}
	}
	return s.Parts
}

// Columns returns the headings of the table.
func (o *Outline) columns() [columns]string {
	return [columns]string{o.word("report.outputs", nil), o.word("report.progress", nil), o.word("report.challenges", nil)}
}
