package xpath

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// Limits of a document.
const (
	maxDocument   = 32 << 20 // bytes
	maxXMLNodes   = 1_000_000
	maxXMLNesting = 200
	maxPrefixes   = 100 // in scope at once
)

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// An xmlNode is a node of a parsed document.
type xmlNode struct {
	kind   NodeKind
	name   string // with its prefix
	uri    string
	text   string // of attributes, comments and instructions
	doc    *xmlDocument
	start  int // of an element or text: where its text stands in the document's
	end    int
	parent *xmlNode
	kids   []Node
	attrs  []Node
	scope  map[string]string // prefixes in scope of an element, shared with its parent
	place  int
}

// An xmlDocument holds the text of all elements in one piece, so that the text
// of each is a part of it and costs nothing.
type xmlDocument struct {
	text     string
	declared map[string]bool // prefixes of namespaces
}

func (n *xmlNode) Kind() NodeKind     { return n.kind }
func (n *xmlNode) Name() string       { return n.name }
func (n *xmlNode) Namespace() string  { return n.uri }
func (n *xmlNode) Children() []Node   { return n.kids }
func (n *xmlNode) Attributes() []Node { return n.attrs }
func (n *xmlNode) Type() LeafType     { return TextLeaf }
func (n *xmlNode) order() int         { return n.place }

func (n *xmlNode) Parent() Node {
	if n.parent == nil {
		return nil
	}
	return n.parent
}

// fewKids is how many children ChildNamed looks at; more have to be paid for.
const fewKids = 64

// ChildNamed implements ChildFinder for names without prefix.
func (n *xmlNode) ChildNamed(name string) (found Node, ok bool) {
	if strings.Contains(name, ":") || len(n.kids) > fewKids {
		return nil, false
	}
	for _, k := range n.kids {
		if k.Kind() == ElementNode && matchName(k, name) {
			if found != nil {
				return nil, false
			}
			found = k
		}
	}
	return found, true
}

func (n *xmlNode) Text() string {
	switch n.kind {
	case RootNode, ElementNode, TextNode:
		return n.doc.text[n.start:n.end]
	}
	return n.text
}

// namespaceNodes are the prefixes in scope, in no order that means anything,
// without that of XML itself, which other engines leave out, too.
func (n *xmlNode) namespaceNodes() []Node {
	if n.kind != ElementNode {
		return nil
	}
	var out []Node
	for _, prefix := range keys(n.scope) {
		if n.scope[prefix] != "" {
			out = append(out, namespaceNode{n, prefix})
		}
	}
	return out
}

// A namespaceNode is a prefix in scope of an element.
type namespaceNode struct {
	element *xmlNode
	prefix  string
}

func (n namespaceNode) Kind() NodeKind     { return AttributeNode }
func (n namespaceNode) Name() string       { return n.prefix }
func (n namespaceNode) Parent() Node       { return n.element }
func (n namespaceNode) Children() []Node   { return nil }
func (n namespaceNode) Attributes() []Node { return nil }
func (n namespaceNode) Text() string       { return n.element.scope[n.prefix] }
func (n namespaceNode) Type() LeafType     { return TextLeaf }
func (n namespaceNode) order() int         { return n.element.place }

// ParseXML reads a document of at most 32 MiB in UTF-8. Entities other than
// those of XML itself are errors, so that a document cannot grow.
func ParseXML(r io.Reader) (Node, error) {
	limit := &io.LimitedReader{R: r, N: maxDocument + 1}
	d := xml.NewDecoder(limit)
	b := newXMLBuilder()
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read XML: %w", err)
		}
		if limit.N == 0 {
			return nil, errors.New("read XML: document is too large")
		}
		if err := b.add(t); err != nil {
			return nil, fmt.Errorf("read XML: line %d: %w", lineOf(d), err)
		}
	}
	return b.finish()
}

func lineOf(d *xml.Decoder) int {
	line, _ := d.InputPos()
	return line
}

type xmlBuilder struct {
	root, at *xmlNode
	text     []byte // of the elements so far
	count    int
	depth    int
}

func newXMLBuilder() *xmlBuilder {
	root := &xmlNode{kind: RootNode, doc: &xmlDocument{declared: map[string]bool{}}}
	return &xmlBuilder{root: root, at: root}
}

