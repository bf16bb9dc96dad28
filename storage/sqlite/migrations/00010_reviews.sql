-- What becomes of a submission after it was sent, and who had nothing to send.

-- +goose Up
CREATE TABLE revisions (
    submission TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL, -- of what it was before; the first is 1
    token      TEXT NOT NULL,   -- of the correction that put it here
    until      INTEGER NOT NULL,
    version    TEXT NOT NULL,
    hash       TEXT NOT NULL,
    language   TEXT NOT NULL,
    finished   INTEGER,
    title      TEXT NOT NULL,
    data       TEXT NOT NULL CHECK (json_valid(data)),
    PRIMARY KEY (submission, number)
) STRICT;

CREATE TABLE review_steps (
    n          INTEGER PRIMARY KEY,
    submission TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    state      TEXT NOT NULL,
    body       TEXT NOT NULL,
    actor      TEXT NOT NULL,
    token      TEXT NOT NULL UNIQUE,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX review_steps_submission ON review_steps (submission, n);

CREATE TABLE nothing_reported (
    form_id  TEXT NOT NULL,
    due      TEXT NOT NULL,
    period   TEXT NOT NULL,
    district TEXT NOT NULL,
    person   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (form_id, due, period, district)
) STRICT;
