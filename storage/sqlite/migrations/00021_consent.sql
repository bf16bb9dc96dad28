-- +goose Up
ALTER TABLE submissions ADD COLUMN consent TEXT NOT NULL DEFAULT ''; -- language of the text that was agreed to, and the day; hash is its version
ALTER TABLE submissions ADD COLUMN partial INTEGER NOT NULL DEFAULT 0; -- 1: the interview was left, and expired
