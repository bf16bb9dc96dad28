-- Rows add up; they have random ids, since an order would tell in which
-- anonymous submissions came.

-- +goose Up
CREATE TABLE tallies (
    form_id  TEXT NOT NULL,
    day      INTEGER NOT NULL,
    province TEXT NOT NULL,
    district TEXT NOT NULL,
    sex      TEXT NOT NULL,
    age      TEXT NOT NULL,
    service  TEXT NOT NULL,
    id       TEXT NOT NULL,
    n        INTEGER NOT NULL,
    changes  INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (form_id, day, province, district, sex, age, service, id)
) STRICT, WITHOUT ROWID;

-- What a submission counted, and by which version of the count.
ALTER TABLE submissions ADD COLUMN counted BLOB;
ALTER TABLE submissions ADD COLUMN counted_by TEXT NOT NULL DEFAULT '';
CREATE INDEX submissions_counted ON submissions (form_id, counted_by) WHERE withdrawn IS NULL;

CREATE TABLE published_tables (
    form_id  TEXT NOT NULL,
    period   TEXT NOT NULL,
    revision INTEGER NOT NULL,
    made     INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (form_id, period)
) STRICT, WITHOUT ROWID;
