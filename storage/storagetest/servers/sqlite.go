package servers

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// files are the SQLite files that File copies, by the caller's key.
var files struct {
	sync.Mutex
	content map[string][]byte
}

// File puts at path a copy of the SQLite file that prepare filled and closed:
// once in this process for each key. Bringing the schema into a new file is most
// of what a short test would take.
func File(t testing.TB, key, path string, prepare func(ctx context.Context, path string) error) {
	t.Helper()
	content, err := prepared(t, key, prepare)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatalf("prepare file: %v", err)
	}
}

func prepared(t testing.TB, key string, prepare func(ctx context.Context, path string) error) ([]byte, error) {
	files.Lock()
	defer files.Unlock()
	if content, ok := files.content[key]; ok {
		return content, nil
	}
	path := filepath.Join(t.TempDir(), "template.db")
	if err := prepare(t.Context(), path); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if files.content == nil {
		files.content = map[string][]byte{}
	}
	files.content[key] = content
	return content, nil
}
