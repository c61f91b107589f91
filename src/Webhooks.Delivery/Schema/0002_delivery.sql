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

-- Both hold only rows that wait; the hot path, which writes and deletes rows with a null due_at, never touches them.
create index queue_due on delivery.queue (due_at, delivery_id) where due_at is not null;
create index queue_waiting_by_webhook on delivery.queue (webhook_id, delivery_id) where due_at is not null;

-- A node that is alive holds the advisory lock (7301, lock_key) for as long as its session lives.
create table delivery.nodes (
    node_id     uuid        primary key,
    lock_key    integer     not null generated always as identity,
    name        text        not null,
    started_at  timestamptz not null default now()
);

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

-- Raised inside the group commit: the round trip that would tell is the one that writes.
create function delivery.assert_routing(companies uuid[], versions bigint[]) returns void language plpgsql as $$
declare
    moved uuid;
begin
    select r.company_id into moved
    from delivery.routing_versions r
    where r.company_id = any (companies)
      and r.version <> versions[array_position(companies, r.company_id)]
    limit 1;
    if found then
        raise exception 'routing of % has moved', moved using errcode = 'WH001';
    end if;
end
$$;

-- Webhooks whose waiting deliveries must be looked at again, because the webhook was disabled, enabled or deleted.
create table delivery.sweeps (
    webhook_id    uuid        primary key,
    company_id    uuid        not null,
    requested_at  timestamptz not null default now()
);

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
