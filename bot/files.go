package bot

import (
	"strings"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
)

// onlyFile is the question of a repeat that asks for nothing but a file; nil if
// it asks for more.
func onlyFile(rep *flows.Node) *flows.Node {
	var only *flows.Node
	for _, n := range rep.Children {
		switch {
		case n.Kind != flows.QuestionNode:
			return nil
		case !n.Askable():
		case only != nil || n.Type.Media == "":
			return nil
		default:
			only = n
		}
	}
	return only
}

// pieces counts the files that a repeat has, if it asks for nothing else and the
// prompt is whether there are more; else it is 0.
func pieces(iv *interview, p *flows.Prompt) (n int) {
	if p.Kind != flows.AskRepeat {
		return 0
	}
	only := onlyFile(p.Node)
	if only == nil {
		return 0
	}
	for _, a := range iv.in.Answers() {
		if a.Node == only && a.Value != "" && strings.HasPrefix(a.Ref, p.Ref+"[") {
			n++
		}
	}
	return n
}

// album takes files beyond the first: as further instances of a repeat of files,
// where each changes the count on one message; of a question for one file they
// are said not to be kept, once for an album.
func (t *turn) album(iv *interview, p *flows.Prompt, m *models.Message) (taken bool, err error) {
	k := t.kept()
	if p.Kind == flows.AskRepeat && onlyFile(p.Node) != nil && (len(m.Photo) > 0 || m.Document != nil || m.Voice != nil || m.Video != nil || m.Audio != nil) {
		return t.another(iv, p, m)
	}
	if m.MediaGroupID == "" || k.Files != m.MediaGroupID && k.Files != m.MediaGroupID+"+" {
		return false, nil
	}
	if p.Kind == flows.Ask && p.Node.Type.Media != "" {
		return false, nil // the next question takes a file, too
	}
	if k.Files == m.MediaGroupID {
		k.Files += "+"
		t.keepThat(k)
		t.say("media.extra", nil)
	}
	return true, nil
}

// another adds a file as one more instance.
func (t *turn) another(iv *interview, p *flows.Prompt, m *models.Message) (taken bool, err error) {
	old, message := iv.in.Encode(), iv.Message
	if err := iv.in.Answer(p.At, flows.Input{Yes: true}); err != nil {
		return false, nil
	}
	q := iv.in.Prompt()
	sent, ok := render.Read(q, m, func(unique string) string {
		return t.b.Keys.id("file", iv.in.ID(), unique)[:16]
	})
	if !ok || q.Kind != flows.Ask || iv.in.Answer(q.At, sent.Input) != nil || t.tooLarge(sent.File) {
		if iv.in, err = iv.form.Resume(t.b.world(), old); err != nil {
			return false, err
		}
		t.keep(iv)
		if ok && q.Kind == flows.Ask {
			t.say(kindKey(q), nil)
		}
		return true, nil
	}
	t.fetch(sent.File)
	t.save(iv)
	now := iv.in.Prompt()
	if now.Kind == flows.AskRepeat && now.At == p.At && message != 0 && m.MediaGroupID != "" {
		v := t.view(iv)
		v.Back, v.Pieces = now.Done > 0, pieces(iv, now)
		t.rewrite(message, v.Prompt(now, 0))
		return true, nil
	}
	t.rekey(message, render.Screen{})
	return true, t.pose(iv, now)
}

// heard notes what is to be said of a file that became an answer: that a voice
// message is one, that a caption is not.
func (t *turn) heard(p *flows.Prompt, m *models.Message) {
	if m.MediaGroupID != "" {
		k := t.kept()
		k.Files = m.MediaGroupID
		t.keepThat(k)
	}
	if p.Kind != flows.Ask {
		return
	}
	switch {
	case m.Voice != nil && p.Node.Type.Name == "text":
		t.say("media.voice", nil)
	case m.Caption != "" && p.Node.Type.Media != "":
		t.say("media.caption", nil)
	}
}
