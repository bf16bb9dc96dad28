package xpath

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"time"
)

// A StaticEnv is an Env without a form: expressions may use a document and all
// functions that need nothing else. The zero value is ready to use.
type StaticEnv struct {
	Clock     func() time.Time // time.Now if nil
	Zone      *time.Location   // UTC if nil
	Rand      func() float64   // a number in [0, 1); math/rand if nil
	ID        func() string    // a new UUID; random if nil
	Lang      string           // "en" if ""
	Document  Node             // what absolute paths start from; may be nil
	Instances map[string]Node  // of instance('id')
}

// Now returns the clock in the zone.
func (e *StaticEnv) Now() time.Time {
	now, zone := time.Now, time.UTC
	if e.Clock != nil {
		now = e.Clock
	}
	if e.Zone != nil {
		zone = e.Zone
	}
	return now().In(zone)
}

// RefValue fails: without a form there is nothing to refer to.
func (e *StaticEnv) RefValue(c *Context, r *Ref) (Value, error) {
	return Value{}, fmt.Errorf("${%s} needs a form", r.Name)
}

// RefNodes fails as RefValue does.
func (e *StaticEnv) RefNodes(c *Context, r *Ref) ([]Node, error) {
	return nil, fmt.Errorf("${%s} needs a form", r.Name)
}

// Root returns the Document, or the root above the context node.
func (e *StaticEnv) Root(c *Context) Node {
	if e.Document != nil || c.Node == nil {
		return e.Document
	}
	return rootOf(c.Node)
}

// Instance returns one of the Instances, or where the Document is an XForm the
// instance with this id in its model.
func (e *StaticEnv) Instance(id string) (Node, bool) {
	if n, ok := e.Instances[id]; ok {
		return n, true
	}
	if e.Document == nil {
		return nil, false
	}
	return modelInstance(e.Document, id)
}

// modelInstance looks for an instance in the model, which is the element of the
// document or stands in its head.
func modelInstance(n Node, id string) (Node, bool) {
	for _, k := range n.Children() {
		switch localName(k) {
		case "html", "head", "model":
			if found, ok := modelInstance(k, id); ok {
				return found, true
			}
		case "instance":
			for _, a := range k.Attributes() {
				if a.Name() == "id" && a.Text() == id {
					return k, true
				}
			}
		}
	}
	return nil, false
}

// Random returns a number in [0, 1).
func (e *StaticEnv) Random() float64 {
	if e.Rand != nil {
		return e.Rand()
	}
	return mathrand.Float64()
}

// NewID returns a UUID of version 4.
func (e *StaticEnv) NewID() string {
	if e.ID != nil {
		return e.ID()
	}
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Language returns Lang.
func (e *StaticEnv) Language() string {
	if e.Lang == "" {
		return "en"
	}
	return e.Lang
}

// Call knows no functions.
func (e *StaticEnv) Call(*Context, string, []Value) (v Value, ok bool, err error) {
	return Value{}, false, nil
}

func rootOf(n Node) Node {
	for p := n.Parent(); p != nil; p = n.Parent() {
		n = p
	}
	return n
}
