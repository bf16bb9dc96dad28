package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// parseKey reads a key written as 64 hexadecimal digits.
func parseKey(s string) ([]byte, error) {
	key, err := hex.DecodeString(strings.TrimSpace(s))
	if err != nil || len(key) < 32 {
		return nil, errors.New("want at least 64 hexadecimal digits, as `openssl rand -hex 32` prints")
	}
	return key, nil
}

// A keySetting is a key as it was set.
type keySetting struct{ name, value, file string }

func (c *config) keySettings() []keySetting {
	return []keySetting{
		{"PSEUDONYM_KEY", c.PseudonymKey, "pseudonym.key"},
		{"LINK_KEY", c.LinkKey, "link.key"},
	}
}

// missing reports a key that must be set: with servers, replicas that each made
// their own would not know each other's people.
func (c *config) missing(k keySetting) error {
	if k.value == "" && c.DatabaseURL != "" {
		return usage("%s is not set; make one with `openssl rand -hex 32` and keep it apart from the database", k.name)
	}
	return nil
}

// keys returns the pseudonym and link keys. On one SQLite file, as in a pilot,
// keys that are not set are made at the first start and kept in DATA_DIR,
// readable by the owner alone.
func (c *config) keys() (pseudonym, link []byte, err error) {
	all := c.keySettings()
	if pseudonym, err = c.key(all[0]); err != nil {
		return nil, nil, err
	}
	link, err = c.key(all[1])
	return pseudonym, link, err
}

func (c *config) key(k keySetting) ([]byte, error) {
	if err := c.missing(k); err != nil {
		return nil, err
	}
	if k.value != "" {
		key, err := parseKey(k.value)
		if err != nil {
			return nil, usage("%s: %w", k.name, err)
		}
		return key, nil
	}
	path := filepath.Join(c.DataDir, k.file)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := parseKey(string(text))
	if err != nil {
		return nil, usage("%s: %w", path, err)
	}
	return key, nil
}

// makeKey writes a new key. Two processes that start together agree on one:
// the file appears whole under its name, and only if it is not there yet.
func makeKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	switch err := os.Link(f.Name(), path); {
	case err == nil:
		return key, nil
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("make key: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return parseKey(string(text))
}
