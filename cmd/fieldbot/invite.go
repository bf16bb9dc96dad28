package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// inviteCmd prints a link: to a role, or to a form with answers given.
type inviteCmd struct {
	config
	Role         string            `enum:"officer,enumerator,observer,secretariat," default:"" placeholder:"ROLE" help:"officer, enumerator, observer or secretariat."`
	Form         string            `placeholder:"FORM" help:"Instead of a role: a form to fill."`
	Prefill      map[string]string `placeholder:"QUESTION=ANSWER" help:"With --form: answers that are given and not asked."`
	Province     string            `placeholder:"CODE" help:"Province of the role."`
	District     string            `placeholder:"CODE" help:"District of the role, as 1503."`
	Organisation string            `placeholder:"NAME" help:"Organisation of the role."`
	Service      string            `placeholder:"NAME" help:"Service that an observer sees."`
	Uses         int               `default:"-1" help:"How many people may use it; 0 is any number. An invitation is for one, a form for any."`
	Days         int               `default:"14" help:"How many days an invitation is good for."`
}

func (c *inviteCmd) Run(t *console) error {
	if (c.Role == "") == (c.Form == "") {
		return usage("give either --role (officer, enumerator, observer, secretariat) or --form")
	}
	if err := c.checkStores(); err != nil {
		return err
	}
	if c.Days < 1 {
		return usage("--days: an invitation is good for at least a day")
	}
	keys, err := c.botKeys()
	if err != nil {
		return err
	}
	username, err := c.username(t)
	if err != nil {
		return err
	}
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	link, err := c.link(t, s)
	if err != nil {
		return err
	}
	_, payload, err := bot.MakeLink(t, s.Results, keys, link)
	if err != nil {
		return err
	}
	t.printf("%s\n", bot.StartURL(username, payload))
	return nil
}

// username is the bot's @name: as set, else as Telegram says.
func (c *config) username(ctx context.Context) (string, error) {
	if c.BotUsername != "" {
		return strings.TrimPrefix(c.BotUsername, "@"), nil
	}
	if c.TelegramBotToken == "" {
		return "", usage("BOT_USERNAME is not set, nor TELEGRAM_BOT_TOKEN to ask Telegram with; the link needs the bot's name")
	}
	client, err := telegram.New(c.TelegramBotToken, telegram.Options{BaseURL: c.TelegramAPIURL})
	if err != nil {
		return "", usageError{err}
	}
	me, err := client.Me(ctx)
	if err != nil {
		return "", usage("ask Telegram for the bot's name (or set BOT_USERNAME): %w", err)
	}
	return me.Username, nil
}

// link makes the row that the link stands for.
func (c *inviteCmd) link(ctx context.Context, s *stores) (storage.Link, error) {
	l := storage.Link{By: "command line", Made: time.Now(), Uses: max(c.Uses, 0)}
	if c.Form != "" {
		form, err := currentForm(ctx, s.Results, c.Form)
		if err != nil {
			return l, err
		}
		for name := range c.Prefill {
			if form.Question(name) == nil {
				return l, usage("--prefill: form %s has no question %q", form.ID, name)
			}
		}
		l.FormID, l.Prefill = form.ID, c.Prefill
		return l, nil
	}
	forms, err := currentForms(ctx, s.Results)
	if err != nil {
		return l, err
	}
	l.Role, l.Scope = storage.Role(c.Role), map[string]string{}
	for key, value := range map[string]string{"province": c.Province, "district": c.District, "organisation": c.Organisation, "service": c.Service} {
		if value != "" {
			l.Scope[key] = value
		}
	}
	if err := bot.CheckScope(forms, l.Scope); errors.Is(err, bot.ErrScope) {
		return l, usageError{err}
	}
	if c.Uses < 0 {
		l.Uses = 1
	}
	l.Expires = l.Made.AddDate(0, 0, c.Days)
	return l, nil
}

// currentForms compiles all forms that are open. One that does not compile is left
// out.
func currentForms(ctx context.Context, forms storage.Forms) ([]*flows.Form, error) {
	current, err := forms.Current(ctx)
	if err != nil {
		return nil, err
	}
	var list []*flows.Form
	for _, v := range current {
		if v, err = forms.Version(ctx, v.FormID, v.Hash); err != nil {
			return nil, err
		}
		form, err := bot.Compile(v)
		if errors.As(err, new(*bot.Unread)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, form)
	}
	return list, nil
}
