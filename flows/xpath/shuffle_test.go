package xpath

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestShuffle(t *testing.T) {
	for seed, want := range map[float64]string{42: "afcbhegd", 1: "gfeachbd", 42.9: "afcbhegd"} {
		if got := strings.Join(Shuffle(strings.Split("abcdefgh", ""), seed), ""); got != want {
			t.Errorf("Shuffle with %g = %s, want %s", seed, got, want)
		}
	}
}

func TestShuffleKeepsItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.Int()).Draw(t, "in")
		seed := rapid.Float64().Draw(t, "seed")
		out := Shuffle(in, seed)
		if !slices.Equal(out, Shuffle(in, seed)) {
			t.Fatal("the same seed gives another order")
		}
		slices.Sort(out)
		if want := slices.Sorted(slices.Values(in)); !slices.Equal(out, want) {
			t.Fatalf("items changed: %v, want %v", out, want)
		}
	})
}

func TestSeedFrom(t *testing.T) {
	if SeedFrom("") != 0 || SeedFrom("42") != 42 || SeedFrom(" 7 ") != 7 {
		t.Error("numbers are not their own seeds")
	}
	if a, b := SeedFrom("a"), SeedFrom("b"); a == b || a != SeedFrom("a") {
		t.Errorf("seeds of texts: %g, %g", a, b)
	}
}
