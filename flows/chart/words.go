package chart

import (
	"math"
	"strings"
	"unicode/utf16"

	"example.org/fieldbot/locales"
)

// AltLimit is how long Alt may be, in UTF-16 units: it is sent as a caption,
// and Telegram takes 1,024.
const AltLimit = 1000

// Text writes a value as the language does: "68%", "1,204".
func Text(words *locales.Catalogue, lang string, unit Unit, decimals int, value float64) string {
	if words == nil {
		words = embedded()
	}
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return "–"
	case unit == Numbers:
		return words.Number(lang, value, decimals)
	case value < 0: // a change, told in points of a hundred
		return "−" + words.Percent(lang, -value)
	}
	return words.Percent(lang, value)
}

func (c *Chart) value(v float64) string { return Text(c.Words, c.Lang, c.Unit, c.Decimals, v) }

func (c *Chart) word(key string, args locales.Args) string { return c.words().Text(c.Lang, key, args) }

// figure tells a figure in words: "68% (62%–73%, n = 172)".
func (c *Chart) figure(f Figure) string {
	switch {
	case f.State == Few:
		return c.word("chart.few", nil)
	case !f.known():
		return c.word("chart.none", nil)
	}
	s := c.value(f.Value)
	if c.Kind == Quotas && f.Target > 0 {
		return c.word("chart.of_target", locales.Args{"Value": s, "Target": c.value(f.Target),
			"Share": c.words().Percent(c.Lang, f.Value/f.Target)})
	}
	var extra []string
	if f.interval() {
		extra = append(extra, c.value(f.Low)+"–"+c.value(f.High))
	}
	if f.N > 0 {
		extra = append(extra, c.count(f.N))
	}
	if len(extra) > 0 {
		s += " (" + strings.Join(extra, ", ") + ")"
	}
	return s
}

func (c *Chart) count(n int) string { return c.word("chart.count", locales.Args{"Count": n}) }

// Alt tells the chart in words, for those who do not see it: its title, then a
// line per row. It is at most AltLimit long; rows that do not fit are counted.
func Alt(c *Chart) string {
	var lines []string
	for _, s := range []string{c.Title, c.Subtitle} {
		if s != "" {
			lines = append(lines, trim(s))
		}
	}
	if c.Kind == Grid {
		lines = append(lines, c.gridSummary()...)
	} else {
		for _, r := range c.Rows {
			lines = append(lines, c.rowInWords(r))
		}
	}
	if len(c.Rows) == 0 {
		lines = append(lines, c.word("chart.none", nil))
	}
	if c.Note != "" {
		lines = append(lines, trim(c.Note))
	}
	return c.fit(lines)
}

func (c *Chart) rowInWords(r Row) string {
	if r.heading() {
		return trim(r.Label)
	}
	var parts []string
	for i := range c.columns() {
		s := c.figure(r.at(i))
		if len(c.Columns) > 0 && !(c.Kind == Quotas) {
			s = trim(c.Columns[i]) + " " + s
		}
		parts = append(parts, s)
	}
	return trim(r.Label) + ": " + strings.Join(parts, "; ")
}

// gridSummary tells, by period, how many reported: a row each would be longer
// than a caption.
func (c *Chart) gridSummary() []string {
	var lines []string
	for i := range c.columns() {
		due, came, late := 0, 0, 0
		for _, r := range c.Rows {
			f := r.at(i)
			if r.heading() || !f.known() {
				continue
			}
			due++
			if f.State == Late {
				late++
			}
			if f.State == Late || f.Value > 0 {
				came++
			}
		}
		s := c.word("chart.reported_of", locales.Args{"Count": came, "Total": due, "Late": late})
		if i < len(c.Columns) {
			s = trim(c.Columns[i]) + ": " + s
		}
		lines = append(lines, s)
	}
	return lines
}

// fit joins lines up to AltLimit.
func (c *Chart) fit(lines []string) string {
	const room = 60 // for the line that counts the rest
	used := 0
	for i, l := range lines {
		used += length(l) + 1
		if used > AltLimit-room && (i+1 < len(lines) || used > AltLimit) {
			rest := c.word("chart.more", locales.Args{"Count": len(lines) - i})
			return strings.Join(append(lines[:i:i], rest), "\n")
		}
	}
	return strings.Join(lines, "\n")
}

func length(s string) int { return len(utf16.Encode([]rune(s))) }

// trim keeps a label from growing without bound.
func trim(s string) string {
	if r := []rune(s); len(r) > maxText/3 {
		return string(r[:maxText/3]) + "…"
	}
	return s
}
