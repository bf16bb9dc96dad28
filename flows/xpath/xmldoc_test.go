package xpath

import (
	"strings"
	"testing"
)

func TestParseXML(t *testing.T) {
	doc := document(t, "\ufeff<?xml version=\"1.0\"?><!DOCTYPE r><r a='1' xmlns:p='u'><p:b>x<![CDATA[<y>]]>&amp;z</p:b><c/></r>")
	checkSamples(t, &StaticEnv{Document: doc}, doc, []sample{
		{"r/*[1]", "x<y>&z"},
		{"count(r/*[1]/text())", "3"},
		{"name(r/*[1])", "p:b"},
		{"local-name(r/*[1])", "b"},
		{"namespace-uri(r/*[1])", "u"},
		{"r/p:b", "x<y>&z"},
		{"count(r/b)", "0"},
		{"r/@a", "1"},
		{"count(r/@*)", "1"},
		{"string(r/c)", ""},
		{"count(/node())", "2"},
		{"count(/*)", "1"},
		{"count(r/preceding-sibling::node())", "1"},
		{"r/*[1]/text()[2]", "<y>"},
		{"r/*[1]/node()[3]", "&z"},
	})
}

func TestParseXMLRefuses(t *testing.T) {
	for name, src := range map[string]string{
		"nothing":      "",
		"text":         "hello",
		"no end":       "<a><b></b>",
		"wrong end":    "<a></b>",
		"end alone":    "</a>",
		"text after":   "<a/>x",
		"entity":       `<!DOCTYPE a [<!ENTITY e "eee">]><a>&e;</a>`,
		"too deep":     strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300),
		"bad encoding": "<?xml version='1.0' encoding='latin1'?><a/>",
	} {
		if _, err := ParseXML(strings.NewReader(src)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
