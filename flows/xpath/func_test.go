package xpath

import (
	"math"
	"testing"
)

// functionSamples has at least one sample for each function of the language.
var functionSamples = map[string][]sample{
	"if":    {{"if(1 > 2, 'a', 5)", "5"}, {"if('', 1, 2) + 1", "3"}, {"if(true(), 1, nonsense())", "1"}},
	"not":   {{"not('')", "true"}, {"not('false')", "false"}, {"not(0)", "true"}},
	"true":  {{"true()", "true"}},
	"false": {{"false()", "false"}},
	"boolean": {
		{"boolean('a')", "true"}, {"boolean(0 div 0)", "false"}, {"boolean(-1)", "true"}, {"boolean(today())", "true"},
	},
	"boolean-from-string": {
		{"boolean-from-string('true')", "true"}, {"boolean-from-string(1)", "true"}, {"boolean-from-string('yes')", "false"},
	},
	"coalesce": {
		{"coalesce('', 'b')", "b"}, {"coalesce(0 div 0, 'b')", "b"}, {"coalesce(0, 'b')", "0"},
		{"coalesce('a', nonsense())", "a"}, {"coalesce('', '')", ""},
		{"coalesce('', 'b', 'c')", "error: coalesce() takes at most 2 arguments, not 3"}, {"coalesce(false(), 'b')", "false"},
	},
	"once": {{"once('x')", "x"}},
	"checklist": {
		{"checklist(1, 2, 1 = 1, 2 = 2, 2 = 3)", "true"}, {"checklist(3, -1, 1, 1)", "false"}, {"checklist(-1, 1, 1, 1)", "false"},
		{"checklist(-1, -1)", "true"},
	},
	"weighted-checklist": {
		{"weighted-checklist(3, 5, true(), 4, false(), 9)", "true"}, {"weighted-checklist(5, -1, true(), 4)", "false"},
		{"weighted-checklist(1, 2, 3)", "error: weighted-checklist() needs pairs of condition and weight"},
	},
	"selected": {
		{"selected('a b c', 'b')", "true"}, {"selected('a b c', ' b ')", "true"}, {"selected('abc', 'b')", "false"},
		{"selected('', '')", "true"}, {"selected('a', '')", "false"}, {"selected(' a  b ', 'b')", "true"}, {"selected('1 2', 2)", "true"},
	},
	"selected-at": {
		{"selected-at('a b c', 1)", "b"}, {"selected-at('a b c', 3)", ""}, {"selected-at('a b c', -1)", ""},
		{"selected-at('a b', 'x')", ""}, {"selected-at('', 0)", ""}, {"selected-at('a b', -0.5)", "a"},
	},
	"count-selected": {{"count-selected('a  b c ')", "3"}, {"count-selected('')", "0"}},
	"string":         {{"string(5.0)", "5"}, {"string(true())", "true"}, {"string()", ""}, {"string(1 div 0)", "Infinity"}},
	"concat":         {{"concat('a', 1, true())", "a1true"}, {"concat()", ""}, {"concat(0 div 0)", "NaN"}},
	"join":           {{"join('-', 'a', '', 'b')", "a--b"}, {"join(', ')", ""}},
	"string-length":  {{"string-length('ສະບາຍ')", "5"}, {"string-length('')", "0"}, {"string-length()", "0"}},
	"substr": {
		{"substr('hello', 1)", "ello"}, {"substr('hello', 1, 3)", "el"}, {"substr('hello', -3)", "llo"},
		{"substr('hello', -3, -1)", "ll"}, {"substr('hello', 4, 2)", ""}, {"substr('hello', 9)", ""}, {"substr('hello', -9, 99)", "hello"},
		{"substr('ສະບາຍ', 2, 3)", "ບ"},
	},
	"substring": {
		{"substring('12345', 2, 3)", "234"}, {"substring('12345', 2)", "2345"}, {"substring('12345', 1.5, 2.6)", "234"},
		{"substring('12345', 0, 3)", "12"}, {"substring('12345', 0 div 0, 3)", ""}, {"substring('12345', -42, 1 div 0)", "12345"},
		{"substring('12345', -1 div 0, 1 div 0)", ""},
	},
	"substring-before": {{"substring-before('a/b/c', '/')", "a"}, {"substring-before('a', '/')", ""}, {"substring-before('a', '')", ""}},
	"substring-after":  {{"substring-after('a/b/c', '/')", "b/c"}, {"substring-after('a', '/')", ""}, {"substring-after('hello', '')", "hello"}},
	"contains":         {{"contains('abc', 'b')", "true"}, {"contains('abc', '')", "true"}, {"contains('', 'a')", "false"}},
	"starts-with":      {{"starts-with('abc', 'ab')", "true"}, {"starts-with('', '')", "true"}},
	"ends-with":        {{"ends-with('abc', 'bc')", "true"}, {"ends-with('abc', 'ab')", "false"}},
	"translate":        {{"translate('abcabc', 'ab', 'A')", "AcAc"}, {"translate('aaa', 'aa', 'xy')", "xxx"}, {"translate('ສສ', 'ສ', 'x')", "xx"}},
	"normalize-space":  {{"normalize-space('  a \n b ')", "a b"}, {"normalize-space()", ""}},
	"regex": {
		{"regex('123', '[0-9]{3}')", "true"}, {"regex('1234', '[0-9]{3}')", "false"}, {"regex('12', '^\\d+$')", "true"},
		{"regex('b', 'a|b')", "true"}, {"regex('ລາວ', '[\\u0E80-\\u0EFF]+')", "true"}, {"regex('ab', '\\u0061\\u0062')", "true"},
		{"regex('\\u0061', '\\\\u0061')", "true"}, {"regex('', '.*')", "true"},
	},
	"number": {{"number('4,6')", "4.6"}, {"number('')", "NaN"}, {"number('1e6')", "NaN"}, {"number()", "NaN"}, {"number('2026-06-15')", "20619"}},
	"int":    {{"int(2.9)", "2"}, {"int(-2.9)", "-2"}, {"int('x')", "NaN"}},
	"round": {{"round(2.5)", "3"}, {"round(1.005, 2)", "1.01"}, {"round(1234.5, -2)", "1200"}, {"round('x')", "NaN"}, {"round(1 div 0, 2)", "Infinity"}, {"round(1, 'x')", "NaN"},
		{"round(2.5, 20000.75)", "NaN"}, {"round(2.5, -1 div 0)", "NaN"}, {"round(2.5, -500)", "0"}, {"round(0, 500)", "0"}},
	"floor":   {{"floor(-1.5)", "-2"}},
	"ceiling": {{"ceiling(-1.5)", "-1"}},
	"abs":     {{"abs(-3)", "3"}},
	"pow":     {{"pow(2, 10)", "1024"}, {"pow(1, 'x')", "NaN"}, {"pow('', 0)", "1"}, {"pow(-1, 1 div 0)", "NaN"}},
	"sqrt":    {{"sqrt(9)", "3"}, {"sqrt(-1)", "NaN"}},
	"exp":     {{"exp(0)", "1"}},
	"exp10":   {{"exp10(2)", "100"}},
	"log":     {{"log(1)", "0"}, {"log(-1)", "NaN"}},
	"log10":   {{"log10(1000)", "3"}, {"log10(0)", "-Infinity"}},
	"sin":     {{"sin(0)", "0"}},
	"cos":     {{"cos(0)", "1"}},
	"tan":     {{"tan(0)", "0"}},
	"asin":    {{"asin(2)", "NaN"}},
	"acos":    {{"acos(1)", "0"}},
	"atan":    {{"atan(0)", "0"}},
	"atan2":   {{"atan2(0, 1)", "0"}},
	"pi":      {{"pi()", FormatNumber(math.Pi)}},
	"sum":     {{"sum(/none)", "0"}},
	"max":     {{"max(1, 3, 2)", "3"}, {"max('', 2)", "2"}, {"max('', '')", "NaN"}, {"max('x', 2)", "2"}, {"max('x', 'y')", "NaN"}, {"max(-1, -3)", "-1"}, {"max()", "NaN"}},
	"min":     {{"min(1, 3, 2)", "1"}, {"min('', 2)", "2"}, {"min('')", "NaN"}, {"min('x', 3, 0 div 0)", "3"}},
	"random":  {{"random() < 1", "true"}},
	"count":   {{"count(/none)", "0"}, {"count(1)", "error: not a set of nodes: a number"}},
	"count-non-empty": {
		{"count-non-empty(/none)", "0"}, {"count-non-empty('a')", "error: not a set of nodes: a string"},
	},
	"position":       {{"position()", "1"}, {"position(/none)", "NaN"}},
	"last":           {{"last()", "1"}},
	"indexed-repeat": {{"indexed-repeat(/none, /none, 1)", ""}, {"indexed-repeat(/a, /b, 1, /c)", "error: indexed-repeat() needs pairs of repeat and number"}},
	"current":        {{"count(current())", "0"}},
	"instance":       {{"instance('x')/a", `error: there is no instance "x"`}},
	"randomize":      {{"count(randomize(/none))", "0"}},
	"name":           {{"name(/none)", ""}, {"name()", ""}},
	"local-name":     {{"local-name()", ""}},
	"namespace-uri":  {{"namespace-uri()", ""}},
	"lang":           {{"lang('en')", "false"}},
	"id":             {{"count(id('x'))", "0"}},
	"today":          {{"today()", "2026-06-15"}, {"today() + 0", "20619"}},
	"now":            {{"now()", "2026-06-15T12:00:00.000+00:00"}, {"now() + 0", "20619.5"}},
	"date": {
		{"date('2026-06-15')", "2026-06-15"}, {"date(20619)", "2026-06-15"}, {"date('')", ""}, {"date('x')", ""},
		{"date(0 div 0)", "NaN"}, {"date(-1)", "1969-12-31"}, {"date('2026-02-30')", ""}, {"date(date('2026-06-15'))", "2026-06-15"},
		{"date('20619')", "2026-06-15"}, {"date(true())", ""}, {"date(1 div 0)", "NaN"},
	},
	"date-time": {
		{"date-time('2026-06-15T10:30:00+02:00')", "2026-06-15T08:30:00.000+00:00"}, {"date-time(20619.5)", "2026-06-15T12:00:00.000+00:00"},
		{"date-time('2026-06-15')", "2026-06-15"}, {"date-time('2026-06-15T00:00:00Z')", "2026-06-15"}, {"date-time(0 div 0)", "NaN"},
		{"date-time(0)", "1970-01-01"}, {"date-time('x')", ""}, {"date-time(date('2026-06-15'))", "2026-06-15"},
	},
	"decimal-date-time": {
		{"decimal-date-time('1970-01-02T12:00:00Z')", "1.5"}, {"decimal-date-time('x')", "NaN"}, {"decimal-date-time('1970-01-02')", "1"},
	},
	"decimal-time": {
		{"decimal-time('12:00')", "0.5"}, {"decimal-time('06:00:00.000+00:00')", "0.25"}, {"decimal-time('x')", "NaN"},
		{"decimal-time('24:30')", "NaN"}, {"decimal-time('24:00:00.000-07:00')", "NaN"}, {"decimal-time('06:00:60.000')", "NaN"}, {"decimal-time('2026-06-15T18:00:00')", "0.75"},
		{"decimal-time('01:00:00+02:00') * 24", "23"},
	},
	"format-date": {
		{"format-date('2026-06-05', '%Y-%m-%d %y %n %e %a %b')", "2026-06-05 26 6 5 Fri Jun"}, {"format-date('', '%Y')", ""},
		{"format-date('x', '%Y')", ""}, {"format-date('2026-06-05', '%% %q %')", "% %q %"}, {"format-date(20619, '%W')", "25"},
	},
	"format-date-time": {{"format-date-time('2026-06-05T09:08:07.006', '%H:%M:%S.%3 %h')", "09:08:07.006 9"}},
	"area": {
		{"round(area('0 0;0 1;1 1;1 0;0 0') div 1000000)", "12391"}, {"area('0 0;0 1')", "0"}, {"area('')", "0"}, {"area('x')", "NaN"},
	},
	"enclosed-area": {{"enclosed-area('0 0;0 1')", "0"}},
	"distance": {
		{"round(distance('0 0', '0 1'))", "111319"}, {"distance('0 0 0 0; 0 0 0 0')", "0"}, {"distance('91 0;0 0')", "NaN"}, {"distance('')", "0"},
	},
	"geofence": {
		{"geofence('0.5 0.5', '0 0;0 1;1 1;1 0;0 0')", "true"}, {"geofence('1.5 0.5', '0 0;0 1;1 1;1 0;0 0')", "false"},
		{"geofence('', '0 0;0 1;1 1')", "false"}, {"geofence('0 0', 'x')", "false"},
	},
	"intersects": {
		{"intersects('0 0;1 1;0 1;1 0')", "true"}, {"intersects('0 0;0 1;1 1;1 0;0 0')", "false"}, {"intersects('0 0;0 1;1 1')", "false"},
		{"intersects('0 0;0 2;1 2;1 1;0 1')", "true"}, {"intersects('x')", "false"},
	},
	"uuid": {{"string-length(uuid())", "36"}, {"string-length(uuid(8))", "8"}, {"uuid(0)", ""}, {"uuid(-1)", ""}, {"uuid('x')", ""}, {"string-length(uuid(99999))", "1024"}},
	"digest": {
		{"digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"}, {"digest('abc', 'SHA-1')", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="},
		{"digest('abc', 'SHA-256', 'hex')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"string-length(digest('', 'SHA-384', 'hex'))", "96"}, {"string-length(digest('', 'SHA-512', 'hex'))", "128"},
		{"digest('abc', 'md5', 'HEX')", "900150983cd24fb0d6963f7d28e17f72"},
		{"digest('a', 'CRC')", `error: digest() knows no algorithm "CRC"`}, {"digest('a', 'MD5', 'oct')", `error: digest() knows no encoding "oct"`},
	},
	"base64-decode":  {{"base64-decode('RGFzc2Vs')", "Dassel"}, {"base64-decode('YQ==')", "a"}, {"base64-decode('%')", ""}, {"base64-decode(' RGFz\nc2Vs ')", "Dassel"}, {"base64-decode('/w==')", ""}},
	"jr:choice-name": {{"jr:choice-name('a', '${q}')", "label of a"}},
	"pulldata":       {{"pulldata('a', 'b', 'c', 'd')", "error: pulldata() needs a form"}},
	"jr:itext":       {{"jr:itext('a')", "error: jr:itext() needs a form"}},
	"version":        {{"version()", "error: version() needs a form"}},
	"property":       {{"property('username')", "error: property() needs a form"}},
}

func TestFunctions(t *testing.T) {
	for _, f := range Functions() {
		samples := functionSamples[f.Name]
		if len(samples) == 0 {
			t.Errorf("%s has no sample", f.Name)
		}
		if f.Doc == "" || f.Max >= 0 && f.Min > f.Max {
			t.Errorf("%s is not described well: %+v", f.Name, f)
		}
		t.Run(f.Name, func(t *testing.T) { checkSamples(t, newEnv(nil), nil, samples) })
	}
}

func TestFormatDateSpeaksTheLanguage(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "Mon Jun", "fr": "lun. juin", "fr-CH": "lun. juin", "lo": "ຈັນ ມິ.ຖ.", "LO": "ຈັນ ມິ.ຖ.", "xx": "Mon Jun", "": "Mon Jun",
	} {
		env := newEnv(nil)
		env.Lang = lang
		if got := evaluated(t, "format-date(today(), '%a %b')", &Context{Env: env}); got != want {
			t.Errorf("in %q: %s, want %s", lang, got, want)
		}
	}
}

func TestOnceKeepsTheAnswer(t *testing.T) {
	c := &Context{Env: newEnv(nil), Node: leafNode{"kept", TextLeaf}}
	if got := evaluated(t, "once(uuid())", c); got != "kept" {
		t.Errorf("once = %s", got)
	}
}
