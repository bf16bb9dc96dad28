-- What people add to the sector report, and rounds held before.

-- +goose Up
CREATE TABLE draft_cells (
    form_id  TEXT NOT NULL,
    year     INTEGER NOT NULL,
    language TEXT NOT NULL,
    part     TEXT NOT NULL,
    col      TEXT NOT NULL,
    body     TEXT NOT NULL,
    offered  TEXT NOT NULL CHECK (json_valid(offered)),
    revision INTEGER NOT NULL,
    changed  INTEGER NOT NULL,
    PRIMARY KEY (form_id, year, language, part, col)
) STRICT;

CREATE TABLE items (
    n       INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    form_id TEXT NOT NULL,
    year    INTEGER NOT NULL,
    part    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    body    TEXT NOT NULL,
    owner   TEXT NOT NULL,
    due     INTEGER,
    state   TEXT NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX items_form ON items (form_id, n);

CREATE TABLE rounds (
    form_id TEXT NOT NULL,
    name    TEXT NOT NULL,
    begins  INTEGER NOT NULL,
    ends    INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    source  TEXT NOT NULL,
    made    INTEGER NOT NULL,
    PRIMARY KEY (form_id, name)
) STRICT;
