package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage"
)

const household = `
| settings |
| | form_title | form_id | keyword | review | consent | reference | headline |
| | Household | hh | household | yes | consent | HH | village |

| survey |
| | type | name | label::English (en) | label::ລາວ (lo) | required | constraint | constraint_message::English (en) | relevant |
| | select_one yn | consent | Do you agree? | ທ່ານຍິນຍອມບໍ? | yes | | | |
| | text | village | Name of the **village** | ຊື່ບ້ານ | yes | | | |
| | integer | people | How many people? | ຈັກຄົນ? | yes | . > 0 and . < 50 | Between 1 and 49, please. | |
| | select_multiple crop | crops | Which crops? | ປູກຫຍັງ? | | | | |
| | note | thanks | Nearly done, ${village}. | ເກືອບແລ້ວ | | | | |
| | date | since | Living here since? | ຢູ່ນີ້ແຕ່ເມື່ອໃດ? | | | | ${people} > 1 |

| choices |
| | list_name | name | label::English (en) | label::ລາວ (lo) |
| | yn | yes | Yes | ແມ່ນ |
| | yn | no | No | ບໍ່ |
| | crop | rice | Rice | ເຂົ້າ |
| | crop | corn | Corn | ສາລີ |
| | crop | tea | Tea | ຊາ |
`

func TestInterviewFromStartToReceipt(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	has(t, p.says("/start"), "Household", "Do you agree?")
	has(t, p.says("[Yes]"), "Name of the village")
	has(t, p.says("Ban <Na>"), "How many people?")
	has(t, p.says("99"), "Between 1 and 49, please.")
	has(t, p.says("many"), "number in digits")
	has(t, p.says("໒"), "Which crops?")
	p.says("[⬜ Rice]")
	p.says("[⬜ Tea]")
	has(t, p.screen(), "[✅ Rice]", "[✅ Tea]", "[Done (2)]")
	has(t, p.says("[Done (2)]"), "Nearly done, Ban <Na>.", "Living here since?")
	has(t, p.says("[Today]"), "Please check your answers", "village: Ban <Na>", "crops? Rice, Tea")
	has(t, p.says("[✏️ 3]"), "How many people?", "Your answer so far: 2")
	has(t, p.says("1"), "Please check your answers")
	if strings.Contains(p.screen(), "since") {
		t.Errorf("an answer that is not relevant is reviewed:\n%s", p.screen())
	}
	has(t, p.says("[✅ Send]"), "Thank you", "HH-")
	s := w.stored(1)
	if got := answers(s.Data); !strings.Contains(got, "consent=yes village=Ban <Na> people=1 crops=rice tea") {
		t.Errorf("stored %q", got)
	}
	if s.Person != w.keys.Person(p.ID()) || s.Title != "Ban <Na>" || s.Reference == "" {
		t.Errorf("stored %+v", s)
	}
	has(t, p.says("hello?"), "No form is open")
	has(t, p.says("/mine"), s.Reference, "Ban <Na>")
}

func TestTapsThatComeLateOrTwice(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	consent := p.Last()
	button := consent.ReplyMarkup.InlineKeyboard[0][0].CallbackData
	p.TapData(consent.MessageID, button)
	p.TapData(consent.MessageID, button)
	has(t, p.hears(), "Name of the village")
	if n := strings.Count(p.screen(), "village"); n != 1 || !strings.Contains(p.toasts(), "answered already") {
		t.Errorf("a double tap: toasts %q, screen\n%s", p.toasts(), p.screen())
	}
	p.says("Ban Na")
	p.says("3")
	p.TapData(consent.MessageID, button)
	has(t, p.hears(), "Which crops?")
	has(t, p.toasts(), "earlier question")
	p.TapData(consent.MessageID, "zzzzzz:1:4:c0")
	p.TapData(consent.MessageID, "rubbish")
	p.TapData(consent.MessageID, "/nothing:x")
	if got := p.hears(); got != "" {
		t.Errorf("a button of nobody's was answered with %q", got)
	}
	has(t, p.says("[‹ Back]"), "How many people?", "so far: 3")
	has(t, p.says("[Keep: 3]"), "Which crops?")
}

func TestRedeliveryAndConflictChangeNothing(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	p.says("[Yes]")
	conflicts := 0
	w.store.beforeCom = func(s *storage.Session) {
		if conflicts++; conflicts == 1 { // another replica commits first
			other, _ := w.store.Load(context.Background(), s.Person)
			w.store.mu.Lock()
			w.store.revision[s.Person]++
			w.store.sessions[s.Person] = other.Encode()
			w.store.mu.Unlock()
		}
	}
	p.seen = len(p.Heard())
	has(t, p.says("Ban Na"), "How many people?")
	w.sim.Bot("").Redeliver(3)
	if got := p.hears(); got != "" {
		t.Errorf("redelivered updates were answered with %q", got)
	}
	has(t, p.says("4"), "Which crops?")
}

func TestStoreThatIsDownForAWhile(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	p.says("[Yes]")
	w.store.mu.Lock()
	w.store.down = storage.ErrUnavailable
	w.store.mu.Unlock()
	p.Say("Ban Na")
	time.Sleep(50 * time.Millisecond)
	w.store.mu.Lock()
	w.store.down = nil
	w.store.mu.Unlock()
	has(t, p.hears(), "How many people?")
}

