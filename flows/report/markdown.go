package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/locales"
)

// year keeps 2026 from being written as 2,026.
func year(y int) string { return strconv.Itoa(y) }

// titles returns the title of the report and the heading of its table.
func (o *Outline) titles() (title, overview string) {
	return o.word("report.title", locales.Args{"Title": o.Title, "Year": year(o.Year)}),
		o.word("report.overview", locales.Args{"Year": year(o.Year)})
}

// Markdown writes the report as CommonMark. A cell's paragraphs do not fit into
// its tables, so the columns stand below each other; a chart stands as its
// figures.
func (r *Report) Markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	title, overview := r.titles()
	fmt.Fprintf(b, "# %s\n", escape(title))
	if r.Subtitle != "" {
		fmt.Fprintf(b, "\n%s\n", escape(r.Subtitle))
	}
	for _, l := range r.Cover {
		fmt.Fprintf(b, "\n**%s**\n\n", escape(l.Title))
		for _, item := range l.Items {
			fmt.Fprintf(b, "- %s\n", escape(item))
		}
	}
	fmt.Fprintf(b, "\n## %s\n", escape(overview))
	for _, s := range r.Sections {
		fmt.Fprintf(b, "\n### %s\n", escape(s.Title))
		r.markdownFigures(b, s)
		for _, p := range s.parts() {
			r.markdownPart(b, p)
		}
	}
	for _, t := range r.Annexes {
		markdownTable(b, t)
	}
	if len(r.Sources) > 0 {
		fmt.Fprintf(b, "\n## %s\n\n", escape(r.word("report.sources", nil)))
		for _, s := range r.Sources {
			fmt.Fprintf(b, "- **%s** %s\n", escape(s.Ref), escape(s.Text))
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (r *Report) markdownFigures(b *bufio.Writer, s OutlineSection) {
	if len(s.Figures) > 0 {
		fmt.Fprintf(b, "\n**%s**\n\n", escape(r.word("report.figures", nil)))
	}
	for _, f := range s.Figures {
		fmt.Fprintf(b, "- %s\n", escape(r.figure(f)))
	}
	if s.Chart != nil {
		b.WriteString("\n")
		for line := range strings.Lines(chart.Alt(s.Chart)) {
			fmt.Fprintf(b, "> %s  \n", escape(tidy(line)))
		}
	}
}

func (r *Report) markdownPart(b *bufio.Writer, p Part) {
	if p.Title != "" {
		fmt.Fprintf(b, "\n#### %s\n", escape(p.Title))
	}
	heads := r.columns()
	for c := range Column(columns) {
		cell := r.cell(p, c)
		if len(cell) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n*%s*\n", escape(heads[c]))
		bullet := false
		for _, block := range cell {
			if !block.Bullet || !bullet {
				b.WriteString("\n")
			}
			bullet = block.Bullet
			b.WriteString(r.markdownBlock(block))
		}
	}
}

func (r *Report) markdownBlock(block Block) string {
	var parts []string
	if block.New {
		parts = append(parts, "**["+escape(r.word("report.new", nil))+"]**")
	}
	if block.Lead != "" {
		parts = append(parts, "**"+escape(block.Lead)+"**")
	}
	if block.Text != "" {
		parts = append(parts, escape(block.Text))
	}
	if block.Ref != "" {
		parts = append(parts, "\\["+escape(block.Ref)+"\\]")
	}
	s := strings.Join(parts, " ") + "\n"
	if block.Bullet {
		s = "- " + s
	}
	return s
}

func markdownTable(b *bufio.Writer, t Table) {
	fmt.Fprintf(b, "\n## %s\n\n", escape(t.Title))
	if t.Note != "" {
		fmt.Fprintf(b, "%s\n\n", escape(t.Note))
	}
	row := func(cells []string) {
		b.WriteString("|")
		for i := range t.Head {
			cell := ""
			if i < len(cells) {
				cell = escape(cells[i])
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
	row(t.Head)
	b.WriteString("|" + strings.Repeat(" --- |", len(t.Head)) + "\n")
	for _, cells := range t.Rows {
		row(cells)
	}
}

// escape keeps a person's text from being read as mark-up.
func escape(s string) string {
	var b strings.Builder
	for i, r := range tidy(s) {
		if strings.ContainsRune("\\`*_[]<>|~", r) || i == 0 && strings.ContainsRune("#+-=", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
