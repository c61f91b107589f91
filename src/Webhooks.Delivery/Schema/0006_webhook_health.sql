-- Webhooks that are paused, and when the oldest delivery parked for them is sent alone to find out whether they are back.
create table delivery.pauses (
    webhook_id  uuid        primary key,
    company_id  uuid        not null,
    probes      integer     not null default 0,         -- sent so far in this pause
    probe_at    timestamptz not null
);

create index pauses_due on delivery.pauses (probe_at);

-- Webhooks whose parked deliveries go out again, in chunks that grow.
create table delivery.drains (
    webhook_id  uuid        primary key,
    chunk       integer     not null default 0,         -- size of the last chunk; 0: none went out yet
    released    uuid[]      not null default '{}',      -- the deliveries of the last chunk
    next_at     timestamptz not null default now()
);

-- Changes of health still to be told to the company's webhooks that name their type.
create table delivery.health_notices (
    webhook_id  uuid    not null,
    version     integer not null,                       -- of the webhook's stream: the fact that is told
    company_id  uuid    not null,
    type        text    not null,
    payload     bytea   not null,
    primary key (webhook_id, version)
);

-- Parked deliveries alone, oldest first; the hot path never touches it.
create index queue_parked on delivery.queue (webhook_id, delivery_id) where due_at = 'infinity';
