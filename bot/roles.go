package bot

import (
	"bytes"
	"slices"
	"strings"

	"example.org/fieldbot/storage"
)

// A Reach says with whose records a role may use something.
type Reach byte

// The reaches, as the table writes them.
const (
	Nobody   Reach = '-' // not at all; it is as if it did not exist
	Own      Reach = 'o' // the person's own
	District Reach = 'd' // and those of the person's district
	Scope    Reach = 's' // those of the person's scope, as totals
	All      Reach = 'a'
)

// A Right is a row of the role table. Reaches has a letter for each of Roles.
type Right struct {
	Kind    string // "command", "button", "form" or "file"
	Name    string // of a form: its audience
	Reaches string
	What    string // for the documentation
}

// Roles are the columns of the role table.
var Roles = []storage.Role{storage.Citizen, storage.Officer, storage.Enumerator, storage.Observer, storage.Secretariat}

// rights is the role table. What is not in it nobody may do. A form is decided
// by its audience; a file is what the bot sends as a file or a text made of many
// people's answers.
var rights = []Right{
	{"command", "start", "ooooo", "begin a form, or go on with it"},
	{"command", "back", "ooooo", "the question before"},
	{"command", "skip", "ooooo", "leave the question out"},
	{"command", "review", "ooooo", "the answers so far"},
	{"command", "open", "ooooo", "unfinished forms"},
	{"command", "language", "ooooo", "change the language"},
	{"command", "cancel", "ooooo", "discard the interview"},
	{"command", "withdraw", "ooooo", "delete what was sent"},
	{"command", "stop", "ooooo", "no more messages"},
	{"command", "privacy", "ooooo", "what happens to the answers"},
	{"command", "mydata", "ooooo", "what is stored about the person, as a file"},
	{"command", "help", "ooooo", "what the person can do"},
	{"command", "mine", "oddoo", "what was sent, and its state"},
	{"command", "due", "-dd-a", "reports that are due; for the secretariat who reported"},
	{"command", "assist", "-dd-a", "fill in a form for one person after another"},
	{"command", "updates", "----a", "updates that came in: accept, or ask back"},
	{"command", "comments", "----a", "comments to respond to, and whether each was taken up"},
	{"command", "assess", "-d--a", "figures of assessed offices, beside those of the time before"},
	{"command", "digest", "---sa", "summary of what came in"},
	{"command", "record", "----a", "record the questions of a form as voice messages"},
	{"command", "subscribe", "---sa", "how often the digest comes"},
	{"command", "publish", "----a", "how to publish a form"},
	{"command", "export", "----a", "all answers as a spreadsheet"},
	{"command", "report", "----a", "draft the sector report, edit its cells, keep what was agreed"},
	{"command", "broadcast", "----a", "tell many something"},
	{"command", "invite", "----a", "invite somebody"},
	{"command", "people", "----a", "who may do what"},

	{"button", "lang", "ooooo", "a language"},
	{"button", "form", "ooooo", "a form of the list"},
	{"button", "open", "ooooo", "an unfinished form"},
	{"button", "again", "ooooo", "start a form again"},
	{"button", "new", "ooooo", "start a form again, with a new link"},
	{"button", "cancel", "ooooo", "discard, or not"},
	{"button", "wd", "ooooo", "withdraw a submission"},
	{"button", "wdyes", "ooooo", "confirm that"},
	{"button", "wdno", "ooooo", "do not"},
	{"button", "wdcode", "ooooo", "write a receipt code"},
	{"button", "mute", "ooooo", "no more reminders of an unfinished form"},
	{"button", "burst", "ooooo", "what a message that came early is"},
	{"button", "rec", "----a", "the steps of recording questions"},
	{"button", "sub", "oddoa", "look at a submission"},
	{"button", "fix", "ooooo", "correct a submission"},
	{"button", "dist", "-dd--", "what others of the district sent"},
	{"button", "file", "-o--o", "file a message as an update, or not"},
	{"button", "none", "-dd--", "nothing to report"},
	{"button", "next", "-dd-a", "the next respondent, or the end of assisting"},
	{"button", "rev", "----a", "accept, return or mark as quoted"},
	{"button", "com", "----a", "respond to a comment, mark it, and the table of all"},
	{"button", "asm", "-d--a", "a page of assessed offices, and the table of all"},
	{"button", "grid", "----a", "who reported, by province"},
	{"button", "nudge", "----a", "remind those who are missing"},
	{"button", "bc", "----a", "the steps of a message to many, and the answers to it"},
	{"button", "ack", "-oooo", "that an alert was seen"},
	{"button", "pub", "----a", "publish a workbook, roll back, close a form"},
	{"button", "often", "---sa", "how often the digest comes"},
	{"button", "dig", "---sa", "a closer look at the figures: a place, a form, a picture"},
	{"button", "quo", "----a", "which answers in people's own words may be quoted"},
	{"button", "export", "----a", "the spreadsheet of a form"},
	{"button", "rep", "----a", "the steps of the sector report"},
	{"button", "inv", "----a", "the steps of an invitation"},
	{"button", "ppl", "----a", "a person's record, and changes to it"},

	{"form", "", "ooooo", "anyone with the link"},
	{"form", "citizen", "ooooo", ""},
	{"form", "officer", "-o--o", ""},
	{"form", "enumerator", "-oo-o", ""},
	{"form", "secretariat", "----o", ""},

	{"file", "digest", "---sa", "the digest, asked for or on schedule"},
	{"file", "workbook", "----a", "a form that is sent to be published"},
	{"file", "export", "----a", "the spreadsheet of all answers"},
	{"file", "matrix", "----a", "the table of comments and responses, sent and taken in"},
	{"file", "assessment", "-d--a", "the table of assessed offices"},
	{"file", "report", "----a", "the draft of the sector report"},
	{"file", "invitation", "----a", "the picture of an invitation"},
}

