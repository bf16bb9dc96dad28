package xpath

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOperators(t *testing.T) {
	checkSamples(t, newEnv(nil), nil, []sample{
		{"1 + 2 * 3 - 4", "3"},
		{"7 div 2", "3.5"},
		{"1 div 0", "Infinity"},
		{"-1 div 0", "-Infinity"},
		{"0 div 0", "NaN"},
		{"5 mod 3", "2"},
		{"-5 mod 3", "-2"},
		{"5.5 mod 2", "1.5"},
		{"'a' + 1", "NaN"},
		{"'' + 1", "NaN"},
		{"true() + 1", "2"},
		{"- -3", "3"},
		{"3 < 4 < 5", "true"},
		{"3 > 2 > 1", "false"},
		{"true() or nonsense()", "true"},
		{"false() and nonsense()", "false"},
		{"true() and nonsense()", "error: unknown function nonsense()"},
		{"'0' and 'false'", "true"},
		{"0 or ''", "false"},
		{"0.1 + 0.2 = 0.3", "true"},
		{"17 = '17.0'", "true"},
		{"'017.' = '17.000'", "false"},
		{"'a' = 'A'", "false"},
		{"'' = ''", "true"},
		{"true() = 'x'", "true"},
		{"true() = ''", "false"},
		{"number('x') = number('x')", "false"},
		{"number('x') != number('x')", "true"},
		{"'10' < '9'", "false"},
		{"'a' < 'b'", "false"},
		{"'2026-06-14' < today()", "true"},
		{"today() > '2020-01-01'", "true"},
		{"today() = '2026-06-15'", "true"},
		{"today() - '2026-06-01'", "14"},
		{"now() > today()", "true"},
		{"date('2026-06-15') = today()", "true"},
		{"date('2026-06-15') = '2026-06-15'", "true"},
		{"date('2026-06-15') != 'x'", "true"},
	})
}

func TestUnanswered(t *testing.T) {
	env := newEnv(map[string]answer{"n": number(""), "t": text(""), "d": date("")})
	checkSamples(t, env, nil, []sample{
		{"${n} = ''", "true"},
		{"${n} != ''", "false"},
		{"${n} = 0", "false"},
		{"${n} != 0", "true"},
		{"${n} < 5", "false"},
		{"not(${n} > 5)", "true"},
		{"${n} + 1", "NaN"},
		{"string(${n} + 1)", "NaN"},
		{"boolean(${n})", "false"},
		{"${t} = ''", "true"},
		{"${d} = ''", "true"},
		{"${d} < today()", "false"},
		{"${n} = ${t}", "true"},
		{"if(${n}, 'yes', 'no')", "no"},
		{"coalesce(${n}, coalesce(${t}, 'none'))", "none"},
		{"concat('[', ${n}, ']')", "[]"},
	})
}

func TestTypedAnswers(t *testing.T) {
	env := newEnv(map[string]answer{
		"one": number("1"), "onePointZero": number("1.0"), "zero": number("0"), "two": text("2"), "twoZero": text("2.0"),
		"yes": flag("true"), "no": flag("false"), "d": date("2026-06-15"),
		"dt": date("2026-06-15T12:00:00.000+00:00"), "many": number("4", "", "6"),
	})
	checkSamples(t, env, nil, []sample{
		{"${one} = ${onePointZero}", "true"},
		{"${two} = ${twoZero}", "false"},
		{"${two} = 2", "true"},
		{"${one} = '1.0'", "true"},
		{"boolean(${zero})", "false"},
		{"boolean(${one})", "true"},
		{"boolean(${yes})", "true"},
		{"boolean(${no})", "false"},
		{"not(${no})", "true"},
		{"${yes} and ${one}", "true"},
		{"${yes} = 'true'", "true"},
		{"${no} = 'false'", "true"},
		{"${yes} = 1", "true"},
		{"${no} = 0", "true"},
		{"${no} = false()", "true"},
		{"${d} = today()", "true"},
		{"${d} + 1", "20620"},
		{"${dt} = now()", "true"},
		{"${many} = 6", "true"},
		{"${many} = 5", "false"},
		{"${many} != 6", "true"},
		{"${many} > 5", "true"},
		{"${many} > 6", "false"},
		{"sum(${many})", "10"},
		{"min(${many})", "4"},
		{"max(${many})", "6"},
		{"count(${many})", "3"},
		{"count(${one})", "1"},
		{"count-non-empty(${many})", "2"},
		{"join('/', ${many})", "4//6"},
		{"concat(${many}, '.')", "46."},
		{"${many} + 1", "5"},
		{"jr:choice-name(${one}, '${one}')", "label of 1"},
		{"pulldata('f', 'a', 'b', 'c')", "error: pulldata() needs a form"},
	})
}

