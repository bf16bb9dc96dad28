package xlsform

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"example.org/fieldbot/flows"
)

// Read reads a form. What kind of file it is (xlsx, xls, markdown, csv) is
// decided by its content; name gives the form its id if settings have none,
// and may carry folder and ending. Files are attached to the definition as they
// are. A file that is no form is refused with flows.Problems that say how to
// mend it; problems of single cells are left in Definition.Found.
func Read(name string, data []byte, files map[string][]byte) (*flows.Definition, error) {
	b, err := readBook(name, data)
	if err != nil {
		return nil, err
	}
	if files == nil {
		files = map[string][]byte{}
	}
	return define(stem(name), b, files)
}

// stem is a file name without folder and ending.
func stem(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimSuffix(name, filepath.Ext(name))
}

func readBook(name string, data []byte) (*book, error) {
	if len(data) > maxFile {
		return nil, asProblems(errTooLarge)
	}
	var b *book
	var err error
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, unreadable("the file is empty")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		b, err = readXLSX(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		b, err = readXLS(data)
	default:
		b, err = readText(name, data)
	}
	if err != nil {
		return nil, asProblems(err)
	}
	return b, nil
}

// asProblems makes every refusal one that an author can read.
func asProblems(err error) error {
	if ps, ok := err.(flows.Problems); ok {
		return ps
	}
	return flows.Problems{{Severity: flows.Error, Message: err.Error()}}
}

// lineEnds gives a text of the oldest Macs, whose lines end in \r, those of others.
func lineEnds(text []byte) []byte {
	if bytes.IndexByte(text, '\n') < 0 {
		return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	return text
}

func readText(name string, data []byte) (*book, error) {
	if len(data) > maxTextFile {
		return nil, errTooLarge
	}
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	text = lineEnds(text)
	if isMarkdown(name, text) {
		return readMarkdown(text)
	}
	return readCSV(text)
}

// decode brings text to UTF-8, from UTF-16 if a mark says so. Other encodings
// cannot be told apart, and a wrong guess would spoil names and labels.
func decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], 0, 1), nil
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], 1, 0), nil
	}
	if bytes.IndexByte(data, 0) >= 0 || bytes.HasPrefix(data, []byte("%PDF")) {
		return nil, unreadable("the file is neither a workbook nor text")
	}
	if !utf8.Valid(data) {
		return nil, flows.Problems{{
			Severity: flows.Error, Message: "the text is not in UTF-8",
			Hint: "save it as “CSV UTF-8” or as .xlsx",
		}}
	}
	if t := bytes.TrimSpace(data); len(t) > 0 && (t[0] == '<' || t[0] == '{') {
		return nil, unreadable("the file is XML, HTML or JSON, not an XLSForm")
	}
	return data, nil
}

func fromUTF16(data []byte, low, high int) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i+low]) | uint16(data[2*i+high])<<8
	}
	return []byte(string(utf16.Decode(units)))
}

// isMarkdown looks at the first line that is not blank; in a file that calls
// itself markdown, words may come before the tables.
func isMarkdown(name string, data []byte) bool {
	if t := bytes.TrimSpace(data); len(t) > 0 && t[0] == '|' {
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown":
		return bytes.Contains(data, []byte("\n|"))
	}
	return false
}

// A Format is a kind of file that forms are written in.
type Format string

// The formats that Write knows.
const (
	XLSX     Format = "xlsx"
	CSV      Format = "csv"
	Markdown Format = "md"
)

// FormatOf tells the format that a file name asks for by its ending.
func FormatOf(name string) (Format, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".xlsx":
		return XLSX, nil
	case ".csv":
		return CSV, nil
	case ".md", ".markdown":
		return Markdown, nil
	case "":
		return "", fmt.Errorf("cannot tell how to write %s: give it an ending, .xlsx, .csv or .md", name)
	default:
		return "", fmt.Errorf("cannot write a form as %q: use .xlsx, .csv or .md", ext)
	}
}
