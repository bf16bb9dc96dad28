package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/dialogue"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/flows/flowtest"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// matrixPrelude has one person of each role, and an officer whose report and
// draft nobody but the district and the secretariat may see.
const matrixPrelude = `
language: en
link: owner role=officer district=1503 organisation=Office
link: officer role=officer district=1606 organisation=Office
link: enumerator role=enumerator district=1606 organisation=Office
link: observer role=observer organisation=Partner
link: secretariat role=secretariat organisation=Ministry
-- form.md --
| settings |
| | form_id | form_title | keyword | audience | reference | district | headline |
| | report | Report | note | officer | AU | district | title |
| survey |
| | type | name | label | required |
| | select_one d | district | District | yes |
| | text | title | Title | yes |
| choices |
| | list_name | name | label |
| | d | 1503 | Dakcheung |
| | d | 1606 | Phonthong |
-- chat --
@owner > /start {owner}
@owner > Owner
@owner > /note
@owner > SECRET title
@owner > /note
@citizen > /help
@officer > /start {officer}
@officer > Officer
@enumerator > /start {enumerator}
@enumerator > Enumerator
@observer > /start {observer}
@observer > Observer
@secretariat > /start {secretariat}
@secretariat > Secretariat
`

// TestRoleMatrix tries, in every role, every command, every button with the ids
// of somebody else's records, and every form, and compares with the role table.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	stores := onSQLite(t)
	m := &matrix{t: t, stores: stores, stage: stage(t, stores, false), words: locales.New()}
	m.prepare()
	for i, role := range bot.Roles {
		m.try(i, role)
	}
}

type matrix struct {
	t      *testing.T
	stores *stores
	stage  *dialogue.Stage
	words  *locales.Catalogue
	users  map[storage.Role]*simulator.User
	others map[string]string // arguments of buttons, by verb: records of the owner
}

