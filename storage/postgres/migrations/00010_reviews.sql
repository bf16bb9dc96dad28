-- What becomes of a submission after it was sent, and who had nothing to send.

-- +goose Up
CREATE TABLE revisions (
    submission text NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    number     bigint NOT NULL, -- of what it was before; the first is 1
    token      text NOT NULL,   -- of the correction that put it here
    until      timestamptz NOT NULL,
    version    text NOT NULL,
    hash       text NOT NULL,
    language   text NOT NULL,
    finished   timestamptz,
    title      text NOT NULL,
    data       json NOT NULL,
    PRIMARY KEY (submission, number)
);

CREATE TABLE review_steps (
    n          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission text NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    state      text NOT NULL,
    body       text NOT NULL,
    actor      text NOT NULL,
    token      text NOT NULL UNIQUE,
    at         timestamptz NOT NULL
);
CREATE INDEX review_steps_submission ON review_steps (submission, n);

CREATE TABLE nothing_reported (
    form_id  text NOT NULL,
    due      text NOT NULL,
    period   text NOT NULL,
    district text NOT NULL,
    person   text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (form_id, due, period, district)
);
