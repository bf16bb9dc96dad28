package poster

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
)

// A file is a PDF while it is written (ISO 32000-1). It has no fonts: all there
// is are outlines, pages, links and bookmarks.
type file struct {
	w       *bufio.Writer
	at      int   // bytes written
	offsets []int // of the objects, from 1 on
	paper   size
	lang    string
	pages   []int
	marks   []bookmark
	err     error
}

// A size is a width and a height in points.
type size struct{ w, h float64 }

type bookmark struct {
	title string
	page  int
}

// The first objects are the catalogue, the list of pages and the bookmarks,
// which are written last.
const (
	catalogue = iota + 1
	pageTree
	outlines
	reserved = outlines
)

func newFile(w io.Writer, paper size, lang string) *file {
	f := &file{w: bufio.NewWriter(w), paper: paper, lang: lang, offsets: make([]int, reserved)}
	f.print("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n") // the bytes tell mailers that this is no text
	return f
}

func (f *file) print(s string) {
	n, err := f.w.WriteString(s)
	f.at += n
	if f.err == nil {
		f.err = err
	}
}

// object writes an object and returns its number.
func (f *file) object(body string) int {
	f.offsets = append(f.offsets, 0)
	return f.put(len(f.offsets), body)
}

func (f *file) put(number int, body string) int {
	f.offsets[number-1] = f.at
	f.print(fmt.Sprintf("%d 0 obj\n%s\nendobj\n", number, body))
	return number
}

func (f *file) stream(dictionary string, data []byte) int {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(data) // a buffer takes everything
	z.Close()
	return f.object(fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dictionary, packed.Len(), packed.Bytes()))
}

// form writes what many pages show, once.
func (f *file) form(content []byte) int {
	return f.stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 %s %s]", number(wide), number(high)), content)
}

// A page is posters on the common form.
type page struct {
	form    int
	content bytes.Buffer
	links   []link
	titles  []string
	cuts    []byte
}

type link struct {
	url            string
	x0, y0, x1, y1 float64
}

// A place is where a poster stands on the page: from millimetres of the poster,
// y downwards, to points of the page.
type place struct{ scale, x, y float64 }

func (p place) matrix() string {
	return number(p.scale) + " 0 0 " + number(-p.scale) + " " + number(p.x) + " " + number(p.y) + " cm\n"
}

// add puts a poster on the page; box is where its code can be clicked.
func (p *page) add(at place, content []byte, title, url string, box [4]float64) {
	p.content.WriteString("q " + at.matrix() + "/F Do\n")
	p.content.Write(content)
	p.content.WriteString("Q\n")
	p.titles = append(p.titles, title)
	p.links = append(p.links, link{url, at.x + at.scale*box[0], at.y - at.scale*box[3], at.x + at.scale*box[2], at.y - at.scale*box[1]})
}

func (f *file) page(p page) {
	p.content.Write(p.cuts)
	content := f.stream("", p.content.Bytes())
	var annotations bytes.Buffer
	for _, l := range p.links {
		fmt.Fprintf(&annotations, "<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect [%s %s %s %s] /A << /S /URI /URI %s >> >> ",
			number(l.x0), number(l.y0), number(l.x1), number(l.y1), text(l.url))
	}
	n := f.object(fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Contents %d 0 R "+
		"/Resources << /XObject << /F %d 0 R >> >> /Annots [%s] >>",
		pageTree, number(f.paper.w), number(f.paper.h), content, p.form, annotations.String()))
	f.pages = append(f.pages, n)
	for _, t := range p.titles {
		f.marks = append(f.marks, bookmark{t, n})
	}
}

func (f *file) close() error {
	f.bookmarks()
	kids := ""
	for _, n := range f.pages {
		kids += fmt.Sprintf("%d 0 R ", n)
	}
	f.put(pageTree, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(f.pages), kids))
	f.put(catalogue, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Outlines %d 0 R /Lang %s >>", pageTree, outlines, text(f.lang)))
	start := f.at
	f.print(fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1))
	for _, at := range f.offsets {
		f.print(fmt.Sprintf("%010d 00000 n \n", at))
	}
	f.print(fmt.Sprintf("trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(f.offsets)+1, catalogue, start))
	if err := f.w.Flush(); f.err == nil {
		f.err = err
	}
	if f.err != nil {
		return fmt.Errorf("write posters: %w", f.err)
	}
	return nil
}

// bookmarks writes a list of the offices, linked forth and back.
func (f *file) bookmarks() {
	first := len(f.offsets) + 1
	last := first + len(f.marks) - 1
	for i, m := range f.marks {
		beside := ""
		if i > 0 {
			beside += fmt.Sprintf(" /Prev %d 0 R", first+i-1)
		}
		if first+i < last {
			beside += fmt.Sprintf(" /Next %d 0 R", first+i+1)
		}
		f.object(fmt.Sprintf("<< /Title %s /Parent %d 0 R%s /Dest [%d 0 R /Fit] >>", text(m.title), outlines, beside, m.page))
	}
	f.put(outlines, fmt.Sprintf("<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>", first, last, len(f.marks)))
}

// text writes a string: ASCII as it is, all else as UTF-16 in hexadecimal.
func text(s string) string {
	var b bytes.Buffer
	for _, r := range s {
		if r < ' ' || r > '~' {
			b.Reset()
			b.WriteString("<FEFF")
			for _, u := range utf16.Encode([]rune(s)) {
				fmt.Fprintf(&b, "%04X", u)
			}
			return b.String() + ">"
		}
		if r == '(' || r == ')' || r == '\\' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return "(" + b.String() + ")"
}

func number(v float64) string { return string(appendNumber(nil, v)) }

// appendNumber writes a number with three decimals, without an exponent, which
// PDF does not know.
func appendNumber(b []byte, v float64) []byte {
	b = strconv.AppendFloat(b, v, 'f', 3, 64)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return bytes.TrimSuffix(b, []byte("."))
}
