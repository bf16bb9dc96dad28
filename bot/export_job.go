package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.org/fieldbot/bot/digest"
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/export"
	"example.org/fieldbot/flows/tally"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// exportParams are an Extract as it waits in an outbox.
type exportParams struct {
	jobParams
	Format   string          `json:"format,omitempty"` // "" is xlsx
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Province string          `json:"province,omitempty"`
	District string          `json:"district,omitempty"`
	Hash     string          `json:"hash,omitempty"` // of the version; "" is all
	Service  string          `json:"service,omitempty"`
	Flagged  storage.Flagged `json:"flagged,omitempty"`
}

func (p *exportParams) extract() Extract {
	return Extract{Filter: storage.Filter{FormID: p.Form, From: p.From, To: p.To, Province: p.Province, District: p.District,
		Hash: p.Hash, Flagged: p.Flagged}, Service: p.Service}
}

// maxUpload is how large a file a bot may send, in bytes; partSize is where a
// part of a larger one ends, with room for what is written at its end.
const (
	maxUpload = 50 << 20
	partSize  = 40 << 20
)

// sendExport writes to files first: their size must be known before Telegram is
// asked to take them. What is too large for one comes in parts.
func (b *Bot) sendExport(ctx context.Context, chat int64, payload []byte) error {
	var p exportParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	forms, unread, err := b.versions(ctx, p.Form)
	if err != nil {
		return err
	}
	if len(forms) == 0 {
		return fmt.Errorf("%w: no such form", errJob)
	}
	if p.Format == "" {
		p.Format = string(export.XLSX)
	}
	j := &exportJob{b: b, p: &p, chat: chat, forms: forms, unread: unread, newest: forms[len(forms)-1], limit: maxUpload, part: partSize}
	if b.ExportLimit > 0 {
		j.limit, j.part = b.ExportLimit, b.ExportLimit*4/5
	}
	j.options = export.Options{Format: export.Format(p.Format), Zone: b.Zone, SplitMultiple: p.Format != string(export.XLSX), SplitPoints: p.Format != string(export.XLSX)}
	if files, ok := b.Media.(MediaOpener); ok && b.Files != nil && hasFiles(forms) {
		j.options.Media = MediaOf(ctx, b.Files, files)
	}
	if p.Flagged != "" && b.book != nil {
		if _, err := b.book.Fresh(ctx, p.Form); err != nil && unreadIn(err) == nil { // without the form, none are looked for
			return fmt.Errorf("look for flags: %w", err)
		}
	}
	j.total, err = b.Submissions.Count(ctx, p.extract().Filter, storage.ByForm)
	if err != nil {
		return fmt.Errorf("count submissions: %w", err)
	}
	if p.Flagged != "" && j.total[p.Form] == 0 {
		lang, _ := j.newest.Language(p.Lang)
		return b.sendScreen(ctx, chat, &render.Screen{Text: b.Words.HTML(p.Lang, "export.none_of", locales.Args{"Title": render.Plain(j.newest.Title.In(lang))})})
	}
	return j.run(ctx)
}

// An exportJob is an export under way.
type exportJob struct {
	b           *Bot
	p           *exportParams
	chat        int64
	forms       []*flows.Form
	unread      []*Unread
	newest      *flows.Form
	options     export.Options
	limit, part int64
	total       map[string]int

	without bool      // the files that people sent are left out
	message int       // that tells how far it is; 0: none was sent
	told    time.Time // when last
}

