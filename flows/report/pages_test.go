//go:build documents

package report_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/fieldbot/flows/chart/charttest"
	"example.org/fieldbot/flows/report"
)

// The pages of the Word document, as LibreOffice lays them out: no word over
// the margins, the heading row on each page of the table, and pictures of the
// pages that somebody looked at. They allow for the ways in which versions of
// LibreOffice round, not for a line that moves.
func TestPages(t *testing.T) {
	for _, lang := range []string{"lo", "en"} {
		t.Run(lang, func(t *testing.T) {
			r := revised(lang)
			r.Font = "Noto Sans Lao" // Phetsarath OT cannot be given along
			at := report.Place{Part: "B", Column: report.Progress}
			for i := range 60 { // a row over several pages
				r.Rows[at] = append(r.Rows[at], report.Block{Bullet: true, Ref: fmt.Sprint("U-", 20+i), Text: r.Rows[at][0].Text +
					pick(lang, " ຜູ້ຟັງໂທເຂົ້າມາຖາມກ່ຽວກັບຂັ້ນຕອນ ແລະ ຄ່າທຳນຽມຢູ່ສູນບໍລິການປະຕູດຽວ ແລະ ຂໍໃຫ້ອອກອາກາດຄືນ.", " Listeners asked about steps and fees at the service centres, and for it to be repeated.")})
			}
			pdf := converted(t, r)
			heads := tableHeads(lang)
			table := 0
			for i, p := range words(t, pdf) {
				for _, w := range p.Words {
					if w.XMin < 56 || w.XMax > p.Width-56 || w.YMin < 20 || w.YMax > p.Height-20 {
						t.Errorf("page %d: %q is at %v–%v of %v, %v–%v of %v", i+1, w.Text, w.XMin, w.XMax, p.Width, w.YMin, w.YMax, p.Height)
					}
				}
				if p.Width > p.Height && strings.Contains(p.text(), heads) {
					table++
				}
			}
			if table < 4 {
				t.Errorf("the heading row is on %d pages; the table is longer", table)
			}
			prefix := filepath.Join(filepath.Dir(pdf), "page")
			command(t, "pdftoppm", "-r", "40", "-png", "-f", "1", "-l", "3", pdf, prefix)
			pages, _ := filepath.Glob(prefix + "*.png")
			if len(pages) != 3 {
				t.Fatalf("%d pages", len(pages))
			}
			for i, page := range pages {
				data, err := os.ReadFile(page)
				if err != nil {
					t.Fatal(err)
				}
				charttest.Golden(t, filepath.Join("testdata", fmt.Sprintf("page%d_%s.png", i+1, lang)), charttest.Decode(t, data), 0.02, *update)
			}
		})
	}
}

// tableHeads is the heading row without spaces.
func tableHeads(lang string) string {
	return pick(lang, "ຄວາມຄືບໜ້າ", "Updateontheprogress")
}

// command runs a program of the packages that make documents installs.
func command(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is missing: install libreoffice-writer-nogui, poppler-utils and zbar-tools, as .ci/deps documents does", name)
	}
	c := exec.CommandContext(t.Context(), name, args...)
	c.Env = append(os.Environ(), "FONTCONFIG_FILE="+fontconfig(t))
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// fontconfig lets programs see the embedded fonts and no others, so that pages
// are the same on every machine.
func fontconfig(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "chart", "typeset", "fonts"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "fonts.conf")
	text := `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>` + dir + `</dir><cachedir>` + filepath.Dir(file) + `</cachedir></fontconfig>`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// converted writes a report and returns the path of it as a PDF.
func converted(t *testing.T, r *report.Report) string {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	if err := r.Word(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "report.docx")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, "soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir, file)
	return filepath.Join(dir, "report.pdf")
}

type pdfPage struct {
	Width  float64 `xml:"width,attr"`
	Height float64 `xml:"height,attr"`
	Words  []struct {
		XMin float64 `xml:"xMin,attr"`
		XMax float64 `xml:"xMax,attr"`
		YMin float64 `xml:"yMin,attr"`
		YMax float64 `xml:"yMax,attr"`
		Text string  `xml:",chardata"`
	} `xml:"word"`
}

func (p *pdfPage) text() string {
	var b strings.Builder
	for _, w := range p.Words {
		b.WriteString(w.Text)
	}
	return b.String()
}

// words returns where the words of each page stand, in points.
func words(t *testing.T, pdf string) []pdfPage {
	t.Helper()
	var doc struct {
		Pages []pdfPage `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal(command(t, "pdftotext", "-bbox", pdf, "-"), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Pages
}
