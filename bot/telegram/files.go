package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
)

// MaxDownload is how large a file Telegram lets a bot fetch, in bytes.
const MaxDownload = 20 << 20

// ErrTooBig says that a file is larger than was allowed.
var ErrTooBig = errors.New("the file is too big")

// Download writes a file that was sent to the bot to w, at most limit bytes.
// The address carries the token, so it is never told to anybody.
func (c *Client) Download(ctx context.Context, fileID string, limit int64, w io.Writer) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	params, _ := json.Marshal(map[string]string{"file_id": fileID})
	var f models.File
	if err := c.call(ctx, "getFile", params, &f); err != nil {
		return 0, err
	}
	if f.FileSize > limit {
		return 0, fmt.Errorf("download: %w", ErrTooBig)
	}
	if f.FilePath == "" || strings.Contains(f.FilePath, "..") {
		return 0, &Error{Method: "getFile", Err: errors.New("no usable file_path")}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/file/bot"+c.token+"/"+f.FilePath, nil)
	if err != nil {
		return 0, c.transport("download", err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, c.transport("download", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, &Error{Method: "download", Code: res.StatusCode, Description: "no such file"}
	}
	n, err := io.Copy(w, io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return n, c.transport("download", err)
	case n > limit:
		return n, fmt.Errorf("download: %w", ErrTooBig)
	case f.FileSize > 0 && n != f.FileSize:
		return n, &Error{Method: "download", Err: io.ErrUnexpectedEOF}
	}
	return n, nil
}
