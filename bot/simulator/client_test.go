package simulator_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/simulator"
)

// client is go-telegram/bot as the product uses it.
func client(t *testing.T, srv *simulator.Server, url string) *bot.Bot {
	t.Helper()
	opts := []bot.Option{bot.WithSkipGetMe(), bot.WithServerURL(url)}
	if url == "" {
		opts = []bot.Option{bot.WithSkipGetMe(), bot.WithServerURL("http://simulator"),
			bot.WithHTTPClient(time.Minute, srv.Client())}
	}
	b, err := bot.New(simulator.DefaultToken, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestLibraryPolls(t *testing.T) {
	srv := simulator.New(simulator.Options{})
	run, err := srv.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	ctx := within(t)
	b, err := bot.New(simulator.DefaultToken, bot.WithServerURL(run.URL), bot.WithNotAsyncHandlers(),
		bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
			switch {
			case u.Message != nil:
				_, err := b.SendMessage(ctx, &bot.SendMessageParams{
					ChatID: u.Message.Chat.ID, Text: "<b>you said</b> " + u.Message.Text, ParseMode: models.ParseModeHTML,
					ReplyMarkup: models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{
						{Text: "Yes", CallbackData: "y"}, {Text: "No", CallbackData: "n"},
					}}},
				})
				if err != nil {
					t.Error(err)
				}
			case u.CallbackQuery != nil:
				if _, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{
					CallbackQueryID: u.CallbackQuery.ID, Text: "noted " + u.CallbackQuery.Data}); err != nil {
					t.Error(err)
				}
				m := u.CallbackQuery.Message.Message
				if _, err := b.EditMessageText(ctx, &bot.EditMessageTextParams{
					ChatID: m.Chat.ID, MessageID: m.ID, Text: "done"}); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		}))
	if err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() { b.Start(stop); close(stopped) }()
	defer func() { cancel(); <-stopped }()

	noy := srv.User(simulator.UserOptions{First: "Noy", Language: "lo"})
	if _, err := noy.Say("ສະບາຍດີ"); err != nil {
		t.Fatal(err)
	}
	m, err := noy.Expect(ctx, "ສະບາຍດີ")
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Entities) != 1 || m.Entities[0].Type != "bold" || m.Entities[0].Length != 8 {
		t.Errorf("entities = %+v, want one bold of 8", m.Entities)
	}
	if err := noy.Tap("Yes"); err != nil {
		t.Fatal(err)
	}
	if _, err := noy.Wait(ctx, func(m simulator.Message) bool { return m.Text == "done" }); err != nil {
		t.Fatal(err)
	}
	if err := srv.Quiet(ctx); err != nil {
		t.Fatal(err)
	}
	if toasts := noy.Toasts(); len(toasts) != 1 || toasts[0].Text != "noted y" {
		t.Errorf("toasts = %+v", toasts)
	}
	if last := noy.Last(); last.ReplyMarkup != nil || last.EditDate == 0 {
		t.Errorf("after the edit: %+v", last)
	}
}

func TestLibraryErrors(t *testing.T) {
	srv := simulator.New(simulator.Options{})
	b, ctx := client(t, srv, ""), within(t)
	noy := srv.User(simulator.UserOptions{First: "Noy"})
	send := func() error {
		_, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: noy.ID(), Text: "hello"})
		return err
	}
	if err := send(); err == nil || !strings.Contains(err.Error(), "chat not found") {
		t.Errorf("before /start: %v", err)
	}
	noy.Start("")
	if err := send(); err != nil {
		t.Fatal(err)
	}
	noy.Block()
	if err := send(); !errors.Is(err, bot.ErrorForbidden) || !strings.Contains(err.Error(), "bot was blocked by the user") {
		t.Errorf("blocked: %v", err)
	}
	noy.Unblock()
	srv.Fault(simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: 7})
	var tooMany *bot.TooManyRequestsError
	if err := send(); !errors.As(err, &tooMany) || tooMany.RetryAfter != 7 {
		t.Errorf("429: %v", err)
	}
	for _, kind := range []simulator.FaultKind{simulator.ServerError, simulator.BadGateway, simulator.ResetBefore, simulator.ResetAfter} {
		srv.Fault(simulator.Fault{Kind: kind})
		before := len(noy.Heard())
		if err := send(); err == nil {
			t.Errorf("%s: no error", kind)
		}
		took := len(noy.Heard()) - before
		if want := map[bool]int{true: 1}[kind == simulator.ResetAfter]; took != want {
			t.Errorf("%s: %d messages sent, want %d", kind, took, want)
		}
	}
	if err := send(); err != nil {
		t.Errorf("after the faults: %v", err)
	}
}

