package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	tgbot "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/bot/telegram"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// methodShow sends pictures, recordings and films of a form, before the message
// of the question that they belong to.
const methodShow = "/show"

type showParams struct {
	Form  string     `json:"form"`
	Hash  string     `json:"hash"`
	Files []showFile `json:"files"`
	Album bool       `json:"album,omitempty"` // together, as the choices of a list
}

type showFile struct {
	Name    string `json:"n"`
	Kind    string `json:"k"` // photo, voice, audio, video, document
	Caption string `json:"c,omitempty"`
}

// showMedia sends what a prompt shows beside its text: the media of its notes,
// its own, and the pictures of its choices as an album with their numbers.
func (t *turn) showMedia(iv *interview, p *flows.Prompt) {
	var files, album []showFile
	add := func(kind, name string) {
		if name != "" {
			files = append(files, showFile{Name: name, Kind: kindToSend(kind, name)})
		}
	}
	for _, n := range p.Notes {
		add("photo", n.Media.Image)
		add("video", n.Media.Video)
		add("voice", n.Media.Audio)
	}
	add("photo", p.Media.Image)
	add("video", p.Media.Video)
	if p.Node != nil && (len(iv.form.Languages) == 1 || !recordedElsewhere(p.Node, iv.in.Language())) {
		add("voice", p.Media.Audio)
	}
	for i, c := range p.Choices {
		if c.Media.Image != "" && len(album) < maxPictures {
			album = append(album, showFile{Name: c.Media.Image, Kind: "photo", Caption: strconv.Itoa(i + 1)})
		}
	}
	t.showFiles(iv, files, false)
	for part := range slices.Chunk(album, maxAlbum) {
		t.showFiles(iv, part, len(part) > 1)
	}
}

// recordedElsewhere reports whether a question was recorded in other languages
// only. A label in another language is better than none; a voice is not.
func recordedElsewhere(n *flows.Node, lang int) bool {
	return !n.Media[flows.Audio].Empty() && !n.Media[flows.Audio].Has(lang)
}

// maxAlbum is how many pictures Telegram takes together, maxPictures how many
// choices of a list are shown as pictures.
const (
	maxAlbum    = 10
	maxPictures = 30
)

func (t *turn) showFiles(iv *interview, files []showFile, together bool) {
	if len(files) == 0 {
		return
	}
	payload, err := json.Marshal(showParams{Form: iv.FormID, Hash: iv.Hash, Files: files, Album: together})
	if err == nil {
		t.add(storage.Reply{Method: methodShow, Payload: payload}, "")
	}
}

// kindToSend is how Telegram shows a file best.
func kindToSend(kind, name string) string {
	switch ext := strings.ToLower(path.Ext(name)); {
	case kind == "voice" && ext != ".ogg" && ext != ".oga" && ext != ".opus":
		if ext == ".mp3" || ext == ".m4a" {
			return "audio"
		}
		return "document"
	case kind == "photo" && ext != ".jpg" && ext != ".jpeg" && ext != ".png" && ext != ".webp":
		return "document"
	case kind == "video" && ext != ".mp4":
		return "document"
	}
	return kind
}

