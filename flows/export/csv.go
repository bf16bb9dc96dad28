package export

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

const bom = "\ufeff" // without it, spreadsheets take csv for a local encoding

// guard keeps a text from being run as a formula: spreadsheets execute cells
// that begin with = + - @, and skip blanks and tabs before them. An apostrophe
// in front makes it text. Numbers are no formulas; where a column holds
// numbers, they stay as they are.
func guard(c cell) string {
	s := c.text
	if s == "" {
		return s
	}
	switch c.kind {
	case numberCell, looseCell, flagCell:
		if isNumber(s) {
			return s
		}
	}
	if !risky(s) {
		return s
	}
	return "'" + s
}

func risky(s string) bool {
	if c := s[0]; c > '@' && c < utf8.RuneSelf {
		return false // letters, as most texts begin
	}
	for _, r := range s {
		switch r {
		case '=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '−':
			return true
		}
		if !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return false
}

// csvRow appends a row as RFC 4180 has it.
func csvRow(buf []byte, cells []cell) []byte {
	for i, c := range cells {
		if i > 0 {
			buf = append(buf, ',')
		}
		s := guard(c)
		if !strings.ContainsAny(s, ",\"\r\n;\t") && (s == "" || s[0] != ' ' && s[len(s)-1] != ' ') {
			buf = append(buf, s...)
			continue
		}
		buf = append(buf, '"')
		for {
			q := strings.IndexByte(s, '"')
			if q < 0 {
				break
			}
			buf = append(buf, s[:q+1]...)
			buf = append(buf, '"')
			s = s[q+1:]
		}
		buf = append(append(buf, s...), '"')
	}
	return append(buf, '\r', '\n')
}

func texts(words []string) []cell {
	cells := make([]cell, len(words))
	for i, w := range words {
		cells[i].text = w
	}
	return cells
}

// writeCSV streams the one table of a form without repeats.
func (l *layout) writeCSV(w io.Writer, rows iter.Seq2[*Row, error]) (int, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	buf := csvRow([]byte(bom), texts(l.header(l.tables[0])))
	out.Write(buf)
	f := l.flattener(func(_ *table, cells []cell) error {
		buf = csvRow(buf[:0], cells)
		_, err := out.Write(buf)
		return err
	})
	n, err := f.all(rows)
	if err != nil {
		return n, err
	}
	return n, out.Flush()
}

// all flattens all rows and counts them.
func (f *flattener) all(rows iter.Seq2[*Row, error]) (int, error) {
	n := 0
	for r, err := range rows {
		if err != nil {
			return n, err
		}
		if err := f.submission(r); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// writeZIP writes a csv file for each table, and the codebook. An archive takes
// one file after the other: the submissions go there directly, the rows of
// repeats wait on disk.
func (l *layout) writeZIP(w io.Writer, rows iter.Seq2[*Row, error]) (int, error) {
	z := zip.NewWriter(w)
	first, err := z.Create(l.tables[0].name + ".csv")
	if err != nil {
		return 0, err
	}
	spools := make([]*spool, len(l.tables))
	defer func() {
		for _, s := range spools[1:] {
			s.close()
		}
	}()
	writers := make([]*bufio.Writer, len(l.tables))
	writers[0] = bufio.NewWriterSize(first, 64<<10)
	for i := range l.tables[1:] {
		if spools[i+1], err = newSpool(); err != nil {
			return 0, err
		}
		writers[i+1] = bufio.NewWriterSize(spools[i+1].file, 64<<10)
	}
	for i, t := range l.tables {
		writers[i].Write(csvRow([]byte(bom), texts(l.header(t))))
	}
	var buf []byte
	n, err := l.flattener(func(t *table, cells []cell) error {
		buf = csvRow(buf[:0], cells)
		_, err := writers[t.index].Write(buf)
		return err
	}).all(rows)
	if err != nil {
		return n, err
	}
	for i, out := range writers {
		if err := out.Flush(); err != nil {
			return n, err
		}
		if i == 0 {
			continue
		}
		if err := spools[i].into(z, l.tables[i].name+".csv"); err != nil {
			return n, err
		}
	}
	for _, s := range l.codebook() {
		file, err := z.Create(s.name + ".csv")
		if err != nil {
			return n, err
		}
		out := bufio.NewWriter(file)
		out.WriteString(bom)
		for _, r := range s.rows {
			out.Write(csvRow(buf[:0], texts(r)))
		}
		if err := out.Flush(); err != nil {
			return n, err
		}
	}
	return n, z.Close()
}

// A spool holds rows until the archive can take them. Its file has no name any
// more where the system allows it, so that answers do not outlive the program.
type spool struct {
	file *os.File
	name string // "" once removed
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "fieldbot-export-*")
	if err != nil {
		return nil, fmt.Errorf("make room for repeats: %w", err)
	}
	s := &spool{file: f, name: f.Name()}
	if os.Remove(s.name) == nil {
		s.name = ""
	}
	return s, nil
}

func (s *spool) into(z *zip.Writer, name string) error {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	out, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, s.file)
	return err
}

func (s *spool) close() {
	if s == nil {
		return
	}
	s.file.Close()
	if s.name != "" {
		os.Remove(s.name)
	}
}
