package xpath

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const family = `<data xmlns:jr="http://openrosa.org/javarosa">
<head>Noy</head><!-- the people --><?app go?>
<kid id="k1" jr:age="4"><name>A</name><toy>car</toy><toy>ball</toy></kid>
<kid id="k2"><name>B</name></kid>
<kid id="k3" xml:lang="lo-LA"><name>C</name><toy>doll</toy></kid>
</data>`

func TestPaths(t *testing.T) {
	doc := document(t, family)
	kid2 := nodesOf(t, doc, doc, "/data/kid[2]")[0]
	checkSamples(t, &StaticEnv{Document: doc}, kid2, []sample{
		{"/data/head", "Noy"},
		{"name", "B"},
		{"./name", "B"},
		{"../head", "Noy"},
		{"string(.)", "B"},
		{"../../data/head", "Noy"},
		{"/data/kid[1]/toy[2]", "ball"},
		{"/data/kid[name = 'C']/toy", "doll"},
		{"/data/kid[position() = last()]/name", "C"},
		{"/data/kid[toy]/name", "A"},
		{"join(' ', /data/kid[toy]/name)", "A C"},
		{"join(' ', /data/kid[count(toy) > 1]/toy[1])", "car"},
		{"join(' ', //toy)", "car ball doll"},
		{"join(' ', //toy[1])", "car doll"},
		{"(//toy)[3]", "doll"},
		{"(//toy)[1.5]", ""},
		{"(//toy)[0]", ""},
		{"position(.)", "2"},
		{"position(..)", "1"},
		{"/data/kid[position() = position(current()) - 1]/name", "A"},
		{"count(/data/kid)", "3"},
		{"count(/data/*)", "4"},
		{"count(/data/node()) > 4", "true"},
		{"/data/kid[2]/@id", "k2"},
		{"@id = 'k2'", "true"},
		{"//kid[@jr:age = 4]/name", "A"},
		{"count(//@*)", "5"},
		{"/data/comment()", " the people "},
		{"/data/processing-instruction()", "go"},
		{"count(/data/processing-instruction('no'))", "0"},
		{"name(/data/processing-instruction('app'))", "app"},
		{"//kid[3]/name/text()", "C"},
		{"join(' ', preceding-sibling::kid/name)", "A"},
		{"join(' ', following-sibling::kid/name)", "C"},
		{"join(' ', preceding::toy)", "car ball"},
		{"preceding::toy[1]", "ball"},
		{"join(' ', following::toy)", "doll"},
		{"following::*[1]/name", "C"},
		{"join(' ', @id/following::toy)", "doll"},
		{"join(' ', @id/preceding::toy)", "car ball"},
		{"count(@id/following-sibling::*)", "0"},
		{"//kid[1]/@id/following::toy[1]", "car"},
		{"count(/following::node()) + count(/preceding::node())", "0"},
		{"count(ancestor::*)", "1"},
		{"name(ancestor-or-self::*[1])", "kid"},
		{"count(ancestor-or-self::node())", "3"},
		{"count(/data/kid/descendant::*)", "6"},
		{"count(/data/kid/descendant-or-self::*)", "9"},
		{"count(/data/descendant-or-self::*/toy)", "3"},
		{"count(namespace::*)", "1"},
		{"namespace::jr", "http://openrosa.org/javarosa"},
		{"count(//toy/..)", "2"},
		{"join(' ', (//toy | //name)/..//name)", "A B C"},
		{"join(' ', //name | //toy | //name)", "A car ball B C doll"},
		{"count(//kid/@id | //kid)", "6"},
		{"join(' ', id('k3 k1')/name)", "A C"},
		{"lang('en')", "false"},
		{"boolean(//name[lang('lo')])", "true"},
		{"local-name(//@jr:age)", "age"},
		{"namespace-uri(//@jr:age)", "http://openrosa.org/javarosa"},
		{"indexed-repeat(/data/kid/name, /data/kid, 3)", "C"},
		{"indexed-repeat(/data/kid/toy, /data/kid, 1, /data/kid/toy, 2)", "ball"},
		{"indexed-repeat(/data/kid/name, /data/kid, 9)", ""},
		{"indexed-repeat(/data/kid/name, /data/kid, '')", ""},
		{"join('', randomize(//name, 1))", "BAC"},
		{"current()/name", "B"},
		{"count(/data/kid[name = current()/name])", "1"},
		{"/data/kid/name = 'C'", "true"},
		{"/data/kid/name != 'C'", "true"},
		{"/data/kid/none = ''", "false"},
		{"/data/kid/none != 'x'", "false"},
		{"//name = //toy", "false"},
		{"//toy = true()", "true"},
		{"2 < //kid", "false"},
		{"'a'/b", "error: not a set of nodes: a string"},
	})
}

