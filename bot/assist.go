package bot

// assistance is what is kept from one assisted respondent to the next.
type assistance struct {
	Form   string            `json:"form"`
	Shared map[string]string `json:"shared,omitempty"` // answers by question name
}
