-- +goose Up
CREATE TABLE broadcast_replies (
    broadcast text NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    token     text NOT NULL,
    person    text NOT NULL,
    reply     text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (broadcast, token)
);
