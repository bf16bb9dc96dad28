package bot

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
	"example.org/fieldbot/locales"
	"example.org/fieldbot/storage"
)

// A pending workbook is the one that somebody of the secretariat sent last, with
// the files for it that came since.
type pending struct {
	File  string            `json:"f"`
	Name  string            `json:"n"`
	Files map[string]string `json:"a,omitempty"`
	At    time.Time         `json:"at"`
}

// What may be attached to a workbook.
const (
	attachWithin  = 30 * time.Minute // of the workbook
	maxAttached   = 40
	maxAttachment = 20 << 20 // what Telegram lets a bot fetch
	maxUnpacked   = 60 << 20
	// attachedPrefix begins the keys of attached files in a link.
	attachedPrefix = "file "
)

var workbookEndings = []string{".xlsx", ".xlsm", ".xls", ".csv", ".md", ".zip"}

// attachmentEndings are of files that a form may refer to.
var attachmentEndings = []string{".csv", ".xml", ".geojson", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg",
	".mp3", ".ogg", ".oga", ".m4a", ".wav", ".aac", ".mp4", ".mov", ".3gp", ".webm", ".pdf"}

// workbook takes a form that somebody of the secretariat sends, or a file for
// the one that they sent before.
func (t *turn) workbook(m *models.Message) (taken bool, err error) {
	name, file, size := sentFile(m)
	ending := strings.ToLower(path.Ext(name))
	k := t.kept()
	isForm := slices.Contains(workbookEndings, ending)
	attaches := k.Workbook != nil && t.now.Sub(k.Workbook.At) < attachWithin && slices.Contains(attachmentEndings, ending) &&
		!strings.EqualFold(name, k.Workbook.Name)
	if !isForm && !attaches {
		return false, nil
	}
	if allowed, err := t.may("file", "workbook"); err != nil || !allowed {
		return false, err
	}
	if size > maxWorkbook && !attaches || size > maxAttachment {
		t.say("refused.size", locales.Args{"Size": t.b.Words.Size(t.lang, maxWorkbook)})
		return true, nil
	}
	p := workbookParams{Lang: t.lang, At: t.now, File: file, Name: name}
	next := pending{File: file, Name: name, At: t.now}
	if attaches {
		next = *k.Workbook
		next.Files = maps.Clone(next.Files)
		if next.Files == nil {
			next.Files = map[string]string{}
		}
		if next.Files[name] = file; len(next.Files) > maxAttached {
			t.say("publish.too_many_files", locales.Args{"Count": maxAttached})
			return true, nil
		}
		p.File, p.Name, p.Newest = next.File, next.Name, name
		t.say("publish.attached", locales.Args{"Name": name})
	} else {
		if w := k.Workbook; w != nil && strings.EqualFold(w.Name, name) {
			next.Files, p.Before = w.Files, w.File // a corrected one keeps its files
		}
		t.say("publish.reading", nil)
	}
	p.Files = next.Files
	k.Workbook = &next
	t.keepThat(k)
	return true, t.do(methodWorkbook, p)
}

// sentFile is a file that was sent with its name.
func sentFile(m *models.Message) (name, file string, size int64) {
	switch {
	case m.Document != nil:
		return m.Document.FileName, m.Document.FileID, m.Document.FileSize
	case m.Audio != nil:
		return m.Audio.FileName, m.Audio.FileID, m.Audio.FileSize
	case m.Video != nil:
		return m.Video.FileName, m.Video.FileID, m.Video.FileSize
	}
	return "", "", 0
}

// attachedIn are the files of a link to a workbook.
func attachedIn(prefill map[string]string) map[string]string {
	out := map[string]string{}
	for key, file := range prefill {
		if name, ok := strings.CutPrefix(key, attachedPrefix); ok {
			out[name] = file
		}
	}
	return out
}

// fetchWorkbook fetches a workbook and what is attached to it: what was sent with
// it, what lay in the same archive, and what the version before had.
func (b *Bot) fetchWorkbook(ctx context.Context, p *workbookParams) (storage.FormVersion, error) {
	v := storage.FormVersion{Name: p.Name, Published: p.At, Files: map[string][]byte{}}
	var err error
	if v.Source, err = b.fetchAll(ctx, p.File); err != nil {
		return v, err
	}
	for name, file := range p.Files {
		if v.Files[name], err = b.fetchAll(ctx, file); err != nil {
			return v, err
		}
	}
	if strings.EqualFold(path.Ext(p.Name), ".zip") {
		if err := unpack(&v); err != nil {
			return v, nil // it is said to be unreadable
		}
	}
	return v, b.inheritFiles(ctx, &v)
}

func (b *Bot) fetchAll(ctx context.Context, file string) ([]byte, error) {
	var data bytes.Buffer
	_, err := b.Client.Download(ctx, file, maxAttachment, &data)
	if errors.Is(err, telegram.ErrTooBig) {
		err = fmt.Errorf("%w: %w", errJob, err)
	}
	return data.Bytes(), err
}

var errArchive = errors.New("not an archive of one workbook and its files")

