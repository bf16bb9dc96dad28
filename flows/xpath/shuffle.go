package xpath

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

const (
	lcgModulus    = 2147483647 // Park and Miller's minimal standard
	lcgMultiplier = 16807
)

// Shuffle returns the items in an order that depends on the seed alone, the
// same as in other ODK engines. A fraction of the seed is dropped; NaN counts
// as 0.
func Shuffle[T any](in []T, seed float64) []T {
	s := reduceSeed(seed)
	out := make([]T, len(in))
	for i := range in {
		s = s * lcgMultiplier % lcgModulus
		r := float64(s-1) / (lcgModulus - 1)
		j := int(r * float64(i+1))
		if j != i {
			out[i] = out[j]
		}
		out[j] = in[i]
	}
	return out
}

func reduceSeed(seed float64) int64 {
	if seed != seed || math.IsInf(seed, 0) {
		seed = 0
	}
	s := int64(math.Mod(math.Trunc(seed), lcgModulus))
	if s <= 0 {
		s += lcgModulus - 1
	}
	return s
}

// SeedFrom makes a seed of a text: its number if it is one, else of its
// SHA-256; 0 for the empty text.
func SeedFrom(text string) float64 {
	if text == "" {
		return 0
	}
	if f, ok := parseNumber(text); ok {
		return f
	}
	sum := sha256.Sum256([]byte(text))
	// Reduced here, since a float64 would not hold all 64 bits.
	return float64(int64(binary.BigEndian.Uint64(sum[:8])) % lcgModulus)
}
