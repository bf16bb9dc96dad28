package xpath

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFormatNumber(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 5: "5", -5: "-5", 1.5: "1.5", 1e21: "1000000000000000000000",
		1e-7: "0.0000001", math.Inf(1): "Infinity", math.Inf(-1): "-Infinity", 0.1 + 0.2: "0.3",
	} {
		if f == 0.1+0.2 {
			f, want = math.Nextafter(0.3, 1), "0.30000000000000004"
		}
		if got := FormatNumber(f); got != want {
			t.Errorf("FormatNumber(%g) = %s, want %s", f, got, want)
		}
	}
	if got := FormatNumber(math.NaN()); got != "NaN" {
		t.Errorf("FormatNumber(NaN) = %s", got)
	}
}

func TestParseNumber(t *testing.T) {
	for s, want := range map[string]float64{
		"5": 5, " 5 ": 5, "-5": -5, "5.": 5, ".5": 0.5, "-.5": -0.5, "4,6": 4.6, "017.": 17, "\t1\n": 1,
	} {
		if got := ParseNumber(s); got != want {
			t.Errorf("ParseNumber(%q) = %g, want %g", s, got, want)
		}
	}
	for _, s := range []string{
		"", " ", "-", ".", "- 5", "+5", "1e6", "Infinity", "NaN", "0x10", "1_000", "1,000.5", "1.2.3", ",5", "5,", "a", "5a", "٣",
	} {
		if got := ParseNumber(s); got == got {
			t.Errorf("ParseNumber(%q) = %g, want NaN", s, got)
		}
	}
}

func TestNumbersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		if got := ParseNumber(FormatNumber(f)); got != f {
			t.Fatalf("%g reads back as %g", f, got)
		}
	})
}

func TestConversions(t *testing.T) {
	lao := time.FixedZone("", 7*3600)
	midnight := time.Date(2026, 6, 15, 0, 0, 0, 0, lao)
	nodes := NodesValue([]Node{leafNode{"2", NumberLeaf}, leafNode{"3", NumberLeaf}})
	for _, s := range []struct {
		name string
		v    Value
		num  string
		str  string
		b    bool
	}{
		{"zero value", Value{}, "NaN", "", false},
		{"string", StringValue("0"), "0", "0", true},
		{"false as text", StringValue("false"), "NaN", "false", true},
		{"number", NumberValue(2.5), "2.5", "2.5", true},
		{"zero", NumberValue(0), "0", "0", false},
		{"NaN", NumberValue(nan), "NaN", "NaN", false},
		{"true", BooleanValue(true), "1", "true", true},
		{"false", BooleanValue(false), "0", "false", false},
		{"date", DateValue(midnight, false), "20619", "2026-06-15", true},
		{"moment", DateValue(midnight.Add(6*time.Hour), true), "20619.25", "2026-06-15T06:00:00.000+07:00", true},
		{"ISO date as text", StringValue("2026-06-15"), "20619", "2026-06-15", true},
		{"no nodes", NodesValue(nil), "NaN", "", false},
		{"nodes", nodes, "2", "2", true},
		{"blank text", LeafValue("", TextLeaf), "NaN", "", false},
		{"text leaf 0", LeafValue("0", TextLeaf), "0", "0", true},
		{"number leaf 0", LeafValue("0", NumberLeaf), "0", "0", false},
		{"number leaf 3", LeafValue("3", NumberLeaf), "3", "3", true},
		{"blank number", LeafValue("", NumberLeaf), "NaN", "", false},
		{"boolean leaf true", LeafValue("true", BooleanLeaf), "1", "true", true},
		{"boolean leaf false", LeafValue("false", BooleanLeaf), "0", "false", false},
		{"date leaf", LeafValue("2026-06-15", DateLeaf), "20619", "2026-06-15", true},
	} {
		t.Run(s.name, func(t *testing.T) {
			if got := FormatNumber(s.v.Number()); got != s.num {
				t.Errorf("Number() = %s, want %s", got, s.num)
			}
			if got := s.v.String(); got != s.str {
				t.Errorf("String() = %q, want %q", got, s.str)
			}
			if got := s.v.Boolean(); got != s.b {
				t.Errorf("Boolean() = %v, want %v", got, s.b)
			}
		})
	}
}

func TestValueTime(t *testing.T) {
	want := time.Date(2026, 6, 15, 3, 4, 5, 6e6, time.UTC)
	for _, v := range []Value{
		DateValue(want, true),
		StringValue("2026-06-15T03:04:05.006Z"),
		StringValue("2026-06-15T10:04:05.006+07:00"),
		LeafValue("2026-06-15T03:04:05.006", DateLeaf),
	} {
		if got, ok := v.Time(); !ok || !got.Equal(want) {
			t.Errorf("Time() of %s = %v, %v", v, got, ok)
		}
	}
	for _, s := range []string{"", "x", "2026-02-30", "2026-13-01", "2026-06-15T25:00", "2026-06-15Tx", "15-06-2026", "2026-06-15T03:04:05+99"} {
		if got, ok := StringValue(s).Time(); ok {
			t.Errorf("Time() of %q = %v", s, got)
		}
	}
	if _, ok := NumberValue(1).Time(); ok {
		t.Error("a number has a time")
	}
}

func TestDatesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(-5e12, 5e13).Draw(t, "ms")
		zone := time.FixedZone("", rapid.IntRange(-14*4, 14*4).Draw(t, "quarters")*900)
		v := DateValue(time.UnixMilli(ms).In(zone), true)
		if got, ok := StringValue(v.String()).Time(); !ok || got.UnixMilli() != ms {
			t.Fatalf("%s reads back as %v", v, got)
		}
	})
}

func TestLeafHasANode(t *testing.T) {
	v := LeafValue("7", NumberLeaf)
	if n := v.Nodes(); len(n) != 1 || n[0].Text() != "7" || n[0].Type() != NumberLeaf {
		t.Errorf("Nodes() = %v", n)
	}
	if v.Kind() != KindLeaf || v.LeafType() != NumberLeaf || StringValue("").Nodes() != nil {
		t.Error("kinds are mixed up")
	}
}
