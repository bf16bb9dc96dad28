package storage

// Results is what is kept beside the conversations: in Postgres, or in the
// SQLite file.
type Results interface {
	Forms
	Submissions
	People
	Schedules
	Quarantine
	Media
	Jobs
	Leases
	Broadcasts
	Retention
	Reviews
	Reports
	Drafts
	Rounds
	Tallies
}
