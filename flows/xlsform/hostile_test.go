package xlsform

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/internal/spent"
)

// workbookOf packs parts as a workbook with one sheet called survey.
func workbookOf(t testing.TB, parts map[string]func(io.Writer)) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	text := func(s string) func(io.Writer) { return func(w io.Writer) { io.WriteString(w, s) } }
	all := map[string]func(io.Writer){
		"_rels/.rels":                text(`<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
		"xl/workbook.xml":            text(`<workbook xmlns:r="r"><sheets><sheet name="survey" sheetId="1" r:id="r1"/></sheets></workbook>`),
		"xl/_rels/workbook.xml.rels": text(`<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="http://x/styles" Target="styles.xml"/></Relationships>`),
	}
	for name, f := range parts {
		all[name] = f
	}
	for name, f := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		f(w)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func times(n int, before, s, after string) func(io.Writer) {
	return func(w io.Writer) {
		io.WriteString(w, before)
		block := []byte(strings.Repeat(s, 1000))
		for range n / 1000 {
			w.Write(block)
		}
		io.WriteString(w, after)
	}
}

// TestHostileFilesAreRefusedSoon gives files made to eat time or memory. Each
// must be refused, or read, within bounds; never by running out of either.
func TestHostileFilesAreRefusedSoon(t *testing.T) {
	sheet := "xl/worksheets/sheet1.xml"
	for name, build := range map[string]func() []byte{
		"bomb": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(maxPart+1<<20, "<worksheet>", " ", "")})
		},
		"many strings": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){"xl/sharedStrings.xml": times(maxCells+1000, "<sst>", "<si><t>a</t></si>", "</sst>"), sheet: times(0, "<worksheet/>", "", "")})
		},
		"long string": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){"xl/sharedStrings.xml": times(1<<20, "<sst><si><t>", "x", "</t></si></sst>"), sheet: times(0, "<worksheet/>", "", "")})
		},
		"many cells": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(maxCells+1000, "<worksheet><sheetData>", "<row><c><v>1</v></c></row>", "</sheetData></worksheet>")})
		},
		"far cells": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(50_000, "<worksheet><sheetData>", `<row><c r="ALL1"><v>1</v></c></row>`, "")})
		},
		"wide": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(100_000, `<worksheet><row r="1">`, "<c><v>1</v></c>", "</row>")})
		},
		"runs": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){"xl/sharedStrings.xml": times(300_000, "<sst><si>", "<r><t>a</t></r>", "</si></sst>"), sheet: times(0, "<worksheet/>", "", "")})
		},
		"pieces": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(300_000, "<worksheet><row><c><v>", "<![CDATA[a]]>", "</v></c></row>")})
		},
		"errors": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(300_000, "<worksheet><row>", `<c t="e"><v>#N/A</v></c>`, "</row>")})
		},
		"many sheets": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){"xl/workbook.xml": times(1000, "<workbook>", `<sheet name="a" id="r1"/>`, "")})
		},
		"same sheet": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){"xl/workbook.xml": times(1000, "<workbook>", `<sheet name="a" id="r1"/>`, ""), sheet: times(1<<20, "<worksheet>", " ", "")})
		},
		"entities": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(300_000, "<!DOCTYPE x><worksheet><row><c><v>", "&amp;", "</v></c></row>")})
		},
		"wide header": func() []byte {
			return workbookOf(t, map[string]func(io.Writer){sheet: times(20_000, "<worksheet><row>"+strings.Repeat(`<c t="str"><v>h</v></c>`, 999)+"</row>", `<row><c><v>1</v></c></row>`, "")})
		},
		"many files":     func() []byte { return manyFiles(t) },
		"lying zip":      func() []byte { return lyingZip(t) },
		"csv of commas":  func() []byte { return bytes.Repeat([]byte(","), maxTextFile) },
		"text too long":  func() []byte { return make([]byte, maxTextFile+1) },
		"csv of rows":    func() []byte { return bytes.Repeat([]byte("survey,\n,a,b\n"), maxTextFile/16) },
		"csv quote":      func() []byte { return []byte("survey,,\n,type,\"" + strings.Repeat("a\n", maxTextFile/4)) },
		"markdown bars":  func() []byte { return bytes.Repeat([]byte("|"), maxTextFile) },
		"markdown rows":  func() []byte { return bytes.Repeat([]byte("|a|b|\n"), maxTextFile/6) },
		"markdown slash": func() []byte { return []byte("|" + strings.Repeat(`\`, maxTextFile-10)) },
		"too long":       func() []byte { return make([]byte, maxFile+1) },
		"blanks":         func() []byte { return bytes.Repeat([]byte(" "), maxTextFile) },
		"xls of zeros":   func() []byte { return append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, maxFile-8)...) },
		"marks of accent": func() []byte {
			return []byte("survey,\n,type,name,label\n,text,a,a" + strings.Repeat("\u0301\u0316", 1<<17))
		},
	} {
		t.Run(name, func(t *testing.T) {
			data := build()
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			peak := make(chan uint64)
			stop := make(chan bool)
			go func() {
				var m runtime.MemStats
				var top uint64
				for {
					select {
					case <-stop:
						peak <- top
						return
					case <-time.After(20 * time.Millisecond):
						runtime.ReadMemStats(&m)
						top = max(top, m.HeapInuse)
					}
				}
			}()
			var err error
			took := spent.CPU(func() { _, err = Read("f", data, nil) })
			close(stop)
			top := <-peak
			runtime.ReadMemStats(&after)
			used := int64(top) - int64(before.HeapInuse)
			t.Logf("%v, %d MiB in use, error %.80v", took.Round(time.Millisecond), used>>20, err)
			if err == nil && name != "errors" {
				t.Error("it was read")
			}
			if took > spent.Limit(time.Second) {
				t.Errorf("took %v", took)
			}
			if used > 100<<20 {
				t.Errorf("took %d MiB", used>>20)
			}
		})
	}
}

func manyFiles(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range maxEntries + 1 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i), Method: zip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	return out.Bytes()
}

// TestSheetsMayNotShareRecords gives two hundred sheets that are the same
// megabytes of records.
func TestSheetsMayNotShareRecords(t *testing.T) {
	var b bytes.Buffer
	record := func(kind int, data ...byte) {
		binary.Write(&b, binary.LittleEndian, [2]uint16{uint16(kind), uint16(len(data))})
		b.Write(data)
	}
	record(recBOF, 0, 6, 5, 0)
	at := b.Len() + 200*(4+8) + 4
	for range 200 {
		record(recBoundSheet, byte(at), byte(at>>8), byte(at>>16), 0, 0, 0, 0, 0)
	}
	record(recEOF)
	record(recBOF, 0, 6, 16, 0)
	for range 1 << 17 {
		record(recBoolErr, 1, 0, 1, 0, 0, 0, 0x2A, 1)
	}
	took := spent.CPU(func() {
		if _, err := readBIFF(b.Bytes()); err != errTooLarge {
			t.Errorf("got %v", err)
		}
	})
	if took > spent.Limit(time.Second) {
		t.Errorf("took %v", took)
	}
}

// lyingZip says that its sheet unpacks to a few bytes.
func lyingZip(t testing.TB) []byte {
	t.Helper()
	data := workbookOf(t, map[string]func(io.Writer){"xl/worksheets/sheet1.xml": times(maxPart+1<<20, "<worksheet>", " ", "")})
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		h := f.FileHeader
		h.Flags &^= 8
		if strings.HasSuffix(h.Name, "sheet1.xml") {
			h.UncompressedSize64 = 10
			h.CRC32 = crc32.ChecksumIEEE(nil)
		}
		w, err := z.CreateRaw(&h)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(w, raw)
	}
	z.Close()
	return out.Bytes()
}

// village makes a workbook with a long list of choices.
func village(t testing.TB, n int) []byte {
	t.Helper()
	d := &flows.Definition{Sheets: map[string]*flows.Sheet{"survey": {Name: "survey"}, "choices": {Name: "choices"}}}
	d.Sheets["survey"].Add("type", "select_one village", "name", "v", "label::English (en)", "Village")
	c := d.Sheets["choices"]
	for i := range n {
		c.Add("list_name", "village", "name", fmt.Sprintf("v%05d", i), "label::English (en)", fmt.Sprintf("Village %d", i),
			"label::ລາວ (lo)", fmt.Sprintf("ບ້ານ %d", i), "district", fmt.Sprintf("d%d", i/100))
	}
	var out bytes.Buffer
	if err := Write(&out, d, XLSX); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestLongListIsReadQuickly(t *testing.T) {
	data := village(t, 20_000)
	var d *flows.Definition
	took := spent.CPU(func() { d = read(t, "village.xlsx", string(data)) })
	t.Logf("20,000 choices in %v", took)
	if n := len(d.Sheet("choices").Rows); n != 20_000 {
		t.Errorf("%d choices", n)
	}
	if took > spent.Limit(2500*time.Millisecond) {
		t.Errorf("took %v", took)
	}
}

func BenchmarkReadXLSX(b *testing.B) {
	data := village(b, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read("f", data, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// The fuzz tests hold that no file makes a reader panic, and that what is read
// can be written and read again.
func fuzzRead(f *testing.F, name string) {
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read(name, data, nil)
		if err != nil {
			if ps, ok := err.(flows.Problems); !ok || ps.Err() == nil {
				t.Fatalf("a refusal that is no problem: %v", err)
			}
			return
		}
		for _, s := range d.Sheets {
			for _, r := range s.Rows {
				if len(r.Cells) != len(s.Columns) {
					t.Fatalf("row %d has %d cells under %d columns", r.Number, len(r.Cells), len(s.Columns))
				}
			}
		}
		var out bytes.Buffer
		if err := Write(&out, d, Markdown); err != nil {
			t.Fatal(err)
		}
		again, err := Read("f.md", out.Bytes(), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if a, b := len(d.Sheet("survey").Rows), len(again.Sheet("survey").Rows); a != b {
			t.Fatalf("%d rows became %d:\n%s", a, b, out.String())
		}
	})
}

func FuzzReadXLSX(f *testing.F) {
	f.Add(village(f, 3))
	file := excelize.NewFile()
	file.SetSheetName("Sheet1", "survey")
	file.SetSheetRow("survey", "A1", &[]any{"type", "name", "label", "default"})
	file.SetSheetRow("survey", "A2", &[]any{"text", "a", true, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
	var out bytes.Buffer
	file.Write(&out)
	f.Add(out.Bytes())
	fuzzRead(f, "f.xlsx")
}

// FuzzReadSheet reaches the XML, which the checksums of an archive keep the
// other fuzz test from.
func FuzzReadSheet(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is></c><c t="s"><v>0</v></c></row><row r="2"><c t="str"><f>x</f><v>te&amp;xt</v></c><c r="B2" s="1"><v>45000.5</v></c></row></sheetData></worksheet>`),
		[]byte(`<sst><si><t>name</t></si></sst>`), []byte(`<styleSheet><numFmts><numFmt numFmtId="170" formatCode="d/m"/></numFmts><cellXfs><xf/><xf numFmtId="170"/></cellXfs></styleSheet>`))
	f.Fuzz(func(t *testing.T, sheet, strings, styles []byte) {
		part := func(b []byte) func(io.Writer) { return func(w io.Writer) { w.Write(b) } }
		data := workbookOf(t, map[string]func(io.Writer){
			"xl/worksheets/sheet1.xml": part(sheet), "xl/sharedStrings.xml": part(strings), "xl/styles.xml": part(styles),
		})
		d, err := Read("f.xlsx", data, nil)
		if err == nil && d == nil {
			t.Fatal("neither definition nor error")
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("survey,,\n,type,name,label\n,text,a,\"x\ny\"\nchoices\n,list name,name\n,l,1\n"))
	f.Add([]byte("\xff\xfes\x00u\x00"))
	f.Add([]byte("type;name;label\ntext;a;b\n"))
	fuzzRead(f, "f.csv")
}

func FuzzReadMarkdown(f *testing.F) {
	f.Add([]byte(dirty))
	f.Add([]byte("| survey |\n| | type | name | label |\n| | text | a | \\ b\\|\\\\ |"))
	fuzzRead(f, "f.md")
}

func FuzzReadXLS(f *testing.F) {
	f.Add(container(biffStream()))
	fuzzRead(f, "f.xls")
}

// FuzzReadBIFF fuzzes the stream without its container.
func FuzzReadBIFF(f *testing.F) {
	f.Add(biffStream())
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := readBIFF(data); err == nil && b == nil {
			t.Fatal("neither book nor error")
		}
	})
}

