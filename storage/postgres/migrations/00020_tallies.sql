-- Rows add up; they have random ids, since an order would tell in which
-- anonymous submissions came.

-- +goose Up
CREATE TABLE tallies (
    form_id  text NOT NULL,
    day      bigint NOT NULL,
    province text NOT NULL,
    district text NOT NULL,
    sex      text NOT NULL,
    age      text NOT NULL,
    service  text NOT NULL,
    id       text NOT NULL,
    n        bigint NOT NULL,
    changes  bigint NOT NULL,
    body     bytea NOT NULL,
    PRIMARY KEY (form_id, day, province, district, sex, age, service, id)
);

-- What a submission counted, and by which version of the count.
ALTER TABLE submissions ADD COLUMN counted bytea;
ALTER TABLE submissions ADD COLUMN counted_by text NOT NULL DEFAULT '';
CREATE INDEX submissions_counted ON submissions (form_id, counted_by) WHERE withdrawn IS NULL;

CREATE TABLE published_tables (
    form_id  text NOT NULL,
    period   text NOT NULL,
    revision bigint NOT NULL,
    made     timestamptz NOT NULL,
    body     bytea NOT NULL,
    PRIMARY KEY (form_id, period)
);