func TestRespondentsZone(t *testing.T) {
	env := newEnv(map[string]answer{"d": date("2026-06-15")})
	env.Zone = time.FixedZone("", 7*3600)
	env.Clock = func() time.Time { return time.Date(2026, 6, 14, 18, 30, 0, 0, time.UTC) }
	checkSamples(t, env, nil, []sample{
		{"today()", "2026-06-15"},
		{"now()", "2026-06-15T01:30:00.000+07:00"},
		{"${d} = today()", "true"},
		{"now() > ${d}", "true"},
		{"int(today())", "20619"},
		{"date(int(now()))", "2026-06-15"},
		{"date(today() + 1)", "2026-06-16"},
		{"date-time('2026-06-14T20:00:00Z')", "2026-06-15T03:00:00.000+07:00"},
		{"'2026-06-14T20:00:00Z' > '2026-06-15'", "true"},
		{"decimal-date-time('1970-01-01')", FormatNumber(-7.0 / 24)},
		{"decimal-time('06:00:00.000+07:00')", "0.25"},
		{"decimal-time('06:00:00.000Z') * 24", "13"},
		{"decimal-time(now()) * 48", "3"},
	})
}

func TestNoEnvNeeded(t *testing.T) {
	for _, c := range []*Context{nil, {}} {
		if got := evaluated(t, "1 + 1", c); got != "2" {
			t.Errorf("1 + 1 = %s", got)
		}
	}
	if got := evaluated(t, "${a}", nil); got != "error: ${a} needs a form" {
		t.Errorf("${a} = %s", got)
	}
	if got := evaluated(t, ". = '' and /a/b = '' or count(..) = 0", nil); got != "true" {
		t.Errorf("paths without a node: %s", got)
	}
	if got := len((&StaticEnv{}).NewID()); got != 36 {
		t.Errorf("NewID has %d characters", got)
	}
}

func TestBudget(t *testing.T) {
	doc := document(t, "<r>"+strings.Repeat("<a><b>1</b></a>", 2000)+"</r>")
	long := "'" + strings.Repeat("x", 50_000) + "'"
	double := long
	for range 8 {
		double = "concat(" + double + ", " + double + ")"
		if len(double) > maxSource/2 {
			break
		}
	}
	for _, src := range []string{
		"count(//a[//b = //b][//b = 2])",
		"count(//*[count(//*) > 1])",
		"count(//b/following::*[preceding::b])",
		"//a[. != //b]",
		"join(" + long + ", //a)",
		"count(//a[regex(., concat('a', position(), '{900}'))])",
		"string-length(translate(join('" + strings.Repeat("y", 1000) + "', //a), 'y', 'ລ'))",
	} {
		c := &Context{Env: &StaticEnv{Document: doc}, Node: doc}
		began := time.Now()
		_, err := mustParse(t, src).Eval(c)
		if !errors.Is(err, ErrBudget) {
			t.Errorf("%.60s: error %v, want ErrBudget", src, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%.60s took %v", src, took)
		}
	}
	left := 2
	c := &Context{Env: &StaticEnv{}, Budget: &left}
	if _, err := mustParse(t, "1 + 1 + 1 + 1").Eval(c); !errors.Is(err, ErrBudget) || left != 0 {
		t.Errorf("budget of 2: error %v, %d left", err, left)
	}
}

func TestTextHasALimit(t *testing.T) {
	env := newEnv(map[string]answer{"long": text(strings.Repeat("x", 600_000))})
	for _, src := range []string{"concat(${long}, ${long})", "join(${long}, 1, 2, 3)"} {
		if _, err := mustParse(t, src).Eval(&Context{Env: env}); !errors.Is(err, ErrBudget) {
			t.Errorf("%s: error %v, want ErrBudget", src, err)
		}
	}
}

func TestExpressionsAreShared(t *testing.T) {
	e := mustParse(t, "regex(concat(${a}, position()), '[a-z][0-9]') and /r/b[a = ${a}]/c = 'x'")
	env := newEnv(map[string]answer{"a": text("q")})
	env.Document = document(t, "<r><b><a>q</a><c>x</c></b></r>")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				if v, err := e.Eval(&Context{Env: env}); err != nil || !v.Boolean() {
					t.Errorf("%v, %v", v, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPatternsAreForgotten(t *testing.T) {
	for i := range 3 * maxPatterns {
		if _, err := compilePattern(strings.Repeat("a", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(patterns.m); n > maxPatterns {
		t.Errorf("%d patterns are kept", n)
	}
}
