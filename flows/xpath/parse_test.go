package xpath

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// sexp prints a term so that its structure can be seen.
func sexp(t Term) string {
	switch t := t.(type) {
	case *Number:
		return FormatNumber(t.Value)
	case *Literal:
		return "'" + t.Value + "'"
	case *Ref:
		if t.LastSaved {
			return "$last-saved#" + t.Name
		}
		return "$" + t.Name
	case *Negate:
		return "(neg " + sexp(t.X) + ")"
	case *Binary:
		return "(" + t.Op + " " + sexp(t.Left) + " " + sexp(t.Right) + ")"
	case *Call:
		s := "(" + t.Name
		for _, a := range t.Args {
			s += " " + sexp(a)
		}
		return s + ")"
	case *Path:
		return sexpPath(t)
	}
	return fmt.Sprintf("%T", t)
}

func sexpPath(t *Path) string {
	s := "path"
	if t.Absolute {
		s = "root"
	}
	if t.Base != nil {
		s += " " + sexp(t.Base)
	}
	for _, p := range t.Predicates {
		s += "[" + sexp(p) + "]"
	}
	for _, st := range t.Steps {
		s += fmt.Sprintf(" %d:%s%s", st.Axis, st.Test.Name, st.Test.Type)
		for _, p := range st.Predicates {
			s += "[" + sexp(p) + "]"
		}
	}
	return "(" + s + ")"
}

func TestParse(t *testing.T) {
	for _, s := range []sample{
		{"1 + 2 * 3", "(+ 1 (* 2 3))"},
		{"(1 + 2) * 3", "(* (+ 1 2) 3)"},
		{"3 < 4 < 5", "(< (< 3 4) 5)"},
		{"1 or 2 and 3 = 4", "(or 1 (and 2 (= 3 4)))"},
		{"1 = 2 < 3", "(= 1 (< 2 3))"},
		{"- - 2", "(neg (neg 2))"},
		{"-a|b", "(neg (| (path 0:a) (path 0:b)))"},
		{".5 + 5.", "(+ 0.5 5)"},
		{"a-b", "(path 0:a-b)"},
		{"a - b", "(- (path 0:a) (path 0:b))"},
		{"a -b", "(- (path 0:a) (path 0:b))"},
		{"1div2", "(div 1 2)"},
		{". > 0 and.< 5", "(and (> (path 1:node) 0) (< (path 1:node) 5))"},
		{"${a} mod-2", "(mod $a (neg 2))"},
		{"1 andtrue()", "(and 1 (true))"},
		{"a orb", "(or (path 0:a) (path 0:b))"},
		{"or or or", "(or (path 0:or) (path 0:or))"},
		{"1 and1", "(and 1 1)"},
		{"div div mod", "(div (path 0:div) (path 0:mod))"},
		{"* * *", "(* (path 0:*) (path 0:*))"},
		{"and and or", "(and (path 0:and) (path 0:or))"},
		{"if (true(), 'a', \"b\")", "(if (true) 'a' 'b')"},
		{"selected (${a}, 'x')", "(selected $a 'x')"},
		{"${ a }", "$a"},
		{"${last-saved#a}", "$last-saved#a"},
		{"${rep}[2]/x", "(path $rep[2] 0:x)"},
		{"../x", "(path 2:node 0:x)"},
		{".", "(path 1:node)"},
		{"/", "(root)"},
		{"//a", "(root 4:node 0:a)"},
		{"a//b[1][@c]", "(path 0:a 4:node 0:b[1][(path 11:c)])"},
		{"instance('l')/root/item[name = current()/../x]/label",
			"(path (instance 'l') 0:root 0:item[(= (path 0:name) (path (current) 2:node 0:x))] 0:label)"},
		{"following-sibling::p:*", "(path 8:p:*)"},
		{"child::text()", "(path 0:text)"},
		{"processing-instruction('x')", "(path 0:xprocessing-instruction)"},
		{"jr:choice-name(., '${q}')", "(jr:choice-name (path 1:node) '${q}')"},
		{"ຊື່ = 'ລາວ'", "(= (path 0:ຊື່) 'ລາວ')"},
		{"'it''s'", "error"},
		{"\"it's\"", "'it's'"},
	} {
		e, err := Parse(s.expr)
		got := "error"
		if err == nil {
			got = sexp(e.Root)
		}
		if got != s.want {
			t.Errorf("Parse(%s) = %s (%v), want %s", s.expr, got, err, s.want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, s := range []struct {
		expr      string
		offset    int
		msg, hint string // parts
	}{
		{"", 0, "empty", ""},
		{"1 +", 3, "ends where a value", ""},
		{"1 == 2", 2, `"=="`, `write "="`},
		{"a && b", 2, "not an operator", `"and"`},
		{"a AND b", 2, `unexpected "AND"`, "small letters"},
		{"'abc", 0, "no end", "close it"},
		{"‘abc’", 0, "no meaning", "straight"},
		{"${a", 0, "no end", "}"},
		{"${}", 0, "not a name", "letters"},
		{"${a b}", 0, "not a name", ""},
		{"$a", 0, "alone", "${name}"},
		{"concat('a'", 0, "not closed", ")"},
		{"(1", 2, `")"`, ""},
		{"1)", 1, `unexpected ")"`, "one closing bracket too many"},
		{"a- b", 3, "operator", "blank before"},
		{"nowhere::a", 0, "no axis", ""},
		{"childs::a", 0, "no axis", "child"},
		{"a/count(b)", 2, "cannot be a step", ""},
		{"a[1", 3, `"]"`, ""},
		{"1 2", 2, "operator", ""},
		{"!a", 0, "no meaning", "not("},
		{"a ≥ 2", 2, "no meaning", ">="},
	} {
		_, err := Parse(s.expr)
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("Parse(%s): error %v, want a SyntaxError", s.expr, err)
			continue
		}
		if se.Offset != s.offset || !strings.Contains(se.Msg, s.msg) || !strings.Contains(se.Hint, s.hint) {
			t.Errorf("Parse(%s) = %d %q %q, want %d %q %q", s.expr, se.Offset, se.Msg, se.Hint, s.offset, s.msg, s.hint)
		}
	}
}

func TestSyntaxErrorCountsCharacters(t *testing.T) {
	_, err := Parse("'ລາວ' ++")
	if err == nil || !strings.HasPrefix(err.Error(), "at character 8:") {
		t.Errorf("error = %v, want it at character 8", err)
	}
}

func TestParseLimits(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300),
		strings.Repeat("-", 300) + "1",
		strings.Repeat("not(", 300) + "1" + strings.Repeat(")", 300),
		strings.Repeat("a[", 300) + "1" + strings.Repeat("]", 300),
		strings.Repeat("1+", 40_000) + "1",
	} {
		if _, err := Parse(src); err == nil {
			t.Errorf("Parse(%.20s…) accepts %d bytes", src, len(src))
		}
	}
	long := strings.Repeat("1+", 30_000) + "1"
	if got := evaluated(t, long, nil); got != "30001" {
		t.Errorf("sum of 30001 ones = %s", got)
	}
	deep := strings.Repeat("(", 150) + "1" + strings.Repeat(")", 150)
	if got := evaluated(t, deep, nil); got != "1" {
		t.Errorf("150 brackets = %s", got)
	}
}

