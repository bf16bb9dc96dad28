package xpath

import (
	"math"
	"strconv"
	"strings"
)

var nan = math.NaN()

// FormatNumber prints a number as string() does: whole numbers without
// decimals, others in the shortest form that reads back the same, never with an
// exponent.
func FormatNumber(f float64) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// ParseNumber reads a number as number() does: an optional minus, digits and a
// decimal point or comma, blanks around; anything else is NaN.
func ParseNumber(s string) float64 {
	f, ok := parseNumber(s)
	if !ok {
		return nan
	}
	return f
}

// maxDigits is more than the longest number FormatNumber prints.
const maxDigits = 2000

func parseNumber(s string) (float64, bool) {
	s = strings.Trim(s, blanks)
	if len(s) > maxDigits {
		return 0, false
	}
	i, digits, point := 0, 0, -1
	if strings.HasPrefix(s, "-") {
		i = 1
	}
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case c == '.' && point < 0:
			point = i
		case c == ',' && point < 0 && digits > 0 && i+1 < len(s):
			point = i
		default:
			return 0, false
		}
	}
	if digits == 0 {
		return 0, false
	}
	if point >= 0 && s[point] == ',' {
		s = s[:point] + "." + s[point+1:]
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range gives ±Inf, as wanted
	return f, true
}