func nodesOf(t testing.TB, doc, at Node, src string) []Node {
	t.Helper()
	nodes, err := mustParse(t, src).EvalNodes(&Context{Env: &StaticEnv{Document: doc}, Node: at, Current: at})
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return nodes
}

// A plain hides what a node knows beyond the contract of Node, to compare the
// short ways with the long ones.
type plain struct{ n *xmlNode }

func hide(n Node) Node {
	if x, ok := n.(*xmlNode); ok && x != nil {
		return plain{x}
	}
	return nil
}

func hideAll(nodes []Node) (out []Node) {
	for _, n := range nodes {
		out = append(out, hide(n))
	}
	return out
}

func (p plain) Kind() NodeKind     { return p.n.Kind() }
func (p plain) Name() string       { return p.n.Name() }
func (p plain) Parent() Node       { return hide(p.n.Parent()) }
func (p plain) Children() []Node   { return hideAll(p.n.Children()) }
func (p plain) Attributes() []Node { return hideAll(p.n.Attributes()) }
func (p plain) Text() string       { return p.n.Text() }
func (p plain) Type() LeafType     { return p.n.Type() }

func TestOrderWithoutHelp(t *testing.T) {
	doc := document(t, family)
	for _, src := range []string{
		"//toy | //name", "//kid/@id | //kid", "//toy/ancestor::*", "(//toy | //name)/..", "//name/following::*",
		"//*/preceding-sibling::node()", "//node()/..//name",
	} {
		want, got := nodesOf(t, doc, doc, src), nodesOf(t, hide(doc), hide(doc), src)
		if fmt.Sprint(texts(want)) != fmt.Sprint(texts(got)) {
			t.Errorf("%s = %q, want %q", src, texts(got), texts(want))
		}
	}
}

func texts(nodes []Node) (out []string) {
	for _, n := range nodes {
		out = append(out, n.Name()+"="+n.Text())
	}
	return out
}

// An indexed is a root with rows that can be looked up, and counts how often
// that was done.
type indexed struct {
	Node
	lookups *int
}

func (x indexed) Lookup(name, column, text string) (out []Node, ok bool) {
	*x.lookups++
	for _, row := range x.Children() {
		for _, cell := range row.Children() {
			if row.Name() == name && cell.Name() == column && cell.Text() == text {
				out = append(out, row)
				break
			}
		}
	}
	return out, true
}

func (x indexed) LookupWords(name, column string, words []string) (out []Node, ok bool) {
	*x.lookups++
	for _, row := range x.Children() {
		for _, cell := range row.Children() {
			if row.Name() == name && cell.Name() == column && slices.Contains(words, cell.Text()) {
				out = append(out, row)
				break
			}
		}
	}
	return out, true
}

