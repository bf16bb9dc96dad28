package poster_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"

	"example.org/fieldbot/bot/poster"
)

func sheet(size poster.Size) poster.Sheet {
	return poster.Sheet{
		Size: size, Languages: []string{"lo", "en"}, Bot: "@example_bot",
		Title: map[string]string{"lo": "ບອກພວກເຮົາວ່າການບໍລິການມື້ນີ້ເປັນແນວໃດ", "en": "Tell us how the service was today"},
		Note:  map[string]string{"lo": "ບໍ່ຖາມຊື່ຂອງທ່ານ. ຄຳຕອບຖືກນຳໃຊ້ເປັນຍອດລວມເທົ່ານັ້ນ.", "en": "We do not ask your name. Answers are used as totals only."},
	}
}

func office(i int) poster.Office {
	return poster.Office{
		Name: map[string]string{"lo": fmt.Sprintf("ສູນບໍລິການປະຕູດຽວ ເມືອງທີ %d", i), "en": fmt.Sprintf("One Door Service Centre, district %d", i)},
		Link: fmt.Sprintf("https://t.me/example_bot?start=A%08dXyZ-_4wq", i),
	}
}

func offices(n int) []poster.Office {
	var out []poster.Office
	for i := range n {
		out = append(out, office(i+1))
	}
	return out
}

func written(t *testing.T, s poster.Sheet, list []poster.Office) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := poster.Write(&b, s, list); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// streams returns the unpacked contents of a PDF: the common form, then the
// pages.
func streams(t *testing.T, pdf []byte) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`/Length (\d+) >>\nstream\n`).FindAllSubmatchIndex(pdf, -1) {
		n, _ := strconv.Atoi(string(pdf[m[2]:m[3]]))
		r, err := zlib.NewReader(bytes.NewReader(pdf[m[1] : m[1]+n]))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(data))
	}
	return out
}

func TestFileIsSound(t *testing.T) {
	for _, tc := range []struct {
		size          poster.Size
		offices, want int
		box           string
	}{
		{poster.A4, 3, 3, "[0 0 595.276 841.89]"}, {poster.A5, 2, 2, "[0 0 419.528 595.276]"},
		{poster.Cards, 4, 1, "[0 0 595.276 841.89]"}, {poster.Cards, 5, 2, "[0 0 595.276 841.89]"},
	} {
		pdf := written(t, sheet(tc.size), offices(tc.offices))
		if !bytes.HasPrefix(pdf, []byte("%PDF-1.4\n")) || !bytes.HasSuffix(pdf, []byte("%%EOF\n")) {
			t.Fatal("not a PDF")
		}
		if got := bytes.Count(pdf, []byte("/Type /Page /Parent")); got != tc.want {
			t.Errorf("%d offices: %d pages, want %d", tc.offices, got, tc.want)
		}
		if got := bytes.Count(pdf, []byte("/Subtype /Link")); got != tc.offices {
			t.Errorf("%d offices: %d codes can be clicked", tc.offices, got)
		}
		if !bytes.Contains(pdf, []byte("/MediaBox "+tc.box)) {
			t.Errorf("size %d: no page is %s", tc.size, tc.box)
		}
		table(t, pdf)
	}
}

// table checks that every object lies where the table at the end says.
func table(t *testing.T, pdf []byte) {
	t.Helper()
	at, err := strconv.Atoi(string(regexp.MustCompile(`startxref\n(\d+)\n`).FindSubmatch(pdf)[1]))
	if err != nil || !bytes.HasPrefix(pdf[at:], []byte("xref\n0 ")) {
		t.Fatalf("the table is not at %d", at)
	}
	for i, m := range regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(pdf[at:], -1) {
		n, _ := strconv.Atoi(string(m[1]))
		if want := fmt.Sprintf("%d 0 obj\n", i+1); !bytes.HasPrefix(pdf[n:], []byte(want)) {
			t.Fatalf("object %d is not at %d", i+1, n)
		}
	}
	for _, m := range regexp.MustCompile(`(\d+) 0 R`).FindAllSubmatch(pdf, -1) {
		if !bytes.Contains(pdf, []byte("\n"+string(m[1])+" 0 obj\n")) {
			t.Fatalf("there is no object %s", m[1])
		}
	}
}

