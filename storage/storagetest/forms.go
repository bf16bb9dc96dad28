package storagetest

import (
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// Forms exercises an implementation of storage.Forms.
func Forms(t *testing.T, open func(t *testing.T) storage.Forms) {
	cases[storage.Forms]{
		"a version is kept whole":                formRoundTrip,
		"the last one published is current":      currentForm,
		"published again it is current again":    republishedForm,
		"a retired form is not current but kept": retiredForm,
		"the same content published by many":     formsRace,
	}.run(t, open)
}

func version(id, hash string, at time.Time) storage.FormVersion {
	return storage.FormVersion{
		FormID: id, Hash: hash, Version: "v-" + hash, Title: "ແບບສອບຖາມ", Keyword: id, Audience: "citizen",
		Name: id + ".xlsx", Source: []byte{'P', 'K', 0, 255}, Published: at,
		Files: map[string][]byte{"districts.csv": []byte("a,b\n"), "empty.csv": {}},
	}
}

// hashes are those of versions, in their order.
func hashes(t *testing.T, versions []storage.FormVersion, err error) []string {
	t.Helper()
	must(t, err)
	var out []string
	for _, v := range versions {
		if v.Source != nil {
			t.Errorf("a list carries the source of %s", v.FormID)
		}
		out = append(out, v.FormID+" "+v.Hash)
	}
	return out
}

func formRoundTrip(t *testing.T, st storage.Forms) {
	ctx := t.Context()
	v := version("sufs", "h1", noon)
	must(t, st.Publish(ctx, v))
	got, err := st.Version(ctx, "sufs", "h1")
	must(t, err)
	same(t, "version", v, got)
	_, err = st.Version(ctx, "sufs", "h2")
	want(t, err, storage.ErrNotFound)
	_, err = st.Version(ctx, "odsc", "h1")
	want(t, err, storage.ErrNotFound)

	changed := version("sufs", "h1", noon.Add(time.Hour))
	changed.Source, changed.Files = []byte("other"), nil
	must(t, st.Publish(ctx, changed))
	got, err = st.Version(ctx, "sufs", "h1")
	must(t, err)
	same(t, "version after publishing its hash with other content", v, got)
}

func currentForm(t *testing.T, st storage.Forms) {
	ctx := t.Context()
	must(t, st.Publish(ctx, version("sufs", "h1", noon)))
	must(t, st.Publish(ctx, version("sufs", "h2", noon.Add(time.Hour))))
	must(t, st.Publish(ctx, version("odsc", "h1", noon)))
	current, err := st.Current(ctx)
	same(t, "current", []string{"odsc h1", "sufs h2"}, hashes(t, current, err))
	all, err := st.Versions(ctx, "sufs")
	same(t, "versions", []string{"sufs h1", "sufs h2"}, hashes(t, all, err))
	_, err = st.Version(ctx, "sufs", "h1") // interviews that began with it go on
	must(t, err)
}

func republishedForm(t *testing.T, st storage.Forms) {
	ctx := t.Context()
	must(t, st.Publish(ctx, version("sufs", "h1", noon)))
	must(t, st.Publish(ctx, version("sufs", "h2", noon.Add(time.Hour))))
	must(t, st.Publish(ctx, version("sufs", "h1", noon.Add(2*time.Hour))))
	current, err := st.Current(ctx)
	same(t, "current", []string{"sufs h1"}, hashes(t, current, err))
	all, err := st.Versions(ctx, "sufs")
	same(t, "versions", []string{"sufs h1", "sufs h2"}, hashes(t, all, err))
	same(t, "newest last", []string{"sufs h2", "sufs h1"}, hashes(t, storage.NewestLast(all, "h1"), nil))
	same(t, "newest last, of another form", []string{"sufs h1", "sufs h2"}, hashes(t, storage.NewestLast(all, "h3"), nil))
}

func retiredForm(t *testing.T, st storage.Forms) {
	ctx := t.Context()
	want(t, st.Retire(ctx, "sufs"), storage.ErrNotFound)
	must(t, st.Publish(ctx, version("sufs", "h1", noon)))
	must(t, st.Retire(ctx, "sufs"))
	current, err := st.Current(ctx)
	same(t, "current", []string(nil), hashes(t, current, err))
	v, err := st.Version(ctx, "sufs", "h1")
	must(t, err)
	if !v.Retired {
		t.Error("the version of a retired form does not say so")
	}
	must(t, st.Publish(ctx, version("sufs", "h1", noon)))
	current, err = st.Current(ctx)
	same(t, "current after publishing again", []string{"sufs h1"}, hashes(t, current, err))
}

func formsRace(t *testing.T, st storage.Forms) {
	_, errs := race(8, func(int) (struct{}, error) {
		return struct{}{}, st.Publish(t.Context(), version("sufs", "h1", noon))
	})
	for _, err := range errs {
		must(t, err)
	}
	all, err := st.Versions(t.Context(), "sufs")
	same(t, "versions", []string{"sufs h1"}, hashes(t, all, err))
}
