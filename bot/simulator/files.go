package simulator

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/gif" // photos may come as GIF
	"image/jpeg"
	_ "image/png" // or PNG
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // or WebP

	"example.org/fieldbot/bot/simulator/wire"
)

const (
	maxPhoto    = 10 << 20
	maxDownload = 20 << 20
	linkLife    = time.Hour
)

// A file is what was sent, under the identifier that the API gives it.
type file struct {
	id, unique string
	kind       string // photo, document, voice, audio, video, animation, video_note, sticker
	name, mime string
	data       []byte
	width      int
	height     int
	duration   int
	title      string
	performer  string
	sizes      []*file // of a photo, smallest first; the last is this one
	path       string
	until      time.Time // when the link to it ends
}

// Where downloads of a kind lie, and how they end. The name that a file came
// with is not in its path.
var folders = map[string][2]string{
	"photo": {"photos", ".jpg"}, "document": {"documents", ""}, "voice": {"voice", ".oga"}, "audio": {"music", ".mp3"},
	"video": {"videos", ".mp4"}, "animation": {"animations", ".mp4"}, "video_note": {"video_notes", ".mp4"},
	"sticker": {"stickers", ".webp"},
}

// storeLocked keeps a file and gives it its identifiers.
func (s *Server) storeLocked(f *file) *file {
	raw := make([]byte, 54)
	for i := range raw {
		raw[i] = byte(s.rand.Uint32())
	}
	f.id = "AgACAgUAAxk" + base64.RawURLEncoding.EncodeToString(raw[:42])
	f.unique = "AQAD" + base64.RawURLEncoding.EncodeToString(raw[42:])[:12]
	s.files[f.id] = f
	return f
}

// An input is what an argument says a file is: an upload, or else a word that
// names one.
type input struct {
	up   *upload
	word string
}

// input reads an argument that names a file: an upload under the argument's own
// name or by attach://, a file_id or an address. It reports false if there is
// none.
func (c *call) input(field, value string) (input, bool) {
	if name, ok := strings.CutPrefix(value, "attach://"); ok {
		field, value = name, ""
	}
	if value != "" {
		return input{word: strings.TrimSpace(value)}, true
	}
	up, ok := c.files[field]
	return input{up: &up}, ok
}

// fileLocked finds or stores what an input means.
func (c *call) fileLocked(kind string, in input) (*file, error) {
	if in.up != nil {
		return c.srv.newFileLocked(kind, *in.up)
	}
	switch {
	case strings.HasPrefix(in.word, "http://"), strings.HasPrefix(in.word, "https://"):
		return nil, badRequest("failed to get HTTP URL content") // nothing is fetched from here
	case in.word == "", strings.Contains(in.word, "://"), strings.ContainsAny(in.word, " ./"):
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	}
	known := c.srv.files[in.word]
	if known == nil {
		return nil, badRequest("wrong remote file identifier specified: can't unserialize it")
	}
	if known.kind != kind {
		return nil, badRequest("can't use file of type %s as %s", title(known.kind), title(kind))
	}
	copied := *known
	return &copied, nil
}

func title(kind string) string {
	return strings.ToUpper(kind[:1]) + strings.ReplaceAll(kind[1:], "_", "")
}