func TestCrashBeforeTheReplyAndInTheMiddleOfFinishing(t *testing.T) {
	w := open(t, strings.Replace(household, "| yes | consent | HH", "| no | consent | HH", 1))
	p := w.person("en")
	p.says("/household")
	p.says("[Yes]")
	w.sim.Fault(simulator.Fault{Kind: simulator.ResetBefore, Method: "sendMessage", Times: -1})
	p.Say("Ban Na")
	time.Sleep(100 * time.Millisecond)
	w.stop()
	w.sim.ClearFaults()
	w.start()
	w.sim.Advance(time.Minute)
	if err := w.bot.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	has(t, p.hears(), "How many people?")

	// the process dies between freezing and storing: what it leaves is swept
	p.says("1")
	frozen := false
	w.store.beforeCom = func(s *storage.Session) {
		for i := range s.Open {
			frozen = frozen || s.Open[i].State == storage.Finishing
		}
	}
	has(t, p.says("/skip"), "Thank you")
	if !frozen {
		t.Error("the interview was not frozen before it was stored")
	}
	w.stored(1)
	w.sim.Advance(time.Minute)
	w.bot.Sweep(t.Context())
	w.stored(1)
}

func TestTelegramSaysTooManyRequests(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	w.sim.Fault(simulator.Fault{Kind: simulator.TooManyRequests, Method: "sendMessage", Times: 1, RetryAfter: 1})
	start := time.Now()
	p.says("[Yes]")
	has(t, p.Last().Text, "Name of the village")
	if d := time.Since(start); d < 900*time.Millisecond || d > 5*time.Second {
		t.Errorf("took %v, want about the second that Telegram asked for", d)
	}
}

func TestLeavingAndComingBack(t *testing.T) {
	w := open(t, household, strings.NewReplacer("| hh |", "| other |", "household", "other", "Household", "Other").Replace(household))
	p := w.person("en")
	has(t, p.says("/start"), "Which form")
	p.says("[Household]")
	p.says("[Yes]")
	has(t, p.says("/other"), "Other", "Do you agree?")
	p.says("/open")
	has(t, p.screen(), "[Household (1/", "[Other (0/")
	has(t, p.says("[Household (1/"+strings.SplitN(strings.SplitN(p.screen(), "[Household (1/", 2)[1], "]", 2)[0]+"]"), "Welcome back", "Name of the village")
	p.says("/household")
	has(t, p.screen(), "unfinished form", "[Go on][Start again]")
	p.says("[Start again]")
	has(t, p.screen(), "answers given so far are deleted", "[Go on with the questions][Start again]")
	has(t, p.says("[Go on with the questions]"), "Welcome back", "Name of the village")
	p.says("/household")
	p.says("[Start again]")
	has(t, p.says("[Start again]"), "Do you agree?")
	has(t, p.says("/cancel"), "Discard “Household”?")
	has(t, p.says("[Go on with the questions]"), "Do you agree?")
	p.says("/cancel")
	has(t, p.says("[Discard]"), "Nothing was sent")
	has(t, p.says("/back"), "first question")
	has(t, p.says("[No]"), "Without your consent")
	has(t, p.says("/open"), "no unfinished form")
	if len(w.store.subs) != 0 {
		t.Error("something was stored")
	}
}

func TestLanguageIsSwitchedInTheMiddle(t *testing.T) {
	w := open(t, household)
	p := w.person("en")
	p.says("/household")
	p.says("[Yes]")
	p.says("/language")
	has(t, p.says("[ລາວ]"), "ຊື່ບ້ານ")
	has(t, p.says("/help"), "/back")
	p.says("ບ້ານນາ")
	has(t, p.says("5"), "ປູກຫຍັງ?")
}

func TestInvitations(t *testing.T) {
	form := strings.Replace(household, "| form_title | form_id |", "| form_title | audience | form_id |", 1)
	form = strings.Replace(form, "| Household |", "| Household | officer |", 1)
	w := open(t, form)
	officer, other, citizen := w.person("en"), w.person("en"), w.person("en")
	_, url, err := w.bot.Invite(t.Context(), bot.Invitation{Role: storage.Officer, Scope: map[string]string{"organisation": "DoHA"}})
	if err != nil {
		t.Fatal(err)
	}
	payload := url[strings.Index(url, "=")+1:]
	has(t, citizen.says("/start"), "no form is open for you")
	unknown := citizen.says("/nonsense")
	for _, c := range []string{"/household", "/digest", "/export"} {
		if got := citizen.says(c); got != unknown {
			t.Errorf("%s reveals itself to a citizen: %q", c, got)
		}
	}
	altered := payload[:len(payload)-1] + "x"
	if strings.HasSuffix(payload, "x") {
		altered = payload[:len(payload)-1] + "y"
	}
	has(t, officer.says("/start "+altered), "not valid")
	has(t, officer.says("/start "+payload), "registered as officer", "organisation: DoHA", "write your name")
	officer.says("Khamla")
	has(t, other.says("/start "+payload), "used already")
	has(t, officer.says("/household"), "Do you agree?")
	who, _ := w.store.Person(t.Context(), w.keys.Person(officer.ID()))
	if who.Name != "Khamla" || who.Scope["organisation"] != "DoHA" || len(who.Contact) == 0 {
		t.Errorf("stored %+v", who)
	}
	_, second, _ := w.bot.Invite(t.Context(), bot.Invitation{Role: storage.Secretariat})
	has(t, officer.says("/start "+second[strings.Index(second, "=")+1:]), "already as officer")
	_, late, _ := w.bot.Invite(t.Context(), bot.Invitation{Role: storage.Secretariat, Expires: w.sim.Now().Add(time.Hour)})
	w.sim.Advance(2 * time.Hour)
	has(t, other.says("/start "+late[strings.Index(late, "=")+1:]), "expired")
}
