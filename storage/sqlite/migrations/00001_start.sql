-- Times are microseconds since 1970 in UTC, NULL for none; sessions', whose
-- own are milliseconds, alike. Names and values, and answers, are JSON text.

-- +goose Up
CREATE TABLE sessions (
    person   TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    data     BLOB NOT NULL,
    changed  INTEGER NOT NULL,
    waiting  INTEGER -- changed, if it waits for attention
) STRICT;
CREATE INDEX sessions_changed ON sessions (changed);
CREATE INDEX sessions_waiting ON sessions (waiting) WHERE waiting IS NOT NULL;

CREATE TABLE forms (
    form_id TEXT PRIMARY KEY,
    hash    TEXT NOT NULL, -- of the current version
    retired INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE form_versions (
    n         INTEGER PRIMARY KEY, -- order of publishing
    form_id   TEXT NOT NULL,
    hash      TEXT NOT NULL,
    version   TEXT NOT NULL,
    title     TEXT NOT NULL,
    keyword   TEXT NOT NULL,
    audience  TEXT NOT NULL,
    name      TEXT NOT NULL,
    published INTEGER,
    source    BLOB NOT NULL,
    UNIQUE (form_id, hash)
) STRICT;

CREATE TABLE form_files (
    form_id TEXT NOT NULL,
    hash    TEXT NOT NULL,
    name    TEXT NOT NULL,
    data    BLOB NOT NULL,
    PRIMARY KEY (form_id, hash, name)
) STRICT;

-- Without row numbers, since they would tell in which order anonymous
-- submissions came, and so whose they are.
CREATE TABLE submissions (
    id            TEXT PRIMARY KEY,
    form_id       TEXT NOT NULL,
    version       TEXT NOT NULL,
    hash          TEXT NOT NULL,
    language      TEXT NOT NULL,
    instance_name TEXT NOT NULL,
    started       INTEGER,
    finished      INTEGER,
    reference     TEXT,
    prefix        TEXT NOT NULL,
    person        TEXT NOT NULL,
    enumerator    TEXT NOT NULL,
    link          TEXT NOT NULL,
    nullifier     TEXT,
    receipt       TEXT,
    province      TEXT NOT NULL,
    district      TEXT NOT NULL,
    title         TEXT NOT NULL,
    received      INTEGER NOT NULL,
    withdrawn     INTEGER,
    reason        TEXT NOT NULL DEFAULT '',
    data          TEXT NOT NULL CHECK (json_valid(data))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX submissions_reference ON submissions (reference) WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX submissions_nullifier ON submissions (nullifier) WHERE nullifier IS NOT NULL;
CREATE INDEX submissions_receipt ON submissions (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX submissions_received ON submissions (received, id);
CREATE INDEX submissions_form ON submissions (form_id, received, id);
CREATE INDEX submissions_person ON submissions (person, received) WHERE person <> '';
CREATE INDEX submissions_district ON submissions (district, received);

CREATE TABLE reference_numbers (
    prefix TEXT NOT NULL,
    year   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (prefix, year)
) STRICT;

CREATE TABLE people (
    id           TEXT PRIMARY KEY,
    role         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    name         TEXT NOT NULL,
    organisation TEXT NOT NULL,
    language     TEXT NOT NULL,
    contact      BLOB,
    epoch        INTEGER NOT NULL,
    suspended    INTEGER NOT NULL,
    since        INTEGER
) STRICT;

CREATE TABLE audit (
    n      INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    actor  TEXT NOT NULL,
    what   TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_person ON audit (person, n);

CREATE TABLE links (
    id      TEXT PRIMARY KEY,
    form_id TEXT NOT NULL,
    prefill TEXT NOT NULL,
    role    TEXT NOT NULL,
    scope   TEXT NOT NULL,
    uses    INTEGER NOT NULL,
    used    INTEGER NOT NULL,
    expires INTEGER,
    made    INTEGER,
    actor   TEXT NOT NULL
) STRICT;

CREATE TABLE redemptions (
    link   TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    PRIMARY KEY (link, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
    id   TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    spec TEXT NOT NULL,
    zone TEXT NOT NULL,
    next INTEGER NOT NULL
) STRICT;
CREATE INDEX schedules_next ON schedules (next);

CREATE TABLE deliveries (
    schedule  TEXT NOT NULL,
    period    TEXT NOT NULL,
    target    TEXT NOT NULL,
    outcome   TEXT NOT NULL DEFAULT '',
    delivered INTEGER,
    PRIMARY KEY (schedule, period, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    update_id INTEGER PRIMARY KEY,
    reason    TEXT NOT NULL,
    body      BLOB NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

CREATE TABLE media (
    id         TEXT PRIMARY KEY,
    submission TEXT NOT NULL,
    question   TEXT NOT NULL,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    file_id    TEXT NOT NULL,
    state      TEXT NOT NULL,
    path       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    sha256     BLOB,
    tries      INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    added      INTEGER,
    changed    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX media_submission ON media (submission);
CREATE INDEX media_state ON media (state, changed) WHERE state <> 'fetched';

CREATE TABLE contacts (
    person TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    until  INTEGER NOT NULL
) STRICT;
CREATE INDEX contacts_until ON contacts (until);

CREATE TABLE jobs (
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
