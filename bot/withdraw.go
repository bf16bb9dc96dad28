package bot

import (
	"errors"
	"fmt"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// maxListed is how many of a person's submissions are listed.
const maxListed = 8

// own returns a person's newest submissions that are not withdrawn.
func (t *turn) own() ([]storage.Submission, error) {
	var out []storage.Submission
	for s, err := range t.b.Submissions.Each(t.ctx, storage.Filter{Person: t.s.Person, Newest: true, Limit: maxListed}) {
		if err != nil {
			return nil, fmt.Errorf("list submissions: %w", err)
		}
		out = append(out, *s)
	}
	return out, nil
}

// name is what a submission is called: its title, or its form's.
func (t *turn) name(s *storage.Submission) string {
	if s.Title != "" {
		return short(s.Title)
	}
	f, err := t.b.forms.version(t.ctx, s.FormID, s.Hash)
	if err != nil {
		return s.FormID
	}
	return t.title(f)
}

// cmdWithdraw lists what may be withdrawn, or takes a receipt code or reference.
func (t *turn) cmdWithdraw(rest string) error {
	if rest != "" {
		return t.withdrawCode(rest)
	}
	mine, err := t.own()
	if err != nil {
		return err
	}
	var rows [][]render.Button
	for i := range mine {
		label := t.text("withdraw.item", locales.Args{"Title": t.name(&mine[i]), "Date": mine[i].Received.In(t.b.Zone)})
		rows = append(rows, []render.Button{{Text: label, Data: verbData("wd", mine[i].ID)}})
	}
	code := t.button("withdraw.have_code", "wdcode", "")
	if len(rows) == 0 {
		t.say("withdraw.none", nil, []render.Button{code})
		return nil
	}
	t.say("withdraw.which", nil, append(rows, []render.Button{code})...)
	return nil
}

// withdrawCode finds the submission of a receipt code, or of a reference of the
// person's own.
func (t *turn) withdrawCode(text string) error {
	var s storage.Submission
	var err error
	key := "withdraw.confirm_code"
	if code := readReceipt(text); code != "" {
		s, err = t.b.Submissions.ByReceipt(t.ctx, t.b.receiptHash(code))
	} else if s, err = t.b.Submissions.Get(t.ctx, text); err == nil && s.Person != t.s.Person {
		err = storage.ErrNotFound
	} else {
		key = "withdraw.confirm"
	}
	if errors.Is(err, storage.ErrNotFound) || err == nil && !s.Withdrawn.IsZero() {
		t.s.Awaiting = "code"
		t.say("withdraw.code_wrong", nil)
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up submission: %w", err)
	}
	t.confirmWithdraw(&s, key)
	return nil
}

func (t *turn) confirmWithdraw(s *storage.Submission, key string) {
	// the button of a submission without a person carries a proof that the code
	// was known
	arg := s.ID
	if s.Person == "" {
		arg += ":" + t.withdrawProof(s.ID)
	}
	t.say(key, locales.Args{"Title": t.name(s), "Date": s.Received.In(t.b.Zone)}, []render.Button{
		t.button("withdraw.no", "wdno", ""),
		{Text: t.text("withdraw.yes", nil), Data: verbData("wdyes", arg), Style: "danger"},
	})
}

func (t *turn) withdrawProof(id string) string {
	return t.b.Keys.id("withdraw", id, t.s.Person)[:12]
}

func (t *turn) withdrawVerb(verb, arg string) error {
	switch verb {
	case "wdcode":
		t.s.Awaiting = "code"
		t.say("withdraw.code", nil)
		return nil
	case "wdno":
		t.say("withdraw.kept", nil)
		return nil
	}
	id, proof := arg, ""
	if len(arg) > 36 && arg[36] == ':' {
		id, proof = arg[:36], arg[37:]
	}
	s, err := t.b.Submissions.Get(t.ctx, id)
	mine := err == nil && (s.Person == t.s.Person || s.Person == "" && proof == t.withdrawProof(id))
	if errors.Is(err, storage.ErrNotFound) || err == nil && !mine {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up submission: %w", err)
	}
	if verb == "wd" {
		t.confirmWithdraw(&s, "withdraw.confirm")
		return nil
	}
	if report, err := t.isReport(&s); err != nil {
		return err
	} else if report && s.Person == t.s.Person {
		t.s.Awaiting = "reason " + s.ID
		t.say("withdraw.reason", nil)
		return nil
	}
	if err := t.b.Submissions.Withdraw(t.ctx, s.ID, "withdrawn by the respondent", t.now); err != nil {
		return fmt.Errorf("withdraw submission: %w", err)
	}
	t.say("withdraw.done", nil)
	return nil
}
