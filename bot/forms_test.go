package bot

import (
	"context"
	"strconv"
	"testing"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// anyVersion is a store that has every version.
type anyVersion struct{ storage.Forms }

func (anyVersion) Version(_ context.Context, id, hash string) (storage.FormVersion, error) {
	return storage.FormVersion{FormID: id, Hash: hash}, nil
}

// A bot that has seen many trials and versions does not keep all of them, and
// has each when it is asked for again.
func TestCompiledFormsAreBounded(t *testing.T) {
	compiled := 0
	c := formCache{store: anyVersion{}, compile: func(v storage.FormVersion) (*flows.Form, error) {
		compiled++
		return &flows.Form{ID: v.FormID, Hash: v.Hash}, nil
	}}
	for i := range 2 * maxCompiled {
		for range 2 {
			f, err := c.version(t.Context(), "f", strconv.Itoa(i))
			if err != nil || f.Hash != strconv.Itoa(i) {
				t.Fatalf("version %d: %v, %v", i, f, err)
			}
		}
		if len(c.compiled) > maxCompiled {
			t.Fatalf("%d forms are kept", len(c.compiled))
		}
	}
	if compiled != 2*maxCompiled {
		t.Errorf("%d were compiled, asked for twice in a row", compiled)
	}
}
