package tally

import (
	"encoding/binary"
	"hash/fnv"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/fieldbot/flows"
)

// A Plan says how submissions of a form are counted: by its current version's
// indicators and quotas, whatever version they were given to. It never changes
// and may be shared.
type Plan struct {
	Form *flows.Form
	Zone *time.Location // of days

	items  []item
	quotas map[string]bool // the slots of quotas
	likes  [][]string      // questions that share a rating scale, for Straight
}

// An item is a figure that is counted.
type item struct {
	name  string
	slot  string // four bytes: begins the keys of its entries
	ind   *flows.Indicator
	where *flows.Expression
	by    []string // questions that are no strata
}

// What stands behind the slot in a key.
const (
	keyValue = 'v' // v + value: how often a value was given
	keyGroup = 'b' // b + question + NUL + value: the figure among those
	keyCross = 'w' // w + question + NUL + group + NUL + value
)

// NewPlan makes the plan of a form.
func NewPlan(f *flows.Form, zone *time.Location) *Plan {
	if zone == nil {
		zone = time.UTC
	}
	p := &Plan{Form: f, Zone: zone, quotas: map[string]bool{}, likes: scales(f)}
	for i := range f.Programme.Indicators {
		ind := &f.Programme.Indicators[i]
		it := item{name: ind.Name, ind: ind, where: ind.Where}
		it.slot = slot("indicator", ind.Name, ind.Measure, source(ind.Of), source(ind.Where))
		for _, q := range ind.By {
			if !isStratum(f, q.Name) {
				it.by = append(it.by, q.Name)
			}
		}
		p.items = append(p.items, it)
	}
	for i := range f.Programme.Quotas {
		q := &f.Programme.Quotas[i]
		it := item{name: quotaName(q.Name), slot: slot("quota", q.Name, source(q.Where)), where: q.Where}
		p.items, p.quotas[it.slot] = append(p.items, it), true
	}
	for i := range f.Programme.Alerts {
		a := &f.Programme.Alerts[i]
		p.items = append(p.items, item{name: alertName(a.Name), slot: slot("alert", a.Name, source(a.Where)), where: a.Where})
	}
	return p
}

// Alerts are those that a submission raises, with their message in each of the
// form's languages.
func (p *Plan) Alerts(s *flows.Submission) (raised []*flows.Alert, messages [][]string, err error) {
	if len(p.Form.Programme.Alerts) == 0 {
		return nil, nil, nil
	}
	in, err := p.open(s)
	if err != nil {
		return nil, nil, err
	}
	for i := range p.Form.Programme.Alerts {
		a := &p.Form.Programme.Alerts[i]
		if a.Where == nil || !a.Where.Bool(in) {
			continue
		}
		texts := make([]string, len(p.Form.Languages))
		for lang := range texts {
			in.SetLanguage(lang)
			texts[lang] = in.Message(a.Message)
		}
		raised, messages = append(raised, a), append(messages, texts)
	}
	return raised, messages, nil
}

// Texts are what a submission says to each indicator of measure texts, in their
// order; "" where it says nothing.
func (p *Plan) Texts(s *flows.Submission) (indicators []*flows.Indicator, texts []string, err error) {
	for i := range p.Form.Programme.Indicators {
		if ind := &p.Form.Programme.Indicators[i]; ind.Measure == "texts" && ind.Of != nil {
			indicators = append(indicators, ind)
		}
	}
	if len(indicators) == 0 {
		return nil, nil, nil
	}
	in, err := p.open(s)
	if err != nil {
		return nil, nil, err
	}
	for _, ind := range indicators {
		text := ""
		if ind.Where == nil || ind.Where.Bool(in) {
			text = strings.TrimSpace(ind.Of.Text(in))
		}
		texts = append(texts, text)
	}
	return indicators, texts, nil
}

// Version tells plans apart that may count differently.
func (p *Plan) Version() string { return countVersion + p.Form.Hash[:min(16, len(p.Form.Hash))] }

// countVersion changes with what is counted of a submission or kept beside the
// count, so that all are counted anew.
const countVersion = "2:"

func alertName(name string) string { return "alert " + name }

func quotaName(name string) string { return "quota " + name }

// The names of the figures about how interviews went; see Flags.
const (
	speedName    = "flag speed"
	straightName = "flag straight"
)

func source(e *flows.Expression) string {
	if e == nil {
		return ""
	}
	return e.Source
}

// slotLength is how long a slot is, in bytes.
const slotLength = 4

func slot(parts ...string) string {
	h := fnv.New32a()
	h.Write([]byte(strings.Join(parts, "\x00")))
	return string(binary.BigEndian.AppendUint32(nil, h.Sum32()))
}

var speedSlot, straightSlot = slot(speedName), slot(straightName)

// isStratum reports whether a question's answer is in Strata as it is.
func isStratum(f *flows.Form, question string) bool {
	r := f.Settings.Roles
	return question != "" && slices.Contains([]string{r.Province, r.District, r.Sex, r.Service}, question)
}

