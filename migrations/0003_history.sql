-- migrate:up

-- What happened, for people and reports. Only the follower writes here, from the journal alone:
-- every row can be made again by replaying it.

create table follower_position (
    shard integer primary key,
    seq bigint not null check (seq >= 0), -- the last sequence whose rows are here
    at_us bigint not null
);

create table orders (
    order_id text primary key,
    member_id text not null,
    instrument_id text not null,
    side text not null,
    price bigint not null,
    quantity bigint not null,
    time_in_force text not null,
    post_only boolean not null,
    filled_quantity bigint not null,
    open_quantity bigint not null,
    status text not null check (status in ('open', 'filled', 'cancelled')),
    placed_seq bigint not null,
    placed_at_us bigint not null,
    changed_at_us bigint not null
);
create index orders_of_member on orders (member_id, placed_seq);

create table trades (
    instrument_id text not null,
    trade_number bigint not null,
    price bigint not null,
    quantity bigint not null,
    taker_side text not null,
    maker_order_id text not null,
    taker_order_id text not null,
    maker_member_id text not null,
    taker_member_id text not null,
    seq bigint not null,
    at_us bigint not null,
    primary key (instrument_id, trade_number)
);
create index trades_of_maker on trades (maker_member_id, seq);
create index trades_of_taker on trades (taker_member_id, seq);

create table bids (
    lot_id text not null,
    bid_number bigint not null,
    member_id text not null,
    alias integer not null,
    price bigint not null,
    seq bigint not null,
    at_us bigint not null,
    primary key (lot_id, bid_number)
);

create table transfers (
    number bigint primary key,
    unit text not null,
    debit text not null,
    credit text not null,
    amount bigint not null check (amount > 0),
    reason text not null,
    subject text not null,
    linked bigint not null,
    seq bigint not null,
    at_us bigint not null
);
create index transfers_by_debit on transfers (debit, unit, number);
create index transfers_by_credit on transfers (credit, unit, number);

-- Both sides of every transfer; balances are debits minus credits.
create view postings as
    select number, unit, debit as account, credit as counter_account, amount, reason, subject, linked, seq, at_us
    from transfers
    union all
    select number, unit, credit, debit, -amount, reason, subject, linked, seq, at_us
    from transfers;

create table contract_lines (
    contract_id text not null,
    line integer not null,
    member_id text not null,
    side text not null,
    instrument_id text not null,
    trade_number bigint not null,
    price bigint not null,
    quantity bigint not null,
    amount_minor bigint not null,
    settled boolean not null default false,
    fee_minor bigint not null default 0,
    fee_tax_minor bigint not null default 0,
    at_us bigint not null,
    primary key (contract_id, line)
);
create index contract_lines_of_member on contract_lines (member_id, contract_id);

-- migrate:down

drop table contract_lines;
drop view postings;
drop table transfers;
drop table bids;
drop table trades;
drop table orders;
drop table follower_position;
