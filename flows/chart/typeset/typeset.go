// Package typeset turns lines of text into outlines: Lao is shaped as its
// script asks, so that tone marks stand above upper vowels, and lines break
// between syllables, never inside one. The outlines go to any Pen: a picture, a
// drawing or a page of a PDF, which so need no font of their own.
//
// Letters come from Noto Sans Lao (SIL Open Font License 1.1, see fonts), which
// holds Lao and Latin; what it lacks, such as Greek, Cyrillic and arrows, comes
// from Go's font. Emoji have no outlines and are left out; a letter that neither
// font has is drawn as an empty box.
package typeset

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// A Style is a weight of the letters.
type Style int

// The weights that there are.
const (
	Regular Style = iota
	Bold
)

// How far ink reaches above and below the baseline, as parts of the size: a
// vowel and a tone mark stacked on a tall letter, a vowel below a consonant.
// Lines that are Leading apart do not touch.
const (
	Ascent  = 1.18
	Descent = 0.48
	Leading = 1.6
)

//go:embed fonts/NotoSansLao_400Regular.ttf
var laoRegular []byte

//go:embed fonts/NotoSansLao_700Bold.ttf
var laoBold []byte

// fonts holds, for each style, the fonts in the order they are asked.
var fonts = sync.OnceValue(func() [2][]*font.Font {
	return [2][]*font.Font{
		Regular: {mustParse(laoRegular), mustParse(goregular.TTF)},
		Bold:    {mustParse(laoBold), mustParse(gobold.TTF)},
	}
})

func mustParse(ttf []byte) *font.Font {
	face, err := font.ParseTTF(bytes.NewReader(ttf))
	if err != nil {
		panic(fmt.Sprintf("typeset: an embedded font: %v", err)) // compiled in, and drawn by every test
	}
	return face.Font
}

// A Pen takes outlines: closed shapes, filled where they wind around a point.
// y grows downwards.
type Pen interface {
	MoveTo(x, y float64)
	LineTo(x, y float64)
	QuadTo(cx, cy, x, y float64)
	CubeTo(c1x, c1y, c2x, c2y, x, y float64)
	Close()
}

// A Line is one line of shaped text.
type Line struct {
	Text  string
	Size  float64 // the em, in the unit of the picture
	Width float64 // how far the line advances, in the same unit

	glyphs []glyph
}

// A glyph is an outline and where it stands, in ems.
type glyph struct {
	outline *outline
	x, y    float64
}

// An outline is the shape of a glyph, in ems, y upwards.
type outline struct{ segments []font.Segment }

// A setter holds what shaping needs and goroutines cannot share.
type setter struct {
	shaper shaping.HarfbuzzShaper
	faces  [2][]*font.Face
}

var setters = sync.Pool{New: func() any {
	s := new(setter)
	for style, list := range fonts() {
		for _, f := range list {
			s.faces[style] = append(s.faces[style], font.NewFace(f))
		}
	}
	return s
}}

// Set shapes s as one line.
func Set(s string, style Style, size float64) Line {
	setter := setters.Get().(*setter)
	defer setters.Put(setter)
	return setter.set(s, style, size)
}

// Width returns how wide s is as one line.
func Width(s string, style Style, size float64) float64 { return Set(s, style, size).Width }

func (s *setter) set(text string, style Style, size float64) Line {
	if style != Bold {
		style = Regular
	}
	line := Line{Text: text, Size: size}
	pen := 0.0
	for _, run := range s.runs(text, style) {
		face := s.faces[style][run.face]
		upem := float64(face.Upem())
		out := s.shaper.Shape(shaping.Input{
			Text: run.text, RunEnd: len(run.text), Direction: di.DirectionLTR, Face: face,
			Size: fixed.I(int(face.Upem())), Script: run.script, Language: "lo",
		})
		for _, g := range out.Glyphs {
			line.glyphs = append(line.glyphs, glyph{
				outline: outlineOf(glyphKey{style, run.face, g.GlyphID}, face),
				x:       pen + float64(g.XOffset)/64/upem,
				y:       float64(g.YOffset) / 64 / upem,
			})
			pen += float64(g.Advance) / 64 / upem
		}
	}
	line.Width = pen * size
	return line
}

// A run is text of one script that one font draws.
type run struct {
	text   []rune
	face   int
	script language.Script
}

// runs cuts text where font or script change. Spaces, digits and marks stay
// with what they follow, so that a mark is never torn from its letter.
func (s *setter) runs(text string, style Style) []run {
	var runs []run
	for _, r := range norm.NFC.String(text) {
		if unicode.IsSpace(r) && r != '\u00a0' {
			r = ' '
		}
		face, ok := s.faceOf(r, style)
		if !ok {
			continue
		}
		script := language.LookupScript(r)
		if n := len(runs); n > 0 {
			last := &runs[n-1]
			neutral := script == language.Common || script == language.Inherited
			if neutral && s.has(last.face, style, r) {
				last.text = append(last.text, r)
				continue
			}
			if face == last.face && (neutral || script == last.script || last.script == language.Common) {
				if !neutral {
					last.script = script
				}
				last.text = append(last.text, r)
				continue
			}
		}
		runs = append(runs, run{[]rune{r}, face, script})
	}
	return runs
}

// faceOf returns the font that draws r; ok is false for what is left out.
func (s *setter) faceOf(r rune, style Style) (face int, ok bool) {
	for i := range s.faces[style] {
		if s.has(i, style, r) {
			return i, true
		}
	}
	return 0, unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r)
}

func (s *setter) has(face int, style Style, r rune) bool {
	_, ok := s.faces[style][face].NominalGlyph(r)
	return ok
}

type glyphKey struct {
	style Style
	face  int
	id    font.GID
}

// outlines keeps what was read: some hundred glyphs are in use.
var outlines sync.Map // glyphKey → *outline

func outlineOf(key glyphKey, face *font.Face) *outline {
	if o, ok := outlines.Load(key); ok {
		return o.(*outline)
	}
	o := new(outline)
	if data, ok := face.GlyphData(key.id).(font.GlyphOutline); ok {
		k := 1 / float32(face.Upem())
		for _, s := range data.Segments {
			for i := range s.Args {
				s.Args[i].X *= k
				s.Args[i].Y *= k
			}
			o.segments = append(o.segments, s)
		}
	}
	outlines.Store(key, o)
	return o
}

// Draw gives the outlines of the line to a pen, beginning at x on a baseline at
// y.
func (l Line) Draw(pen Pen, x, y float64) {
	for _, g := range l.glyphs {
		g.outline.draw(pen, x+g.x*l.Size, y-g.y*l.Size, l.Size)
	}
}

func (o *outline) draw(pen Pen, x, y, size float64) {
	at := func(p ot.SegmentPoint) (float64, float64) {
		return x + float64(p.X)*size, y - float64(p.Y)*size
	}
	open := false
	for _, s := range o.segments {
		ax, ay := at(s.Args[0])
		switch s.Op {
		case ot.SegmentOpMoveTo:
			if open {
				pen.Close()
			}
			pen.MoveTo(ax, ay)
			open = true
		case ot.SegmentOpLineTo:
			pen.LineTo(ax, ay)
		case ot.SegmentOpQuadTo:
			bx, by := at(s.Args[1])
			pen.QuadTo(ax, ay, bx, by)
		case ot.SegmentOpCubeTo:
			bx, by := at(s.Args[1])
			cx, cy := at(s.Args[2])
			pen.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	if open {
		pen.Close()
	}
}
