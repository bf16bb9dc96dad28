-- Copies of interviews under way. Without data, a row only keeps older copies
-- from coming back, and is deleted after an hour.

-- +goose Up
CREATE TABLE checkpoints (
    person   text PRIMARY KEY,
    revision bigint NOT NULL,
    data     bytea,
    changed  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX checkpoints_empty ON checkpoints (changed) WHERE data IS NULL;