func TestLibraryWebhook(t *testing.T) {
	var got []string
	hook := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"method":"sendMessage","chat_id":700000001,"text":"in the answer"}`))
	})
	srv := simulator.New(simulator.Options{WebhookTransport: simulator.HandlerTransport(hook)})
	defer srv.Close()
	b, ctx := client(t, srv, ""), within(t)
	if _, err := b.SetWebhook(ctx, &bot.SetWebhookParams{URL: "http://bot/hook", SecretToken: "s3cret"}); err != nil {
		t.Fatal(err)
	}
	noy := srv.User(simulator.UserOptions{First: "Noy"})
	noy.Start("")
	if err := srv.Quiet(ctx); err != nil {
		t.Fatal(err)
	}
	if noy.Last().Text != "in the answer" {
		t.Errorf("last = %q", noy.Last().Text)
	}
	if len(got) != 1 || got[0] != "s3cret" {
		t.Errorf("deliveries = %q", got)
	}
}

func TestLibraryUploads(t *testing.T) {
	srv := simulator.New(simulator.Options{})
	run, err := srv.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	b, ctx := client(t, srv, run.URL), within(t)
	noy := srv.User(simulator.UserOptions{First: "Noy"})
	noy.Start("")
	img := pngOf(t, 300, 200)
	m, err := b.SendPhoto(ctx, &bot.SendPhotoParams{
		ChatID: noy.ID(), Caption: "chart", Photo: &models.InputFileUpload{Filename: "chart.png", Data: bytes.NewReader(img)}})
	if err != nil || len(m.Photo) != 2 || m.Photo[1].Width != 300 {
		t.Fatalf("photo = %+v, %v", m, err)
	}
	d, err := b.SendDocument(ctx, &bot.SendDocumentParams{
		ChatID: noy.ID(), Document: &models.InputFileUpload{Filename: "export.csv", Data: strings.NewReader("a,b\n")}})
	if err != nil || d.Document.FileName != "export.csv" || !strings.HasPrefix(d.Document.MimeType, "text/csv") {
		t.Fatalf("document = %+v, %v", d, err)
	}
	album, err := b.SendMediaGroup(ctx, &bot.SendMediaGroupParams{ChatID: noy.ID(), Media: []models.InputMedia{
		&models.InputMediaPhoto{Media: "attach://one.png", MediaAttachment: bytes.NewReader(img), Caption: "1"},
		&models.InputMediaPhoto{Media: m.Photo[1].FileID},
	}})
	if err != nil || len(album) != 2 || album[0].MediaGroupID != album[1].MediaGroupID {
		t.Fatalf("album = %+v, %v", album, err)
	}
	if _, err := b.EditMessageMedia(ctx, &bot.EditMessageMediaParams{ChatID: noy.ID(), MessageID: m.ID,
		Media: &models.InputMediaPhoto{Media: "attach://two.png", MediaAttachment: bytes.NewReader(pngOf(t, 30, 20)), Caption: "smaller"}}); err != nil {
		t.Fatal(err)
	}
	_, err = b.SendPhoto(ctx, &bot.SendPhotoParams{
		ChatID: noy.ID(), Photo: &models.InputFileUpload{Filename: "x.png", Data: strings.NewReader("not a picture")}})
	if err == nil || !strings.Contains(err.Error(), "IMAGE_PROCESS_FAILED") {
		t.Errorf("not a picture: %v", err)
	}
	f, err := b.GetFile(ctx, &bot.GetFileParams{FileID: d.Document.FileID})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(b.FileDownloadLink(f))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if data, _ := io.ReadAll(resp.Body); string(data) != "a,b\n" {
		t.Errorf("downloaded %q", data)
	}
}

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// One message and its answer, without a socket.
func BenchmarkTurn(b *testing.B) {
	hook := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"method":"sendMessage","chat_id":700000001,"text":"<b>next</b>","parse_mode":"HTML"}`)
	})
	srv := simulator.New(simulator.Options{WebhookTransport: simulator.HandlerTransport(hook)})
	defer srv.Close()
	srv.Client().Get("http://t/bot" + simulator.DefaultToken + "/setWebhook?url=http://bot/hook")
	noy := srv.User(simulator.UserOptions{First: "Noy"})
	for b.Loop() {
		noy.Say("answer")
		if err := srv.Quiet(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
