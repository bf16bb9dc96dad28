package flows

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// An Entity is what a submission makes or changes in a list of entities, as its
// document tells it to a server
// (https://getodk.github.io/xforms-spec/entities).
type Entity struct {
	List, ID, Label string
	Labelled        bool   // the form gives entities a label
	Create, Update  string // "1" or "0"; "" if the form never does it
	Versioned       bool   // it may have been there before: the next three are told
	Base            string // version of its row in the attached list
	Trunk           string
	Branch          string
}

// An entityDef is a row of the entities sheet.
type entityDef struct {
	list                      string
	label, id, create, update *expr
}

// Entities works out what a submission to this form makes and changes. It is the
// same whenever it is asked: the id of a new entity follows from the submission's.
func (f *Form) Entities(s *Submission) []Entity {
	if len(f.entities) == 0 {
		return nil
	}
	in, err := f.Open(World{Now: func() time.Time { return s.Finished }, Zone: s.Started.Location(), Random: func() uint64 { return 1 }}, s)
	if err != nil {
		return nil // of another form
	}
	in.budget = budgetStart
	value := func(e *expr) string {
		if e == nil {
			return ""
		}
		return in.compute(e, f.Root, in.root)
	}
	condition := func(e *expr, always bool) string {
		switch {
		case e == nil && always:
			return "1"
		case e == nil:
			return ""
		}
		switch v := value(e); v {
		case "true":
			return "1"
		case "false":
			return "0"
		default:
			return v
		}
	}
	var out []Entity
	for _, d := range f.entities {
		e := Entity{
			List: d.list, ID: value(d.id), Label: value(d.label), Labelled: d.label != nil, Versioned: d.id != nil,
			Create: condition(d.create, d.id == nil && d.update == nil),
			Update: condition(d.update, d.id != nil),
		}
		if d.id == nil {
			h := sha256.Sum256([]byte("entity\x00" + d.list + "\x00" + s.ID))
			e.ID = uuidOf(binary.BigEndian.Uint64(h[:]), binary.BigEndian.Uint64(h[8:]))
		} else if t := f.tables[d.list]; t != nil {
			e.Base, e.Trunk, e.Branch = t.lookup(e.ID, "__version"), t.lookup(e.ID, "__trunkVersion"), t.lookup(e.ID, "__branchId")
		}
		out = append(out, e)
	}
	return out
}

// lookup gives a column of the row with this name; "" if there is none.
func (t *table) lookup(name, column string) string {
	rows := t.query("name", name)
	col, ok := t.column[column]
	if !ok || len(rows) == 0 {
		return ""
	}
	return t.cell(int(rows[0]), col, 0)
}
