package xpath

import (
	"testing"
	"time"
)

// A number of days is made a date again in the zone that it was counted in,
// east and west of UTC.
func TestDaysInZones(t *testing.T) {
	for zone, samples := range map[string][]sample{
		"Asia/Vientiane": {
			{"date-time(0)", "1970-01-01T07:00:00.000+07:00"},
			{"date-time('20000')", "2024-10-04T07:00:00.000+07:00"},
			{"date-time(20000.5)", "2024-10-04T19:00:00.000+07:00"},
			{"date-time(0) = date('1970-01-01T00:00:00.000Z')", "true"},
			{"date(20000)", "2024-10-04"},
			{"date(20000.5)", "2024-10-04T19:00:00.000+07:00"},
			{"decimal-date-time('2026-01-01')", "20453.708333333332"},
			{"decimal-date-time(20000)", "20000"},
			{"decimal-date-time(date('2026-01-01') + 1)", "20454.708333333332"},
			{"date(decimal-date-time('2026-01-01') + 30)", "2026-01-31"},
			{"date-time(decimal-date-time('2026-01-01') + 30)", "2026-01-31"},
			{"date(30 + decimal-date-time('2026-01-01T15:00:00+07:00'))", "2026-01-31T15:00:00.000+07:00"},
			{"format-date(decimal-date-time('2026-01-01') + 280, '%Y-%m-%d')", "2026-10-08"},
			{"date('2026-01-01') + 30", "20484"},
			{"date(date('2026-01-01') + 30)", "2026-01-31"},
			{"date-time(date('2026-01-01') + 30)", "2026-01-31"},
			{"date(now() + 1)", "2026-06-16T19:00:00.000+07:00"},
			{"date-time(now() - 1)", "2026-06-14T19:00:00.000+07:00"},
			{"format-date-time(now() + 1.5, '%d %H:%M')", "17 07:00"},
			{"date(1 + '2026-06-15T23:00:00+07:00')", "2026-06-16T23:00:00.000+07:00"},
			{"round((now() - today()) * 24)", "19"},
			{"date(now() - today())", "1970-01-02T02:00:00.000+07:00"},
			{"now() - 1 < today()", "true"},
			{"int(now()) = int(today())", "true"},
		},
		"America/Phoenix": {
			{"date-time(0)", "1969-12-31T17:00:00.000-07:00"},
			{"date-time(-1) = date('1969-12-31T00:00:00.000+00:00')", "true"},
			{"date-time('2026-01-01T07:00:00Z')", "2026-01-01"},
			{"date(0)", "1970-01-01"},
			{"date(decimal-date-time('2003-10-20T08:00:00.000-07:00'))", "2003-10-20T08:00:00.000-07:00"},
			{"date(decimal-date-time('2026-01-01') + 30)", "2026-01-31"},
			{"date(now() + 1)", "2026-06-16T05:00:00.000-07:00"},
		},
	} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(zone, func(t *testing.T) {
			checkSamples(t, &StaticEnv{Clock: func() time.Time { return noon }, Zone: loc}, nil, samples)
		})
	}
}

// A repeat has no instance between two others.
func TestIndexedRepeatOfAFraction(t *testing.T) {
	doc := document(t, "<data><r><x>a</x></r><r><x>b</x></r></data>")
	checkSamples(t, &StaticEnv{Document: doc}, doc, []sample{
		{"indexed-repeat(/data/r/x, /data/r, 2)", "b"},
		{"indexed-repeat(/data/r/x, /data/r, 1.5)", ""},
		{"indexed-repeat(/data/r/x, /data/r, 'x')", ""},
	})
}
