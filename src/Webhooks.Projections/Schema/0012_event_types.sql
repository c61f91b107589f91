-- Inline: written in the transaction of the fact. A deleted type keeps its row, so that its versions stay readable.
create table read.event_types (
    event_type_id  uuid        primary key,
    company_id     uuid        not null,                -- zeros: the installation's, which every company has
    name           text        not null,
    version        integer     not null,                -- of the stream
    status         text        not null,                -- active, deprecated, deleted
    enforced       boolean     not null,
    state          bytea       not null,                -- the aggregate as JSON
    created_at     timestamptz not null,
    updated_at     timestamptz not null
);

create index event_types_by_company on read.event_types (company_id, name) where status <> 'deleted';

-- Moves with every change of an event type or of a company's settings: nodes look whether what they enforce is still so.
create table read.catalogue_version (
    version  bigint not null
);

insert into read.catalogue_version values (1);

create index companies_with_settings on read.companies (company_id) where settings is not null;
