package typeset_test

import (
	"math"
	"strings"
	"sync"
	"testing"
	"unicode"

	"example.org/fieldbot/flows/chart/typeset"
)

// box is a pen that keeps how far the ink reaches.
type box struct{ left, top, right, bottom float64 }

func ink(l typeset.Line) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	l.Draw(&b, 0, 0)
	return b
}

func (b *box) point(x, y float64) {
	b.left, b.right = math.Min(b.left, x), math.Max(b.right, x)
	b.top, b.bottom = math.Min(b.top, y), math.Max(b.bottom, y)
}
func (b *box) MoveTo(x, y float64)             { b.point(x, y) }
func (b *box) LineTo(x, y float64)             { b.point(x, y) }
func (b *box) QuadTo(_, _, x, y float64)       { b.point(x, y) }
func (b *box) CubeTo(_, _, _, _, x, y float64) { b.point(x, y) }
func (b *box) Close()                          {}

func TestToneMarksStackAboveVowels(t *testing.T) {
	for _, tc := range []struct{ low, high string }{
		{"ປ", "ປີ"}, {"ປີ", "ປີ້"}, {"ເພືອ", "ເພື່ອ"}, {"ຊົວ", "ຊົ່ວ"}, {"ບ", "ບໍ"}, {"ບໍ", "ບໍ່"}, {"ນຳ", "ນ້ຳ"},
	} {
		low, high := ink(typeset.Set(tc.low, typeset.Regular, 100)), ink(typeset.Set(tc.high, typeset.Regular, 100))
		if high.top > low.top-3 {
			t.Errorf("%s reaches to %.1f, %s to %.1f: the mark is not above", tc.high, high.top, tc.low, low.top)
		}
		if w, v := typeset.Width(tc.low, 0, 100), typeset.Width(tc.high, 0, 100); w != v {
			t.Errorf("%s is %.1f wide, %s is %.1f: a mark takes room of its own", tc.high, v, tc.low, w)
		}
	}
}

func TestInkStaysInsideTheLine(t *testing.T) {
	for _, s := range []string{"ປີ້ ຟື້ນ ຝົ້ນ ຢູ່ ຫຼຸ້ຍ ເບິ່ງ ປິ່ນ ນ້ຳ", "ໂປ້ ໃຫຍ່ ໄປ້", "ÄÅgjpqy|()"} {
		for _, style := range []typeset.Style{typeset.Regular, typeset.Bold} {
			b := ink(typeset.Set(s, style, 1))
			if -b.top > typeset.Ascent || b.bottom > typeset.Descent {
				t.Errorf("%q reaches from %.3f to %.3f, promised %.2f and %.2f", s, b.top, b.bottom, typeset.Ascent, typeset.Descent)
			}
		}
	}
	if typeset.Ascent+typeset.Descent > typeset.Leading+0.07 {
		t.Error("lines can touch")
	}
}

func TestEveryLetterHasAShape(t *testing.T) {
	blank := typeset.Width("中", typeset.Regular, 100) // the empty box
	for _, r := range "ກຂຄງຈຊຍດຕຖທນບປຜຝພຟມຢຣລວສຫອຮຼຽໜໝ໐໑໒໓໔໕໖໗໘໙₭AZaz09é–…±≥→жλ" {
		line := typeset.Set("ກ"+string(r), typeset.Regular, 100)
		if len(ink1(line)) == 0 {
			t.Errorf("%c has no outline", r)
		}
	}
	if w := typeset.Width("🙂\u200d👍", typeset.Regular, 100); w != 0 {
		t.Errorf("an emoji takes %.1f, want it left out (an empty box takes %.1f)", w, blank)
	}
}

func ink1(l typeset.Line) []float64 {
	b := ink(l)
	if math.IsInf(b.left, 0) {
		return nil
	}
	return []float64{b.left, b.right}
}

