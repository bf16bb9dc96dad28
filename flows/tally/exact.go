package tally

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// places is how many decimals a value is counted with. Sums of such values,
// and of their squares, are exact.
const places = 9

// maxValue bounds values, so that nobody's typing error makes sums unreadable.
const maxValue = 1e15

// fixed brings a value to units of 10^-9, rounding half to even; ok is false
// for what is no number or beyond all measure.
func fixed(x float64) (v *big.Int, ok bool) {
	if math.IsNaN(x) || math.Abs(x) > maxValue {
		return nil, false
	}
	text := strings.Replace(strconv.FormatFloat(x, 'f', places, 64), ".", "", 1)
	return new(big.Int).SetString(text, 10)
}

// decimal writes units of 10^-9 as a decimal, without trailing zeros.
func decimal(v *big.Int, scale int) string {
	if v == nil {
		return "0"
	}
	s := new(big.Int).Abs(v).String()
	if len(s) <= scale {
		s = strings.Repeat("0", scale+1-len(s)) + s
	}
	whole, part := s[:len(s)-scale], strings.TrimRight(s[len(s)-scale:], "0")
	if part != "" {
		whole += "." + part
	}
	if v.Sign() < 0 {
		whole = "-" + whole
	}
	return whole
}

// float is a number of units of 10^-scale, as near as a float64 can.
func float(v *big.Int, scale int) float64 {
	if v == nil {
		return 0
	}
	r := new(big.Rat).SetFrac(v, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	f, _ := r.Float64()
	return f
}

func putBig(b []byte, v *big.Int) []byte {
	raw := v.Bytes()
	head := uint64(len(raw)) << 1
	if v.Sign() < 0 {
		head |= 1
	}
	return append(binary.AppendUvarint(b, head), raw...)
}
