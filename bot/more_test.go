package bot_test

import (
	"bytes"
	"context"
	"github.com/go-telegram/bot/models"
	"io"
	"strings"
	"testing"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage"
)

const feedback = `
| settings |
| | form_title | form_id | keyword | anonymous | submissions | district | province |
| | Feedback | fb | feedback | yes | once per day | district | province |

| survey |
| | type | name | label::English (en) | label::ລາວ (lo) | required | choice_filter |
| | deviceid | device | | | | |
| | start | begun | | | | |
| | end | ended | | | | |
| | select_one province | province | Province? | ແຂວງ? | yes | |
| | select_one district | district | District? | ເມືອງ? | yes | province = ${province} |
| | text | idea | Your idea? | ຄວາມຄິດ? | | |

| choices |
| | list_name | name | label::English (en) | label::ລາວ (lo) | province |
| | province | 15 | Xekong | ເຊກອງ | |
| | province | 17 | Attapeu | ອັດຕະປື | |
| | district | 1501 | Lamam | ລະມາມ | 15 |
| | district | 1503 | Dakcheung | ດາກຈຶງ | 15 |
| | district | 1701 | Xaysettha | ໄຊເສດຖາ | 17 |
`

func TestAnonymousFormByLink(t *testing.T) {
	w := open(t, feedback)
	p := w.person("lo")
	_, payload, err := bot.MakeLink(t.Context(), w.store, w.keys, storage.Link{FormID: "fb", Prefill: map[string]string{"province": "15", "district": "1503"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(payload) > 64 {
		t.Fatalf("payload of %d characters", len(payload))
	}
	has(t, p.says("/start "+payload), "ຄວາມຄິດ?")
	got := p.says("ໄຟຟ້າ")
	s := w.stored(1)
	if s.Person != "" || s.Received.Hour() != 0 || s.Nullifier == "" || s.District != "1503" || strings.Contains(answers(s.Data), "device=") {
		t.Errorf("an anonymous submission tells %+v %s", s, answers(s.Data))
	}
	if a := answers(s.Data); strings.Count(a, "T00:00:00.000") != 2 {
		t.Errorf("the times of an anonymous submission are not cut to the day: %s", a)
	}
	session, _ := w.store.Load(t.Context(), w.keys.Person(p.ID()))
	if strings.Contains(string(session.Encode()), s.ID) {
		t.Error("the session knows the submission's id")
	}
	code := ""
	for _, word := range strings.Fields(got) {
		if strings.Count(word, "-") == 3 {
			code = word
		}
	}
	if code == "" {
		t.Fatalf("no receipt code in %q", got)
	}
	// once a day: the second is refused when it is sent
	p.says("/start " + payload)
	has(t, p.says("ອີກ"), "ມື້ນີ້")
	w.stored(1)
	// the code alone deletes it, whoever has it
	q := w.person("en")
	has(t, q.says("/withdraw 0000-0000-0000-0000"), "No answers belong")
	has(t, q.says(strings.ToLower(code)), "Delete the answers")
	has(t, q.says("[Delete]"), "Deleted.")
	if w.stored(1).Withdrawn.IsZero() {
		t.Error("not withdrawn")
	}
}

func TestCascadeAndTypedChoices(t *testing.T) {
	w := open(t, feedback)
	p := w.person("en")
	p.says("/feedback")
	has(t, p.says("zzz"), "not one of the answers")
	has(t, p.says("e"), "2 found for “e”")
	has(t, p.says("[Xekong]"), "District?")
	if strings.Contains(p.screen(), "Xaysettha") {
		t.Errorf("a district of another province:\n%s", p.screen())
	}
	has(t, p.says("2"), "Your idea?")
	has(t, p.says("[Skip]"), "Thank you")
	if s := w.stored(1); s.District != "1503" || s.Province != "15" {
		t.Errorf("stored %s in %s", s.District, s.Province)
	}
}

func TestUnsignedAndUnknownLinks(t *testing.T) {
	w := open(t, feedback)
	p := w.person("en")
	has(t, p.says("/start feedback"), "Province?")
	has(t, p.says("/start nosuchform"), "do not know the form")
	_, payload, _ := bot.MakeLink(t.Context(), w.store, w.keys, storage.Link{FormID: "gone"})
	has(t, p.says("/start "+payload), "do not know the form")
	_, payload, _ = bot.MakeLink(t.Context(), w.store, w.keys, storage.Link{FormID: "fb", Uses: 1})
	has(t, w.person("en").says("/start "+payload), "Province?")
	has(t, w.person("en").says("/start "+payload), "takes no more answers")
}

const pictures = `
| settings |
| | form_title | form_id | keyword |
| | Pictures | pic | pictures |

| survey |
| | type | name | label | required |
| | image | photo | A photo? | yes |
| | geopoint | place | Where? | yes |
| | text | said | What is it? | |
| | audio | sound | How does it sound? | |
`

func TestPhotosPlacesAndVoices(t *testing.T) {
	w := open(t, pictures)
	media := &folder{files: map[string][]byte{}}
	w.stop()
	w.media = media
	w.start()
	p := w.person("en")
	p.says("/pictures")
	has(t, p.says("a tree"), "send a photo")
	p.Photo("../../evil.jpg", tinyJPEG, "")
	has(t, p.hears(), "Where?", "📍")
	if k := p.Keyboard(); k == nil {
		t.Error("no button to send the location")
	}
	p.Location(15.12, 106.85)
	has(t, p.hears(), "What is it?")
	if p.Keyboard() != nil {
		t.Error("the location button is still there")
	}
	p.Voice(3, []byte("OggS voice"))
	has(t, p.hears(), "How does it sound?")
	p.Voice(2, []byte("OggS sound"))
	has(t, p.hears(), "Thank you")
	got := answers(w.stored(1).Data)
	has(t, got, "photo=image-", ".jpg", "place=15.12 106.85", "said=audio-", ".ogg")
	if len(media.files) != 3 || strings.Contains(got, "evil") {
		t.Errorf("kept %d files; answers %s", len(media.files), got)
	}
}

type folder struct{ files map[string][]byte }

func (f *folder) Put(_ context.Context, name string, r io.Reader) error {
	b, err := io.ReadAll(r)
	f.files[name] = b
	return err
}

var tinyJPEG = append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0,
	0xff, 0xc0, 0, 11, 8, 0, 9, 0, 16, 1, 1, 0x11, 0}, bytes.Repeat([]byte{0}, 20)...)

func TestEditedMessageAnswersAnew(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	p.says("[Yes]")
	m, _ := p.Say("Ban Noi")
	has(t, p.hears(), "How many people?")
	p.Edit(m.MessageID, "Ban Nok")
	has(t, p.hears(), "Changed: Name of the village: Ban Nok")
	n, _ := p.Say("3")
	p.hears()
	p.Edit(n.MessageID, "500")
	has(t, p.hears(), "earlier answer stands: 3")
	has(t, p.screen(), "earlier answer stands")
	p.says("/skip")
	p.says("/skip")
	has(t, p.screen(), "village: Ban Nok", "people? 3")
	p.says("[✅ Send]")
	p.Edit(n.MessageID, "4")
	has(t, p.hears(), "sent already")
}

func TestMessagesFromAnOfflinePhone(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	p.says("[Yes]")
	release := w.sim.Hold()
	p.Say("Ban Na")
	p.Say("7")
	release()
	has(t, p.hears(), "How many people?", "before the next question was shown", "“7”")
	has(t, p.says("7"), "Which crops?")
}

func TestBlockedByThePerson(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	_, url, _ := w.bot.Invite(t.Context(), bot.Invitation{Role: storage.Secretariat})
	p.says("/start " + url[strings.Index(url, "=")+1:])
	p.says("Noy")
	id := w.keys.Person(p.ID())
	if who, _ := w.store.Person(t.Context(), id); len(who.Contact) == 0 {
		t.Fatal("no contact")
	}
	p.Block()
	p.hears()
	if who, _ := w.store.Person(t.Context(), id); len(who.Contact) != 0 {
		t.Error("the contact of somebody who blocked the bot is kept")
	}
}

func TestGroupIsSentToThePrivateChat(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	g := w.sim.Group(simulator.GroupOptions{Title: "Village"})
	g.Add(p.User, p.User)
	g.AddBot(p.User, w.sim.Bot(""), true)
	in := p.In(g)
	in.Say("/household@fieldbot_demo_bot")
	w.quiet()
	var said []string
	for _, m := range g.Messages() {
		if m.From != nil && m.From.IsBot {
			said = append(said, m.Text)
			if b := m.ReplyMarkup.InlineKeyboard[0][0]; b.URL != "https://t.me/fieldbot_demo_bot?start=household" {
				t.Errorf("button %+v", b)
			}
		}
	}
	if len(said) != 1 || !strings.Contains(said[0], "private chat") {
		t.Errorf("in the group: %q", said)
	}
}

// A group has its own language, which it keeps when it becomes a supergroup; a
// button that is pressed there leads to nothing that others would read.
func TestGroupKeepsItsLanguage(t *testing.T) {
	w := open(t, household)
	p := w.person("lo")
	g := w.sim.Group(simulator.GroupOptions{Title: "Village"})
	g.Add(p.User, p.User)
	g.AddBot(p.User, w.sim.Bot(""), true)
	last := func(g *simulator.Group) string {
		w.quiet()
		text := ""
		for _, m := range g.Messages() {
			if m.From != nil && m.From.IsBot {
				text = m.Text
			}
		}
		return text
	}
	in := p.In(g)
	in.Say("/language")
	has(t, last(g), "ພາສາ")
	in.Tap("English")
	has(t, last(g), "in English")
	big := g.Upgrade()
	w.quiet()
	again := p.In(big)
	again.Say("/household@fieldbot_demo_bot")
	has(t, last(big), "private chat")
	again.TapData(big.Messages()[len(big.Messages())-1].MessageID, "/form:household")
	w.quiet()
	if text := last(big); strings.Contains(text, "?") {
		t.Errorf("asked in the group: %q", text)
	}
}

func TestPathOfSeveralPoints(t *testing.T) {
	w := open(t, "| survey |\n| | type | name | label |\n| | geotrace | path | Which way? |\n| | text | note | Anything else? |\n\n| settings |\n| | form_id | keyword |\n| | way | way |\n")
	p := w.person("en")
	has(t, p.says("/way"), "send the points")
	p.Location(15.1, 106.1)
	has(t, p.hears(), "1 point so far")
	p.Location(15.2, 106.2)
	has(t, p.hears(), "2 points so far")
	has(t, p.says("[Done (2)]"), "Anything else?")
	p.says("/skip")
	has(t, answers(w.stored(1).Data), "path=15.1 106.1 0.0 0.0; 15.2 106.2")
}

func TestRepeatsAreAskedOneByOne(t *testing.T) {
	w := open(t, "| survey |\n| | type | name | label |\n| | begin repeat | child | A child |\n| | text | name | Name? |\n| | end repeat | | |\n\n| settings |\n| | form_id | keyword |\n| | kids | kids |\n")
	p := w.person("en")
	has(t, p.says("/kids"), "Name?")
	has(t, p.says("Noy"), "one more to add: A child?")
	again := p.Last()
	yes := again.ReplyMarkup.InlineKeyboard[0][0].CallbackData
	has(t, p.says("yes"), "Name?")
	has(t, p.says("Dao"), "one more to add")
	p.TapData(again.MessageID, yes) // the same question, but an instance ago
	if got := p.hears(); strings.Contains(got, "Name?") {
		t.Errorf("a stale button added an instance: %q", got)
	}
	has(t, p.says("[No more]"), "Thank you")
	if got := answers(w.stored(1).Data); got != "name=Noy name=Dao" {
		t.Errorf("stored %q", got)
	}
}

func TestStopAndStartAgain(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	_, url, _ := w.bot.Invite(t.Context(), bot.Invitation{Role: storage.Secretariat})
	p.says("/start " + url[strings.Index(url, "=")+1:])
	p.says("Noy")
	id := w.keys.Person(p.ID())
	p.says("/language")
	p.says("[ລາວ]")
	who, _ := w.store.Person(t.Context(), id)
	if who.Language != "lo" {
		t.Errorf("language %q", who.Language)
	}
	p.says("/stop")
	if who, _ = w.store.Person(t.Context(), id); len(who.Contact) != 0 {
		t.Error("the contact is kept after /stop")
	}
	p.says("/start")
	if who, _ = w.store.Person(t.Context(), id); len(who.Contact) == 0 {
		t.Error("no contact after /start")
	}
}

func TestTwoReplicasOnOneStore(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	p.says("[Yes]")
	w.quiet()
	w.stop()
	w.start() // another process; the first one's lanes are cold now
	p.says("Ban Na")
	first := w.bot
	w.stop()
	w.start()
	has(t, p.says("4"), "Which crops?")
	second := w.bot
	w.stop()
	w.mu.Lock()
	w.bot = first // whose memory of the session is old
	w.mu.Unlock()
	w.resume()
	has(t, p.says("/skip"), "Living here since?")
	if err := second.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.hears(); got != "" {
		t.Errorf("said twice: %q", got)
	}
}

// A voice note that replies to an earlier question answers no other one, and a
// picture whose caption is changed later is not passed over in silence.
func TestFilesThatAreNotForTheQuestion(t *testing.T) {
	w := open(t, pictures)
	p := w.person("en")
	p.says("/pictures")
	asked := p.Last().MessageID
	has(t, p.says("a tree"), "send a photo")
	photo, _ := p.Photo("tree.jpg", tinyJPEG, "")
	has(t, p.hears(), "Where?")
	p.Location(15.12, 106.85)
	has(t, p.hears(), "What is it?")
	p.Send(simulator.Attachment{Kind: "voice", Data: []byte("OggS voice"), ReplyTo: asked})
	has(t, p.hears(), "answered already")
	p.Edit(photo.MessageID, "a big tree")
	has(t, p.hears(), "changed picture or caption is not taken over")
	err := w.bot.Handle(t.Context(), &models.Update{ID: 1 << 30, Message: &models.Message{
		ID: p.Last().MessageID + 1, Chat: models.Chat{ID: p.ID(), Type: models.ChatTypePrivate}, Story: &models.Story{ID: 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	has(t, p.hears(), "in writing")
}
