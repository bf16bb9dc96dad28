package bot

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A burst is texts that came before the question that they may be meant for was
// shown, until the person says what they are.
type burst struct {
	Nonce string      `json:"n"`
	Texts []earlyText `json:"t"`
}

type earlyText struct {
	Message int    `json:"m"`
	Text    string `json:"t"`
	Was     string `json:"w,omitempty"` // position of the question that was on screen; "" if unknown
}

// Of a burst that long nobody could be asked message by message.
const (
	maxBurst     = 6
	maxBurstText = 600
)

// early asks what a message is that came before its question, or says that it
// was not taken. why is the key of what to say then.
func (t *turn) early(iv *interview, p *flows.Prompt, m *models.Message, why string) error {
	k := t.kept()
	if k.Burst == nil || k.Burst.Nonce != iv.Nonce {
		k.Burst = &burst{Nonce: iv.Nonce}
	}
	if why != "burst.dropped" || m.Text == "" || len(m.Text) > maxBurstText || len(k.Burst.Texts) >= maxBurst {
		t.say(why, locales.Args{"Text": cmp.Or(short(m.Text), "📎")})
		return nil
	}
	e := earlyText{Message: m.ID, Text: m.Text}
	if n := len(iv.Typed); n > 0 {
		e.Was = iv.Typed[n-1].At
	}
	var rows [][]render.Button
	button := func(key, what, label string) {
		text := t.text(key, locales.Args{"Label": short(render.Plain(label))})
		rows = append(rows, []render.Button{{Text: text, Data: verbData("burst", what+":"+strconv.Itoa(m.ID))}})
	}
	if was := answeredAt(iv, e.Was); was != nil {
		if was.Node.Type.Name == "text" {
			button("burst.add", "add", was.Label)
		}
		button("burst.replace", "fix", was.Label)
	}
	button("burst.next", "next", cmp.Or(render.Plain(p.Label), p.Node.Name))
	button("burst.drop", "drop", "")
	// a new list: the stored one may still be wanted if this turn is redone
	b := *k.Burst
	b.Texts = append(slices.Clip(b.Texts), e)
	k.Burst = &b
	t.keepThat(k)
	t.say("burst.question", locales.Args{"Text": short(m.Text)}, rows...)
	return nil
}

// answeredAt finds the answer that stands at a position.
func answeredAt(iv *interview, at string) *flows.Answered {
	for _, a := range iv.in.Answers() {
		if at != "" && a.At.String() == at && !a.Fixed {
			return &a
		}
	}
	return nil
}

// burstVerb does with an early text what its person chose.
func (t *turn) burstVerb(arg string, message int) error {
	what, id, _ := strings.Cut(arg, ":")
	k := t.kept()
	if k.Burst == nil || len(t.s.Open) == 0 || t.s.Open[0].Nonce != k.Burst.Nonce || t.s.Open[0].State == storage.Finishing {
		t.refuseTap("tap.gone", nil)
		t.rekey(message, render.Screen{})
		return nil
	}
	i := slices.IndexFunc(k.Burst.Texts, func(e earlyText) bool { return strconv.Itoa(e.Message) == id })
	if i < 0 {
		t.refuseTap("tap.answered", nil)
		return nil
	}
	e := k.Burst.Texts[i]
	b := *k.Burst
	b.Texts = slices.Delete(slices.Clone(b.Texts), i, i+1)
	if k.Burst = &b; len(b.Texts) == 0 {
		k.Burst = nil
	}
	t.keepThat(k)
	t.rekey(message, render.Screen{})
	iv, err := t.current()
	if err != nil {
		return err
	}
	was := answeredAt(iv, e.Was)
	switch {
	case what == "next":
		p := iv.in.Prompt()
		if p.Kind == flows.Complete || p.Kind == flows.Stop {
			return t.ask(iv)
		}
		iv.Note(e.Message, p.At.String())
		x := flows.Input{Text: e.Text}
		if p.Kind == flows.AskRepeat {
			x = yesNo(t, x)
		}
		return t.typedInput(iv, p, x)
	case was != nil && what == "fix":
		return t.reanswer(iv, was.At, e.Text)
	case was != nil && what == "add":
		return t.reanswer(iv, was.At, was.Value+"\n"+e.Text)
	case what == "drop":
		t.refuseTap("burst.left_out", nil)
	default:
		t.refuseTap("tap.gone", nil)
	}
	return nil
}
