package bot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// An Unread is a stored version of a form that does not compile: an earlier
// fieldbot took what this one refuses. It is an error where the version is needed.
type Unread struct {
	Version     storage.FormVersion
	Err         error // why; flows.Problems if the rows say it
	Submissions int   // given to it, where they were counted
}

// Compile makes a form of a version as it was published; an Unread if it does not
// compile.
func Compile(v storage.FormVersion) (*flows.Form, error) {
	def, err := xlsform.Read(v.Name, v.Source, v.Files)
	if err != nil {
		return nil, &Unread{Version: v, Err: err}
	}
	f, err := flows.Compile(def)
	if err != nil {
		return nil, &Unread{Version: v, Err: err}
	}
	return f, nil
}

func (u *Unread) Error() string {
	if u.Version.FormID == "" { // of a workbook that was never published
		return u.Err.Error()
	}
	return fmt.Sprintf("form %s %s: %v", u.Version.FormID, u.Name(), u.Err)
}
func (u *Unread) Unwrap() error { return u.Err }

// Name is what the version is called.
func (u *Unread) Name() string { return flows.VersionName(u.Version.Version, u.Version.Hash, false) }

// Why is the first problem, and how many more there are.
func (u *Unread) Why() string {
	var found flows.Problems
	if !errors.As(u.Err, &found) || len(found) == 0 {
		return u.Err.Error()
	}
	why := found[0].String()
	if more := len(found) - 1; more > 0 {
		why += fmt.Sprintf(" (+%d)", more)
	}
	return why
}

// unreadIn finds the Unread in an error; nil if there is none.
func unreadIn(err error) *Unread {
	var u *Unread
	if errors.As(err, &u) {
		return u
	}
	return nil
}

// Versions compiles all versions of a form for what reads answers: oldest first and
// the one that is current last. compile is given versions without their workbooks.
// Before them stand forms made of the answers themselves for those that do not
// compile, which are returned as well; such a version without a submission is left
// out, unless all are such. compile returns an Unread for what does not compile.
func Versions(ctx context.Context, formID string, stored storage.Forms, submissions storage.Submissions, compile func(storage.FormVersion) (*flows.Form, error)) (forms []*flows.Form, unread []*Unread, err error) {
	list, err := stored.Versions(ctx, formID)
	if err != nil {
		return nil, nil, fmt.Errorf("list versions: %w", err)
	}
	current, err := stored.Current(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("list forms: %w", err)
	}
	for _, c := range current {
		if c.FormID == formID {
			list = storage.NewestLast(list, c.Hash)
		}
	}
	var instead []*flows.Form
	var empty *flows.Form
	for _, v := range list {
		f, err := compile(v)
		if u := unreadIn(err); u != nil {
			f, n, err := standIn(ctx, &u.Version, submissions)
			if err != nil {
				return nil, nil, err
			}
			if n == 0 {
				empty = f
				continue
			}
			instead = append(instead, f)
			unread = append(unread, &Unread{Version: u.Version, Err: u.Err, Submissions: n})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		forms = append(forms, f)
	}
	forms = append(instead, forms...)
	if len(forms) == 0 && empty != nil {
		forms = append(forms, empty)
	}
	return forms, unread, nil
}

// standIn is a form of what was answered to a version, and how many submissions
// that are.
func standIn(ctx context.Context, v *storage.FormVersion, submissions storage.Submissions) (f *flows.Form, n int, err error) {
	var answered iter.Seq2[*flows.Submission, error] = func(yield func(*flows.Submission, error) bool) {
		if submissions == nil {
			return
		}
		for s, err := range submissions.Each(ctx, storage.Filter{FormID: v.FormID, Hash: v.Hash}) {
			if err != nil {
				yield(nil, err)
				return
			}
			if n++; !yield(&s.Submission, nil) {
				return
			}
		}
	}
	f, err = flows.StandIn(v.FormID, v.Version, v.Hash, v.Title, answered)
	if err != nil {
		return nil, 0, fmt.Errorf("read what was answered to form %s: %w", v.FormID, err)
	}
	f.Settings.Keyword, f.Settings.Audience = v.Keyword, v.Audience
	return f, n, nil
}

// readably does what reads forms. Where one does not compile, that is said, with
// a way out, and all else is as it was.
func (t *turn) readably(do func() error) error {
	before := *t.s
	before.Handled, before.Open, before.Outbox = slices.Clone(t.s.Handled), slices.Clone(t.s.Open), slices.Clone(t.s.Outbox)
	err := do()
	u := unreadIn(err)
	if u == nil {
		return err
	}
	t.b.Log.WarnContext(t.ctx, "form cannot be read", "form", u.Version.FormID, "version", u.Name(), "error", u.Err)
	*t.s = before
	t.replies, t.edits, t.toast, t.l.live = nil, nil, "", live{}
	return t.sayUnread(u)
}

// sayUnread tells that a version of a form cannot be read now. Who was in an
// interview by it may begin again by the version that is open now.
func (t *turn) sayUnread(u *Unread) error {
	args := locales.Args{"Title": render.Plain(u.Version.Title), "Days": flows.MaxExpires}
	i := slices.IndexFunc(t.s.Open, func(v storage.Interview) bool { return v.FormID == u.Version.FormID && v.Hash == u.Version.Hash })
	switch {
	case i < 0:
		t.say("unread.stored", args)
		return nil
	case t.s.Open[i].State == storage.Finishing:
		t.say("unread.finished", args)
		return nil
	}
	nonce := t.s.Open[i].Nonce
	give := render.Button{Text: t.text("cancel.yes", nil), Data: verbData("cancel", "yes:"+nonce), Style: "danger"}
	f, err := t.b.forms.find(t.ctx, func(v storage.FormVersion) bool { return v.FormID == u.Version.FormID })
	if err != nil && unreadIn(err) == nil {
		return err
	}
	if f == nil {
		t.say("unread.wait", args, []render.Button{give})
		return nil
	}
	t.say("unread.restart", args, []render.Button{{Text: t.text("form.restart", nil), Data: verbData("again", sure+nonce)}}, []render.Button{give})
	return nil
}
