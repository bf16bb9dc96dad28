package storagetest

import (
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// Retention exercises storage.Retention, on the records of the other contracts.
func Retention(t *testing.T, open func(t *testing.T) storage.Results) {
	cases[storage.Results]{"what is old is deleted, what is not is kept": purge}.run(t, open)
}

func purge(t *testing.T, st storage.Results) {
	ctx := t.Context()
	must(t, st.PutAside(ctx, storage.Quarantined{UpdateID: 1, At: noon}))
	must(t, st.PutAside(ctx, storage.Quarantined{UpdateID: 2, At: noon.Add(time.Hour)}))
	for id, expires := range map[string]time.Time{"old": noon, "young": noon.Add(time.Hour), "ever": {}} {
		l := link(id, 1)
		l.Expires = expires
		must(t, st.AddLink(ctx, l))
		_, err := st.Redeem(ctx, id, "p1", noon.Add(-time.Hour))
		must(t, err)
	}
	_, err := st.Save(ctx, officer("p1"), "by", "now")
	must(t, err)
	for kind, want := range map[storage.Kept]int{
		storage.KeptQuarantine: 1,
		storage.KeptLinks:      1,
		storage.KeptAudit:      0,
	} {
		before := noon.Add(time.Minute)
		if kind == storage.KeptAudit {
			before = time.Now().Add(-time.Hour)
		}
		for _, want := range []int{want, 0} {
			got, err := st.Purge(ctx, kind, before)
			must(t, err)
			if got != want {
				t.Errorf("%d %s were deleted, want %d", got, kind, want)
			}
		}
	}
	purgeTrials(t, st)
	for id, at := range map[string]time.Time{"v-old": noon, "v-young": noon.Add(time.Hour), "photo": noon} {
		m := medium(id, "id-1")
		if id != "photo" {
			m.Kind = "audio"
		}
		must(t, st.AddMedia(ctx, m))
		must(t, st.Fetched(ctx, id, "ab/"+id, 1, nil, at))
	}
	for _, want := range []int{1, 0} {
		if n, err := st.Purge(ctx, storage.KeptVoice, noon.Add(time.Minute)); n != want || err != nil {
			t.Errorf("%d voice notes were dropped, %v; want %d", n, err, want)
		}
	}
	if got := mediaIDs(t, st, storage.MediaDropped, 9); len(got) != 1 || got[0] != "v-old" {
		t.Errorf("dropped: %v, want v-old", got)
	}
	_, err = st.Link(ctx, "old")
	want(t, err, storage.ErrNotFound)
	for _, id := range []string{"young", "ever"} {
		_, err = st.Link(ctx, id)
		must(t, err)
	}
	if n, err := st.Purge(ctx, storage.KeptAudit, time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("%d audit lines were deleted, %v; want 1", n, err)
	}
	if _, err := st.Purge(ctx, "submissions", noon); err == nil {
		t.Error("an unknown kind gave no error")
	}
}

func purgeTrials(t *testing.T, st storage.Results) {
	t.Helper()
	ctx := t.Context()
	trial := func(id, hash string, at time.Time) storage.FormVersion {
		return storage.FormVersion{FormID: id, Hash: hash, Title: "T", Name: "t.xlsx", Source: []byte("x"), Published: at,
			Files: map[string][]byte{"list.csv": []byte("a")}, Retired: id != "wells"}
	}
	old, young := noon, noon.Add(time.Hour)
	for _, v := range []storage.FormVersion{trial(storage.TrialPrefix+"wells", "old", old), trial(storage.TrialPrefix+"wells", "young", young),
		trial(storage.TrialPrefix+"ponds", "old", old), trial("wells", "old", old), trial("closed", "old", old)} {
		must(t, st.Publish(ctx, v))
	}
	for _, want := range []int{2, 0} {
		if n, err := st.Purge(ctx, storage.KeptTrials, noon.Add(time.Minute)); n != want || err != nil {
			t.Errorf("%d trials were deleted, %v; want %d", n, err, want)
		}
	}
	for _, gone := range [][2]string{{storage.TrialPrefix + "wells", "old"}, {storage.TrialPrefix + "ponds", "old"}} {
		_, err := st.Version(ctx, gone[0], gone[1])
		want(t, err, storage.ErrNotFound)
	}
	for _, kept := range [][2]string{{storage.TrialPrefix + "wells", "young"}, {"wells", "old"}, {"closed", "old"}} {
		v, err := st.Version(ctx, kept[0], kept[1])
		must(t, err)
		if string(v.Files["list.csv"]) != "a" {
			t.Errorf("%v lost its files", kept)
		}
	}
	must(t, st.Publish(ctx, trial(storage.TrialPrefix+"ponds", "old", young))) // sent again
	v, err := st.Version(ctx, storage.TrialPrefix+"ponds", "old")
	must(t, err)
	same(t, "files of a trial that was sent again", 1, len(v.Files))
}
