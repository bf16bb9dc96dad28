// Package chart draws a table of figures as a picture, PNG or SVG: bars with
// their intervals, Likert answers stacked, lines over periods, quotas with
// their targets, and a grid of who reported when. Letters are drawn as outlines
// (package typeset), so a picture needs no font where it is shown and Lao comes
// out right. The colours are told apart by colour-blind people and in grey, and
// letters are large enough for a phone.
//
// The same chart always gives the same picture. Nothing is computed here: the
// caller brings the figures, suppressed where they must be. Alt tells a chart
// in words.
package chart

import (
	"fmt"
	"io"
	"math"
	"sync"

	"example.org/fieldbot/locales"
)

// A Kind is a way to draw a table.
type Kind int

const (
	// Bars: a bar per row and column, with the 95% interval. With several
	// columns, such as this round and the one before, the bars stand in groups.
	Bars Kind = iota
	// Likert: shares of a row's answers by column, from the lowest answer to
	// the highest, stacked to 100%.
	Likert
	// Lines: a line per row over the columns, which are periods.
	Lines
	// Quotas: how much of each row's Target is reached.
	Quotas
	// Grid: who (rows) reported how much in which period (columns).
	Grid
)

// A Unit is what values are.
type Unit int

const (
	// Shares lie between 0 and 1 and are written as percentages.
	Shares Unit = iota
	// Numbers are counts, means and sums.
	Numbers
)

// A State is what is known of a figure.
type State int

const (
	// Known figures have a value.
	Known State = iota
	// None: there is no value; in a Grid, none is due.
	None
	// Few: there is one, from too few answers to be shown.
	Few
	// Late: in a Grid, it came after it was due.
	Late
)

// A Figure is one cell of the table.
type Figure struct {
	Value     float64
	Low, High float64 // the 95% interval; none if they are equal
	N         int     // answers behind it; 0 is not written
	Target    float64 // of Quotas
	State     State
}

// known reports whether the figure has a value that can be drawn.
func (f Figure) known() bool {
	return f.State != None && f.State != Few && !math.IsNaN(f.Value) && !math.IsInf(f.Value, 0)
}

func (f Figure) interval() bool {
	return f.known() && f.Low < f.High && !math.IsInf(f.Low, 0) && !math.IsInf(f.High, 0)
}

// A Row is a line of the table. A row without figures is a heading for those
// after it.
type Row struct {
	Label   string
	Figures []Figure // one for each column; missing ones are None
}

func (r Row) heading() bool { return len(r.Figures) == 0 }

func (r Row) at(column int) Figure {
	if column >= 0 && column < len(r.Figures) {
		return r.Figures[column]
	}
	return Figure{State: None}
}

// A Chart is a table and how to draw it. Title, Subtitle, Note, Columns and the
// rows' labels are the caller's words.
type Chart struct {
	Kind     Kind
	Title    string
	Subtitle string   // what, where, when, how many answers
	Note     string   // beneath the picture: the source, a remark
	Columns  []string // answers of a Likert chart, periods, groups of bars; one unnamed if there is none
	Rows     []Row
	Unit     Unit
	Decimals int // of Numbers; as few as are needed if negative
	// Diverging stands Likert answers left and right of their middle, instead
	// of stacking them from 0 to 100%.
	Diverging bool

	Lang  string             // of numbers and of the few words that the picture adds
	Words *locales.Catalogue // nil: the embedded ones
	Width int                // of a PNG in pixels; 0 is 1080
}

// What a chart may hold: enough for all districts over a year, and an end to
// what a table can make this package draw.
const (
	MaxRows    = 200
	MaxColumns = 60
	MaxWidth   = 4320
	maxPixels  = 50_000_000
	maxText    = 1000 // runes of one label
)

var embedded = sync.OnceValue(locales.New)

func (c *Chart) words() *locales.Catalogue {
	if c.Words != nil {
		return c.Words
	}
	return embedded()
}

// columns returns the number of columns, at least one.
func (c *Chart) columns() int { return max(1, len(c.Columns)) }

func (c *Chart) check() error {
	switch {
	case c.Kind < Bars || c.Kind > Grid:
		return fmt.Errorf("chart: there is no kind %d", c.Kind)
	case len(c.Rows) > MaxRows:
		return fmt.Errorf("chart: %d rows, %d can be drawn", len(c.Rows), MaxRows)
	case len(c.Columns) > MaxColumns:
		return fmt.Errorf("chart: %d columns, %d can be drawn", len(c.Columns), MaxColumns)
	case c.Width < 0 || c.Width > MaxWidth:
		return fmt.Errorf("chart: a width of %d pixels; between 1 and %d can be drawn", c.Width, MaxWidth)
	}
	return nil
}

// PNG writes the chart as a picture of c.Width pixels, as high as it needs. A
// picture of more than 50 million pixels is refused.
func PNG(w io.Writer, c *Chart) error {
	s, err := draw(c)
	if err != nil {
		return err
	}
	width := c.Width
	if width == 0 {
		width = pageWidth
	}
	k := float64(width) / pageWidth
	if pixels := s.width * k * s.height * k; pixels > maxPixels {
		return fmt.Errorf("chart: a picture of %.0f million pixels; %d million can be drawn", pixels/1e6, maxPixels/1_000_000)
	}
	return s.png(w, k)
}

// SVG writes the chart as a drawing, its letters as outlines; Alt is its title.
func SVG(w io.Writer, c *Chart) error {
	s, err := draw(c)
	if err != nil {
		return err
	}
	return s.svg(w, Alt(c))
}

// draw lays the chart out.
func draw(c *Chart) (*scene, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	p := newPage(c)
	switch {
	case len(c.Rows) == 0:
		p.sentence(p.word("chart.none"))
	case c.Kind == Bars:
		p.bars()
	case c.Kind == Likert:
		p.likert()
	case c.Kind == Lines:
		p.lines()
	case c.Kind == Quotas:
		p.quotas()
	case c.Kind == Grid:
		p.grid()
	}
	p.footer()
	return &p.scene, nil
}
