create schema delivery;

-- What is still to be delivered. Derived from the log; ./run rebuild makes it anew.
create table delivery.queue (
    delivery_id  uuid        primary key,
    shard        smallint    not null,
    webhook_id   uuid        not null,
    message_id   uuid        not null,
    version      integer     not null,                  -- of the delivery's stream: the next outcome is appended after it
    attempts     integer     not null,
    failures     integer     not null,
    due_at       timestamptz                            -- null: in the memory of the shard's owner; infinity: parked
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000);

create index queue_due on delivery.queue (shard, due_at) where due_at is not null;
create index queue_parked on delivery.queue (webhook_id, delivery_id) where due_at = 'infinity';

-- Who delivers what. A lease that ran out, or whose holder's session ended, may be taken; the epoch counts the takings.
create table delivery.shards (
    shard        smallint    primary key,
    owner        uuid,
    epoch        bigint      not null default 0,
    lease_until  timestamptz not null default '-infinity'
);

insert into delivery.shards (shard) select generate_series(0, 63);

-- Moves whenever a company's webhooks change: an append that matched against an older version is matched again.
create table delivery.routing_versions (
    company_id  uuid   primary key,
    version     bigint not null,
    tx          xid8   not null default pg_current_xact_id()
);

create index routing_versions_tx on delivery.routing_versions (tx);

create table delivery.idempotency_keys (
    company_id   uuid not null,
    key          text not null,
    message_id   uuid not null,
    fingerprint  text not null,
    constraint idempotency_keys_unique primary key (company_id, key)
);

-- What receivers answered, beside the log like payloads.
create table delivery.responses (
    delivery_id  uuid    not null,
    attempt      integer not null,
    body         bytea   not null,
    primary key (delivery_id, attempt)
);
