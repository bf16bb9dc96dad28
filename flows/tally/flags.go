package tally

import (
	"crypto/sha256"
	"strings"
	"time"

	"example.org/fieldbot/flows"
)

// Flags tell what may be wrong with an interview. Nothing is dropped for them:
// they are for a person to look at, and to filter by.
type Flags struct {
	Speed    bool // fewer than two seconds for each question that was answered
	Straight bool // the same answer to five or more questions of one scale
}

// What Flags go by.
const (
	secondsEach = 2
	straightOf  = 5
)

// Flags looks at one submission. One whose times are cut to the day, as an
// anonymous form's, is never called fast.
func (p *Plan) Flags(s *flows.Submission) Flags {
	var f Flags
	answers := map[string]string{}
	asked := collect(p.Form, s.Data, answers)
	took := s.Finished.Sub(s.Started)
	if !p.Form.Settings.Anonymous && !s.Started.IsZero() && asked >= 5 {
		f.Speed = took >= 0 && took < time.Duration(asked)*secondsEach*time.Second
	}
	for _, scale := range p.likes {
		seen, same, first := 0, true, ""
		for _, q := range scale {
			v := answers[q]
			if v == "" {
				continue
			}
			if seen == 0 {
				first = v
			}
			seen++
			same = same && v == first
		}
		f.Straight = f.Straight || same && seen >= straightOf
	}
	return f
}

// collect gathers the answers to questions that are asked, the first of each name.
func collect(f *flows.Form, r flows.Record, into map[string]string) (n int) {
	for _, field := range r {
		if field.Kind != flows.QuestionNode {
			for _, inner := range field.Records {
				n += collect(f, inner, into)
			}
			continue
		}
		if q := f.Question(field.Name); q == nil || !q.Askable() || field.Text == "" {
			continue
		}
		n++
		if _, there := into[field.Name]; !there {
			into[field.Name] = field.Text
		}
	}
	return n
}

// scales are the questions that share a list of at least three choices and are
// shown as a scale, or are at least five.
func scales(f *flows.Form) [][]string {
	by := map[*flows.List][]string{}
	var order []*flows.List
	for _, n := range f.Nodes {
		if n.Kind != flows.QuestionNode || n.List == nil || n.Type.Multiple() || len(n.List.Choices) < 3 {
			continue
		}
		if by[n.List] == nil {
			order = append(order, n.List)
		}
		by[n.List] = append(by[n.List], n.Name)
	}
	var out [][]string
	for _, l := range order {
		if len(by[l]) >= straightOf {
			out = append(out, by[l])
		}
	}
	return out
}

// Fingerprint is the same for two submissions that answer every question alike,
// "" if too little was answered to tell. Whoever keeps fingerprints of one form
// finds duplicates.
func (p *Plan) Fingerprint(s *flows.Submission) string {
	var b strings.Builder
	if n := fingerprint(p.Form, s.Data, &b); n < 5 {
		return ""
	}
	sum := sha256.Sum256([]byte(b.String()))
	return string(sum[:16])
}

func fingerprint(f *flows.Form, r flows.Record, b *strings.Builder) (n int) {
	for _, field := range r {
		if field.Kind != flows.QuestionNode {
			for _, inner := range field.Records {
				b.WriteByte(1)
				n += fingerprint(f, inner, b)
			}
			continue
		}
		if q := f.Question(field.Name); q == nil || !q.Askable() || field.Text == "" {
			continue
		}
		n++
		b.WriteString(field.Name + "\x00" + field.Text + "\x00")
	}
	return n
}
