package xpath

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func seeds(f *testing.F) {
	for _, samples := range functionSamples {
		for _, s := range samples {
			f.Add(s.expr)
		}
	}
	for _, s := range []string{
		"", "${a}", "${ last-saved#a }/b[1]", "//a[@b]/..|c", "((((", "1div2", "a-b - c", "'", "${", "::", "@@", "a::b",
		"//*[//*[//*]]", "instance('l')/root/item[a = ${b} and c = 1]/d", "\xff", "ຊື່", "concat(//*, //*)",
	} {
		f.Add(s)
	}
}

// FuzzParse looks for panics, and for terms that a walk or a copy would miss.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Parse(src)
		if err != nil {
			var se *SyntaxError
			if !errors.As(err, &se) || se.Offset < 0 || se.Offset > len(src) || se.Msg == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		e.Check(nil)
	})
}

// FuzzEval looks for panics and for expressions that take too long.
func FuzzEval(f *testing.F) {
	seeds(f)
	doc, err := ParseXML(strings.NewReader(family))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Parse(src)
		if err != nil {
			return
		}
		env := newEnv(map[string]answer{"a": text("x"), "b": number("1", "2"), "d": date("2026-06-15")})
		env.Document = doc
		env.Instances = map[string]Node{"l": doc}
		left := 100_000
		began := time.Now()
		v, err := e.Eval(&Context{Env: env, Node: doc.Children()[0], Current: doc, Budget: &left})
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("took %v", took)
		}
		if err == nil {
			v.Number()
			v.Boolean()
			v.Nodes()
			v.Time()
			if len(v.String()) > maxText {
				t.Fatalf("%d bytes", len(v.String()))
			}
		}
	})
}

// FuzzParseXML looks for panics, and for nodes that do not know their place.
func FuzzParseXML(f *testing.F) {
	f.Add(family)
	f.Add("<a xmlns='u' xmlns:p='v'><p:b p:c='d'/>x<![CDATA[y]]><!--z--></a>")
	f.Add("<a>&amp;&#65;</a>")
	f.Fuzz(func(t *testing.T, src string) {
		doc, err := ParseXML(strings.NewReader(src))
		if err != nil {
			return
		}
		var visit func(n Node)
		visit = func(n Node) {
			if len(n.Text()) > len(src) {
				t.Fatalf("text of %s is longer than the document", n.Name())
			}
			for _, k := range append(n.Attributes(), n.Children()...) {
				if k.Parent() != n {
					t.Fatalf("%s has lost its parent", k.Name())
				}
				visit(k)
			}
		}
		visit(doc)
	})
}
