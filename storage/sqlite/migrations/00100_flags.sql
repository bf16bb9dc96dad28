-- +goose Up
-- What may be wrong with an interview: bits of its own flags, and a hash of its
-- answers, by which duplicates are found. Both are set where it is counted.
ALTER TABLE submissions ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN fingerprint BLOB;
CREATE INDEX submissions_flags ON submissions (form_id, received) WHERE flags <> 0 AND withdrawn IS NULL;
CREATE INDEX submissions_fingerprint ON submissions (form_id, fingerprint, received, id)
    WHERE fingerprint IS NOT NULL AND withdrawn IS NULL;
