-- +goose Up
CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  INTEGER NOT NULL
) STRICT;

CREATE TABLE broadcasts (
    id      TEXT PRIMARY KEY,
    actor   TEXT NOT NULL,
    body    BLOB NOT NULL,
    state   TEXT NOT NULL,
    made    INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;

CREATE TABLE recipients (
    broadcast TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    person    TEXT NOT NULL,
    state     TEXT NOT NULL DEFAULT 'waiting',
    reason    TEXT NOT NULL DEFAULT '',
    at        INTEGER NOT NULL DEFAULT 0, -- of the state; of those who wait, when they are due
    PRIMARY KEY (broadcast, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipients_state ON recipients (broadcast, state, at, person);
