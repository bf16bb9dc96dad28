-- What people add to the sector report, and rounds held before.

-- +goose Up
CREATE TABLE draft_cells (
    form_id  text NOT NULL,
    year     bigint NOT NULL,
    language text NOT NULL,
    part     text NOT NULL,
    col      text NOT NULL,
    body     text NOT NULL,
    offered  text[] NOT NULL,
    revision bigint NOT NULL,
    changed  timestamptz NOT NULL,
    PRIMARY KEY (form_id, year, language, part, col)
);

CREATE TABLE items (
    n       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id      text NOT NULL UNIQUE,
    form_id text NOT NULL,
    year    bigint NOT NULL,
    part    text NOT NULL,
    kind    text NOT NULL,
    body    text NOT NULL,
    owner   text NOT NULL,
    due     timestamptz,
    state   text NOT NULL,
    changed timestamptz NOT NULL
);
CREATE INDEX items_form ON items (form_id, n);

CREATE TABLE rounds (
    form_id text NOT NULL,
    name    text NOT NULL,
    begins  timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    count   bigint NOT NULL,
    source  text NOT NULL,
    made    timestamptz NOT NULL,
    PRIMARY KEY (form_id, name)
);
