-- All null for most rows, which then take no room and touch none of the indexes below.
alter table delivery.queue
    add column sequence      bigint,                    -- the number that travels to the receiver
    add column ordering_key  text collate "C",          -- not null: goes only after those of its webhook and key with lower numbers; '' for events without a key
    add column deliver_at    timestamptz;               -- of its event: before that it neither goes nor holds up others

-- As in the queue, so that it can be made anew.
alter table read.deliveries
    add column sequence      bigint,
    add column ordering_key  text collate "C",
    add column deliver_at    timestamptz,
    add column blocks_key    boolean;                   -- exhausted, and its key waits for it

-- Ordered rows are loaded along an index of their own: behind a failed one very many may be due and yet not allowed to go.
drop index delivery.queue_due;
create index queue_due on delivery.queue (due_at, delivery_id) where due_at is not null and ordering_key is null;
create index queue_ordered on delivery.queue (shard, webhook_id, ordering_key, sequence) where ordering_key is not null;
create index queue_ordered_due on delivery.queue (due_at) where due_at is not null and ordering_key is not null;
create index queue_scheduled on delivery.queue (message_id) where deliver_at is not null;

-- The last number given to a delivery of the webhook. The row stays locked until the commit, so numbers are in commit order and without gaps.
create table delivery.sequences (
    webhook_id  uuid    primary key,
    last        bigint  not null
);

-- Exhausted deliveries that hold back their key until they are retried or skipped.
create table delivery.blocked_keys (
    webhook_id    uuid not null,
    ordering_key  text collate "C" not null,
    delivery_id   uuid not null,
    primary key (webhook_id, ordering_key, delivery_id)
);

-- An event may be cancelled as long as it is not due. Whoever loads its rows passes over locked ones, so from here on none can go.
create function delivery.assert_scheduled(event uuid, until timestamptz) returns void language plpgsql as $$
begin
    perform from delivery.queue where message_id = event and deliver_at is not null for update;
    if clock_timestamp() >= until then
        raise exception 'the event % is due', event using errcode = 'WH003';
    end if;
end
$$;
