package storagetest

import (
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// Media exercises an implementation of storage.Media.
func Media(t *testing.T, open func(t *testing.T) storage.Media) {
	cases[storage.Media]{
		"a file from pending to fetched":     mediumFetched,
		"a file that cannot be had":          mediumFailed,
		"added twice it is there once":       mediumTwice,
		"the longest unchanged come first":   mediaOrder,
		"what is dropped is not fetched":     mediumDropped,
		"a record is forgotten":              mediumForgotten,
		"a file is known by its name":        mediumNamed,
		"files of a submission are together": mediaOf,
	}.run(t, open)
}

func medium(id, submission string) storage.MediaFile {
	return storage.MediaFile{
		ID: id, Submission: submission, Question: "photo", Name: id + ".jpg", Kind: "image",
		FileID: "tg-" + id, State: storage.MediaPending, Size: 9, Added: noon, Changed: noon,
	}
}

func isMedium(t *testing.T, st storage.Media, want storage.MediaFile) {
	t.Helper()
	got, err := st.Medium(t.Context(), want.ID)
	must(t, err)
	same(t, "medium "+want.ID, want, got)
}

// mediaIDs are those of the files in a state.
func mediaIDs(t *testing.T, st storage.Media, state storage.MediaState, limit int) []string {
	t.Helper()
	files, err := st.MediaIn(t.Context(), state, limit)
	must(t, err)
	var out []string
	for _, f := range files {
		out = append(out, f.ID)
	}
	return out
}

func mediumNamed(t *testing.T, st storage.Media) {
	ctx := t.Context()
	must(t, st.AddMedia(ctx, medium("m1", "id-1")))
	for name, want := range map[string]bool{"m1.jpg": true, "m2.jpg": false} {
		got, err := st.HasMedium(ctx, name)
		must(t, err)
		if got != want {
			t.Errorf("%s is known: %v, want %v", name, got, want)
		}
	}
}

func mediumFetched(t *testing.T, st storage.Media) {
	ctx := t.Context()
	m := medium("m1", "id-1")
	must(t, st.AddMedia(ctx, m))
	isMedium(t, st, m)
	must(t, st.Fetched(ctx, "m1", "ab/m1", 12, []byte{9, 0}, noon.Add(time.Hour)))
	m.State, m.FileID, m.Path, m.Size, m.SHA256, m.Changed = storage.MediaFetched, "", "ab/m1", 12, []byte{9, 0}, noon.Add(time.Hour)
	isMedium(t, st, m)
	_, err := st.Medium(ctx, "m2")
	want(t, err, storage.ErrNotFound)
	want(t, st.Fetched(ctx, "m2", "x", 1, nil, noon), storage.ErrNotFound)
}

func mediumFailed(t *testing.T, st storage.Media) {
	ctx := t.Context()
	m := medium("m1", "id-1")
	must(t, st.AddMedia(ctx, m))
	must(t, st.NotFetched(ctx, "m1", "timeout", false, noon.Add(time.Minute)))
	m.Tries, m.Reason, m.Changed = 1, "timeout", noon.Add(time.Minute)
	isMedium(t, st, m)
	must(t, st.NotFetched(ctx, "m1", "file is too big", true, noon.Add(time.Hour)))
	m.State, m.Tries, m.Reason, m.Changed = storage.MediaFailed, 2, "file is too big", noon.Add(time.Hour)
	isMedium(t, st, m)
	want(t, st.NotFetched(ctx, "m1", "", true, noon), storage.ErrNotFound)
}

func mediumTwice(t *testing.T, st storage.Media) {
	ctx := t.Context()
	must(t, st.AddMedia(ctx, medium("m1", "id-1"), medium("m2", "id-1")))
	must(t, st.Fetched(ctx, "m1", "ab/m1", 1, nil, noon))
	must(t, st.AddMedia(ctx, medium("m1", "id-1"), medium("m3", "id-1")))
	must(t, st.AddMedia(ctx))
	same(t, "pending", []string{"m2", "m3"}, mediaIDs(t, st, storage.MediaPending, 10))
}

func mediaOrder(t *testing.T, st storage.Media) {
	ctx := t.Context()
	must(t, st.AddMedia(ctx, medium("a", "id-1"), medium("b", "id-1"), medium("c", "id-1")))
	must(t, st.NotFetched(ctx, "a", "timeout", false, noon.Add(time.Hour)))
	same(t, "pending", []string{"b", "c", "a"}, mediaIDs(t, st, storage.MediaPending, 10))
	same(t, "one pending", []string{"b"}, mediaIDs(t, st, storage.MediaPending, 1))
}

func mediumDropped(t *testing.T, st storage.Media) {
	ctx := t.Context()
	subs, ok := st.(storage.Submissions)
	if !ok {
		t.Fatal("the store keeps media without submissions")
	}
	insert(t, subs, submission("id-1"))
	must(t, st.AddMedia(ctx, medium("m1", "id-1")))
	must(t, subs.Withdraw(ctx, "id-1", "", noon))
	want(t, st.Fetched(ctx, "m1", "ab/m1", 1, nil, noon), storage.ErrNotFound)
	want(t, st.NotFetched(ctx, "m1", "", false, noon), storage.ErrNotFound)
	same(t, "dropped", []string{"m1"}, mediaIDs(t, st, storage.MediaDropped, 10))
}

func mediumForgotten(t *testing.T, st storage.Media) {
	must(t, st.AddMedia(t.Context(), medium("m1", "id-1")))
	must(t, st.ForgetMedium(t.Context(), "m1"))
	must(t, st.ForgetMedium(t.Context(), "m1"))
	_, err := st.Medium(t.Context(), "m1")
	want(t, err, storage.ErrNotFound)
}

func mediaOf(t *testing.T, st storage.Media) {
	b, a := medium("m1", "id-1"), medium("m2", "id-1")
	b.Name, a.Name = "b.jpg", "a.jpg"
	must(t, st.AddMedia(t.Context(), b, a, medium("m3", "id-2")))
	got, err := st.MediaOf(t.Context(), "id-1")
	must(t, err)
	same(t, "media", []storage.MediaFile{a, b}, got)
}
