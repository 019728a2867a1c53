-- +goose Up
CREATE TABLE signing_keys (
    -- Counts the keys that there have ever been.
    generation INTEGER PRIMARY KEY,
    created_ms BIGINT NOT NULL,
    pem        TEXT   NOT NULL
);

-- +goose Down
DROP TABLE signing_keys;
