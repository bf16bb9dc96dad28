// Package poster makes sheets to hang at a service counter: a QR code that
// opens a form in Telegram, the office's name, and how to scan it, in several
// languages and as pictures. All offices go into one PDF, a page each, or four
// cards a page to cut.
//
// Letters are outlines, as PDF has no way to shape Lao; so the text cannot be
// selected, but bookmarks name the offices and the code can be clicked.
package poster

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/boombuler/barcode/qr"

	"example.org/fieldbot/locales"
)

// A Size is the paper.
type Size int

const (
	// A4 and A5: one poster a page.
	A4 Size = iota
	A5
	// Cards: four small cards on an A4 page, without the pictures.
	Cards
)

// ParseSize returns the size of this name: a4, a5 or cards.
func ParseSize(name string) (Size, error) {
	for i, n := range []string{"a4", "a5", "cards"} {
		if strings.EqualFold(name, n) {
			return Size(i), nil
		}
	}
	return 0, fmt.Errorf("there is no poster size %q; there are a4, a5 and cards", name)
}

// A Sheet is what all posters of a file have in common. Texts by language are
// the caller's: the title of the form, what happens to the answers.
type Sheet struct {
	Size      Size
	Languages []string           // in the order in which they are written; all of Words if empty
	Words     *locales.Catalogue // nil: the embedded ones
	Title     map[string]string  // by language: what people are asked for
	Note      map[string]string  // by language: a line at the foot
	Bot       string             // "@name", to write to by hand; empty: not told
}

// An Office is where a poster hangs.
type Office struct {
	Name map[string]string // by language
	Link string            // what the code opens
}

// What a file may hold.
const (
	MaxOffices = 5000
	maxLink    = 300 // bytes: a denser code is not read by cheap cameras
)

var embedded = sync.OnceValue(locales.New)

// Write writes a PDF with a poster for each office, in their order. The same
// posters give the same bytes.
func Write(w io.Writer, sheet Sheet, offices []Office) error {
	if len(offices) == 0 || len(offices) > MaxOffices {
		return fmt.Errorf("posters for %d offices: there must be 1 to %d", len(offices), MaxOffices)
	}
	if sheet.Words == nil {
		sheet.Words = embedded()
	}
	if len(sheet.Languages) == 0 {
		sheet.Languages = sheet.Words.Languages()
	}
	l := layout(&sheet, offices)
	f := newFile(w, l.paper, sheet.Languages[0])
	common := f.form(l.common())
	perPage := len(l.places)
	for from := 0; from < len(offices); from += perPage {
		p := page{form: common}
		for i, o := range offices[from:min(from+perPage, len(offices))] {
			code, err := encode(o.Link)
			if err != nil {
				return fmt.Errorf("poster %d: %w", from+i+1, err)
			}
			p.add(l.places[i], l.poster(o, code), o.title(sheet.Languages), o.Link, l.codeBox())
		}
		if perPage > 1 {
			p.cuts = l.cuts()
		}
		f.page(p)
	}
	return f.close()
}

// title returns the office's name for the bookmarks.
func (o Office) title(languages []string) string {
	for _, lang := range languages {
		if name := o.Name[lang]; name != "" {
			return name
		}
	}
	return o.Link
}

// A code is the dark modules of a QR code.
type code struct {
	size int
	dark []bool
}

func (c code) at(x, y int) bool { return c.dark[y*c.size+x] }

// encode makes the code of a link. A quarter of it may be dirty or torn (level
// Q).
func encode(link string) (code, error) {
	if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") && !strings.HasPrefix(link, "tg://") {
		return code{}, fmt.Errorf("the link of the code is not an address")
	}
	if len(link) > maxLink {
		return code{}, fmt.Errorf("the link has %d bytes, %d can be scanned well", len(link), maxLink)
	}
	img, err := qr.Encode(link, qr.Q, qr.Auto)
	if err != nil {
		return code{}, fmt.Errorf("encode link: %w", err)
	}
	c := code{size: img.Bounds().Dx()}
	c.dark = make([]bool, c.size*c.size)
	for y := range c.size {
		for x := range c.size {
			r, _, _, _ := img.At(x, y).RGBA()
			c.dark[y*c.size+x] = r < math.MaxUint16/2
		}
	}
	return c, nil
}
