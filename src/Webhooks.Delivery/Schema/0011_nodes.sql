-- The lease is the node's, not the shard's: one row is renewed instead of 64. Nodes that only accept are registered too.
alter table delivery.nodes
    add column delivers    boolean     not null default true,
    add column lease_until timestamptz not null default '-infinity';
alter table delivery.shards drop column lease_until;

-- Alive is who holds its lock and renews its lease: a killed node loses the first at once, a frozen one the second.
create view delivery.living_nodes as
select n.node_id, n.lock_key, n.delivers
from delivery.nodes n
where n.lease_until > clock_timestamp()
  and n.lock_key in (
    select l.objid::bigint from pg_locks l
    where l.locktype = 'advisory' and l.classid = 7301 and l.objsubid = 2 and l.granted
      and l.database = (select oid from pg_database where datname = current_database()));

-- Who puts deliveries into its memory (a null due_at) shares the lock (7302, shard) until its commit and checks the epoch;
-- who takes a shard away from its owner holds the lock alone. So no such row is written under an owner that was relieved.
create function delivery.assert_shards(shards smallint[], epochs bigint[]) returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(7302, s) from (select unnest(shards) as s order by 1) o;

    -- A statement of its own: it sees what was committed before the locks were granted.
    perform from delivery.shards s where s.shard = any (shards) and s.epoch <> epochs[array_position(shards, s.shard)];
    if found then
        raise exception 'shards have another owner' using errcode = 'WH002';
    end if;
end
$$;

-- Requests under way on a node that has given their shards to others, and will still record them. Their rows are due only
-- later; where the node ends before, at once. The version tells whether the outcome was recorded meanwhile.
create table delivery.still_sending (
    delivery_id  uuid        not null,
    version      integer     not null,
    node_id      uuid        not null,
    until        timestamptz not null
);
