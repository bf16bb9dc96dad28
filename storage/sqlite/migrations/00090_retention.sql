-- +goose Up
CREATE INDEX media_name ON media (name);
CREATE INDEX media_voice ON media (changed) WHERE kind = 'audio' AND state = 'fetched';
DROP TABLE contacts; -- the session has what it was to have

-- +goose Down
CREATE TABLE contacts (person TEXT PRIMARY KEY, sealed BLOB NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE INDEX contacts_until ON contacts (until);
DROP INDEX media_voice;
DROP INDEX media_name;
