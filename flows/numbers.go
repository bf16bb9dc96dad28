package flows

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

// zeros are the digit zero of the scripts that respondents write in.
var zeros = []rune{'໐', '๐', '០', '၀', '٠', '۰', '०', '０'}

// plainDigits writes the digits of other scripts as 0 to 9.
func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 {
			return r
		}
		for _, z := range zeros {
			if r >= z && r <= z+9 {
				return '0' + r - z
			}
		}
		switch r {
		case '−', '–', '－':
			return '-'
		case '\u00a0', '\u202f', '\u2009':
			return ' '
		case '，', '٫':
			return ','
		}
		return r
	}, s)
}

var (
	plainNumber = regexp.MustCompile(`^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)$`)
	thousands   = regexp.MustCompile(`^[+-]?\d{1,3}(?:([.,' ])\d{3})(?:[.,' ]\d{3})*$`)
	grouped     = regexp.MustCompile(`^[+-]?\d{1,3}(?:,\d{3})+\.\d+$|^[+-]?\d{1,3}(?:\.\d{3})+,\d+$|^[+-]?\d{1,3}(?: \d{3})+[.,]\d+$`)
)

// readInteger reads a whole number. "1,000" and "1.000" are a thousand, as
// people write it.
func readInteger(text string) (string, Reason) {
	s := strings.TrimSpace(plainDigits(text))
	if m := thousands.FindStringSubmatch(s); m != nil {
		s = strings.ReplaceAll(s, m[1], "")
	}
	if !plainNumber.MatchString(s) {
		return "", ReasonNumber
	}
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.Abs(x) >= 1e15 {
		return "", ReasonNumber
	}
	if x != math.Trunc(x) {
		return "", ReasonInteger
	}
	return strconv.FormatInt(int64(x), 10), ""
}

// comma reports whether people of the present language write 2,5 for two and a
// half.
func (in *Instance) comma() bool {
	h := in.world.Habits
	return h != nil && h.Comma[in.form.Languages[in.lang].Code]
}

// readDecimal reads a number with a point or a comma. Of "1,500" and "1.500" the
// language says whether it is a thousand and more, or one and a half.
func readDecimal(text string, comma bool) (string, Reason) {
	s := strings.TrimSpace(plainDigits(text))
	group := ","
	if comma {
		group = "."
	}
	if grouped.MatchString(s) {
		mark := max(strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ','))
		s = strings.NewReplacer(",", "", ".", "", " ", "").Replace(s[:mark]) + "." + s[mark+1:]
	}
	if m := thousands.FindStringSubmatch(s); m != nil && !strings.HasPrefix(strings.TrimLeft(s, "+-"), "0") &&
		(strings.Count(s, m[1]) > 1 || m[1] == " " || m[1] == "'" || m[1] == group) {
		s = strings.ReplaceAll(s, m[1], "")
	}
	return storedDecimal(s)
}

// storedDecimal reads a number as forms store it.
func storedDecimal(s string) (string, Reason) {
	if !plainNumber.MatchString(s) {
		return "", ReasonNumber
	}
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.Abs(x) >= 1e15 {
		return "", ReasonNumber
	}
	return xpath.FormatNumber(x), ""
}

// Range gives the bounds of a range question, with the standard's defaults.
func (n *Node) Range() (start, end, step float64) {
	start, end, step = 1, 10, 1
	for key, x := range map[string]*float64{"start": &start, "end": &end, "step": &step} {
		if v, err := strconv.ParseFloat(n.Parameters[key], 64); err == nil {
			*x = v
		}
	}
	return start, end, math.Abs(step)
}

func readRange(n *Node, text string, comma bool) (string, Reason) {
	v, why := readDecimal(text, comma)
	if why != "" {
		return "", why
	}
	return inRange(n, v)
}

func inRange(n *Node, value string) (string, Reason) {
	v, why := storedDecimal(strings.TrimSpace(plainDigits(value)))
	if why != "" {
		return "", why
	}
	x, _ := strconv.ParseFloat(v, 64)
	start, end, step := n.Range()
	if x < math.Min(start, end)-1e-9 || x > math.Max(start, end)+1e-9 {
		return "", ReasonRange
	}
	if k := (x - start) / step; step > 0 && math.Abs(k-math.Round(k)) > 1e-6 {
		return "", ReasonRange
	}
	return v, ""
}