// Count is what one submission adds. received is when it came in.
func (p *Plan) Count(s *flows.Submission, received time.Time) (Row, error) {
	r := p.Form.Settings.Roles
	row := Row{Day: DayOf(received, p.Zone), N: 1, Changes: 1, Strata: Strata{
		Province: Answer(s.Data, r.Province), District: Answer(s.Data, r.District), Sex: Answer(s.Data, r.Sex),
		Age: AgeGroup(Answer(s.Data, r.Age)), Service: Answer(s.Data, r.Service),
	}}
	in, err := p.open(s)
	if err != nil {
		return row, err
	}
	var entries []*Entry
	for i := range p.items {
		entries = p.items[i].count(in, s, entries)
	}
	f := p.Flags(s)
	if f.Speed {
		entries = append(entries, &Entry{Key: speedSlot, N: 1})
	}
	if f.Straight {
		entries = append(entries, &Entry{Key: straightSlot, N: 1})
	}
	row.Flags = f
	row.Body = body(entries)
	return row, nil
}

// open makes an instance to evaluate expressions in: the same each time.
func (p *Plan) open(s *flows.Submission) (*flows.Instance, error) {
	at := s.Finished
	h := fnv.New64a()
	h.Write([]byte(s.ID))
	seed := h.Sum64()
	return p.Form.Open(flows.World{
		Now: func() time.Time { return at }, Zone: p.Zone, Random: func() uint64 { seed++; return seed },
	}, s)
}

func (it *item) count(in *flows.Instance, s *flows.Submission, entries []*Entry) []*Entry {
	if it.where != nil && !it.where.Bool(in) {
		return entries
	}
	total := &Entry{Key: it.slot, N: 1}
	var values []string
	if it.ind != nil {
		var ok bool
		if values, ok = it.measure(in, total); !ok {
			return entries
		}
	}
	entries = append(entries, total)
	for _, v := range values {
		entries = append(entries, &Entry{Key: it.slot + string(keyValue) + v, N: 1})
	}
	for _, q := range it.by {
		for _, g := range groups(in.Form(), q, Answer(s.Data, q)) {
			e := *total
			e.Key = it.slot + string(keyGroup) + q + "\x00" + g
			entries = append(entries, &e)
			for _, v := range values {
				entries = append(entries, &Entry{Key: it.slot + string(keyCross) + q + "\x00" + g + "\x00" + v, N: 1})
			}
		}
	}
	return entries
}

// measure fills the total of one submission; ok is false if it does not count,
// since it says nothing about what the indicator is of.
func (it *item) measure(in *flows.Instance, total *Entry) (values []string, ok bool) {
	of := it.ind.Of
	switch it.ind.Measure {
	case "count":
		return nil, of == nil || of.Bool(in)
	case "share":
		if of == nil || of.Text(in) == "" {
			return nil, false
		}
		if of.Bool(in) {
			total.K = 1
		}
		return nil, true
	case "mean", "median", "sum":
		if of == nil || of.Text(in) == "" {
			return nil, false
		}
		if total.Sum, ok = fixed(of.Number(in)); !ok {
			return nil, false
		}
		total.Sq = new(big.Int).Mul(total.Sum, total.Sum)
		if it.ind.Measure == "median" {
			values = []string{decimal(total.Sum, places)}
		}
		return values, true
	}
	if of == nil {
		return nil, false
	}
	text := of.Text(in)
	if text == "" {
		return nil, false
	}
	if it.ind.Measure == "distribution" {
		values = []string{text}
		if q := of.Question(in.Form()); q != nil && q.Type.Multiple() {
			values = strings.Fields(text)
			slices.Sort(values)
			values = slices.Compact(values)
		}
	}
	return values, true
}

// groups are what an answer is counted under: each choice of several, and the
// age group of an age.
func groups(f *flows.Form, question, answer string) []string {
	if answer == "" {
		return nil
	}
	if question == f.Settings.Roles.Age {
		return []string{AgeGroup(answer)}
	}
	if n := f.Question(question); n != nil && n.Type.Multiple() {
		w := strings.Fields(answer)
		slices.Sort(w)
		return slices.Compact(w)
	}
	return []string{answer}
}

// ageFrom are the beginnings of the age groups.
var ageFrom = []int{0, 15, 25, 35, 45, 55, 65}

// AgeGroup is the group of an age in years: 0-14, 15-24, … 65+; "" for what is
// no age.
func AgeGroup(age string) string {
	if age == "" {
		return ""
	}
	x, err := strconv.ParseFloat(age, 64)
	if err != nil || x < 0 || x > 150 {
		return ""
	}
	group := ""
	for i, from := range ageFrom {
		if int(x) < from {
			break
		}
		group = strconv.Itoa(from) + "+"
		if i+1 < len(ageFrom) {
			group = strconv.Itoa(from) + "-" + strconv.Itoa(ageFrom[i+1]-1)
		}
	}
	return group
}
