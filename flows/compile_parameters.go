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
		k = strings.ToLower(k)
		if k == "randomize" {
			v = strings.ToLower(v)
		}
		m[k] = v
	}
	if n.Type == nil { // a group
		return m
	}
	b.checkParameters(n, row, m)
	if n.Type.Name == "range" {
		b.checkRange(n, row, m)
	}
	return m
}

// A Parameter is a key of the parameters column.
type Parameter struct {
	Name string // as it is written, in lower case
	Does string // what it does in a chat; "" if it is read and not used
}

// Parameters gives the parameters of a type, in the order of the documentation;
// nil if the standard knows none for it.
func (t *Type) Parameters() []Parameter { return parameterNames[t.Name] }

var (
	shuffled = []Parameter{{"randomize", "true: the choices come in an order drawn by lot"}, {"seed", "a number or ${question} that the order follows from"}}
	fromFile = append([]Parameter{{"value", "column of the file that is stored, name if not given"}, {"label", "column of the file that is shown, label if not given"}}, shuffled...)
	mocked   = Parameter{Name: "allow-mock-accuracy"}
)

// parameterNames are those that each type has; another type's are not looked at.
var parameterNames = map[string][]Parameter{
	"range":            {{"start", "first number, 1 if not given"}, {"end", "last number, 10 if not given"}, {"step", "distance of two numbers, 1 if not given; a range with a decimal point anywhere stores decimals"}, {Name: "tick_interval"}, {Name: "tick_labelset"}, {Name: "placeholder"}},
	"text":             {{Name: "rows"}},
	"image":            {{Name: "app"}, {Name: "max-pixels"}},
	"audio":            {{Name: "quality"}},
	"background-audio": {{Name: "quality"}},
	"geopoint":         {mocked, {Name: "capture-accuracy"}, {Name: "warning-accuracy"}, {Name: "reference-geometry"}},
	"geotrace":         {mocked, {Name: "incremental"}, {Name: "reference-geometry"}},
	"geoshape":         {mocked, {Name: "incremental"}, {Name: "reference-geometry"}},
	"audit":            {{Name: "location-priority"}, {Name: "location-min-interval"}, {Name: "location-max-age"}, {Name: "track-changes"}, {Name: "track-changes-reasons"}, {Name: "identify-user"}},
	"select_one":       shuffled, "select_multiple": shuffled, "rank": shuffled,
	"select_one_from_file": fromFile, "select_multiple_from_file": fromFile,
}

// checkParameters refuses what ODK's compiler refuses: names that the type does
// not have, and values that no phone understands.
func (b *builder) checkParameters(n *Node, row Row, m map[string]string) {
	refuse := func(hint, format string, args ...any) { b.errorf(b.s, row.Number, "parameters", hint, format, args...) }
	var names []string
	for _, p := range n.Type.Parameters() {
		names = append(names, p.Name)
	}
	for _, k := range sortedKeys(m) {
		v := m[k]
		switch {
		case names != nil && !slices.Contains(names, k):
			refuse("use "+strings.Join(names, ", "), "a question of type %s has no parameter %q", n.Type.Name, k)
		case k == "seed" && m["randomize"] == "":
			refuse("write randomize=true beside it", "a seed without randomize has no use")
		case names != nil && parameterValues[k].rule != nil && !parameterValues[k].rule.MatchString(v):
			refuse("write "+parameterValues[k].hint, "%s cannot be %q", k, v)
		case k == "quality" && n.Type.Name == "background-audio" && strings.EqualFold(v, "external"):
			refuse("write voice-only, low or normal", "%s cannot be %q", k, v)
		}
	}
	if n.Type.Name == "audit" {
		b.checkAudit(m, refuse)
	}
}

// parameterValues are what the parameters that are not looked at otherwise may hold.
var parameterValues = map[string]struct {
	rule *regexp.Regexp
	hint string
}{
	"randomize":             {regexp.MustCompile(`^(?i:true|false)$`), "randomize=true"},
	"seed":                  {regexp.MustCompile(`^(\$\{.*|` + number + `)$`), "a number, or ${name} of a question"},
	"value":                 {fileColumn, "the name of a column: a letter or _, then letters, digits, _ - and ."},
	"label":                 {fileColumn, "the name of a column: a letter or _, then letters, digits, _ - and ."},
	"rows":                  {wholeNumber, "a whole number"},
	"max-pixels":            {wholeNumber, "a whole number"},
	"app":                   {regexp.MustCompile(`^[A-Za-z][\w]*(\.[A-Za-z]\w*)+$`), "the name of an Android package, as org.example.app"},
	"quality":               {regexp.MustCompile(`^(?i:voice-only|low|normal|external)$`), "voice-only, low, normal or external"},
	"allow-mock-accuracy":   {regexp.MustCompile(`^(?i:true|false)$`), "true or false"},
	"incremental":           {regexp.MustCompile(`^(?i:true|yes)$`), "incremental=true"},
	"capture-accuracy":      {metres, "a number of metres"},
	"warning-accuracy":      {metres, "a number of metres"},
	"location-priority":     {regexp.MustCompile(`^(?i:no-power|low-power|balanced|high-accuracy)$`), "no-power, low-power, balanced or high-accuracy"},
	"location-min-interval": {wholeNumber, "a number of seconds"},
	"location-max-age":      {wholeNumber, "a number of seconds"},
	"track-changes":         {regexp.MustCompile(`^(?i:true|false)$`), "true or false"},
	"identify-user":         {regexp.MustCompile(`^(?i:true|false)$`), "true or false"},
	"track-changes-reasons": {regexp.MustCompile(`^(?i:on-form-edit)$`), "on-form-edit"},
}

const number = `[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?`

var (
	wholeNumber = regexp.MustCompile(`^[0-9]+$`)
	metres      = regexp.MustCompile(`^` + number + `$`)
	fileColumn  = regexp.MustCompile(`^[A-Za-z_][\w.\-]*$`)
)

// checkAudit refuses half of the parameters that together make an audit of places.
func (b *builder) checkAudit(m map[string]string, refuse func(hint, format string, args ...any)) {
	var have, lack []string
	for _, k := range []string{"location-priority", "location-min-interval", "location-max-age"} {
		if m[k] == "" {
			lack = append(lack, k)
		} else {
			have = append(have, k)
		}
	}
	if len(have) > 0 && len(lack) > 0 {
		refuse("add "+strings.Join(lack, " and "), "%s is not enough for places in an audit", strings.Join(have, " and "))
	}
	least, err := strconv.Atoi(m["location-min-interval"])
	if most, err2 := strconv.Atoi(m["location-max-age"]); err == nil && err2 == nil && most < least {
		refuse("make it at least as long as location-min-interval", "location-max-age cannot be less than location-min-interval")
	}
}

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
