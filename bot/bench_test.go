package bot_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// answered answers every call without a network.
type answered struct{}

func (answered) RoundTrip(r *http.Request) (*http.Response, error) {
	io.Copy(io.Discard, r.Body)
	r.Body.Close()
	return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"ok":true,"result":{"message_id":5}}`))}, nil
}

// BenchmarkTurn is one tap that answers a question: session decoded, answered,
// encoded, replies made and sent, all but the network and the store's disk.
func BenchmarkTurn(b *testing.B) {
	for _, questions := range []int{12, 2000} {
		b.Run(fmt.Sprint(questions), func(b *testing.B) { benchmarkTurn(b, questions) })
	}
}

func benchmarkTurn(b *testing.B, questions int) {
	var md strings.Builder
	md.WriteString("| survey |\n| | type | name | label::English (en) | label::ລາວ (lo) | required |\n")
	for i := range questions {
		fmt.Fprintf(&md, "| | select_one yn | q%d | How is service number %d? | ການບໍລິການ %d ເປັນແນວໃດ? | yes |\n", i, i, i)
	}
	md.WriteString("\n| choices |\n| | list_name | name | label::English (en) | label::ລາວ (lo) |\n| | yn | yes | Yes | ແມ່ນ |\n| | yn | no | No | ບໍ່ |\n")
	md.WriteString("\n| settings |\n| | form_id | keyword |\n| | bench | bench |\n")
	store := newMemory()
	v := storage.FormVersion{Name: "bench.md", Source: []byte(md.String()), FormID: "bench", Keyword: "bench"}
	form, err := bot.Compile(v)
	if err != nil {
		b.Fatal(err)
	}
	v.Hash = form.Hash
	store.Publish(b.Context(), v)
	client, err := telegram.New("1:abc", telegram.Options{Transport: answered{}})
	if err != nil {
		b.Fatal(err)
	}
	keys, _ := bot.NewKeys([]byte("0123456789abcdef"), []byte("fedcba9876543210"))
	talk, err := bot.New(bot.Config{
		Forms: store, Sessions: store, Submissions: store, People: store, Client: client, Username: "b", Keys: keys,
		Words: locales.New(), Compile: bot.Compile, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	say := func(id int64, chat models.Chat, text string) *models.Update {
		return &models.Update{ID: id, Message: &models.Message{ID: int(id), Chat: chat, From: &models.User{ID: chat.ID, LanguageCode: "lo"}, Text: text}}
	}
	const each = 100 // turns of one person: more at once would be refused as a flood
	at := min(each, questions)
	id := int64(100)
	var chat models.Chat
	var person string
	b.ReportAllocs()
	for b.Loop() {
		id++
		if at == min(each, questions) {
			at = 0
			chat = models.Chat{ID: id, Type: models.ChatTypePrivate}
			person = keys.Person(id)
			if err := talk.Handle(b.Context(), say(id, chat, "/start bench")); err != nil {
				b.Fatal(err)
			}
			id++
		}
		s, _ := store.Load(b.Context(), person)
		p := flows.Position{Node: form.Nodes[at].ID}
		c := render.Callback{Nonce: s.Open[0].Nonce, Revision: s.Open[0].Revision, Place: render.PlaceOf(p), Action: render.Choose}
		at++
		q := &models.CallbackQuery{ID: "1", From: models.User{ID: chat.ID, LanguageCode: "lo"}, Data: c.String(),
			Message: models.MaybeInaccessibleMessage{Message: &models.Message{ID: 5, Date: 1, Chat: chat}}}
		if _, err := talk.Take(b.Context(), &models.Update{ID: id, CallbackQuery: q}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	talk.Close(b.Context())
	s, _ := store.Load(b.Context(), person)
	b.ReportMetric(float64(len(s.Encode())), "B/session")
}
