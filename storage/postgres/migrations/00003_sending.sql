-- +goose Up
CREATE TABLE leases (
    name   text PRIMARY KEY,
    holder text NOT NULL,
    until  timestamptz NOT NULL
);

CREATE TABLE broadcasts (
    id      text PRIMARY KEY,
    actor   text NOT NULL,
    body    bytea NOT NULL,
    state   text NOT NULL,
    made    timestamptz NOT NULL,
    changed timestamptz NOT NULL
);

CREATE TABLE recipients (
    broadcast text NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    person    text NOT NULL,
    state     text NOT NULL DEFAULT 'waiting',
    reason    text NOT NULL DEFAULT '',
    at        timestamptz NOT NULL DEFAULT 'epoch', -- of the state; of those who wait, when they are due
    PRIMARY KEY (broadcast, person)
);
CREATE INDEX recipients_state ON recipients (broadcast, state, at, person);
