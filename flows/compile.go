package flows

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Compile makes a Form of a Definition. If the definition has errors, they are
// all returned at once, as Problems; warnings alone are left in Form.Warnings.
func Compile(d *Definition) (*Form, error) {
	c := &compiler{
		def: d, usedLists: map[string]bool{}, columns: map[string]bool{}, saved: map[string]int{}, sources: map[string]fileSource{}, searches: map[string]searchUse{},
		form: &Form{
			Lists:  map[string]*List{},
			byID:   map[int]*Node{},
			byName: map[string][]*Node{},
			tables: map[string]*table{},
		},
	}
	c.problems = append(c.problems, d.Found...)
	c.settings()
	c.languages()
	c.choices()
	c.files()
	c.survey()
	c.bare()
	if c.form.Root != nil {
		c.expressions()
		c.entities()
		c.depend()
		c.leaves()
		c.programme()
		if c.problems.Err() == nil { // what is unused follows from what is wrong
			c.notices()
		}
	}
	c.sortProblems()
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	c.form.Warnings = c.problems
	c.form.Hash = Hash(d)
	c.form.layout = layout(c.form)
	return c.form, nil
}

// A compiler carries what the steps of Compile share.
type compiler struct {
	def      *Definition
	form     *Form
	problems Problems
	pending  []func() // bindings to make once all nodes are known
	drafts   []draft
	external map[string]*List // of external_choices

	found     map[Severity]int // problems, as far as they are kept
	compared  int              // names that were suggested from
	parsed    int              // bytes of all expressions so far
	usedLists map[string]bool
	columns   map[string]bool       // pictures of choices that are columns of a searched file
	saved     map[string]int        // rows of what save_to keeps, by property
	sources   map[string]fileSource // files of the survey, by the name of their table
	searches  map[string]searchUse  // how lists are used, by name
	named     []namedChoice
}

// A namedChoice is an expression with the label of a question's choice, of which
// the filter offers one of several with the same name.
type namedChoice struct {
	in *side
	of *Node
}

func (c *compiler) errorf(s *Sheet, row int, key, hint, format string, args ...any) {
	c.report(Error, s, row, key, hint, fmt.Sprintf(format, args...))
}

func (c *compiler) warnf(s *Sheet, row int, key, hint, format string, args ...any) {
	c.report(Warning, s, row, key, hint, fmt.Sprintf(format, args...))
}

const (
	maxProblems = 200
	maxCompared = 500_000 // names: with more, suggesting what was meant would take longer than all else
)

func (c *compiler) report(sev Severity, s *Sheet, row int, key, hint, message string) {
	if c.found[sev] > maxProblems {
		return // an author mends the first two hundred first; warnings hide no errors
	}
	if c.found == nil {
		c.found = map[Severity]int{}
	}
	c.found[sev]++
	p := Problem{Severity: sev, Row: row, Message: message, Hint: hint}
	if s != nil {
		p.Sheet = s.Name
		if key != "" {
			p.Column = s.Header(key)
		}
	}
	c.problems = append(c.problems, p)
}

// sortProblems puts errors in the order of the sheets and rows, and drops
// what is said twice. A warning that many rows earn is given once.
func (c *compiler) sortProblems() {
	rank := map[string]int{"settings": 1, "survey": 2, "choices": 3}
	sort.SliceStable(c.problems, func(i, j int) bool {
		a, b := c.problems[i], c.problems[j]
		if ra, rb := rank[strings.ToLower(a.Sheet)], rank[strings.ToLower(b.Sheet)]; ra != rb {
			return ra < rb
		}
		return a.Row < b.Row
	})
	c.problems = gather(slices.Compact(c.problems))
}

// gather makes one of the warnings that differ in nothing but the row: as each
// group of a long form marked required.
func gather(list Problems) Problems {
	rows := map[Problem][]int{}
	var out Problems
	for _, p := range list {
		key := p
		key.Row = 0
		if p.Severity == Warning && p.Row > 0 {
			if rows[key] = append(rows[key], p.Row); len(rows[key]) > 1 {
				continue
			}
		}
		out = append(out, p)
	}
	for i, p := range out {
		p.Row = 0
		if r := rows[p]; len(r) > 1 && out[i].Row > 0 {
			out[i].Message += " (also " + rowList(r[1:]) + ")"
		}
	}
	return out
}

// rowList names rows of a sheet in a sentence; of very many the first.
func rowList(rows []int) string {
	const most = 12
	word, last := "row ", ""
	if len(rows) > 1 {
		word = "rows "
	}
	if n := len(rows) - most; n > 1 {
		rows, last = rows[:most], strconv.Itoa(n)+" more"
	} else {
		last, rows = strconv.Itoa(rows[len(rows)-1]), rows[:len(rows)-1]
	}
	var names []string
	for _, r := range rows {
		names = append(names, strconv.Itoa(r))
	}
	if len(names) == 0 {
		return word + last
	}
	return word + strings.Join(names, ", ") + " and " + last
}

// Hash identifies the content of a definition: sheets, cells and attached files.
func Hash(d *Definition) string {
	h := sha256.New()
	put := func(s string) {
		fmt.Fprintf(h, "%d:", len(s))
		h.Write([]byte(s))
	}
	for _, name := range sortedKeys(d.Sheets) {
		s := d.Sheets[name]
		put(name)
		for _, col := range s.Columns {
			put(col.Key + "::" + col.Language)
		}
		for _, r := range s.Rows {
			fmt.Fprintf(h, "#%d", r.Number)
			for _, v := range r.Cells {
				put(v)
			}
		}
	}
	for _, name := range sortedKeys(d.Files) {
		put(name)
		put(string(d.Files[name]))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// layout is a checksum of everything that the bits of an encoded instance
// stand for. A program that compiles the same form otherwise sees that it must
// work relevance out anew.
func layout(f *Form) uint32 {
	h := crc32.NewIEEE()
	for _, n := range f.Nodes {
		fmt.Fprintf(h, "%d,%d,%d,%d;", n.ID, n.Kind, n.local, n.scope.id)
	}
	return h.Sum32()
}

// nearest returns the candidate that is most like name, "" if none is close.
func nearest(name string, candidates []string) string {
	best, bestD := "", len([]rune(name))/3+2
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c), bestD); d < bestD {
			best, bestD = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two words, at most limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit || len(x) > 64 || len(y) > 64 {
		return limit
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		prev := row[0]
		row[0] = i + 1
		for j := range y {
			cost := prev
			if x[i] != y[j] {
				cost = min(prev, row[j], row[j+1]) + 1
			}
			prev, row[j+1] = row[j+1], cost
		}
	}
	return min(row[len(y)], limit)
}

// full reports whether there are as many errors as an author is told of: what
// only makes more of them is left out.
func (c *compiler) full() bool { return c.found[Error] > maxProblems }

func didYouMean(name string, candidates []string) string {
	if n := nearest(name, candidates); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}
