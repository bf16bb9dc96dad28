-- +goose Up
ALTER TABLE submissions
    ADD COLUMN consent text NOT NULL DEFAULT '', -- language of the text that was agreed to, and the day; hash is its version
    ADD COLUMN partial boolean NOT NULL DEFAULT false; -- the interview was left, and expired