func TestReadXLS(t *testing.T) {
	d := read(t, "old.xlsx", string(container(biffStream())))
	s := d.Sheet("survey")
	var got []string
	for _, r := range s.Rows {
		got = append(got, fmt.Sprint(r.Number, r.Cells))
	}
	want := "2 [text ຊື່ name 7] 3 [date day 2023-03-15 ] 4 [note 1.5 2 TRUE] 6 [text calc sum 0.25]"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if w := strings.Join(found(d), "\n"); !strings.Contains(w, "#N/A") {
		t.Errorf("no warning of the error cell: %s", w)
	}
}

// biffStream writes a small BIFF8 stream, with a string table cut in two
// within a text.
func biffStream() []byte {
	var b bytes.Buffer
	put := func(kind int, parts ...any) {
		var data bytes.Buffer
		for _, p := range parts {
			switch p := p.(type) {
			case int:
				binary.Write(&data, binary.LittleEndian, uint16(p))
			default:
				binary.Write(&data, binary.LittleEndian, p)
			}
		}
		binary.Write(&b, binary.LittleEndian, [2]uint16{uint16(kind), uint16(data.Len())})
		b.Write(data.Bytes())
	}
	ascii := func(s string) []byte { return append([]byte{byte(len(s)), 0, 0}, s...) }
	format := "d/m/yyyy"
	put(recBOF, biff8, 5)
	put(recFormat, 170, len(format), byte(0), []byte(format))
	put(recXF, 0, 0)
	put(recXF, 0, 170)
	at := b.Len() + 4
	put(recBoundSheet, uint32(0), 0, byte(6), byte(0), []byte("Survey"))
	lao := utf16.Encode([]rune("ຊື່"))
	put(recSST, uint32(5), uint32(5), ascii("type"), ascii("name"), ascii("label"), ascii("default"), 3, byte(1), lao[:1])
	put(recContinue, byte(1), lao[1:])
	put(recEOF)
	binary.LittleEndian.PutUint32(b.Bytes()[at:], uint32(b.Len()))
	put(recBOF, biff8, 16)
	for i := range 4 {
		put(recLabelSST, 0, i, 0, uint32(i))
	}
	label := func(row, col int, s string) { put(recLabel, row, col, 0, len(s), byte(0), []byte(s)) }
	label(1, 0, "text")
	put(recLabelSST, 1, 1, 0, uint32(4))
	label(1, 2, "name")
	put(recRK, 1, 3, 0, uint32(7<<2|2))
	label(2, 0, "date")
	label(2, 1, "day")
	put(recNumber, 2, 2, 1, math.Float64bits(45000))
	put(recBoolErr, 2, 3, 0, byte(0x2A), byte(1))
	label(5, 0, "text")
	label(5, 1, "calc")
	put(recFormula, 5, 2, 0, []byte{0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 0, uint32(0))
	put(recString, 3, byte(0), []byte("sum"))
	put(recFormula, 5, 3, 0, math.Float64bits(0.25), 0, uint32(0))
	label(3, 0, "note")
	put(recMulRK, 3, 1, 0, uint32(150<<2|3), 0, uint32(2<<2|2), 2)
	put(recBoolErr, 3, 3, 0, byte(1), byte(0))
	put(recEOF)
	return b.Bytes()
}

// container packs a stream as the one file of an OLE2 container of version 3.
func container(stream []byte) []byte {
	const sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
	size := max(len(stream), 4096) // smaller streams lie elsewhere
	n := (size + sector - 1) / sector
	head := make([]byte, sector)
	copy(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le := binary.LittleEndian
	for at, v := range map[int]uint16{24: 0x3E, 26: 3, 28: 0xFFFE, 30: 9, 32: 6} {
		le.PutUint16(head[at:], v)
	}
	for at, v := range map[int]uint32{44: 1, 48: 1, 56: 4096, 60: end, 68: end, 76: 0} {
		le.PutUint32(head[at:], v)
	}
	for at := 80; at < sector; at += 4 {
		le.PutUint32(head[at:], free)
	}
	fat := bytes.Repeat([]byte{0xFF}, sector)
	le.PutUint32(fat, 0xFFFFFFFD)
	le.PutUint32(fat[4:], end)
	for i := range n {
		next := uint32(2 + i + 1)
		if i == n-1 {
			next = end
		}
		le.PutUint32(fat[4*(2+i):], next)
	}
	dir := make([]byte, sector)
	entry := func(i int, name string, kind byte, child, start uint32, size int) {
		e := dir[128*i:]
		for k, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(e[2*k:], u)
		}
		le.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66], e[67] = kind, 1
		le.PutUint32(e[68:], free)
		le.PutUint32(e[72:], free)
		le.PutUint32(e[76:], child)
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], uint32(size))
	}
	entry(0, "Root Entry", 5, 1, end, 0)
	entry(1, "Workbook", 2, free, 2, size)
	for i := 2; i < 4; i++ {
		entry(i, "", 0, free, 0, 0)
	}
	out := append(append(head, fat...), dir...)
	return append(append(out, stream...), make([]byte, n*sector-len(stream))...)
}
