package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"example.org/fieldbot/locales"
)

// config is the configuration of a bot. Each setting is read from the flag,
// else from the environment under the flag's name in capitals
// (TELEGRAM_BOT_TOKEN), else, where it is a secret, from the file that
// TELEGRAM_BOT_TOKEN_FILE names. The struct tags are the whole truth about the
// settings: help, `fieldbot config` and docs/configuration.md come from them.
type config struct {
	TelegramBotToken string `name:"telegram-bot-token" secret:"true" placeholder:"TOKEN" help:"Token of the bot, from BotFather."`
	BotUsername      string `name:"bot-username" placeholder:"NAME" help:"The bot's @name; needed only to make links without asking Telegram."`
	TelegramAPIURL   string `name:"telegram-api-url" default:"https://api.telegram.org" placeholder:"URL" help:"Address of the Bot API server."`
	WebhookURL       string `name:"webhook-url" placeholder:"URL" help:"Public https address for Telegram to call; without it the bot polls."`
	WebhookSecret    string `name:"webhook-secret" secret:"true" placeholder:"SECRET" help:"What Telegram says with each call: 1 to 256 of A-Za-z0-9_-."`
	ListenAddr       string `name:"listen-addr" default:":8080" placeholder:"ADDR" help:"Where to listen for the webhook, /healthz, /readyz and /metrics."`
	MetricsAddr      string `name:"metrics-addr" placeholder:"ADDR" help:"Where to listen for /metrics instead, as 127.0.0.1:9090."`
	DatabaseURL      string `name:"database-url" secret:"url" placeholder:"URL" help:"Postgres, for results. Together with REDIS_URL; without both, one SQLite file in DATA_DIR."`
	RedisURL         string `name:"redis-url" secret:"url" placeholder:"URL" help:"Redis, for conversations under way."`
	DataDir          string `name:"data-dir" default:"data" placeholder:"DIR" help:"Folder of the SQLite file, and of keys that were made at the first start."`
	MediaDir         string `name:"media-dir" placeholder:"DIR" help:"Folder for photos, voice notes and documents; DATA_DIR/media if not set."`
	PseudonymKey     string `name:"pseudonym-key" secret:"true" placeholder:"KEY" help:"Key of the pseudonyms, 32 bytes in hex. Never change it: people would become strangers."`
	LinkKey          string `name:"link-key" secret:"true" placeholder:"KEY" help:"Key that signs entry links, 32 bytes in hex."`
	TimeZone         string `name:"time-zone" default:"Asia/Vientiane" placeholder:"ZONE" help:"Time zone of the programme."`
	Holidays         string `name:"holidays" placeholder:"FILE" help:"A csv file of days without reminders: a date, as 2026-12-02, in its first column."`
	Languages        string `name:"languages" default:"lo,en" placeholder:"CODES" help:"Languages that the bot offers, the first being the one to begin with."`
	LocalesDir       string `name:"locales-dir" placeholder:"DIR" help:"Folder with more languages of the bot's own words, as hmn.json, or other words for one that it has."`
}

// A setting is one line of the table of settings.
type setting struct {
	Name    string // TELEGRAM_BOT_TOKEN
	Flag    string // telegram-bot-token
	Default string
	Secret  string // "true", "url" (only its password) or ""
	Help    string
	value   *string
}

// settings lists the settings of c in the order of the documentation.
func (c *config) settings() []setting {
	v := reflect.ValueOf(c).Elem()
	all := make([]setting, v.NumField())
	for i := range all {
		tag := v.Type().Field(i).Tag
		all[i] = setting{
			Name:    variable(tag.Get("name")),
			Flag:    tag.Get("name"),
			Default: tag.Get("default"),
			Secret:  tag.Get("secret"),
			Help:    tag.Get("help"),
			value:   v.Field(i).Addr().Interface().(*string),
		}
	}
	return all
}

// masked is the value as it may be shown.
func (s setting) masked() string {
	switch {
	case *s.value == "":
		return ""
	case s.Secret == "true":
		return "(set)"
	case s.Secret == "url":
		u, err := url.Parse(*s.value)
		if err != nil {
			return "(set)"
		}
		return u.Redacted()
	}
	return *s.value
}

// variable is the environment variable of a flag.
func variable(flag string) string {
	return strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// environment resolves the flags that are settings from the environment, and
// secrets also from the file named by NAME_FILE.
func environment(lookup func(string) (string, bool)) kong.Resolver {
	secret := map[string]bool{}
	for _, s := range new(config).settings() {
		secret[s.Flag] = s.Secret != ""
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		isSecret, known := secret[flag.Name]
		if !known {
			return nil, nil
		}
		name := variable(flag.Name)
		value, ok := lookup(name)
		ok = ok && value != ""
		file, fromFile := lookup(name + "_FILE")
		if !isSecret || !fromFile || file == "" {
			if !ok {
				return nil, nil
			}
			return value, nil
		}
		if ok {
			return nil, fmt.Errorf("%s and %s_FILE are both set; unset one of them", name, name)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s_FILE: %w", name, err)
		}
		return strings.TrimSpace(string(text)), nil
	})
}

var (
	tokenShape  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]{10,}$`)
	secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	nameShape   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`)
)

