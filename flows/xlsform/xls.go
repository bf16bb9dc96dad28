package xlsform

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"

	"github.com/richardlehane/mscfb"
)

// readXLS reads the workbooks of Excel 97 to 2003 (BIFF8 in an OLE2 container),
// which many forms still are, also behind the ending .xlsx.
func readXLS(data []byte) (*book, error) {
	if n := len(data) % 512; n != 0 {
		data = append(slices.Clip(data), make([]byte, 512-n)...) // some writers end early
	}
	doc, err := mscfb.New(bytes.NewReader(data))
	if err != nil {
		return nil, unreadable("the old workbook is damaged: %v", err)
	}
	old := false
	for _, f := range doc.File {
		switch f.Name {
		case "EncryptedPackage":
			return nil, unreadable("the file is protected by a password")
		case "Book":
			old = true // a workbook for both old and newer programs has the other stream, too
		case "Workbook":
			if f.Size > int64(len(data)) || f.Size < 0 {
				return nil, unreadable("the old workbook is damaged: its size is wrong")
			}
			stream := make([]byte, f.Size)
			if _, err := io.ReadFull(f, stream); err != nil {
				return nil, unreadable("the old workbook is damaged: %v", err)
			}
			return readBIFF(stream)
		}
	}
	if old {
		return nil, unreadable("the workbook is of Excel 95 or older")
	}
	return nil, unreadable("the file is no workbook (an old document of another kind)")
}

// The records of BIFF8 that matter, by [MS-XLS] 2.3.
const (
	recFormula    = 0x0006
	recEOF        = 0x000A
	recDateMode   = 0x0022
	recFilePass   = 0x002F
	recContinue   = 0x003C
	recBoundSheet = 0x0085
	recMulRK      = 0x00BD
	recXF         = 0x00E0
	recMerged     = 0x00E5
	recSST        = 0x00FC
	recLabelSST   = 0x00FD
	recNumber     = 0x0203
	recLabel      = 0x0204
	recBoolErr    = 0x0205
	recString     = 0x0207
	recRK         = 0x027E
	recFormat     = 0x041E
	recBOF        = 0x0809
)

const biff8 = 0x0600

// biff is a workbook stream being read.
type biff struct {
	book    *book
	stream  []byte
	strings []string
	formats map[int]dateStyle
	xfs     []int // number formats of cell styles
	mac     bool
	left    int // bytes of sheets that may still be read: sheets must not share records
}

// record reads the record at a place; next is where the one behind it stands,
// -1 at the end.
func (b *biff) record(at int) (kind int, data []byte, next int) {
	if at < 0 || at+4 > len(b.stream) {
		return recEOF, nil, -1
	}
	kind = int(binary.LittleEndian.Uint16(b.stream[at:]))
	n := int(binary.LittleEndian.Uint16(b.stream[at+2:]))
	if at+4+n > len(b.stream) {
		return recEOF, nil, -1
	}
	return kind, b.stream[at+4 : at+4+n], at + 4 + n
}

// u16 and u32 read numbers, 0 beyond the end of a record.
func u16(b []byte, at int) int {
	if at+2 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b[at:]))
}

func u32(b []byte, at int) uint32 {
	if at+4 > len(b) {
		return 0
	}
	return binary.LittleEndian.Uint32(b[at:])
}

func f64(b []byte, at int) float64 {
	if at+8 > len(b) {
		return math.NaN()
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b[at:]))
}

type biffSheet struct {
	name string
	at   int
}

func readBIFF(stream []byte) (*book, error) {
	b := &biff{book: &book{}, stream: stream, formats: map[int]dateStyle{}, left: 2 * len(stream)}
	kind, data, at := b.record(0)
	if kind != recBOF || u16(data, 0) != biff8 {
		return nil, unreadable("the workbook is of a kind older than Excel 97")
	}
	var sheets []biffSheet
	for at >= 0 {
		start := at
		kind, data, at = b.record(at)
		switch kind {
		case recEOF:
			at = -1
		case recFilePass:
			return nil, unreadable("the file is protected by a password")
		case recDateMode:
			b.mac = u16(data, 0) == 1
		case recFormat:
			if s, _ := shortString(data, 2, 2); s != "" {
				b.formats[u16(data, 0)] = formatDate(s)
			}
		case recXF:
			b.xfs = append(b.xfs, u16(data, 2))
		case recBoundSheet:
			if len(data) > 6 && data[5] == 0 { // a worksheet, no chart or module
				name, _ := shortString(data, 6, 1)
				sheets = append(sheets, biffSheet{name, int(u32(data, 0))})
			}
			if len(sheets) > maxSheets {
				return nil, errTooLarge
			}
		case recSST:
			if err := b.sharedStrings(start); err != nil {
				return nil, err
			}
		}
	}
	for _, s := range sheets {
		if err := b.sheet(s); err != nil {
			return nil, err
		}
	}
	return b.book, nil
}

