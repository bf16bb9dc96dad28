package flows

import "time"

// A Submission is a finished pass through a form: the relevant answers,
// calculations and metadata.
type Submission struct {
	ID           string // uuid, the instanceID without "uuid:"
	FormID       string
	Version      string
	Hash         string // Form.Hash of the version it was given to
	Language     string // Language.Name at the end
	InstanceName string
	Started      time.Time
	Finished     time.Time
	Data         Record `json:"data"`
}

// A Record is the fields of the root, of a group, or of one repeat instance, in
// the form's order.
type Record []Field

// A Field is a node of a submission. Text is for a question, Records for a
// group (exactly one) or a repeat (any number).
type Field struct {
	Name    string
	Kind    Kind
	Type    string // name of the question's type, as "select_one"
	Text    string // as XForms stores it; "" is no answer
	Records []Record
}
