package bench

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"strconv"
	"strings"
	"sync"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"
)

// A Library is the same survey on go-telegram/bot with its own loop and its own
// client, written as its examples are: a session as JSON, read and written for
// each update, and a call for each thing to be done.
type Library struct {
	Backends
	API    string // address of the Bot API
	Secret string

	last sync.Map // message_id of the question on screen, by chat
}

// seat is where a respondent of a Library is.
type seat struct {
	Step    int      `json:"step"`
	Answers []string `json:"answers"`
}

// Serve listens until ctx ends.
func (l *Library) Serve(ctx context.Context, addr string) error {
	if err := l.open(ctx); err != nil {
		return err
	}
	defer l.close()
	b, err := bot.New("1:library", bot.WithServerURL(l.API), bot.WithSkipGetMe(),
		bot.WithWebhookSecretToken(l.Secret), bot.WithDefaultHandler(l.handle))
	if err != nil {
		return err
	}
	go b.StartWebhook(ctx)
	return listen(ctx, addr, b.WebhookHandler())
}

func (l *Library) handle(ctx context.Context, b *bot.Bot, u *models.Update) {
	var err error
	switch {
	case u.CallbackQuery != nil:
		if _, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID}); err != nil {
			log.Print(err)
		}
		err = l.answer(ctx, b, u.CallbackQuery.From.ID, u.CallbackQuery.Data)
	case u.Message != nil && strings.HasPrefix(u.Message.Text, "/start"):
		err = l.begin(ctx, b, u.Message.Chat.ID)
	case u.Message != nil:
		err = l.answer(ctx, b, u.Message.Chat.ID, u.Message.Text)
	}
	if err != nil && ctx.Err() == nil {
		log.Print(err)
	}
}

func (l *Library) begin(ctx context.Context, b *bot.Bot, chat int64) error {
	_, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: chat, Text: "<b>Bench</b>", ParseMode: models.ParseModeHTML})
	if err != nil {
		return err
	}
	return l.ask(ctx, b, chat, &seat{})
}

func (l *Library) answer(ctx context.Context, b *bot.Bot, chat int64, value string) error {
	stored, err := l.redis.Get(ctx, seatKey(chat)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	var s seat
	if err == nil {
		err = json.Unmarshal(stored, &s)
	}
	if err != nil {
		return err
	}
	if id, ok := l.last.LoadAndDelete(chat); ok {
		_, err = b.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: chat, MessageID: id.(int), Text: "✅ " + value, ParseMode: models.ParseModeHTML})
		if err != nil {
			log.Print(err)
		}
	}
	s.Answers = append(s.Answers, value)
	if s.Step++; s.Step < len(Survey) {
		return l.ask(ctx, b, chat, &s)
	}
	if err := l.keep(ctx, chat, s.Answers); err != nil {
		return err
	}
	if err := l.redis.Del(ctx, seatKey(chat)).Err(); err != nil {
		return err
	}
	_, err = b.SendMessage(ctx, &bot.SendMessageParams{ChatID: chat, Text: Thanks})
	return err
}

func (l *Library) ask(ctx context.Context, b *bot.Bot, chat int64, s *seat) error {
	q := Survey[s.Step]
	p := &bot.SendMessageParams{ChatID: chat, Text: "<b>" + q.Label + "</b>", ParseMode: models.ParseModeHTML}
	if len(q.Choices) > 0 {
		var rows [][]models.InlineKeyboardButton
		for i, c := range q.Choices {
			rows = append(rows, []models.InlineKeyboardButton{{Text: c, CallbackData: strconv.Itoa(i)}})
		}
		p.ReplyMarkup = &models.InlineKeyboardMarkup{InlineKeyboard: rows}
	}
	// stored before it is asked: the answer may come at once
	if err := l.store(ctx, chat, s); err != nil {
		return err
	}
	m, err := b.SendMessage(ctx, p)
	if err != nil {
		return err
	}
	l.last.Store(chat, m.ID)
	return nil
}

func (l *Library) store(ctx context.Context, chat int64, s *seat) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return l.redis.Set(ctx, seatKey(chat), data, 0).Err()
}

func seatKey(chat int64) string { return "library:" + strconv.FormatInt(chat, 10) }
