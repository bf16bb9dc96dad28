package flows

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// parameters reads key=value pairs separated by spaces, commas or semicolons.
func (b *builder) parameters(n *Node, row Row) map[string]string {
	cell := b.s.Get(row, "parameters")
	if cell == "" {
		return nil
	}
	m := map[string]string{}
	var words []string
	for _, w := range strings.FieldsFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		// "start = 1" is one pair
		if len(words) > 0 && (strings.HasPrefix(w, "=") || strings.HasSuffix(words[len(words)-1], "=")) {
			words[len(words)-1] += w
			continue
		}
		words = append(words, w)
	}
	for _, w := range words {
		k, v, ok := strings.Cut(w, "=")
		if !ok || k == "" || v == "" {
			b.errorf(b.s, row.Number, "parameters", "write key=value pairs, as start=1 end=5", "%q is not a key=value pair", w)
			continue
		}
		m[strings.ToLower(k)] = v
	}
	b.checkParameters(n, row, m)
	if n.Type.Name == "range" {
		b.checkRange(n, row, m)
	}
	return m
}

// parameterNames are those that each type has; another type's are not looked at.
var parameterNames = map[string][]string{
	"range":      {"start", "end", "step", "tick-interval", "tick-labelset", "placeholder"},
	"text":       {"rows"},
	"image":      {"app", "max-pixels"},
	"audio":      {"quality"},
	"geopoint":   {"allow-mock-accuracy", "capture-accuracy", "warning-accuracy"},
	"geotrace":   {"allow-mock-accuracy", "incremental"},
	"geoshape":   {"allow-mock-accuracy", "incremental"},
	"audit":      {"location-priority", "location-min-interval", "location-max-age", "track-changes", "track-changes-reasons", "identify-user"},
	"select_one": {"randomize", "seed"}, "select_multiple": {"randomize", "seed"}, "rank": {"randomize", "seed"},
	"select_one_from_file": {"randomize", "seed", "value", "label"}, "select_multiple_from_file": {"randomize", "seed", "value", "label"},
}

// checkParameters refuses what ODK's compiler refuses: names that the type does
// not have, and values that no phone understands.
func (b *builder) checkParameters(n *Node, row Row, m map[string]string) {
	refuse := func(hint, format string, args ...any) { b.errorf(b.s, row.Number, "parameters", hint, format, args...) }
	names := parameterNames[n.Type.Name]
	for _, k := range sortedKeys(m) {
		v := m[k]
		switch {
		case names != nil && !slices.Contains(names, k):
			refuse("use "+strings.Join(names, ", "), "a question of type %s has no parameter %q", n.Type.Name, k)
		case k == "randomize" && !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false"):
			refuse("write randomize=true", "randomize cannot be %q", v)
		case k == "seed" && m["randomize"] == "":
			refuse("write randomize=true beside it", "a seed without randomize has no use")
		case k == "max-pixels" && !wholeNumber.MatchString(v):
			refuse("write a whole number", "max-pixels cannot be %q", v)
		case k == "quality" && n.Type.Name == "audio" && !slices.Contains([]string{"voice-only", "low", "normal", "external"}, v):
			refuse("write voice-only, low, normal or external", "the quality cannot be %q", v)
		}
	}
}

var wholeNumber = regexp.MustCompile(`^[0-9]+$`)

func (b *builder) checkRange(n *Node, row Row, m map[string]string) {
	for _, k := range []string{"start", "end", "step"} {
		v, ok := m[k]
		if !ok {
			continue
		}
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			b.errorf(b.s, row.Number, "parameters", "write a number", "%s of a range cannot be %q", k, v)
		} else if k == "step" && x == 0 {
			b.errorf(b.s, row.Number, "parameters", "use a step such as 1", "the step of a range cannot be 0")
		}
		if strings.Contains(v, ".") {
			t := *n.Type
			t.Bind = "decimal"
			n.Type = &t
		}
	}
}