// TestCodeIsTheLinks reads the modules back from the page.
func TestCodeIsTheLinks(t *testing.T) {
	o := office(7)
	content := streams(t, written(t, sheet(poster.A4), []poster.Office{o}))[1]
	var boxes [][4]float64
	left, top, right := math.Inf(1), math.Inf(1), 0.0
	for _, m := range regexp.MustCompile(`(?m)^(\S+) (\S+) (\S+) (\S+) re$`).FindAllStringSubmatch(content, -1) {
		var b [4]float64
		for i := range b {
			b[i], _ = strconv.ParseFloat(m[i+1], 64)
		}
		boxes = append(boxes, b)
		left, top, right = math.Min(left, b[0]), math.Min(top, b[1]), math.Max(right, b[0]+b[2])
	}
	want, err := qr.Encode(o.Link, qr.Q, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	n := want.Bounds().Dx()
	m := (right - left) / (float64(n) + 0.02)
	for y := range n {
		for x := range n {
			r, _, _, _ := want.At(x, y).RGBA()
			cx, cy, dark := left+(float64(x)+0.5)*m, top+(float64(y)+0.5)*m, false
			for _, b := range boxes {
				dark = dark || cx > b[0] && cx < b[0]+b[2] && cy > b[1] && cy < b[1]+b[3]
			}
			if dark != (r == 0) {
				t.Fatalf("module %d,%d is dark: %v", x, y, dark)
			}
		}
	}
	if mm := right - left; mm < 60 {
		t.Errorf("the code is %.0f mm wide: too small for a wall", mm)
	}
	if !strings.Contains(content, "0 0 0 rg") {
		t.Error("the code is not black")
	}
}

func TestAllDistrictsAtOnce(t *testing.T) {
	n := 148
	if raceEnabled {
		n = 15
	}
	start := time.Now()
	pdf := written(t, sheet(poster.A4), offices(n))
	took := time.Since(start)
	t.Logf("%d pages: %v, %d KB", n, took, len(pdf)/1024)
	if took > 10*time.Second && !raceEnabled {
		t.Errorf("%d posters take %v", n, took)
	}
	if len(pdf) > 8<<20 {
		t.Errorf("%d posters are %d bytes: too much to send around", n, len(pdf))
	}
}

func TestSamePostersSameBytes(t *testing.T) {
	if !bytes.Equal(written(t, sheet(poster.A5), offices(2)), written(t, sheet(poster.A5), offices(2))) {
		t.Error("two files of the same posters differ")
	}
}

func TestBookmarksNameTheOffices(t *testing.T) {
	list := offices(2)
	list[1].Name = map[string]string{"en": `Centre (east) \`}
	pdf := written(t, sheet(poster.A4), list)
	for _, want := range []string{"/Title <FEFF0EAA0EB90E99", `/Title (Centre \(east\) \\)`, "/Lang (lo)"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("%s is not in the file", want)
		}
	}
}

func TestLongAndMissingTextsKeepTheLayout(t *testing.T) {
	s := sheet(poster.A4)
	s.Title["lo"] = strings.Repeat("ການສຳຫຼວດຄວາມຄິດເຫັນ", 100)
	s.Note, s.Bot = nil, ""
	list := []poster.Office{
		{Link: "https://t.me/x?start=1"},
		{Name: map[string]string{"lo": strings.Repeat("ຍາວ", 500), "en": "\x00\xff🙂"}, Link: "https://t.me/x?start=2"},
	}
	table(t, written(t, s, list))
	table(t, written(t, poster.Sheet{}, list))
}

func TestWhatCannotBePrintedIsRefused(t *testing.T) {
	for _, tc := range []struct {
		name string
		list []poster.Office
		want string
	}{
		{"no office", nil, "0 offices"},
		{"no link", []poster.Office{office(1), {}}, "poster 2: the link"},
		{"not an address", []poster.Office{{Link: "javascript:x"}}, "not an address"},
		{"endless link", []poster.Office{{Link: "https://" + strings.Repeat("x", 400)}}, "408 bytes"},
		{"too many", make([]poster.Office, poster.MaxOffices+1), "5001 offices"},
	} {
		err := poster.Write(io.Discard, sheet(poster.A4), tc.list)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error = %v, want one with %q", tc.name, err, tc.want)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestFailedWritesAreTold(t *testing.T) {
	if err := poster.Write(broken{}, sheet(poster.A4), offices(3)); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error = %v", err)
	}
}

func TestParseSize(t *testing.T) {
	for name, want := range map[string]poster.Size{"A4": poster.A4, "a5": poster.A5, "cards": poster.Cards} {
		if got, err := poster.ParseSize(name); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %v, %v", name, got, err)
		}
	}
	if _, err := poster.ParseSize("a3"); err == nil {
		t.Error("a3 is taken")
	}
}