func TestWrapKeepsTextAndClusters(t *testing.T) {
	texts := []string{
		"ໂຄງການໄດ້ຈັດຕັ້ງປະຕິບັດການສຳຫຼວດຄວາມພຶງພໍໃຈຂອງຊຸມຊົນໃນເຂດຫ່າງໄກສອກຫຼີກ",
		"ຄວາມເພິ່ງພໍໃຈຂອງປະຊາຊົນຕໍ່ການບໍລິການ ຂອງຫ້ອງການບໍລິການປະຕູດຽວ (ຫບປ) ໃນ 44 ເມືອງ",
		"Enhance effectiveness of public governance and administration/decentralisation",
		"ນ້ຳ", "", " ", "a\nb",
	}
	for _, s := range texts {
		for _, width := range []float64{1, 30, 90, 200, 500, 5000} {
			lines := typeset.Wrap(s, typeset.Regular, 28, width, 0)
			var got strings.Builder
			for i, l := range lines {
				got.WriteString(l.Text)
				first := []rune(l.Text + "x")[0]
				if i > 0 && (unicode.Is(unicode.M, first) || strings.ContainsRune("ະາຳຽໆ", first)) {
					t.Errorf("width %.0f: line %q begins inside a cluster", width, l.Text)
				}
				if l.Width > width && width >= 90 {
					t.Errorf("line %q is %.0f wide, allowed %.0f", l.Text, l.Width, width)
				}
			}
			if squeeze(got.String()) != squeeze(s) {
				t.Errorf("width %.0f: %q became %q", width, s, got.String())
			}
		}
	}
}

func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\n", "")), "")
}

func TestWrapBreaksWhereReadersExpect(t *testing.T) {
	for _, tc := range []struct {
		text  string
		width float64
		max   int
		want  string
	}{
		{"public works: roads and bridges", 210, 0, "public works:|roads and|bridges"},
		{"ຄະນະກຳມະການ", 95, 0, "ຄະນະກຳ|ມະການ"},
		{"ຂົວ ແລະ ຫົນທາງ", 115, 0, "ຂົວ ແລະ|ຫົນທາງ"},
		{"ກ\u200bຂ", 20, 0, "ກ|ຂ"},
		{"one two three four", 115, 2, "one two|three…"},
		{"go 10\u00a0km", 90, 0, "go|10\u00a0km"},
	} {
		var got []string
		for _, l := range typeset.Wrap(tc.text, typeset.Regular, 28, tc.width, tc.max) {
			got = append(got, l.Text)
		}
		if s := strings.Join(got, "|"); s != tc.want {
			t.Errorf("Wrap(%q, %.0f) = %q, want %q", tc.text, tc.width, s, tc.want)
		}
	}
}

func TestHeadingsHaveEvenLines(t *testing.T) {
	for _, s := range []string{"ບອກພວກເຮົາວ່າການບໍລິການມື້ນີ້ເປັນແນວໃດ", "Tell us how the service was today please"} {
		full := typeset.Width(s, typeset.Bold, 30)
		lines := typeset.WrapEven(s, typeset.Bold, 30, full-5, 4)
		if len(lines) != 2 || lines[0].Width > 3*lines[1].Width || lines[1].Width > 3*lines[0].Width {
			t.Errorf("%q is broken into %d lines, %.0f and then %.0f wide", s, len(lines), lines[0].Width, lines[len(lines)-1].Width)
		}
	}
	if got := typeset.WrapEven(strings.Repeat("ນ້ຳ ", 100), typeset.Bold, 30, 200, 2); len(got) != 2 || !strings.HasSuffix(got[1].Text, "…") {
		t.Errorf("a long heading has %d lines", len(got))
	}
}

func TestSetIsSafeForManyGoroutines(t *testing.T) {
	want := typeset.Width("ນະຄອນຫຼວງວຽງຈັນ", typeset.Bold, 28)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if got := typeset.Width("ນະຄອນຫຼວງວຽງຈັນ", typeset.Bold, 28); got != want {
					t.Errorf("Width = %v, want %v", got, want)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkSet(b *testing.B) {
	for b.Loop() {
		typeset.Set("ຄວາມພຶງພໍໃຈຂອງຜູ້ຍິງ", typeset.Regular, 28)
	}
}
