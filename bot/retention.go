package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"example.org/fieldbot/bot/media"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// A keeping is how long a kind of data is kept that no person deletes.
type keeping struct {
	what  string       // in the words of the documentation
	kind  storage.Kept // "" for what is not a record of the results
	days  int
	since string
}

// keepings is the whole policy. What is deleted with something else, as the
// files of a submission that is withdrawn, is not in it.
var keepings = []keeping{
	{"an interview that was not finished (or the days that its form's setting `expires` says, at most 90)", "", unfinishedDays, "its last answer"},
	{"a session in which nothing is open: language, update ids, the bot's last question", "", SessionDays, "its last turn"},
	{"a file that belongs to no submission", "", looseDays, "it came"},
	{"a voice note or other recording of a submission; the answer keeps its name", storage.KeptVoice, 365, "it came"},
	{"a form that was sent to the bot, with its files, for those who try it (what is published is kept)", storage.KeptTrials, looseDays, "it came"},
	{"an update that was put aside", storage.KeptQuarantine, 90, "it came"},
	{"an entry link or invitation that expires, with who used it", storage.KeptLinks, 90, "it expired"},
	{"a line of the audit log", storage.KeptAudit, 730, "it was written"},
}

// SessionDays is for how many days a session is kept in which nothing is open.
const SessionDays = 180

// looseDays is more than an interview may last: its files belong to no
// submission until it is sent. Those of an interview that was cancelled go then.
const looseDays = flows.MaxExpires + 7

// Retain deletes what was kept long enough by now. Each kind is tried although
// another failed, and doing it again has no further effect. files may be nil.
func Retain(ctx context.Context, results storage.Results, files *media.Keeper, now time.Time) error {
	var errs []error
	for _, k := range keepings {
		if k.kind == "" {
			continue
		}
		_, err := results.Purge(ctx, k.kind, now.AddDate(0, 0, -k.days))
		errs = append(errs, err)
	}
	if files != nil {
		_, err := files.Purge(ctx, now.AddDate(0, 0, -looseDays), results.HasMedium)
		errs = append(errs, err)
	}
	// One file has both: Redis forgets sessions by itself.
	if s, ok := results.(interface {
		ForgetSessions(ctx context.Context, before time.Time) (int, error)
	}); ok {
		_, err := s.ForgetSessions(ctx, now.AddDate(0, 0, -SessionDays))
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("delete what is old: %w", err)
	}
	return nil
}

// WriteRetention writes the policy as a table.
func WriteRetention(b *bytes.Buffer) {
	b.WriteString("| kind | kept | since |\n| --- | --- | --- |\n")
	b.WriteString("| a submission, its photos and documents | until it is withdrawn | |\n")
	for _, k := range keepings {
		b.WriteString("| " + k.what + " | " + strconv.Itoa(k.days) + " days | " + k.since + " |\n")
	}
}
