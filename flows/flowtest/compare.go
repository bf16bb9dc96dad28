package flowtest

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

// Fold brings a text to what is compared: one blank for every run of white space.
func Fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// Matches reports whether what was said fits what is written: the same after
// Fold, where {*} in the written text stands for anything.
func Matches(written, said string) bool {
	written, said = Fold(written), Fold(said)
	parts := strings.Split(written, "{*}")
	if len(parts) == 1 {
		return written == said
	}
	rest, ok := strings.CutPrefix(said, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// Message makes the lines of a message: its text cut at line breaks, blank
// lines left out, then its buttons, if it has any.
func Message(person, text string, rows [][]string) []Line {
	var out []Line
	for _, s := range strings.Split(text, "\n") {
		if s = Fold(s); s != "" {
			out = append(out, Line{Person: person, Step: BotText{s}})
		}
	}
	if len(rows) > 0 {
		out = append(out, Line{Person: person, Step: BotButtons{rows}})
	}
	return out
}

// Diff compares what was said with what is written, person by person, and
// returns "" if it fits, else the lines that differ: - written, + said.
func (x *Exchange) Diff(said []Line) string {
	var b strings.Builder
	for _, person := range persons(x.Said, said) {
		want, got := of(person, x.Said), of(person, said)
		if same(want, got) {
			continue
		}
		at := 0
		if x.Line != nil {
			at = x.Line.Number
		}
		if len(want) > 0 && want[0].Number > 0 {
			at = want[0].Number
		}
		fmt.Fprintf(&b, "chat:%d:\n", at)
		if x.Line != nil {
			fmt.Fprintf(&b, "  %s\n", x.Line)
		}
		writeDiff(&b, want, got)
	}
	return b.String()
}

func persons(lists ...[]Line) []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range lists {
		for _, l := range list {
			if !seen[l.Person] {
				seen[l.Person] = true
				out = append(out, l.Person)
			}
		}
	}
	return out
}

func of(person string, lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if l.Person == person {
			out = append(out, l)
		}
	}
	return out
}

func same(want, got []Line) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !fits(want[i], got[i]) {
			return false
		}
	}
	return true
}

func fits(want, got Line) bool { return Matches(written(want.Step), written(got.Step)) }

// writeDiff writes the longest common run of lines once and the others marked.
func writeDiff(b *strings.Builder, want, got []Line) {
	n, m := len(want), len(got)
	common := make([][]int, n+1) // length of the longest common sequence of the tails
	for i := range common {
		common[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if fits(want[i], got[j]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && fits(want[i], got[j]):
			fmt.Fprintf(b, "  %s\n", want[i])
			i, j = i+1, j+1
		case i < n && (j == m || common[i+1][j] >= common[i][j+1]):
			fmt.Fprintf(b, "- %s\n", want[i])
			i++
		default:
			fmt.Fprintf(b, "+ %s\n", got[j])
			j++
		}
	}
}

// Format writes a dialogue as a file. Of a parsed one nothing changes but blanks
// at the beginnings and ends of lines of the conversation.
func Format(d *Dialogue) []byte {
	var chat bytes.Buffer
	for _, l := range d.Lines {
		chat.WriteString(l.String())
		chat.WriteByte('\n')
	}
	d.SetFile("chat", chat.Bytes())
	return txtar.Format(d.archive)
}
