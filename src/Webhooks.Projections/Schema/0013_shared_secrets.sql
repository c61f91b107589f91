-- A key has either: a hash to recognise its secret by, or the secret itself, sealed.
alter table read.api_keys
    alter column secret_hash drop not null,
    add column shared_secret text;
