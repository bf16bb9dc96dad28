package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/chart/charttest"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// Every picture of a form is drawn from the command line, and told in words
// that are worked out here.
func TestChart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, _, err := publish(t.Context(), d.s.Results, "library:sufs", time.Now()); err != nil {
		t.Fatal(err)
	}
	sufs, err := currentForm(t.Context(), d.s.Results, "sufs")
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(t, sufs)
	at := time.Now()
	for range 80 {
		if _, _, err := d.s.Insert(t.Context(), m.make(at)); err != nil {
			t.Fatal(err)
		}
	}
	words := locales.New()
	share := func(k, n int) string {
		low, high := scoreInterval(k, n)
		return fmt.Sprintf("%s (%s–%s, n = %d)", words.Percent("lo", float64(k)/float64(n)), words.Percent("lo", low), words.Percent("lo", high), n)
	}
	women, health := share(m.women, 80), share(m.pleased, m.health)
	for kind, told := range map[string][]string{
		digest.Bars:   {"ແມ່ຍິງໃນບັນດາຜູ້ຕອບ: " + women, "ສຸກສາລາ ຫຼື ໂຮງໝໍ: ພໍໃຈ ຫຼື ພໍໃຈຫຼາຍ: " + health},
		digest.Likert: {"ສຸກສາລາ ຫຼື ໂຮງໝໍ: ", fmt.Sprintf("n = %d", m.health)},
		digest.Lines:  {"ແມ່ຍິງໃນບັນດາຜູ້ຕອບ: ", women},
		digest.Quotas: {fmt.Sprintf("ແມ່ຍິງ: %d ໃນ 600", m.women), fmt.Sprintf("ຜູ້ຊາຍ: %d ໃນ 600", 80-m.women)},
	} {
		for _, ext := range []string{".png", ".svg"} {
			file := filepath.Join(d.dir, kind+ext)
			d.has(d.run("chart", "sufs", "--kind", kind, "--language", "lo", "--out", file), told)
			drawnFile(t, file)
		}
	}
	officer := storage.Person{ID: "officer", Role: storage.Officer, Scope: map[string]string{"province": "15", "district": "1503"}}
	if _, err := d.s.Save(t.Context(), officer, "", "invited"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(d.dir, "grid.svg")
	d.has(d.run("chart", "activity_update", "--kind", "grid", "--out", file), []string{"0 of 1 reported, 0 of them late"})
	drawnFile(t, file)

	// only what follows a target of the plan
	file = filepath.Join(d.dir, "plan.svg")
	d.has(d.run("chart", "sufs", "--plan", "SDG 5.5", "--out", file), []string{"Women among the respondents: "}, "Health centre")
	d.has(d.run("digest", "--form", "sufs", "--plan", "SDG 5.5"), []string{"\nWomen among the respondents: "}, "Health centre", "Satisfaction with all")
	d.has(d.run("digest", "--form", "sufs", "--plan", "SDG 16.6.2"), []string{"Health centre", "Satisfaction with all"}, "Women among")
}

// The pictures of a digest look as they did when somebody looked at them.
func TestDigestPictures(t *testing.T) {
	t.Parallel()
	s := newSurveyed(t)
	src := digest.Source{Submissions: s.s.Results, Reviews: s.s.Results, Book: s.src.Book, Forms: s.src.Forms, Words: s.src.Words, Zone: s.src.Zone}
	month := digest.Period{From: time.Date(2026, 4, 1, 0, 0, 0, 0, s.src.Zone), To: time.Date(2026, 5, 1, 0, 0, 0, 0, s.src.Zone)}
	for _, lang := range []string{"lo", "en"} {
		for _, kind := range digest.Kinds {
			c, err := digest.Chart(t.Context(), src, digest.Request{Lang: lang, Form: "sufs", Period: month}, kind)
			if err != nil || c == nil {
				t.Fatalf("%s: %v, %v", kind, c, err)
			}
			c.Width = 320
			var png bytes.Buffer
			if err := chart.PNG(&png, c); err != nil {
				t.Fatal(err)
			}
			charttest.Golden(t, filepath.Join("testdata", "pictures", kind+"_"+lang+".png"), charttest.Decode(t, png.Bytes()), 0.002, *update)
		}
	}
}

// drawnFile fails unless a file holds a picture.
func drawnFile(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if filepath.Ext(file) == ".png" {
		if _, err := png.Decode(f); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		return
	}
	paths := 0
	for d := xml.NewDecoder(f); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "path" {
			paths++
		}
	}
	if paths < 10 {
		t.Errorf("%s has %d outlines", file, paths)
	}
}

// The workbook of published figures has what the table shows, and of hidden cells
// only that.
func TestSheetOfPublishedFigures(t *testing.T) {
	t.Parallel()
	s := newSurveyed(t)
	src := digest.Source{Submissions: s.s.Results, Reviews: s.s.Results, Book: s.src.Book, Forms: s.src.Forms, Words: s.src.Words, Zone: s.src.Zone}
	f := s.src.Forms[slices.IndexFunc(s.src.Forms, func(f *flows.Form) bool { return f.ID == "sufs" })]
	over := time.Date(2026, 5, 2, 0, 0, 0, 0, s.src.Zone)
	period, err := src.Book.Last(f, over)
	if err != nil {
		t.Fatal(err)
	}
	table, err := src.Book.Publish(t.Context(), "sufs", period)
	if err != nil {
		t.Fatal(err)
	}
	rows, caption, err := digest.Sheet(t.Context(), src, digest.Request{Lang: "en", Form: "sufs", Published: true, Period: digest.Period{To: over}})
	if err != nil || !strings.Contains(caption, "published figures") {
		t.Fatalf("%q, %v", caption, err)
	}
	shown, hidden := 0, 0
	for _, row := range rows[1:] {
		if len(row) == 3 && row[2] == "not shown: a small group" {
			hidden++
			continue
		}
		if len(row) == 6 {
			if row[5].(int64) < tally.Few {
				t.Errorf("of few answers: %v", row)
			}
			shown++
		}
	}
	want := map[bool]int{}
	for name, cells := range table.Cells {
		if ind := slices.IndexFunc(f.Programme.Indicators, func(x flows.Indicator) bool { return x.Name == name }); name != "" && (ind < 0 || f.Programme.Indicators[ind].Measure == "distribution") {
			continue
		} else if name == "" {
			for _, c := range cells {
				if c.Hidden {
					want[true]++
				}
			}
			continue
		}
		for _, c := range cells {
			want[c.Hidden]++
		}
	}
	if shown != want[false] || hidden != want[true] || shown == 0 || hidden == 0 {
		t.Errorf("%d shown and %d hidden, want %v", shown, hidden, want)
	}
}