func (j *exportJob) run(ctx context.Context) error {
	j.told = time.Now()
	file, err := os.CreateTemp("", "export")
	if err != nil {
		return fmt.Errorf("make export file: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	res, err := export.Write(&capped{file, j.limit}, j.rows(ctx), j.forms, j.options)
	if errors.Is(err, errTooLarge) {
		return j.parts(ctx)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return j.send(ctx, file, res.Extension, locales.Args{"Count": res.Submissions})
}

func (j *exportJob) rows(ctx context.Context) func(yield func(*export.Row, error) bool) {
	return j.p.extract().Rows(ctx, j.b.Submissions, j.newest, func(n int) { j.tell(ctx, n) })
}

// tellEvery is how often a long export says how far it is.
const tellEvery = 5 * time.Second

// tell says how far a long export is, in one message. Whether that could be
// sent does not matter.
func (j *exportJob) tell(ctx context.Context, n int) {
	if n%1000 != 0 || time.Since(j.told) < tellEvery {
		return
	}
	j.told = time.Now()
	s := render.Screen{Silent: true, Text: j.b.Words.HTML(j.p.Lang, "export.progress", locales.Args{"Done": n, "Total": j.total[j.p.Form]})}
	if j.message == 0 {
		j.message, _ = j.b.Client.Send(ctx, "sendMessage", j.chat, s.Payloads()[0])
		return
	}
	_, _ = j.b.Client.Send(ctx, "editMessageText", j.chat, s.EditText(j.message))
}

// parts writes what is too large for one file: a workbook as csv files in
// archives, all else as it is.
func (j *exportJob) parts(ctx context.Context) error {
	o := j.options
	if o.Format == export.XLSX || o.Format == export.CSV {
		o.Format = export.ZIP
	}
	for size := j.part; ; size /= 2 {
		files, counts, res, err := j.write(ctx, o, size)
		if err == nil {
			err = j.sendParts(ctx, files, counts, res.Extension)
		}
		for _, f := range files {
			f.Close()
			os.Remove(f.Name())
		}
		switch {
		case !errors.Is(err, errTooLarge):
		case size > j.part/64:
			continue // much is written at the end of a part, as its repeats
		case o.Media != nil: // one submission's files are too large
			o.Media, j.without, size = nil, true, 2*j.part
			continue
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		return nil
	}
}

func (j *exportJob) write(ctx context.Context, o export.Options, size int64) (files []*os.File, counts []int, res export.Result, err error) {
	counts, res, err = export.Parts(func(int) (io.Writer, error) {
		f, err := os.CreateTemp("", "export")
		if err != nil {
			return nil, fmt.Errorf("make export file: %w", err)
		}
		files = append(files, f)
		return &capped{f, j.limit}, nil
	}, j.rows(ctx), j.forms, o, size)
	return files, counts, res, err
}

func (j *exportJob) sendParts(ctx context.Context, files []*os.File, counts []int, ext string) error {
	for i, f := range files {
		args := locales.Args{"Count": counts[i], "Part": i + 1, "Parts": len(files)}
		if err := j.send(ctx, f, fmt.Sprintf("-part%d%s", i+1, ext), args); err != nil {
			return err
		}
	}
	return nil
}

// send sends a file that was written.
func (j *exportJob) send(ctx context.Context, file *os.File, ending string, args locales.Args) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind export: %w", err)
	}
	lang, _ := j.newest.Language(j.p.Lang)
	args["Title"], args["Date"] = render.Plain(j.newest.Title.In(lang)), j.b.now()
	caption := j.b.Words.HTML(j.p.Lang, "export.caption", args)
	if args["Parts"] != nil {
		caption += "\n" + j.b.Words.HTML(j.p.Lang, "export.part", args)
	}
	if j.without {
		caption += "\n" + j.b.Words.HTML(j.p.Lang, "export.without", nil)
	}
	if of := j.of(ctx); of != "" {
		caption += "\n" + j.b.Words.HTML(j.p.Lang, "export.of", locales.Args{"Value": of})
	}
	caption += j.unreadLines()
	name := safeName(j.newest.ID) + "-" + j.b.now().Format("2006-01-02") + ending
	return j.b.Client.SendDocument(ctx, j.chat, name, file, caption)
}

// maxUnread is how many versions that do not compile a caption explains.
const maxUnread = 3

// unreadLines tell which versions in the file do not compile, and why.
func (j *exportJob) unreadLines() (lines string) {
	told := 0
	for _, u := range j.unread {
		if j.p.Hash != "" && j.p.Hash != u.Version.Hash || told == maxUnread {
			continue
		}
		told++
		lines += "\n" + j.b.Words.HTML(j.p.Lang, "export.unread", locales.Args{"Count": u.Submissions, "Version": short(u.Name()), "Why": shorten(u.Why(), 150)})
	}
	return lines
}

// of says what of the form's submissions is in the file; "" is all.
func (j *exportJob) of(ctx context.Context) string {
	var list []string
	if !j.p.From.IsZero() {
		from, to := j.p.From.In(j.b.Zone), j.p.To.In(j.b.Zone).Add(-time.Second)
		list = append(list, j.b.Words.Date(j.p.Lang, from)+" – "+j.b.Words.Date(j.p.Lang, to))
	}
	if at := (tally.Place{Province: j.p.Province, District: j.p.District, Service: j.p.Service}); at != (tally.Place{}) {
		if src, err := j.b.Source(ctx); err == nil {
			list = append(list, digest.PlaceName(src, j.p.Lang, at))
		}
	}
	if j.p.Flagged != "" {
		list = append(list, j.b.Words.Text(j.p.Lang, "flagged."+string(j.p.Flagged), nil))
	}
	return strings.Join(list, " · ")
}
