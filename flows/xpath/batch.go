package xpath

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// BatchOptions are the world of a Batch.
type BatchOptions struct {
	Now  time.Time      // the clock; it stands still
	Zone *time.Location // for lines that name none; UTC if nil
}

// A batchLine asks for one expression. Node is the path of the context node in
// the document XML.
type batchLine struct {
	ID       json.RawMessage `json:"id"`
	Expr     string          `json:"expr"`
	XML      string          `json:"xml"`
	Node     string          `json:"node"`
	TimeZone string          `json:"time_zone"`
}

type batchResult struct {
	ID      json.RawMessage `json:"id,omitempty"`
	Type    string          `json:"type"`
	String  string          `json:"string"`
	Number  any             `json:"number"` // "NaN", "Infinity", "-0" as text
	Boolean bool            `json:"boolean"`
	Nodes   *[]*string      `json:"nodes,omitempty"` // null for the document itself
}

type batchError struct {
	ID    json.RawMessage `json:"id,omitempty"`
	Error string          `json:"error"`
}

// Batch evaluates one expression for each line of JSON and writes one line of
// JSON for it. What is wrong with an expression stands in its line; the error
// is for reading and writing.
func Batch(in io.Reader, out io.Writer, o BatchOptions) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxDocument)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if err := enc.Encode(o.line(lines.Bytes())); err != nil {
			return fmt.Errorf("write result: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read expressions: %w", err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

func (o BatchOptions) line(data []byte) any {
	var l batchLine
	if err := json.Unmarshal(data, &l); err != nil {
		return batchError{Error: "not a line of JSON: " + err.Error()}
	}
	r, err := o.run(&l)
	if err != nil {
		return batchError{ID: l.ID, Error: err.Error()}
	}
	return r
}

func (o BatchOptions) run(l *batchLine) (*batchResult, error) {
	env := &StaticEnv{Clock: func() time.Time { return o.Now }, Zone: o.Zone}
	if l.TimeZone != "" {
		zone, err := time.LoadLocation(l.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("time zone %q: %w", l.TimeZone, err)
		}
		env.Zone = zone
	}
	e, err := Parse(l.Expr)
	if err != nil {
		return nil, err
	}
	c, err := l.context(env)
	if err != nil {
		return nil, err
	}
	if err := checkPrefixes(e.Root, env.Document); err != nil {
		return nil, err
	}
	v, err := evalResult(e, c)
	if err != nil {
		return nil, err
	}
	r := &batchResult{
		ID: l.ID, Type: v.kind.String(), String: v.String(),
		Number: jsonNumber(c.number(v)), Boolean: v.Boolean(),
	}
	if v.kind == KindNodes {
		texts := make([]*string, len(v.nodes))
		for i, n := range v.nodes {
			if k := n.Kind(); k != RootNode && k != DoctypeNode {
				s := n.Text()
				texts[i] = &s
			}
		}
		r.Nodes = &texts
	}
	return r, nil
}

// context finds the node a line names in its document.
func (l *batchLine) context(env *StaticEnv) (*Context, error) {
	left := DefaultBudget
	c := &Context{Env: env, Budget: &left}
	if l.XML == "" {
		return c, nil
	}
	doc, err := ParseXML(strings.NewReader(l.XML))
	if err != nil {
		return nil, err
	}
	env.Document, c.Node = doc, doc
	if l.Node != "" && l.Node != "/" {
		e, err := Parse(l.Node)
		if err != nil {
			return nil, fmt.Errorf("context node: %w", err)
		}
		d := *c
		d.anyNamespace = true // the paths of context nodes leave prefixes out
		nodes, err := e.EvalNodes(&d)
		if err != nil {
			return nil, fmt.Errorf("context node: %w", err)
		}
		if len(nodes) == 0 {
			return nil, errors.New("context node: there is none")
		}
		c.Node = nodes[0]
	}
	c.Current = c.Node
	return c, nil
}

// checkPrefixes refuses paths with a prefix that nothing declares.
func checkPrefixes(t Term, doc Node) error {
	var declared map[string]bool
	if n, ok := doc.(*xmlNode); ok {
		declared = n.doc.declared
	}
	var err error
	Walk(t, func(t Term) bool {
		if p, ok := t.(*Path); ok {
			for i := range p.Steps {
				test := &p.Steps[i].Test
				prefix, _, ok := strings.Cut(test.Name, ":")
				if ok && test.Type == "" && prefixes[prefix] == "" && !declared[prefix] {
					err = fmt.Errorf("namespace prefix %q is not declared", prefix)
				}
			}
		}
		return err == nil
	})
	return err
}

// evalResult evaluates the whole expression, keeping the nodes of a path that
// Eval may reduce to the one value.
func evalResult(e *Expr, c *Context) (Value, error) {
	switch e.Root.(type) {
	case *Path, *Ref:
		nodes, err := e.EvalNodes(c)
		return NodesValue(nodes), err
	}
	return e.Eval(c)
}

func jsonNumber(f float64) any {
	if f != f || math.IsInf(f, 0) {
		return FormatNumber(f)
	}
	if f == 0 && math.Signbit(f) {
		return "-0"
	}
	return f
}
