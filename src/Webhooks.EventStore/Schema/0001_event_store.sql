create schema if not exists es;

-- The log. Never updated, never deleted from; partitions may be dropped when their time has come.
create table es.events (
    seq          bigint      not null generated always as identity,
    tx           xid8        not null default pg_current_xact_id(),
    stream_id    uuid        not null,
    version      integer     not null check (version > 0),
    type         text        not null,
    company_id   uuid        not null,
    actor        uuid,                                  -- the API key; null: the service itself
    correlation  uuid        not null,                  -- the request, or the message that an attempt belongs to
    recorded_at  timestamptz not null default now(),
    data         bytea       not null,                  -- UTF-8 JSON
    constraint events_one_per_version primary key (stream_id, version)
);

-- Readers follow (tx, seq), behind the oldest transaction still running: the order of seq alone loses late commits.
create index events_commit_order on es.events (tx, seq);

-- The list of a company's events is read from the log itself. Ids are UUIDv7, so their order is time order.
create index events_emitted on es.events (company_id, stream_id) where type = 'message.emitted.v1';

-- What was emitted, byte for byte. Beside the log, so that it can be erased while the log stays.
create table es.payloads (
    message_id  uuid        primary key,
    company_id  uuid        not null,
    type        text        not null,
    emitted_at  timestamptz not null,
    body        bytea                                   -- null: erased
);

create table es.checkpoints (
    name        text        primary key,
    tx          xid8        not null,
    seq         bigint      not null,
    updated_at  timestamptz not null default now()
);