// shortString reads a string that lies in one record: a length of so many
// bytes, flags, characters.
func shortString(data []byte, at, size int) (s string, next int) {
	n := 0
	switch {
	case at+size+1 > len(data):
		return "", len(data)
	case size == 1:
		n = int(data[at])
	default:
		n = u16(data, at)
	}
	wide := data[at+size]&1 != 0
	at += size + 1
	if wide {
		n *= 2
	}
	n = min(n, len(data)-at)
	return characters(data[at:at+n], wide), at + n
}

// characters decodes UTF-16, or its low bytes alone.
func characters(b []byte, wide bool) string {
	if !wide {
		r := make([]rune, len(b))
		for i, c := range b {
			r[i] = rune(c)
		}
		return string(r)
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// sharedStrings reads the table of texts, which runs on over CONTINUE records.
func (b *biff) sharedStrings(at int) error {
	var parts [][]byte
	_, data, at := b.record(at)
	for parts = append(parts, data); ; parts = append(parts, data) {
		var kind int
		if kind, data, at = b.record(at); kind != recContinue {
			break
		}
	}
	r := sstReader{parts: parts}
	r.skip(4)
	total := 0
	for n := r.u32(); n > 0 && !r.done(); n-- {
		s := r.string()
		if total += len(s); len(s) > maxCell || len(b.strings) > maxCells || total > maxText {
			return errTooLarge
		}
		b.strings = append(b.strings, s)
	}
	return nil
}

// sstReader reads over the borders of records.
type sstReader struct {
	parts [][]byte
	at    int // in parts[0]
}

func (r *sstReader) done() bool {
	for len(r.parts) > 0 && r.at >= len(r.parts[0]) {
		r.parts, r.at = r.parts[1:], r.at-len(r.parts[0])
	}
	return len(r.parts) == 0
}

func (r *sstReader) byte() byte {
	if r.done() {
		return 0
	}
	r.at++
	return r.parts[0][r.at-1]
}

func (r *sstReader) u16() int { return int(r.byte()) | int(r.byte())<<8 }

func (r *sstReader) u32() int { return r.u16() | r.u16()<<16 }

func (r *sstReader) skip(n int) {
	for n > 0 && !r.done() {
		k := min(n, len(r.parts[0])-r.at)
		r.at += k
		n -= k
	}
}

// string reads a text. Where a record ends within its characters, the next
// begins with flags of its own: the rest may be wide where the start was not.
func (r *sstReader) string() string {
	n := r.u16()
	flags := r.byte()
	runs, extra := 0, 0
	if flags&8 != 0 {
		runs = r.u16()
	}
	if flags&4 != 0 {
		extra = r.u32()
	}
	var units []uint16
	wide := flags&1 != 0
	for n > 0 {
		if len(r.parts) > 0 && r.at >= len(r.parts[0]) {
			if r.done() {
				break
			}
			wide = r.byte()&1 != 0
		}
		if r.done() {
			break
		}
		part := r.parts[0][r.at:]
		size := 1
		if wide {
			size = 2
		}
		k := min(n, len(part)/size)
		if k == 0 { // half a character: the file is damaged
			r.at += len(part)
			continue
		}
		for i := range k {
			if wide {
				units = append(units, binary.LittleEndian.Uint16(part[2*i:]))
			} else {
				units = append(units, uint16(part[i]))
			}
		}
		r.at += k * size
		n -= k
	}
	r.skip(4*runs + extra)
	return string(utf16.Decode(units))
}

// sheet reads the cells of one sheet.
func (b *biff) sheet(s biffSheet) error {
	t, err := b.book.add(s.name)
	if err != nil {
		return err
	}
	c := biffCells{b: b, t: t, rows: map[int][]string{}}
	kind, _, at := b.record(s.at)
	if kind != recBOF {
		return nil
	}
	depth := 1 // charts stand inside a sheet with a begin and end of their own
	for at >= 0 && depth > 0 {
		var data []byte
		kind, data, at = b.record(at)
		if b.left -= 4 + len(data); b.left < 0 {
			return errTooLarge
		}
		switch {
		case kind == recBOF:
			depth++
		case kind == recEOF:
			depth--
		case depth == 1:
			if err := c.record(kind, data); err != nil {
				return err
			}
		}
	}
	numbers := make([]int, 0, len(c.rows))
	for n := range c.rows {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if t.far(n) && len(t.rows) > 0 {
			break
		}
		if err := b.book.keep(t, n, c.rows[n]); err != nil {
			return err
		}
	}
	return nil
}

// biffCells gathers cells, which may come in any order.
type biffCells struct {
	b       *biff
	t       *table
	rows    map[int][]string
	slots   int
	pending [2]int // row and column of a formula whose text comes next
	waits   bool
	merged  bool
}

func (c *biffCells) record(kind int, data []byte) error {
	row, col, xf := u16(data, 0), u16(data, 2), u16(data, 4)
	if len(data) < 6 && kind != recString && kind != recMerged {
		return nil
	}
	switch kind {
	case recLabelSST:
		if i := int(u32(data, 6)); i < len(c.b.strings) {
			return c.put(row, col, c.b.strings[i])
		}
	case recLabel:
		s, _ := shortString(data, 6, 2)
		return c.put(row, col, s)
	case recNumber:
		return c.number(row, col, xf, f64(data, 6))
	case recRK:
		return c.number(row, col, xf, rk(u32(data, 6)))
	case recMulRK:
		for at := 4; at+6 <= len(data)-2; at += 6 {
			if err := c.number(row, col, u16(data, at), rk(u32(data, at+2))); err != nil {
				return err
			}
			col++
		}
	case recBoolErr:
		if len(data) >= 8 {
			return c.boolErr(row, col, data[6], data[7] == 1)
		}
	case recFormula:
		return c.formula(row, col, xf, data)
	case recString:
		if c.waits {
			c.waits = false
			s, _ := shortString(data, 0, 2)
			return c.put(c.pending[0], c.pending[1], s)
		}
	case recMerged:
		for at := 2; at+8 <= len(data) && !c.merged; at += 8 {
			if from, to := u16(data, at), u16(data, at+2); from < to && known()[snake(oneLine(c.t.name))] != nil {
				c.merged = true
				c.b.book.warn(c.t.name, 0, "", "unmerge them and fill every cell", "cells are merged over several rows (%d to %d): only the first holds the text", from+1, to+1)
			}
		}
	}
	return nil
}

// formula reads the value that was stored with a formula.
func (c *biffCells) formula(row, col, xf int, data []byte) error {
	if len(data) < 14 {
		return nil
	}
	if data[12] != 0xFF || data[13] != 0xFF {
		return c.number(row, col, xf, f64(data, 6))
	}
	switch data[6] {
	case 0:
		c.pending, c.waits = [2]int{row, col}, true
	case 1:
		return c.boolErr(row, col, data[8], false)
	case 2:
		return c.boolErr(row, col, data[8], true)
	}
	return nil
}

var biffErrors = map[byte]string{
	0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}

func (c *biffCells) boolErr(row, col int, v byte, isErr bool) error {
	if isErr {
		c.b.book.warn(c.t.name, row+1, columnName(col), "mend the formula", "the cell holds the error %s and is taken as empty", biffErrors[v])
		return nil
	}
	if v != 0 {
		return c.put(row, col, "TRUE")
	}
	return c.put(row, col, "FALSE")
}

func (c *biffCells) number(row, col, xf int, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	style := notDate
	if xf < len(c.b.xfs) {
		id := c.b.xfs[xf]
		var ok bool
		if style, ok = c.b.formats[id]; !ok {
			style = builtinDate(id)
		}
	}
	return c.put(row, col, float2text(v, style, c.b.mac))
}

// rk unpacks a number of 30 bits: a whole one or the head of a float, perhaps
// times 100.
func rk(u uint32) float64 {
	var v float64
	if u&2 != 0 {
		v = float64(int32(u) >> 2)
	} else {
		v = math.Float64frombits(uint64(u&^3) << 32)
	}
	if u&1 != 0 {
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v/100, 'g', 15, 64), 64)
	}
	return v
}

func (c *biffCells) put(row, col int, s string) error {
	if s == "" || col >= maxColumns {
		return nil
	}
	cells := c.rows[row+1]
	if need := col + 1 - len(cells); need > 0 {
		if c.slots += need; c.slots > maxSlots {
			return errTooLarge
		}
		cells = append(cells, make([]string, need)...)
		c.rows[row+1] = cells
	}
	cells[col] = s
	return nil
}