func (s *Server) newFileLocked(kind string, up upload) (*file, error) {
	if len(up.data) == 0 {
		return nil, badRequest("file must be non-empty")
	}
	if kind == "photo" {
		return s.newPhotoLocked(up)
	}
	f := &file{kind: kind, name: path.Base(strings.ReplaceAll(up.name, `\`, "/")), mime: up.mime, data: up.data}
	if f.mime == "" || f.mime == "application/octet-stream" {
		f.mime = mime.TypeByExtension(path.Ext(f.name))
		f.mime, _, _ = strings.Cut(f.mime, ";")
	}
	if f.mime == "" {
		f.mime, _, _ = strings.Cut(http.DetectContentType(up.data), ";")
	}
	if kind == "video" || kind == "animation" {
		f.width, f.height = 640, 360 // films are not opened, but the API requires a size
	}
	if kind == "voice" {
		f.mime, f.name = "audio/ogg", ""
	}
	return s.storeLocked(f), nil
}

// photoSides are the longer sides of the sizes that the server makes.
var photoSides = []int{90, 320, 800, 1280, 2560}

// newPhotoLocked checks a photo as the server does and makes its sizes.
func (s *Server) newPhotoLocked(up upload) (*file, error) {
	if len(up.data) > maxPhoto {
		return nil, badRequest("file is too big for a photo")
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(up.data))
	if err != nil {
		return nil, badRequest("IMAGE_PROCESS_FAILED")
	}
	w, h := config.Width, config.Height
	if w < 1 || h < 1 || w+h > 10000 || w > 20*h || h > 20*w {
		return nil, badRequest("PHOTO_INVALID_DIMENSIONS")
	}
	img, _, err := image.Decode(bytes.NewReader(up.data))
	if err != nil {
		return nil, badRequest("IMAGE_PROCESS_FAILED")
	}
	var sizes []*file
	for _, side := range photoSides {
		last := max(w, h) <= side || side == photoSides[len(photoSides)-1]
		f := &file{kind: "photo", mime: "image/jpeg"}
		f.width, f.height = fit(w, h, side)
		if last && http.DetectContentType(up.data) == "image/jpeg" && max(w, h) <= side {
			f.data = up.data
		} else {
			f.data = scaled(img, f.width, f.height)
		}
		sizes = append(sizes, s.storeLocked(f))
		if last {
			break
		}
	}
	for _, f := range sizes {
		f.sizes = sizes
	}
	return sizes[len(sizes)-1], nil
}

func fit(w, h, side int) (int, int) {
	if max(w, h) <= side {
		return w, h
	}
	if w >= h {
		return side, max(1, h*side/w)
	}
	return max(1, w*side/h), side
}

func scaled(img image.Image, w, h int) []byte {
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(to, to.Bounds(), img, img.Bounds(), draw.Src, nil)
	var buf bytes.Buffer
	jpeg.Encode(&buf, to, &jpeg.Options{Quality: 82}) // writing to memory does not fail
	return buf.Bytes()
}

// put makes the file the content of a message.
func (f *file) put(m *message) {
	m.Photo, m.Document, m.Voice, m.Audio, m.Video = nil, nil, nil, nil, nil
	m.Animation, m.VideoNote, m.Sticker = nil, nil, nil
	if f.kind == "photo" {
		m.Photo = nil
		for _, size := range f.sizes {
			m.Photo = append(m.Photo, size.photoSize())
		}
		return
	}
	media := &wire.Media{
		FileID: f.id, FileUniqueID: f.unique, FileSize: int64(len(f.data)), FileName: f.name, MimeType: f.mime,
		Width: f.width, Height: f.height, Title: f.title, Performer: f.performer,
	}
	if f.kind != "document" && f.kind != "sticker" {
		seconds := f.duration
		media.Duration = &seconds
	}
	switch f.kind {
	case "document":
		m.Document = media
	case "voice":
		media.FileName = ""
		m.Voice = media
	case "audio":
		m.Audio = media
	case "video":
		m.Video = media
	case "animation":
		// An animation is a document too, for old bots.
		m.Animation, m.Document = media, &wire.Media{
			FileID: f.id, FileUniqueID: f.unique, FileSize: media.FileSize, FileName: f.name, MimeType: f.mime,
		}
	case "video_note":
		media.Length, media.Width, media.Height, media.FileName, media.MimeType = 240, 0, 0, "", ""
		m.VideoNote = media
	case "sticker":
		m.Sticker = media
	}
}

func (f *file) photoSize() wire.PhotoSize {
	return wire.PhotoSize{
		FileID: f.id, FileUniqueID: f.unique, FileSize: int64(len(f.data)), Width: f.width, Height: f.height,
	}
}

func (c *call) getFile() (any, error) {
	id := strings.TrimSpace(c.text("file_id"))
	if id == "" {
		return nil, badRequest("file_id not specified")
	}
	f := c.srv.files[id]
	if f == nil {
		if strings.ContainsAny(id, " ./:") || len(id) < 20 {
			return nil, badRequest("invalid file_id")
		}
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	}
	if len(f.data) > maxDownload {
		return nil, badRequest("file is too big")
	}
	now := c.srv.nowLocked()
	if f.path == "" {
		folder := folders[f.kind]
		ext := folder[1]
		if f.kind == "document" {
			ext = path.Ext(f.name)
		}
		f.path = fmt.Sprintf("%s/file_%d%s", folder[0], len(c.srv.paths), ext)
		c.srv.paths[f.path] = f
	}
	f.until = now.Add(linkLife)
	return wire.File{FileID: f.id, FileUniqueID: f.unique, FileSize: int64(len(f.data)), FilePath: f.path}, nil
}

var filePath = regexp.MustCompile(`^/file/bot([^/]+)/(?:test/)?(.+)$`)

// serveFile answers /file/bot<token>/<file_path>.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	m := filePath.FindStringSubmatch(r.URL.Path)
	s.mu.Lock()
	var f *file
	var known bool
	if m != nil {
		known = s.botLocked(m[1]) != nil
		f = s.paths[m[2]]
	}
	alive := f != nil && s.nowLocked().Before(f.until)
	fault := s.downloadFaultLocked()
	s.mu.Unlock()
	switch {
	case m == nil:
		writeError(w, &apiError{Code: 404, Description: "Not Found"})
	case !known:
		writeError(w, &apiError{Code: 401, Description: "Unauthorized"})
	case fault != nil:
		fault.answer(w, r)
		fault.abort()
	case !alive:
		writeError(w, &apiError{Code: 404, Description: "Not Found"})
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
	}
}
