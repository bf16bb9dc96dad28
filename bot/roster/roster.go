// Package roster reads lists of people to invite: a row each, in a csv or xlsx
// file, with the place by code or by name within its province.
//
// Nothing is guessed: a name that fits no place, or several, is a Problem that
// names the nearest, and the roster is to be mended.
package roster

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/fieldbot/bot/places"
	"example.org/fieldbot/bot/tables"
	"example.org/fieldbot/storage"
)

// An Entry is a row that can be invited.
type Entry struct {
	Line         int // of the file, from 1
	Role         storage.Role
	Place        places.Place // zero: the whole country
	Name         string
	Organisation string
	Contact      string // as the roster has it, to pass the link on; not stored
}

// A Problem is a row that cannot be invited as it is.
type Problem struct {
	Line    int
	Message string
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.Message) }

// columns are what a roster may tell, by the words that head a column.
var columns = map[string][]string{
	"role":         {"role", "ໜ້າທີ່", "ບົດບາດ"},
	"province":     {"province", "province_code", "ແຂວງ"},
	"district":     {"district", "district_code", "code", "ເມືອງ"},
	"name":         {"name", "full name", "person", "ຊື່", "ຊື່ ແລະ ນາມສະກຸນ"},
	"organisation": {"organisation", "organization", "office", "ອົງກອນ", "ຫ້ອງການ"},
	"contact":      {"contact", "phone", "telephone", "email", "ເບີໂທ", "ໂທລະສັບ"},
}

// Read reads a roster. Rows without a role are officers. Errors are of files
// that cannot be read at all.
func Read(name string, data []byte, d *places.Directory) ([]Entry, []Problem, error) {
	rows, err := tables.ReadFile(name, data)
	if err != nil {
		return nil, nil, err
	}
	head, err := heading(rows)
	if err != nil {
		return nil, nil, err
	}
	var entries []Entry
	var problems []Problem
	seen := map[string]int{}
	for i, row := range rows[1:] {
		line := i + 2
		get := func(column string) string {
			if k, ok := head[column]; ok && k < len(row) {
				return strings.Join(strings.Fields(row[k]), " ")
			}
			return ""
		}
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		e := Entry{Line: line, Name: get("name"), Organisation: get("organisation"), Contact: get("contact")}
		why := e.role(get("role"))
		if why == "" {
			why = e.place(d, get("province"), get("district"))
		}
		key := string(e.Role) + "\x00" + e.Place.Code() + "\x00" + places.Fold(e.Name)
		if first, ok := seen[key]; why == "" && ok {
			why = fmt.Sprintf("the same as line %d; two people for one place need different names", first)
		}
		if why != "" {
			problems = append(problems, Problem{line, why})
			continue
		}
		seen[key] = line
		entries = append(entries, e)
	}
	return entries, problems, nil
}

func (e *Entry) role(text string) (problem string) {
	e.Role = storage.Role(strings.ToLower(text))
	if text == "" {
		e.Role = storage.Officer
	}
	switch e.Role {
	case storage.Officer, storage.Enumerator, storage.Observer, storage.Secretariat:
		return ""
	}
	return fmt.Sprintf("role %q: use officer, enumerator, observer or secretariat", text)
}

func (e *Entry) place(d *places.Directory, province, district string) (problem string) {
	if district == "" && province == "" {
		if e.Role == storage.Officer || e.Role == storage.Enumerator {
			return "no district"
		}
		return ""
	}
	var exact, near []places.Place
	what, text := "district", district
	switch {
	case district == "":
		what, text = "province", province
		exact, near = d.Province(province)
	case province == "":
		exact, near = d.Find(district)
	default:
		provinces, close := d.Province(province)
		if len(provinces) == 0 {
			return unknown("province", province, close)
		}
		exact, near = d.In(province, district)
	}
	switch len(exact) {
	case 1:
		e.Place = exact[0]
		return ""
	case 0:
		return unknown(what, text, near)
	}
	return fmt.Sprintf("%s %q is the name of several: %s; give the province, or the code", what, text, list(exact))
}

func unknown(what, text string, near []places.Place) string {
	s := fmt.Sprintf("there is no %s %q", what, text)
	if len(near) > 0 {
		s += "; the nearest: " + list(near)
	}
	return s
}

func list(all []places.Place) string {
	var out []string
	for _, p := range all {
		out = append(out, p.Code()+" "+p.Label("en"))
	}
	return strings.Join(out, ", ")
}

func heading(rows [][]string) (map[string]int, error) {
	if len(rows) == 0 {
		return nil, errors.New("the roster is empty")
	}
	head := map[string]int{}
	for i, cell := range rows[0] {
		cell = strings.ToLower(strings.TrimSpace(cell))
		for column, words := range columns {
			if _, taken := head[column]; !taken && slices.Contains(words, cell) {
				head[column] = i
			}
		}
	}
	_, district := head["district"]
	_, province := head["province"]
	if !district && !province {
		return nil, errors.New("the first row has to name the columns, among them district or province (and role, name, organisation, contact)")
	}
	return head, nil
}
