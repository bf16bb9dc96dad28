package xlsform

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// dateStyle tells what a number format makes of a number.
type dateStyle uint8

const (
	notDate dateStyle = iota
	dateOnly
	timeOnly
	dateAndTime
)

// number2text writes a number of a workbook as an author would read it: whole
// numbers without ".0", others in the 15 digits that spreadsheets work with,
// dates and times as ISO 8601.
func number2text(raw string, style dateStyle, mac bool) string {
	raw = strings.TrimSpace(raw)
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return raw
	}
	return float2text(v, style, mac)
}

func float2text(v float64, style dateStyle, mac bool) string {
	if style != notDate {
		if s := serial(v, style, mac); s != "" {
			return s
		}
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if a := math.Abs(v); a >= 1e21 || a < 1e-9 {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// serial writes a day number with its fraction; "" if it is none.
func serial(v float64, style dateStyle, mac bool) string {
	if v < 0 || v > 2958466 { // year 9999
		return ""
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if mac {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if v < 60 {
		epoch = epoch.AddDate(0, 0, 1) // spreadsheets believe in 29 February 1900
	}
	days := math.Floor(v)
	seconds := math.Round((v - days) * 86400)
	t := epoch.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	switch {
	case style == timeOnly || v < 1:
		return t.Format("15:04:05")
	case style == dateOnly && seconds == 0, seconds == 0 && style == dateAndTime:
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02T15:04:05")
}

// builtinDate knows the number formats that a workbook need not spell out.
func builtinDate(id int) dateStyle {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id >= 50 && id <= 54, id == 36, id == 57, id == 58:
		return dateOnly
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return timeOnly
	case id == 22:
		return dateAndTime
	}
	return notDate
}

// formatDate looks for the letters of days and hours in a number format,
// outside quotes, escapes and brackets.
func formatDate(code string) dateStyle {
	code, _, _ = strings.Cut(code, ";")
	days, hours := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return notDate
			}
			switch strings.ToLower(strings.Trim(code[i+1:i+end], "hmsHMS")) {
			case "":
				hours = true // [h]:mm
			}
			i += end
		case 'y', 'Y', 'd', 'D':
			days = true
		case 'h', 'H', 's', 'S':
			hours = true
		case 'm', 'M':
			days = days || !hours && !strings.ContainsAny(code, "hHsS")
		case 'G', 'g':
			if strings.HasPrefix(strings.ToLower(code[i:]), "general") {
				return notDate
			}
		case '0', '#', '?':
			if !hours { // ss.000 is a time, 0.00 is a number
				return notDate
			}
		}
	}
	switch {
	case days && hours:
		return dateAndTime
	case days:
		return dateOnly
	case hours:
		return timeOnly
	}
	return notDate
}

// styles reads which cell styles show numbers as dates.
func (x *xlsx) styles(name string) error {
	data, err := x.part(name)
	if err != nil {
		return err
	}
	custom := map[int]dateStyle{}
	cellStyles := false
	s := xmlScanner{data: data}
	for tok := s.next(); tok != xmlEOF; tok = s.next() {
		switch string(s.name) {
		case "numFmt":
			if tok == xmlStart && len(custom) < 10_000 {
				id, _ := strconv.Atoi(s.attr("numFmtId"))
				custom[id] = formatDate(s.attr("formatCode"))
			}
		case "cellXfs":
			cellStyles = tok == xmlStart
		case "xf":
			if tok == xmlStart && cellStyles && len(x.dates) < 100_000 {
				id, _ := strconv.Atoi(s.attr("numFmtId"))
				style, ok := custom[id]
				if !ok {
					style = builtinDate(id)
				}
				x.dates = append(x.dates, style)
			}
		}
	}
	return nil
}
