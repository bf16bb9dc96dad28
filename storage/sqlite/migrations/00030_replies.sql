-- +goose Up
CREATE TABLE broadcast_replies (
    broadcast TEXT NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    token     TEXT NOT NULL,
    person    TEXT NOT NULL,
    reply     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (broadcast, token)
) STRICT, WITHOUT ROWID;
