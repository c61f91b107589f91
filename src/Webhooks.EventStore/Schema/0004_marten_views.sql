-- The log in the layout of Marten's own tables, to be read by a Marten application with AutoCreate.None.
create schema mt;

create view mt.mt_events as
select
    seq                                                as seq_id,
    -- Marten names every event by a UUID of its own; ours is made from what names a fact here.
    md5(stream_id::text || '/' || version::text)::uuid as id,
    stream_id,
    version::bigint                                    as version,
    convert_from(data, 'UTF8')::jsonb                  as data,
    type::varchar(500)                                 as type,
    recorded_at                                        as "timestamp",
    company_id::text::varchar                          as tenant_id,
    -- The reader maps names to its own types; ours mean nothing to it.
    ''::varchar                                        as mt_dotnet_type,
    correlation::text::varchar                         as correlation_id,
    null::varchar                                      as causation_id,
    null::jsonb                                        as headers,
    actor::text::varchar                               as user_name,
    false                                              as is_archived
from es.events;

create view mt.mt_streams as
select
    last.stream_id                          as id,
    split_part(last.type, '.', 1)::varchar  as type,
    last.version::bigint                    as version,
    last.recorded_at                        as "timestamp",
    null::jsonb                             as snapshot,
    null::integer                           as snapshot_version,
    first.recorded_at                       as created,
    last.company_id::text::varchar          as tenant_id,
    false                                   as is_archived
from es.events first
cross join lateral (
    select stream_id, version, type, recorded_at, company_id
    from es.events
    where stream_id = first.stream_id
    order by version desc
    limit 1) last
where first.version = 1;
