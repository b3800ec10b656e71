-- migrate:up

-- Who may write a shard's journal. Appending locks the row but never changes it, so that it keeps its place
-- however long a backup holds old row versions alive.
create table journal_shard (
    shard bigint primary key check (shard between 0 and 4294967295),
    epoch bigint not null check (epoch >= 0)
);

-- The last instant at which a shard's writer said it lives; apart, so that no mark waits for an append.
create table journal_alive (
    shard bigint primary key references journal_shard,
    alive_us bigint not null
);

-- One row a commit. The columns up to outcome_digest are the header that chain covers.
create table journal_batch (
    shard bigint not null,
    epoch bigint not null,
    first_seq bigint not null check (first_seq >= 1),
    count integer not null check (count >= 1),
    first_at_us bigint not null,
    last_at_us bigint not null check (last_at_us >= first_at_us),
    rules bigint not null,
    merkle_root bytea not null check (octet_length(merkle_root) = 32),
    outcome_digest bytea not null check (octet_length(outcome_digest) = 32),
    previous bytea not null check (octet_length(previous) = 32),
    chain bytea not null check (octet_length(chain) = 32),
    body bytea not null,
    primary key (shard, first_seq)
);
-- Salts don't compress, and compressing costs the writer time.
alter table journal_batch alter column body set storage external;

create function journal_only_grows() returns trigger language plpgsql as $$
begin
    raise exception 'the journal only grows: its rows are never changed or removed'
        using errcode = 'object_not_in_prerequisite_state';
end
$$;
create trigger journal_only_grows before update or delete or truncate on journal_batch
    for each statement execute function journal_only_grows();

-- States to begin a replay from; derived, so they may be removed at any time.
create table journal_snapshot (
    shard bigint not null,
    seq bigint not null,
    rules bigint not null,
    chain bytea not null,
    outcome_digest bytea not null,
    digest bytea not null,
    taken_at timestamptz not null default now(),
    primary key (shard, seq)
);
create table journal_snapshot_chunk (
    shard bigint not null,
    seq bigint not null,
    number integer not null,
    chunk bytea not null,
    primary key (shard, seq, number),
    foreign key (shard, seq) references journal_snapshot on delete cascade
);
alter table journal_snapshot_chunk alter column chunk set storage external;

-- Commands that tripped an assertion: refused from then on.
create table journal_quarantine (
    shard bigint not null,
    command_hash bytea not null,
    reason text not null,
    since timestamptz not null default now(),
    primary key (shard, command_hash)
);

-- migrate:down

drop table journal_quarantine, journal_snapshot_chunk, journal_snapshot, journal_alive, journal_batch, journal_shard;
drop function journal_only_grows();
