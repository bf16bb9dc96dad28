-- +goose Up
CREATE INDEX media_name ON media (name);
CREATE INDEX media_voice ON media (changed) WHERE kind = 'audio' AND state = 'fetched';

-- +goose Down
DROP INDEX media_voice;
DROP INDEX media_name;