// checkStores finds what is wrong with the settings of the stores, all at once.
func (c *config) checkStores() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	switch {
	case c.DatabaseURL != "" && c.RedisURL == "":
		bad("DATABASE_URL is set but REDIS_URL is not; set both for Postgres and Redis, or neither for one SQLite file")
	case c.DatabaseURL == "" && c.RedisURL != "":
		bad("REDIS_URL is set but DATABASE_URL is not; set both for Postgres and Redis, or neither for one SQLite file")
	}
	if c.DatabaseURL != "" && !hasScheme(c.DatabaseURL, "postgres", "postgresql") {
		bad("DATABASE_URL: want postgres://user:password@host:5432/database")
	}
	if c.RedisURL != "" && !hasScheme(c.RedisURL, "redis", "rediss") {
		bad("REDIS_URL: want redis://:password@host:6379/0")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		bad("TIME_ZONE: %q is no time zone; write it as Asia/Vientiane", c.TimeZone)
	}
	for _, l := range c.languages() {
		if !languageShape.MatchString(l) {
			bad("LANGUAGES: %q is no language code; write them as lo,en", l)
		}
	}
	for _, k := range c.keySettings() {
		if _, err := parseKey(k.value); k.value != "" && err != nil {
			bad("%s: %w", k.name, err)
		}
	}
	return joined(wrong)
}

var languageShape = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$`)

// checkBot finds what is wrong with the settings that `serve` needs.
func (c *config) checkBot() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if err := c.checkStores(); err != nil {
		wrong = append(wrong, err)
	}
	for _, k := range c.keySettings() {
		if err := c.missing(k); err != nil {
			wrong = append(wrong, err)
		}
	}
	if _, err := c.offered(); err != nil {
		wrong = append(wrong, err)
	}
	switch {
	case c.TelegramBotToken == "":
		bad("TELEGRAM_BOT_TOKEN is not set; get one from @BotFather, or try `fieldbot demo`, which needs none")
	case !tokenShape.MatchString(c.TelegramBotToken):
		bad("TELEGRAM_BOT_TOKEN does not look like a token (123456:ABC…)")
	}
	if !hasScheme(c.TelegramAPIURL, "http", "https") {
		bad("TELEGRAM_API_URL: want an address as https://api.telegram.org")
	}
	if c.BotUsername != "" && !nameShape.MatchString(strings.TrimPrefix(c.BotUsername, "@")) {
		bad("BOT_USERNAME: %q is no name of a bot", c.BotUsername)
	}
	if c.WebhookURL != "" && !c.goodWebhook() {
		bad("WEBHOOK_URL: Telegram calls only https addresses, as https://bot.example.org/telegram")
	}
	if c.WebhookURL != "" && c.WebhookSecret == "" {
		bad("WEBHOOK_SECRET is not set; without it anyone could send updates to WEBHOOK_URL")
	}
	if c.WebhookSecret != "" && !secretShape.MatchString(c.WebhookSecret) {
		bad("WEBHOOK_SECRET: want 1 to 256 of A-Z a-z 0-9 _ -")
	}
	if _, port, err := net.SplitHostPort(c.ListenAddr); err != nil || port == "" {
		bad("LISTEN_ADDR: %q is no address; write it as :8080 or 127.0.0.1:8080", c.ListenAddr)
	}
	if _, port, err := net.SplitHostPort(c.MetricsAddr); c.MetricsAddr != "" && (err != nil || port == "") {
		bad("METRICS_ADDR: %q is no address; write it as :9090 or 127.0.0.1:9090", c.MetricsAddr)
	}
	return joined(wrong)
}

// goodWebhook reports whether Telegram would call the address. The simulator, on
// this machine, also calls http.
func (c *config) goodWebhook() bool {
	return hasScheme(c.WebhookURL, "https") ||
		hasScheme(c.WebhookURL, "http") && !strings.Contains(c.TelegramAPIURL, "api.telegram.org")
}

// joined makes one usage error of several, one a line.
func joined(wrong []error) error {
	if len(wrong) == 0 {
		return nil
	}
	return usageError{errors.Join(wrong...)}
}

func hasScheme(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return false
	}
	for _, want := range schemes {
		if u.Scheme == want {
			return true
		}
	}
	return false
}

// zone is the programme's time zone; checkStores has seen that it is one.
func (c *config) zone() *time.Location {
	z, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

// words are the bot's own in all languages that there are.
func (c *config) words() (*locales.Catalogue, error) {
	if c.LocalesDir == "" {
		return locales.New(), nil
	}
	if _, err := os.ReadDir(c.LocalesDir); err != nil {
		return nil, usage("LOCALES_DIR: %w", err)
	}
	w, err := locales.With(os.DirFS(c.LocalesDir))
	if err != nil {
		return nil, usage("LOCALES_DIR: %w", err)
	}
	return w, nil
}

// offered are the bot's own words in the languages of LANGUAGES.
func (c *config) offered() (*locales.Catalogue, error) {
	w, err := c.words()
	if err != nil {
		return nil, err
	}
	if w, err = w.Only(c.languages()...); err != nil {
		return nil, usage("LANGUAGES: %w", err)
	}
	return w, nil
}

// languages are the codes of LANGUAGES.
func (c *config) languages() []string {
	var codes []string
	for _, l := range strings.Split(c.Languages, ",") {
		if l = strings.TrimSpace(l); l != "" {
			codes = append(codes, l)
		}
	}
	return codes
}