func (b *xmlBuilder) finish() (Node, error) {
	if b.at != b.root {
		return nil, fmt.Errorf("read XML: <%s> has no end", b.at.name)
	}
	b.root.end = len(b.text)
	b.root.doc.text = string(b.text)
	for _, k := range b.root.kids {
		if k.Kind() == ElementNode {
			return b.root, nil
		}
	}
	return nil, errors.New("read XML: there is no element")
}

func (b *xmlBuilder) add(t xml.Token) error {
	switch t := t.(type) {
	case xml.CharData: // CDATA comes apart from the text beside it, as browsers keep it
		return b.addText(t)
	case xml.StartElement:
		return b.start(t)
	case xml.EndElement:
		if b.at == b.root || b.at.name != fullName(t.Name) {
			return fmt.Errorf("</%s> ends nothing", fullName(t.Name))
		}
		b.at.end = len(b.text)
		b.at = b.at.parent
		b.depth--
	case xml.Comment:
		return b.append(&xmlNode{kind: CommentNode, text: string(t)})
	case xml.ProcInst:
		if t.Target == "xml" {
			return nil
		}
		return b.append(&xmlNode{kind: InstructionNode, name: t.Target, text: string(t.Inst)})
	case xml.Directive:
		if b.at == b.root {
			return b.append(&xmlNode{kind: DoctypeNode})
		}
	}
	return nil
}

func (b *xmlBuilder) append(n *xmlNode) error {
	if b.count++; b.count > maxXMLNodes {
		return fmt.Errorf("document has more than %d nodes", maxXMLNodes)
	}
	n.parent, n.place, n.doc = b.at, b.count, b.root.doc
	b.at.kids = append(b.at.kids, n)
	return nil
}

func (b *xmlBuilder) addText(text []byte) error {
	if b.at == b.root {
		if strings.Trim(string(text), blanks+"\ufeff") != "" {
			return errors.New("text stands outside of the element")
		}
		return nil
	}
	start := len(b.text)
	b.text = append(b.text, text...)
	if len(b.text) == start {
		return nil
	}
	return b.append(&xmlNode{kind: TextNode, start: start, end: len(b.text)})
}

func fullName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func (b *xmlBuilder) start(t xml.StartElement) error {
	if b.depth++; b.depth > maxXMLNesting {
		return fmt.Errorf("elements are nested more than %d deep", maxXMLNesting)
	}
	n := &xmlNode{kind: ElementNode, name: fullName(t.Name), scope: b.at.scope}
	n.declare(t.Attr, b.root.doc.declared)
	if len(n.scope) > maxPrefixes {
		return fmt.Errorf("more than %d namespaces are in scope", maxPrefixes)
	}
	n.uri = n.scope[t.Name.Space]
	if err := b.append(n); err != nil {
		return err
	}
	b.at = n
	n.start = len(b.text)
	for _, a := range t.Attr {
		if isDeclaration(a.Name) {
			continue
		}
		if b.count++; b.count > maxXMLNodes {
			return fmt.Errorf("document has more than %d nodes", maxXMLNodes)
		}
		k := &xmlNode{kind: AttributeNode, name: fullName(a.Name), text: a.Value, parent: n, place: b.count}
		switch a.Name.Space {
		case "":
		case "xml":
			k.uri = xmlNamespace
		default:
			k.uri = n.scope[a.Name.Space]
		}
		n.attrs = append(n.attrs, k)
	}
	return nil
}

func isDeclaration(n xml.Name) bool {
	return n.Space == "xmlns" || n.Space == "" && n.Local == "xmlns"
}

// declare puts the element's own prefixes into its scope.
func (n *xmlNode) declare(attrs []xml.Attr, all map[string]bool) {
	copied := false
	for _, a := range attrs {
		if !isDeclaration(a.Name) {
			continue
		}
		if !copied {
			n.scope, copied = maps.Clone(n.scope), true
			if n.scope == nil {
				n.scope = map[string]string{}
			}
		}
		prefix := a.Name.Local
		if a.Name.Space == "" {
			prefix = ""
		}
		n.scope[prefix] = a.Value
		all[prefix] = true
	}
}