// reachOf says how far a role may go with something; Nobody if it is not in the
// table.
func reachOf(kind, name string, role storage.Role) Reach {
	i := slices.IndexFunc(rights, func(r Right) bool { return r.Kind == kind && r.Name == name })
	k := slices.Index(Roles, role)
	if k < 0 {
		k = 0 // a role that is not known may what a citizen may
	}
	if i < 0 {
		return Nobody
	}
	return Reach(rights[i].Reaches[k])
}

func mayUse(kind, name string, role storage.Role) bool { return reachOf(kind, name, role) != Nobody }

// mayFill reports whether a role may fill in a form of an audience.
func mayFill(audience string, role storage.Role) bool {
	if !slices.ContainsFunc(rights, func(r Right) bool { return r.Kind == "form" && r.Name == audience }) {
		audience = "secretariat" // an audience nobody has heard of
	}
	return mayUse("form", audience, role)
}

// may reports whether the person of the turn may use something.
func (t *turn) may(kind, name string) (bool, error) {
	who, err := t.who()
	return err == nil && mayUse(kind, name, who.Role), err
}

// Rights returns the role table.
func Rights() []Right { return slices.Clone(rights) }

// Commands returns the names of all commands, as the role table must have them.
func Commands() []string {
	var out []string
	for _, c := range commandTable {
		out = append(out, c.name)
	}
	return out
}

// WriteRights writes the role table as tables in markdown, for the
// documentation.
func WriteRights(b *bytes.Buffer) {
	words := map[Reach]string{Nobody: "–", Own: "own", District: "own and district", Scope: "scope", All: "all"}
	kind := ""
	for _, r := range rights {
		if r.Kind != kind {
			kind = r.Kind
			b.WriteString("\n| " + kind + " |")
			for _, role := range Roles {
				b.WriteString(" " + string(role) + " |")
			}
			b.WriteString(" what |\n|" + strings.Repeat("---|", len(Roles)+2) + "\n")
		}
		name := r.Name
		switch {
		case kind == "command":
			name = "/" + name
		case kind == "form" && name == "":
			name = "(none)"
		}
		b.WriteString("| `" + name + "` |")
		for i := range Roles {
			b.WriteString(" " + words[Reach(r.Reaches[i])] + " |")
		}
		b.WriteString(" " + r.What + " |\n")
	}
}
