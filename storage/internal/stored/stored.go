// Package stored has what the SQL stores share: how a record's parts are
// written down. Each store has its own SQL.
package stored

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/fieldbot/storage"
)

// Text makes a string fit for every store: Postgres takes no NUL and no invalid
// UTF-8, and a submission must not fail for that.
func Text(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// Time cuts a time to what the stores keep: microseconds, in UTC.
func Time(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Reference is a receipt number, as AU-2026-00123.
func Reference(prefix string, year int, n int64) string {
	return fmt.Sprintf("%s-%d-%05d", prefix, year, n)
}

// Submission is s as the stores keep it, and its answers as JSON. The form's
// order of the answers is in the text, so it is kept as text.
func Submission(s storage.Submission) (storage.Submission, string, error) {
	data, err := s.Data.MarshalJSON()
	if err != nil {
		return s, "", fmt.Errorf("write answers of %s: %w", s.ID, err)
	}
	s.Version, s.Language = Text(s.Version), Text(s.Language)
	s.InstanceName, s.Title = Text(s.InstanceName), Text(s.Title)
	s.Province, s.District = Text(s.Province), Text(s.District)
	s.Started, s.Finished = Time(s.Started), Time(s.Finished)
	s.Received, s.Withdrawn = Time(s.Received), Time(s.Withdrawn)
	return s, string(data), nil
}

// Map writes names and values, as of a scope.
func Map(m map[string]string) string {
	if len(m) == 0 {
		return "{}"
	}
	b, _ := json.Marshal(m) // a map of strings always encodes
	return Text(string(b))
}

// ReadMap reads what Map wrote; nil if there is nothing in it.
func ReadMap(s string) (map[string]string, error) {
	if s == "" || s == "{}" {
		return nil, nil
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		return nil, fmt.Errorf("read names and values: %w", err)
	}
	return m, nil
}

// Where is the condition of a filter, beginning with " WHERE " or empty, and
// its arguments. Placeholder names the n-th argument, from 1; when is a time as
// the store compares it.
func Where(f storage.Filter, placeholder func(n int) string, when func(time.Time) any) (string, []any) {
	var conds []string
	var args []any
	add := func(cond string, arg any) {
		args = append(args, arg)
		conds = append(conds, cond+placeholder(len(args)))
	}
	if f.FormID != "" {
		add("form_id = ", f.FormID)
	}
	if f.Person != "" {
		add("person = ", f.Person)
	}
	if f.District != "" {
		add("district = ", f.District)
	}
	if f.Province != "" {
		add("province = ", f.Province)
	}
	if f.Version != "" {
		add("version = ", f.Version)
	}
	if f.Hash != "" {
		add("hash = ", f.Hash)
	}
	if !f.From.IsZero() {
		add("received >= ", when(f.From))
	}
	if !f.To.IsZero() {
		add("received < ", when(f.To))
	}
	if cond := flagged(f.Flagged); cond != "" {
		conds = append(conds, cond)
	}
	if !f.Withdrawn {
		conds = append(conds, "withdrawn IS NULL")
	}
	if len(conds) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conds, " AND "), args
}

// Order is the order of a filter and its limit.
func Order(f storage.Filter) string {
	dir := " ASC"
	if f.Newest {
		dir = " DESC"
	}
	sql := " ORDER BY received" + dir + ", id" + dir
	if f.Limit > 0 {
		sql += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return sql
}

// QuarterHour is what stores group by for ByDay: every zone's midnight is at
// one, so that Day can tell the day in any.
const QuarterHour = 15 * 60

// Day is the day in zone (nil is UTC) of the n-th quarter of an hour since 1970.
func Day(n int64, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return time.Unix(n*QuarterHour, 0).In(zone).Format(time.DateOnly)
}

// CountColumn is the column that Count groups by; "" for ByDay.
func CountColumn(by storage.CountBy) (string, error) {
	switch by {
	case storage.ByForm:
		return "form_id", nil
	case storage.ByDistrict:
		return "district", nil
	case storage.ByProvince:
		return "province", nil
	case storage.ByPerson:
		return "person", nil
	case storage.ByDay:
		return "", nil
	}
	return "", fmt.Errorf("count by %q: unknown key", by)
}