// unpack takes a workbook and its files out of an archive.
func unpack(v *storage.FormVersion) error {
	z, err := zip.NewReader(bytes.NewReader(v.Source), int64(len(v.Source)))
	if err != nil {
		return errArchive
	}
	left, book := int64(maxUnpacked), ""
	for _, f := range z.File {
		name := path.Base(f.Name)
		if f.FileInfo().IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(f.Name, "__MACOSX") {
			continue
		}
		data, err := readEntry(f, left)
		if err != nil {
			return err
		}
		left -= int64(len(data))
		if e := strings.ToLower(path.Ext(name)); book == "" && slices.Contains([]string{".xlsx", ".xlsm", ".xls", ".md"}, e) {
			book = name
			v.Name, v.Source = name, data
			continue
		}
		v.Files[name] = data
	}
	if book == "" {
		return errArchive
	}
	return nil
}

func readEntry(f *zip.File, left int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, errArchive
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, left+1))
	if err != nil || int64(len(data)) > left {
		return nil, errArchive
	}
	return data, nil
}

// inheritFiles gives a new version the files of the one that is published, as far
// as it refers to them and none were sent.
func (b *Bot) inheritFiles(ctx context.Context, v *storage.FormVersion) error {
	def, err := xlsform.Read(v.Name, v.Source, v.Files)
	if err != nil {
		return nil // it is said to be unreadable
	}
	settings := def.Sheet("settings")
	if len(settings.Rows) == 0 {
		return nil
	}
	id := settings.Get(settings.Rows[0], "form_id")
	current, err := b.forms.published(ctx)
	if err != nil {
		return err
	}
	for _, c := range current {
		if c.FormID != id || id == "" {
			continue
		}
		old, err := b.Forms.Version(ctx, c.FormID, c.Hash)
		if err != nil {
			return fmt.Errorf("load form: %w", err)
		}
		for name, data := range old.Files {
			if _, sent := v.Files[name]; !sent && mentions(def, name) {
				v.Files[name] = data
			}
		}
	}
	return nil
}

// fileOfAnswer is a function that reads the file which an expression names.
var fileOfAnswer = regexp.MustCompile(`\b(search|pulldata)\s*\(\s*[^'"\s)]`)

// mentions reports whether a workbook names a file in any cell, or may do so by an
// answer.
func mentions(def *flows.Definition, file string) bool {
	stem := strings.TrimSuffix(file, path.Ext(file))
	for _, s := range def.Sheets {
		for _, row := range s.Rows {
			for _, cell := range row.Cells {
				if strings.Contains(cell, file) || path.Ext(file) == ".csv" && (strings.Contains(cell, stem) || fileOfAnswer.MatchString(cell)) {
					return true
				}
			}
		}
	}
	return false
}

// mended tells which problems of the workbook that was sent before are gone.
func (b *Bot) mended(ctx context.Context, p *workbookParams, left flows.Problems, say func(string, locales.Args) string) []string {
	if p.Before == "" || p.Publish {
		return nil
	}
	old, err := b.fetchWorkbook(ctx, &workbookParams{File: p.Before, Name: p.Name, Files: p.Files, At: p.At})
	if err != nil {
		return nil // Telegram no longer has it
	}
	_, err = b.Compile(old)
	var was flows.Problems
	if !errors.As(err, &was) {
		return nil
	}
	var gone flows.Problems
	for _, o := range was {
		if !slices.ContainsFunc(left, func(n flows.Problem) bool { return n.String() == o.String() }) {
			gone = append(gone, o)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	lines := []string{say("publish.mended", locales.Args{"Count": len(gone)})}
	for _, o := range gone[:min(len(gone), maxProblems)] {
		lines = append(lines, "✅ <s>"+render.Escape(o.String())+"</s>")
	}
	return lines
}

// storeTrial keeps a version for those who try it, which only tryForm opens.
func (b *Bot) storeTrial(ctx context.Context, v storage.FormVersion) error {
	v.FormID, v.Keyword, v.Audience, v.Retired = storage.TrialPrefix+v.FormID, "", string(storage.Secretariat), true
	if err := b.Forms.Publish(ctx, v); err != nil {
		return fmt.Errorf("keep form to be tried: %w", err)
	}
	return nil
}

// tryForm opens a version that was not published yet, for this person alone.
// Nothing that is answered is stored.
func (t *turn) tryForm(l *storage.Link) error {
	id := storage.TrialPrefix + l.Prefill["form"]
	f, err := t.b.forms.version(t.ctx, id, l.Prefill["hash"])
	if errors.Is(err, storage.ErrNotFound) {
		t.refuseTap("tap.gone", nil)
		return nil
	}
	if err != nil {
		return err
	}
	t.s.Open = slices.DeleteFunc(t.s.Open, func(v storage.Interview) bool { return v.Kind == storage.Trial })
	iv, err := t.open(f, beginning{kind: storage.Trial})
	if err != nil || iv == nil {
		return err
	}
	iv.FormID = id
	t.show(render.Screen{Text: t.html("publish.trial", locales.Args{"Title": t.title(f)})})
	return t.ask(iv)
}
