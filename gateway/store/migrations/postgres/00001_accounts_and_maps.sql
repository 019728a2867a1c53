-- +goose Up
-- World and data are text and not jsonb: they come back byte for byte, and nobody
-- asks the database what is in them.
CREATE TABLE accounts (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login      TEXT   NOT NULL,
    -- The login without the difference of upper and lower case.
    login_key  TEXT   NOT NULL UNIQUE,
    password   TEXT   NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    map_id     TEXT   NOT NULL,
    -- Who handed the player over to map_id, until map_id has loaded it.
    from_map   TEXT   NOT NULL DEFAULT '',
    data       TEXT   NOT NULL DEFAULT ''
);

CREATE TABLE maps (
    id         TEXT   PRIMARY KEY,
    epoch      BIGINT NOT NULL DEFAULT 0,
    key_hash   TEXT   NOT NULL DEFAULT '',
    updated_ms BIGINT NOT NULL,
    world      TEXT   NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE maps;
DROP TABLE accounts;
