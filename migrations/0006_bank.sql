-- migrate:up

-- Where members are paid; the core knows the hash alone. A row is written before the command that carries it.
create table bank_details (
    details_hash text primary key,
    member_id text not null,
    name text not null,
    iban text not null,
    bic text not null,
    salt bytea not null check (octet_length(salt) = 16),
    created_at_us bigint not null
);
create index bank_details_member on bank_details (member_id);

-- Every payout that was sent, from the journal; the payments port gives each its batch, once.
create table payouts (
    payout_id text primary key,
    source text not null,
    owner text not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor > 0),
    details_hash text not null,
    seq bigint not null,
    at_us bigint not null
);
create index payouts_in_order on payouts (seq, payout_id);

-- Payments of one file; what is in a batch never changes, so that writing it again gives the same file.
create table payout_batches (
    payout_id text primary key,
    message_id text not null
);
create index payout_batches_message on payout_batches (message_id);

-- How far each adapter of the payments port has come.
create table outbound_positions (
    adapter text primary key,
    seq bigint not null
);

-- Statement entries that wait for the engine, and what it said; written by the port, booked by the engine.
create table bank_entries (
    number bigint generated always as identity primary key,
    entry_id text not null,
    statement text not null,
    command bytea not null,
    code integer,
    field text not null default '',
    unique (entry_id, command)
);
create index bank_entries_waiting on bank_entries (number) where code is null;

-- migrate:down

drop table bank_entries, outbound_positions, payout_batches, payouts, bank_details;
