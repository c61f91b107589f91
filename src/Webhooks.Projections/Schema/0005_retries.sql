-- What retry policies ask about a delivery's running series. All null in a series without failures, so such rows stay as small as they were.
alter table delivery.queue
    add column network_failures   smallint,             -- of the failures
    add column timeout_failures   smallint,             -- of the failures
    add column unspent            integer,              -- failed attempts beside the failures
    add column series_started_at  timestamptz,          -- null: not known, and not asked for
    add column resent_at          timestamptz;          -- null: the first series

alter table read.deliveries
    add column network_failures   smallint,
    add column timeout_failures   smallint,
    add column unspent            integer,
    add column series_started_at  timestamptz,
    add column resent_at          timestamptz;

alter table read.companies
    add column settings bytea;                          -- JSON; null: none of its own
