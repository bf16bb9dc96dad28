// Package storage has the records that outlive a process, and the contracts of
// the stores that keep them. It knows forms and submissions (package flows) and
// no driver; package storagetest has the suites that every store passes.
//
// Sessions are conversations under way: in Redis, or in the SQLite file.
// Everything else is results: in Postgres, or in the same SQLite file. A session
// is committed whole or not at all. A submission and its tallies are one
// transaction. The two kinds of store cannot commit together, so order does it:
// the session freezes the finished instance, the submission is inserted under
// its id (a second insert has no effect), the session closes it.
package storage