func TestLookupGivesWhatWalkingGives(t *testing.T) {
	exprs := []struct {
		src    string
		lookup bool
	}{
		{"instance('l')/item[p = ${x}]/name", true},
		{"instance('l')/item[${x} = p]/name", true},
		{"instance('l')/item[p = 'b']/name", true},
		{"instance('l')/item[p = 'b'][2]/name", true},
		{"instance('l')/item[p = ${x} and q = '1']/name", true},
		{"instance('l')/item[q > 0 and p = ${x}]/name", true},
		{"instance('l')/item[q and p = 'a' and 1]/name", true},
		{"instance('l')/item[p = concat(${x}, '')]/name", true},
		{"instance('l')/item[p = if(${n} = 1, 'a', 'b')]/name", true},
		{"instance('l')/item[p = instance('l')/item[1]/p]/name", true},
		{"instance('l')/item[p = instance('l')/item[name != 'n1']/p]/name", true},
		{"instance('l')/item[p = instance('l')/item[q = current()/q]/p]/name", true},
		{"instance('l')/item[p = ${many}]/name", true},
		{"instance('l')/item[selected(${x}, p)]/name", true},
		{"instance('l')/item[selected(' b  a ', p)]/name", true},
		{"instance('l')/item[selected('1 b', p) and q = '1']/name", true},
		{"instance('l')/item[selected('', p)]/name", false},
		{"instance('l')/item[selected(p, ${x})]/name", false},
		{"instance('l')/item[selected(q, p)]/name", false},
		{"instance('l')/item[selected(${x}, concat(p, ''))]/name", false},
		{"instance('l')/item[p = /root/item[1]/p]/name", false},
		{"instance('l')/item[q = ${n}]/name", false},
		{"instance('l')/item[q = 1]/name", false},
		{"instance('l')/item[p = q]/name", false},
		{"instance('l')/item[p = '']/name", false},
		{"instance('l')/item[p != ${x}]/name", false},
		{"instance('l')/item[p = ${x} or q = 1]/name", false},
		{"instance('l')/item[p = ${x} and position() < 3]/name", false},
		{"instance('l')/item[p = substr(name, 0, 1)]/name", false},
		{"instance('l')/item[2][p = ${x}]/name", false},
		{"instance('l')/*[p = ${x}]/name", false},
	}
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		for i := range rapid.IntRange(0, 8).Draw(rt, "rows") {
			fmt.Fprintf(&b, "<item><name>n%d</name><p>%s</p><q>%s</q></item>", i,
				rapid.SampledFrom([]string{"a", "b", "", "1"}).Draw(rt, "p"), rapid.SampledFrom([]string{"1", "01", "0", "", "a"}).Draw(rt, "q"))
		}
		doc := document(t, "<root>"+b.String()+"</root>")
		root := doc.Children()[0]
		env := newEnv(map[string]answer{
			"x": text(rapid.SampledFrom([]string{"a", "b", "", "1"}).Draw(rt, "x")), "n": number("1"), "many": text("a", "b"),
		})
		for _, e := range exprs {
			env.Instances = map[string]Node{"l": root}
			want := evaluated(t, "join(' ', "+e.src+")", &Context{Env: env})
			lookups := 0
			env.Instances["l"] = indexed{root, &lookups}
			if got := evaluated(t, "join(' ', "+e.src+")", &Context{Env: env}); got != want {
				rt.Fatalf("%s = %q by index, %q by walking", e.src, got, want)
			}
			if lookups > 0 && !e.lookup {
				rt.Fatalf("%s used the index", e.src)
			}
		}
	})
	lookups := 0
	env := newEnv(map[string]answer{"x": text("a"), "n": number("1"), "many": text("a", "b")})
	env.Instances = map[string]Node{"l": indexed{document(t, "<root><item><name>n0</name><p>a</p><q>0</q></item></root>").Children()[0], &lookups}}
	for i, e := range exprs {
		lookups = 0
		evaluated(t, e.src, &Context{Env: env})
		if (lookups > 0) != e.lookup {
			t.Errorf("%d: %s: %d look-ups", i, e.src, lookups)
		}
	}
}

// A record is a node whose children can be found by name.
type record struct {
	leafNode
	fields map[string]string
	listed *int
}

type recordPtr struct{ *record }

func (r recordPtr) ChildNamed(name string) (Node, bool) {
	s, ok := r.fields[name]
	if !ok {
		return nil, true
	}
	return leafNode{s, TextLeaf}, true
}

func (r recordPtr) Children() []Node { *r.listed++; return nil }

func TestChildrenAreNotListed(t *testing.T) {
	listed := 0
	r := recordPtr{&record{fields: map[string]string{"a": "x", "b": ""}, listed: &listed}}
	checkSamples(t, newEnv(nil), r, []sample{
		{"a = 'x'", "true"}, {"b = ''", "true"}, {"c = ''", "false"}, {"string(c)", ""}, {"a/d = 'x'", "false"},
		{"count(a)", "1"}, {"count(c)", "0"}, {"./a", "x"}, {"current()/a", "x"}, {"a[. = 'x']", "x"},
	})
	if listed > 1 { // a/d looks below a leaf
		t.Errorf("children were listed %d times", listed)
	}
}