// show sends the files. Telegram's own ids of what was sent once are remembered,
// so that the next person costs no upload.
func (b *Bot) show(ctx context.Context, chat int64, payload []byte) error {
	var p showParams
	if err := json.Unmarshal(payload, &p); err != nil {
		return fmt.Errorf("%w: %w", errJob, err)
	}
	if p.Album {
		return b.showAlbum(ctx, chat, &p)
	}
	for _, f := range p.Files {
		err := b.showOne(ctx, chat, &p, f)
		if e := telegram.AsError(err); e != nil && e.Code == 400 {
			// one picture that Telegram cannot read must not keep the recording back
			b.Log.WarnContext(ctx, "file of a form refused", "form", p.Form, "file", f.Name, "error", err)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *showParams) key(f showFile) string {
	return p.Form + "\x00" + p.Hash + "\x00" + f.Kind + "\x00" + f.Name + "\x00" + f.Caption
}

// fileOf returns what stands for a file in a call: its id, or its content to
// upload; nil if the form has no such file.
func (b *Bot) fileOf(ctx context.Context, p *showParams, f showFile) (id string, data []byte, err error) {
	if id, ok := b.shown.Load(p.key(f)); ok {
		return id.(string), nil, nil
	}
	v, err := b.Forms.Version(ctx, p.Form, p.Hash)
	if err != nil {
		return "", nil, fmt.Errorf("load form: %w", err)
	}
	if data = v.Files[f.Name]; len(data) == 0 {
		b.shown.Store(p.key(f), "")
	}
	if f.Kind == "photo" && f.Caption != "" && len(data) > 0 {
		data = numbered(data, f.Caption)
	}
	return "", data, nil
}

func (b *Bot) showOne(ctx context.Context, chat int64, p *showParams, f showFile) error {
	id, data, err := b.fileOf(ctx, p, f)
	if err != nil || id == "" && len(data) == 0 {
		return err // a form may name a file that was not attached: it is asked all the same
	}
	var file models.InputFile = &models.InputFileString{Data: id}
	if id == "" {
		file = &models.InputFileUpload{Filename: path.Base(f.Name), Data: bytes.NewReader(data)}
	}
	m, err := b.sendFile(ctx, chat, f, file)
	if err != nil {
		return b.Client.Error("send media", err)
	}
	if id == "" {
		if id = sentID(m); id != "" {
			b.shown.Store(p.key(f), id)
		}
	}
	return nil
}

func (b *Bot) sendFile(ctx context.Context, chat int64, f showFile, file models.InputFile) (*models.Message, error) {
	api := b.Client.API()
	switch f.Kind {
	case "photo":
		return api.SendPhoto(ctx, &tgbot.SendPhotoParams{ChatID: chat, Photo: file, Caption: f.Caption})
	case "voice":
		return api.SendVoice(ctx, &tgbot.SendVoiceParams{ChatID: chat, Voice: file, Caption: f.Caption})
	case "audio":
		return api.SendAudio(ctx, &tgbot.SendAudioParams{ChatID: chat, Audio: file, Caption: f.Caption})
	case "video":
		return api.SendVideo(ctx, &tgbot.SendVideoParams{ChatID: chat, Video: file, Caption: f.Caption})
	}
	return api.SendDocument(ctx, &tgbot.SendDocumentParams{ChatID: chat, Document: file, Caption: f.Caption})
}

func sentID(m *models.Message) string {
	switch {
	case m == nil:
	case len(m.Photo) > 0:
		return m.Photo[len(m.Photo)-1].FileID
	case m.Voice != nil:
		return m.Voice.FileID
	case m.Audio != nil:
		return m.Audio.FileID
	case m.Video != nil:
		return m.Video.FileID
	case m.Document != nil:
		return m.Document.FileID
	}
	return ""
}

// showAlbum sends the pictures of choices together, each with its number.
func (b *Bot) showAlbum(ctx context.Context, chat int64, p *showParams) error {
	var media []models.InputMedia
	var sent []showFile
	for i, f := range p.Files {
		id, data, err := b.fileOf(ctx, p, f)
		if err != nil {
			return err
		}
		item := &models.InputMediaPhoto{Media: id, Caption: f.Caption}
		switch {
		case f.Kind != "photo" || id == "" && len(data) == 0:
			continue
		case id == "":
			item.Media = "attach://" + strconv.Itoa(i) + ".jpg"
			item.MediaAttachment = bytes.NewReader(data)
		}
		media, sent = append(media, item), append(sent, f)
	}
	if len(media) < 2 { // no album is as short as that
		for _, f := range sent {
			return b.showOne(ctx, chat, p, f)
		}
		return nil
	}
	all, err := b.Client.API().SendMediaGroup(ctx, &tgbot.SendMediaGroupParams{ChatID: chat, Media: media})
	if err != nil {
		return b.Client.Error("sendMediaGroup", err)
	}
	for i, m := range all {
		if i < len(sent) && sentID(m) != "" {
			b.shown.Store(p.key(sent[i]), sentID(m))
		}
	}
	return nil
}
