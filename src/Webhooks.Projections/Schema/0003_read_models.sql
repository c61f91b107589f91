create schema read;

-- Inline: written in the transaction of the fact, so they never lag.
create table read.companies (
    company_id  uuid        primary key,
    code        text        not null constraint companies_code_unique unique,
    name        text        not null,
    version     integer     not null,
    created_at  timestamptz not null
);

create table read.api_keys (
    key_id       uuid        primary key,
    company_id   uuid        not null,
    label        text        not null,
    scopes       integer     not null,
    secret_hash  bytea       not null,
    created_at   timestamptz not null,
    revoked_at   timestamptz
);

create index api_keys_by_company on read.api_keys (company_id, key_id);

create table read.webhooks (
    webhook_id  uuid        primary key,
    company_id  uuid        not null,
    version     integer     not null,
    status      text        not null,                   -- active, disabled, deleted
    url         text        not null,
    label       text        not null,
    state       bytea       not null,                   -- the aggregate as JSON: also what routing reads
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);

create index webhooks_by_company on read.webhooks (company_id, webhook_id);

-- One per order of the list, of one company and of all: webhooks change seldom, so these cost nothing.
create index webhooks_by_company_url on read.webhooks (company_id, url, webhook_id) where status <> 'deleted';
create index webhooks_by_company_label on read.webhooks (company_id, label, webhook_id) where status <> 'deleted';
create index webhooks_by_company_age on read.webhooks (company_id, created_at, webhook_id) where status <> 'deleted';
create index webhooks_by_url on read.webhooks (url, webhook_id) where status <> 'deleted';
create index webhooks_by_label on read.webhooks (label, webhook_id) where status <> 'deleted';
create index webhooks_by_age on read.webhooks (created_at, webhook_id) where status <> 'deleted';

-- Async: follows the log, a moment behind. Its key is a UUIDv7, so key order is time order; when a delivery was planned
-- is the time in its id. (Events need no table: their list is read from the log.)
create table read.deliveries (
    delivery_id      uuid        primary key,
    company_id       uuid        not null,
    webhook_id       uuid        not null,
    message_id       uuid        not null,
    type             text        not null,
    status           smallint    not null,              -- DeliveryStatus
    attempts         integer     not null,
    failures         integer     not null,
    last_status      integer,                           -- HTTP status of the last attempt
    last_failure     smallint,                          -- FailureClass of the last attempt
    next_attempt_at  timestamptz,
    updated_at       timestamptz not null
);

create index deliveries_by_company on read.deliveries (company_id, delivery_id);
create index deliveries_by_webhook on read.deliveries (webhook_id, delivery_id);

-- What people look for is rare: all but the succeeded (1), which cost these indexes nothing.
create index deliveries_unsuccessful_by_company on read.deliveries (company_id, status, delivery_id) where status <> 1;
create index deliveries_unsuccessful_by_webhook on read.deliveries (webhook_id, status, delivery_id) where status <> 1;
