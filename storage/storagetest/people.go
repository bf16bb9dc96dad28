package storagetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"example.org/fieldbot/storage"
)

// People exercises an implementation of storage.People.
func People(t *testing.T, open func(t *testing.T) storage.People) {
	cases[storage.People]{
		"a person is kept, with a raised epoch":           personRoundTrip,
		"saves that race each raise the epoch":            savesRace,
		"people are listed by role and name":              peopleListed,
		"changes are in the audit log":                    audit,
		"a link is kept":                                  linkRoundTrip,
		"a person redeems once":                           redeemAgain,
		"of redeems that race as many win as it has uses": redeemsRace,
		"an expired link is refused":                      redeemExpired,
		"a link without limit":                            redeemUnlimited,
	}.run(t, open)
}

func officer(id string) storage.Person {
	return storage.Person{
		ID: id, Role: storage.Officer, Scope: map[string]string{"province": "15", "district": "1503"},
		Name: "ນ້ອຍ", Organisation: "ຫ້ອງການ", Language: "lo", Contact: []byte{1, 0}, Since: noon,
	}
}

func personRoundTrip(t *testing.T, st storage.People) {
	ctx := t.Context()
	_, err := st.Person(ctx, "p1")
	want(t, err, storage.ErrNotFound)
	p := officer("p1")
	p.Epoch = 99 // the store's to say
	saved, err := st.Save(ctx, p, "command line", "invited")
	must(t, err)
	p.Epoch = saved.Epoch
	same(t, "saved", p, saved)
	p.Suspended, p.Scope, p.Role = true, nil, storage.Observer
	again, err := st.Save(ctx, p, "p2", "suspended")
	must(t, err)
	if again.Epoch <= saved.Epoch {
		t.Errorf("epoch went from %d to %d, want it raised", saved.Epoch, again.Epoch)
	}
	p.Epoch = again.Epoch
	got, err := st.Person(ctx, "p1")
	must(t, err)
	same(t, "person", p, got)
}

func savesRace(t *testing.T, st storage.People) {
	epochs, errs := race(10, func(int) (uint64, error) {
		p, err := st.Save(t.Context(), officer("p1"), "by", "what")
		return p.Epoch, err
	})
	must(t, errors.Join(errs...))
	seen := map[uint64]bool{}
	for _, e := range epochs {
		if seen[e] {
			t.Errorf("epoch %d was given twice", e)
		}
		seen[e] = true
	}
	lines, err := st.Audit(t.Context(), "p1", 100)
	must(t, err)
	if len(lines) != 10 {
		t.Errorf("%d lines in the audit log, want 10", len(lines))
	}
}

func peopleListed(t *testing.T, st storage.People) {
	for i, name := range []string{"C", "A", "B"} {
		p := officer(fmt.Sprint(i))
		p.Name = name
		if name == "C" {
			p.Role = storage.Enumerator
		}
		_, err := st.Save(t.Context(), p, "by", "what")
		must(t, err)
	}
	people, err := st.List(t.Context())
	must(t, err)
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	same(t, "names", []string{"C", "A", "B"}, names)
}

func audit(t *testing.T, st storage.People) {
	for _, line := range [][2]string{{"p1", "invited"}, {"p2", "invited"}, {"p1", "suspended"}} {
		_, err := st.Save(t.Context(), officer(line[0]), "secretary", line[1])
		must(t, err)
	}
	for person, want := range map[string][]string{
		"p1": {"p1 suspended", "p1 invited"},
		"":   {"p1 suspended", "p2 invited"},
	} {
		lines, err := st.Audit(t.Context(), person, 2)
		must(t, err)
		var got []string
		for _, l := range lines {
			got = append(got, l.Person+" "+l.What)
			if l.By != "secretary" || time.Since(l.At).Abs() > time.Hour {
				t.Errorf("line by %q at %v, want by secretary, now", l.By, l.At)
			}
		}
		same(t, "audit of "+person, want, got)
	}
}

func link(id string, uses int) storage.Link {
	return storage.Link{
		ID: id, FormID: "sufs", Prefill: map[string]string{"district": "1503"}, Role: storage.Officer,
		Scope: map[string]string{"district": "1503"}, Uses: uses, Expires: noon.Add(time.Hour), Made: noon, By: "command line",
	}
}

func linkRoundTrip(t *testing.T, st storage.People) {
	ctx := t.Context()
	l := link("L1", 3)
	must(t, st.AddLink(ctx, l))
	got, err := st.Link(ctx, "L1")
	must(t, err)
	same(t, "link", l, got)
	if err := st.AddLink(ctx, l); err == nil {
		t.Error("a second link of the same ID was taken")
	}
	_, err = st.Link(ctx, "L2")
	want(t, err, storage.ErrNotFound)
	_, err = st.Redeem(ctx, "L2", "p1", noon)
	want(t, err, storage.ErrNotFound)
	plain := storage.Link{ID: "L3", FormID: "odsc"}
	must(t, st.AddLink(ctx, plain))
	got, err = st.Link(ctx, "L3")
	must(t, err)
	same(t, "plain link", plain, got)
}

func redeemAgain(t *testing.T, st storage.People) {
	ctx := t.Context()
	must(t, st.AddLink(ctx, link("L1", 2)))
	for _, step := range []struct {
		person string
		used   int
		err    error
	}{{"p1", 1, nil}, {"p1", 1, nil}, {"p2", 2, nil}, {"p3", 2, storage.ErrUsed}, {"p1", 2, nil}} {
		l, err := st.Redeem(ctx, "L1", step.person, noon)
		want(t, err, step.err)
		if err == nil && l.Used != step.used {
			t.Errorf("%s redeemed: used is %d, want %d", step.person, l.Used, step.used)
		}
	}
	l, err := st.Link(ctx, "L1")
	must(t, err)
	if l.Used != 2 {
		t.Errorf("used is %d, want 2", l.Used)
	}
}

func redeemsRace(t *testing.T, st storage.People) {
	must(t, st.AddLink(t.Context(), link("L1", 3)))
	_, errs := race(20, func(i int) (storage.Link, error) {
		return st.Redeem(t.Context(), "L1", fmt.Sprintf("p%d", i/2), noon) // each person twice
	})
	if won, refused := count(errs, nil), count(errs, storage.ErrUsed); won != 6 || refused != 14 {
		t.Errorf("%d calls won and %d were refused, want 6 (3 persons, twice each) and 14: %v", won, refused, errs)
	}
}

func redeemExpired(t *testing.T, st storage.People) {
	ctx := t.Context()
	for id, uses := range map[string]int{"limited": 2, "unlimited": 0} {
		must(t, st.AddLink(ctx, link(id, uses)))
		_, err := st.Redeem(ctx, id, "p1", noon.Add(time.Hour-time.Second))
		must(t, err)
		_, err = st.Redeem(ctx, id, "p1", noon.Add(time.Hour))
		want(t, err, storage.ErrUsed)
	}
}

func redeemUnlimited(t *testing.T, st storage.People) {
	must(t, st.AddLink(t.Context(), link("L1", 0)))
	for i := range 20 {
		_, err := st.Redeem(t.Context(), "L1", fmt.Sprint(i), noon)
		must(t, err)
	}
}
