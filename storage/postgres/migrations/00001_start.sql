-- Answers are json, not jsonb, which would not keep the form's order; cast to
-- jsonb to search in them.

-- +goose Up
CREATE TABLE forms (
    form_id text PRIMARY KEY,
    hash    text NOT NULL, -- of the current version
    retired boolean NOT NULL DEFAULT false
);

CREATE TABLE form_versions (
    n         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- order of publishing
    form_id   text NOT NULL,
    hash      text NOT NULL,
    version   text NOT NULL,
    title     text NOT NULL,
    keyword   text NOT NULL,
    audience  text NOT NULL,
    name      text NOT NULL,
    published timestamptz,
    source    bytea NOT NULL,
    UNIQUE (form_id, hash)
);

CREATE TABLE form_files (
    form_id text NOT NULL,
    hash    text NOT NULL,
    name    text NOT NULL,
    data    bytea NOT NULL,
    PRIMARY KEY (form_id, hash, name)
);

CREATE TABLE submissions (
    id            text PRIMARY KEY,
    form_id       text NOT NULL,
    version       text NOT NULL,
    hash          text NOT NULL,
    language      text NOT NULL,
    instance_name text NOT NULL,
    started       timestamptz,
    finished      timestamptz,
    reference     text,
    prefix        text NOT NULL,
    person        text NOT NULL,
    enumerator    text NOT NULL,
    link          text NOT NULL,
    nullifier     text,
    receipt       text,
    province      text NOT NULL,
    district      text NOT NULL,
    title         text NOT NULL,
    received      timestamptz NOT NULL,
    withdrawn     timestamptz,
    reason        text NOT NULL DEFAULT '',
    data          json NOT NULL
);
CREATE UNIQUE INDEX submissions_reference ON submissions (reference) WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX submissions_nullifier ON submissions (nullifier) WHERE nullifier IS NOT NULL;
CREATE INDEX submissions_receipt ON submissions (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX submissions_received ON submissions (received, id);
CREATE INDEX submissions_form ON submissions (form_id, received, id);
CREATE INDEX submissions_person ON submissions (person, received) WHERE person <> '';
CREATE INDEX submissions_district ON submissions (district, received);

CREATE TABLE reference_numbers (
    prefix text NOT NULL,
    year   bigint NOT NULL,
    last   bigint NOT NULL,
    PRIMARY KEY (prefix, year)
);

CREATE TABLE people (
    id           text PRIMARY KEY,
    role         text NOT NULL,
    scope        json NOT NULL,
    name         text NOT NULL,
    organisation text NOT NULL,
    language     text NOT NULL,
    contact      bytea,
    epoch        bigint NOT NULL,
    suspended    boolean NOT NULL,
    since        timestamptz
);

CREATE TABLE audit (
    n      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person text NOT NULL,
    actor  text NOT NULL,
    what   text NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX audit_person ON audit (person, n);

CREATE TABLE links (
    id      text PRIMARY KEY,
    form_id text NOT NULL,
    prefill json NOT NULL,
    role    text NOT NULL,
    scope   json NOT NULL,
    uses    bigint NOT NULL,
    used    bigint NOT NULL,
    expires timestamptz,
    made    timestamptz,
    actor   text NOT NULL
);

CREATE TABLE redemptions (
    link   text NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    person text NOT NULL,
    PRIMARY KEY (link, person)
);

CREATE TABLE schedules (
    id   text PRIMARY KEY,
    kind text NOT NULL,
    spec text NOT NULL,
    zone text NOT NULL,
    next timestamptz NOT NULL
);
CREATE INDEX schedules_next ON schedules (next);

CREATE TABLE deliveries (
    schedule  text NOT NULL,
    period    text NOT NULL,
    target    text NOT NULL,
    outcome   text NOT NULL DEFAULT '',
    delivered timestamptz,
    PRIMARY KEY (schedule, period, target)
);

CREATE TABLE quarantine (
    update_id bigint PRIMARY KEY,
    reason    text NOT NULL,
    body      bytea NOT NULL,
    at        timestamptz NOT NULL
);

CREATE TABLE media (
    id         text PRIMARY KEY,
    submission text NOT NULL,
    question   text NOT NULL,
    name       text NOT NULL,
    kind       text NOT NULL,
    file_id    text NOT NULL,
    state      text NOT NULL,
    path       text NOT NULL,
    size       bigint NOT NULL,
    sha256     bytea,
    tries      bigint NOT NULL,
    reason     text NOT NULL,
    added      timestamptz,
    changed    timestamptz
);
CREATE INDEX media_submission ON media (submission);
CREATE INDEX media_state ON media (state, changed) WHERE state <> 'fetched';

CREATE TABLE contacts (
    person text PRIMARY KEY,
    sealed bytea NOT NULL,
    until  timestamptz NOT NULL
);
CREATE INDEX contacts_until ON contacts (until);

CREATE TABLE jobs (
    kind  text NOT NULL,
    key   text NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (kind, key)
);
