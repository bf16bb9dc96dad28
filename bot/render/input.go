package render

import (
	"path"
	"regexp"
	"strings"

	"github.com/go-telegram/bot/models"

	"example.org/fieldbot/flows"
)

// A Sent is what a message brings besides commands.
type Sent struct {
	Input flows.Input
	File  *File  // of a photo, recording or document: where Telegram keeps it
	Text  string // what was typed, or stands below a picture
}

// A File is a file that Telegram keeps for the bot.
type File struct {
	ID   string // file_id, good for the bot alone
	Name string // under which it is kept here
	Kind string // image, audio, video, file
	Size int64  // bytes; 0 if not told

	unique, ending string
}

// Read turns a message into an input for a question; p may be nil. ok is false
// if the message holds nothing that could be an answer. name makes the name of a
// file from the id that Telegram has for its content; names that people give are
// not used, and Telegram's id would lead back to the chat.
func Read(p *flows.Prompt, m *models.Message, name func(unique string) string) (s Sent, ok bool) {
	s.Text = strings.TrimSpace(m.Text)
	if s.Text == "" {
		s.Text = strings.TrimSpace(m.Caption)
	}
	switch {
	case m.Location != nil:
		l := m.Location
		s.Input.Points = []flows.Point{{Lat: l.Latitude, Lon: l.Longitude, Acc: l.HorizontalAccuracy}}
		return s, true
	case m.Contact != nil:
		s.Input.Text = m.Contact.PhoneNumber
		return s, s.Input.Text != ""
	}
	if s.File = fileOf(m); s.File != nil {
		s.File.Name = s.File.Kind + "-" + name(s.File.unique) + s.File.ending
		s.Input = fileInput(p, s.File)
		return s, true
	}
	s.Input.Text = m.Text
	return s, s.Text != ""
}

// fileInput answers a question with a file. A voice note answers a text
// question too: its name stands for what was said, until someone writes it down.
func fileInput(p *flows.Prompt, f *File) flows.Input {
	if p != nil && p.Kind == flows.Ask {
		t := p.Node.Type
		if t.Name == "text" && f.Kind == "audio" {
			return flows.Input{Text: f.Name}
		}
		if t.Media == "file" {
			return flows.Input{File: &flows.File{Name: f.Name, Kind: "file"}}
		}
		// a picture or recording sent "as a file", without loss
		if f.Kind == "file" && t.Media != "" && strings.HasPrefix(kindOf(f.Name), t.Media) {
			f.Kind = t.Media
		}
	}
	return flows.Input{File: &flows.File{Name: f.Name, Kind: f.Kind}}
}

func fileOf(m *models.Message) *File {
	switch {
	case len(m.Photo) > 0:
		best := m.Photo[0]
		for _, p := range m.Photo {
			if p.Width*p.Height > best.Width*best.Height {
				best = p
			}
		}
		return newFile("image", best.FileID, best.FileUniqueID, ".jpg", int64(best.FileSize))
	case m.Voice != nil:
		return newFile("audio", m.Voice.FileID, m.Voice.FileUniqueID, ".ogg", int64(m.Voice.FileSize))
	case m.Audio != nil:
		return newFile("audio", m.Audio.FileID, m.Audio.FileUniqueID, ending(m.Audio.FileName, ".mp3"), int64(m.Audio.FileSize))
	case m.VideoNote != nil:
		return newFile("video", m.VideoNote.FileID, m.VideoNote.FileUniqueID, ".mp4", int64(m.VideoNote.FileSize))
	case m.Video != nil:
		return newFile("video", m.Video.FileID, m.Video.FileUniqueID, ending(m.Video.FileName, ".mp4"), int64(m.Video.FileSize))
	case m.Document != nil:
		return newFile("file", m.Document.FileID, m.Document.FileUniqueID, ending(m.Document.FileName, ".bin"), int64(m.Document.FileSize))
	}
	return nil
}

// unsafe matches what the ending of a file name must not hold.
var unsafe = regexp.MustCompile(`[^A-Za-z0-9_-]`)

func newFile(kind, id, unique, ext string, size int64) *File {
	if id == "" {
		return nil
	}
	return &File{ID: id, Kind: kind, Size: size, unique: unique, ending: ext}
}

// ending keeps the ending of a name if it is a plain one.
func ending(name, otherwise string) string {
	ext := strings.ToLower(path.Ext(name))
	if len(ext) < 2 || len(ext) > 6 || unsafe.MatchString(ext[1:]) {
		return otherwise
	}
	return ext
}

// kindOf guesses what a file is by its ending.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".jpg", ".jpeg", ".png", ".webp", ".heic", ".gif":
		return "image"
	case ".ogg", ".oga", ".mp3", ".m4a", ".wav", ".aac", ".opus", ".flac":
		return "audio"
	case ".mp4", ".mov", ".webm", ".3gp", ".mkv":
		return "video"
	}
	return "file"
}

// Command splits "/name@bot rest" into name and rest. ok is false if the text
// is no command, or one for another bot.
func Command(text, username string) (name, rest string, ok bool) {
	if !strings.HasPrefix(text, "/") {
		return "", "", false
	}
	head, rest, _ := strings.Cut(text[1:], " ")
	head, tail, _ := strings.Cut(head, "\n")
	if tail != "" {
		rest = tail + " " + rest
	}
	name, to, addressed := strings.Cut(head, "@")
	if name == "" || len(name) > 64 || addressed && username != "" && !strings.EqualFold(to, username) {
		return "", "", false
	}
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_') {
			return "", "", false
		}
	}
	return strings.ToLower(name), strings.TrimSpace(rest), true
}