func (m *matrix) prepare() {
	m.t.Helper()
	d, err := flowtest.Parse([]byte(strings.TrimSpace(matrixPrelude)))
	if err != nil {
		m.t.Fatal(err)
	}
	r, err := m.stage.Play(m.t.Context(), d, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, audience := range []string{"", "citizen", "enumerator", "secretariat"} {
		m.publish(audience)
	}
	id := r.Submissions[0].ID
	session, err := m.stores.Load(m.t.Context(), r.Submissions[0].Person)
	if err != nil || len(session.Open) != 1 {
		m.t.Fatalf("the owner has %d drafts: %v", len(session.Open), err)
	}
	draft, owner := session.Open[0].Nonce, r.Submissions[0].Person[:16]
	m.others = map[string]string{
		"open": draft, "again": draft, "cancel": "yes:" + draft, "file": "yes:" + draft, "new": "nobody",
		"wd": id, "wdyes": id, "sub": id, "fix": id, "rev": "a:" + id, "com": "no:" + id + ":1", "ppl": owner + ":s", "inv": "observer:-",
	}
	m.users = map[storage.Role]*simulator.User{}
	for i, name := range d.Persons() {
		if name != "owner" {
			m.users[storage.Role(name)] = m.stage.Server.User(simulator.UserOptions{ID: 700_000_001 + int64(i)})
		}
	}
}

func (m *matrix) publish(audience string) {
	m.t.Helper()
	name := "form" + audience
	md := fmt.Sprintf("| settings |\n| | form_id | form_title | keyword | audience |\n| | %s | Title %s | %s | %s |\n"+
		"| survey |\n| | type | name | label |\n| | text | a | A question |\n", name, name, name, audience)
	v := storage.FormVersion{Name: name + ".md", Source: []byte(md), Published: time.Now()}
	form, err := bot.Compile(v)
	if err != nil {
		m.t.Fatal(err)
	}
	v.FormID, v.Hash, v.Keyword, v.Audience = form.ID, form.Hash, name, audience
	if err := m.stores.Publish(m.t.Context(), v); err != nil {
		m.t.Fatal(err)
	}
	m.stage.Server.Advance(time.Minute) // for the bot to look again
}

// does lets a person do something and returns what came of it.
func (m *matrix) does(u *simulator.User, act func() error) (said, toast string) {
	m.t.Helper()
	heard, toasts := len(u.Heard()), len(u.Toasts())
	if err := act(); err != nil {
		m.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(m.t.Context(), 20*time.Second)
	defer cancel()
	if err := m.stage.Settled(ctx); err != nil {
		m.t.Fatal(err)
	}
	for _, msg := range u.Heard()[heard:] {
		said += msg.Text + msg.Caption + "\n"
	}
	for _, x := range u.Toasts()[toasts:] {
		toast += x.Text
	}
	return said, toast
}

// records is all that others must not change.
func (m *matrix) records() string {
	m.t.Helper()
	people, err := m.stores.List(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	var all []any
	for _, p := range people {
		p.Epoch, p.Contact, p.Language = 0, nil, ""
		all = append(all, p)
	}
	for s, err := range m.stores.Each(m.t.Context(), storage.Filter{Withdrawn: true}) {
		if err != nil {
			m.t.Fatal(err)
		}
		steps, err := m.stores.Steps(m.t.Context(), s.ID)
		if err != nil {
			m.t.Fatal(err)
		}
		all = append(all, s, steps)
	}
	b, err := json.Marshal(all)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(b)
}

func (m *matrix) try(column int, role storage.Role) {
	u := m.users[role]
	refused, gone := m.words.Text("en", "unknown.command", nil), m.words.Text("en", "tap.gone", nil)
	seen := map[string]bool{}
	before := m.records()
	// other files are what commands and buttons lead to
	said, _ := m.does(u, func() error { _, err := u.Document("other.md", []byte("| survey |"), ""); return err })
	for _, r := range bot.Rights() {
		if r.Kind == "file" && r.Name == "workbook" {
			m.check(role, "a workbook", bot.Reach(r.Reaches[column]), !strings.Contains(said, m.words.Text("en", "publish.reading", nil)), said)
		}
	}
	for _, r := range bot.Rights() {
		reach := bot.Reach(r.Reaches[column])
		seen[r.Kind+r.Name] = true
		switch r.Kind {
		case "command":
			if r.Name == "stop" {
				continue // it ends all messages; anybody may
			}
			said, _ := m.does(u, func() error { _, err := u.Say("/" + r.Name); return err })
			m.check(role, "/"+r.Name, reach, strings.Contains(said, refused), said)
		case "button":
			msg := u.Last().MessageID
			said, toast := m.does(u, func() error { _, err := u.TapData(msg, "/"+r.Name+":"+m.others[r.Name]); return err })
			if reach == bot.Nobody {
				m.check(role, "button "+r.Name, reach, toast == gone && said == "", said+toast)
			}
			if reach != bot.All && strings.Contains(said+toast, "SECRET") {
				m.t.Errorf("%s sees another's report by button %s: %s", role, r.Name, said)
			}
			if now := m.records(); reach != bot.All && now != before {
				m.t.Errorf("%s changed another's record by button %s", role, r.Name)
				before = now
			}
			before = m.records()
		case "form":
			keyword := "form" + r.Name
			if r.Name == "officer" {
				keyword = "note"
			}
			said, _ := m.does(u, func() error { _, err := u.Say("/" + keyword); return err })
			m.check(role, "form for "+r.Name, reach, strings.Contains(said, refused), said)
		}
	}
	for _, name := range bot.Commands() {
		if !seen["command"+name] {
			m.t.Errorf("the role table has no row for /%s", name)
		}
	}
}

func (m *matrix) check(role storage.Role, what string, reach bot.Reach, refused bool, said string) {
	if refused != (reach == bot.Nobody) {
		m.t.Errorf("%s, %s: refused %v, the table says %c; answered %q", role, what, refused, reach, said)
	}
}