func TestCheck(t *testing.T) {
	for _, s := range []struct {
		expr, msg, hint string
	}{
		{"selected(${a}, 'x') and true()", "", ""},
		{"slected(${a}, 'x')", "no function slected()", `"selected"`},
		{"a[slected(b, 'x')]", "no function", ""},
		{"if(1, 2)", "needs 3 arguments, not 2", "if(condition, then, else)"},
		{"true(1)", "no arguments", ""},
		{"round(1, 2, 3)", "at most 2", ""},
		{"concat()", "", ""},
		{"join()", "at least 1 argument", ""},
		{"indexed-repeat(${a}, ${r}, 1, ${s})", "pairs", ""},
		{`regex(., '[0-9]{3}')`, "", ""},
		{`regex(., '^(?!a)b$')`, "pattern cannot be used", "look-ahead"},
		{`regex(., '(a)\1')`, "pattern cannot be used", "references"},
		{`regex(., '((a{900}){900}){900}')`, "pattern", ""},
		{`regex(., '(a{900}){30}')`, "pattern", ""},
		{"jr:choice-name(${a}, '${a}')", "", ""},
		{"mine(1)", "", ""},
	} {
		got := mustParse(t, s.expr).Check(func(name string) bool { return name == "mine" })
		if s.msg == "" {
			if len(got) > 0 {
				t.Errorf("Check(%s) = %v, want nothing", s.expr, got)
			}
			continue
		}
		if len(got) != 1 || !strings.Contains(got[0].Msg, s.msg) || !strings.Contains(got[0].Hint, s.hint) {
			t.Errorf("Check(%s) = %v, want %q (%q)", s.expr, got, s.msg, s.hint)
		}
	}
}

func TestWalkReachesPredicates(t *testing.T) {
	e := mustParse(t, "${a}[${b} = 1]/x[${c}]/y[z[-${d}]] | concat(${e}, ${f})")
	var names []string
	Walk(e.Root, func(t Term) bool {
		if r, ok := t.(*Ref); ok {
			names = append(names, r.Name)
		}
		return true
	})
	if got := strings.Join(names, ""); got != "abcdef" {
		t.Errorf("Walk found %q, want abcdef", got)
	}
	n := 0
	Walk(e.Root, func(Term) bool { n++; return false })
	if n != 1 {
		t.Errorf("Walk went on after false: %d terms", n)
	}
}

func TestIsBoolean(t *testing.T) {
	for expr, want := range map[string]bool{
		"1 = 2": true, "a and b": true, "not(.)": true, "true()": true, "selected(., 'a')": true,
		"regex(., 'a')": true, "if(a, true(), b = 1)": true, "if(a, true(), 1)": false,
		"if(a, 'yes', 'no')": false, "${a}": false, "1 + 1": false, "boolean(.)": true,
		"coalesce(a = 1, b = 1)": true, "once(a = 1)": true, "string(true())": false,
		"checklist(1, 2, a = 1)": true, "(1 < 2)": true, "'true'": false, "unknown()": false,
	} {
		if got := IsBoolean(mustParse(t, expr).Root); got != want {
			t.Errorf("IsBoolean(%s) = %v", expr, got)
		}
	}
}
