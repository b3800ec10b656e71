-- migrate:up

-- Words of members about their deals, which the core knows by their salted hashes only. Written before the command
-- that carries the hash; what no command took is swept. Erasing a row leaves the hash in the journal.
create table deal_texts (
    text_hash text primary key,
    salt bytea not null,
    member_id text not null, -- who wrote it
    words text not null,
    idempotency text,
    created_at_us bigint not null
);
create index deal_texts_by_key on deal_texts (idempotency) where idempotency is not null;

-- Where sellers send to: one hub.
create table hub (
    shard integer primary key,
    name text not null,
    address text not null
);

-- What follows is the follower's, from the journal alone.

-- Each step of a deal as each side may see it: two rows a step, one where only one side sees a change.
create table deal_steps (
    contract_id text not null,
    line integer not null,
    member_id text not null,
    side text not null,
    instrument_id text not null,
    state text not null,
    quantity bigint not null,
    amount_minor bigint not null,
    seq bigint not null,
    at_us bigint not null
);
create index deal_steps_of_line on deal_steps (contract_id, line, seq);

create table inspections (
    hub_lot_id text primary key,
    inspector_id text not null,
    plan text not null,
    sample_quantity bigint not null,
    checks jsonb not null,
    evidence_hash text not null,
    passed_quantity bigint not null,
    conditional_quantity bigint not null,
    rejected_quantity bigint not null,
    cost_minor bigint not null,
    seq bigint not null,
    at_us bigint not null
);

-- Every hash of a text that a command carried.
create table deal_text_uses (
    text_hash text not null,
    subject text not null, -- the consignment, shipment or claim
    at_us bigint not null
);
create index deal_text_uses_by_hash on deal_text_uses (text_hash);

-- Claims that are over; the open ones are with the exchange.
create table resolved_claims (
    claim_id text primary key,
    buyer_contract_id text not null,
    buyer_line integer not null,
    buyer_id text not null,
    seller_contract_id text not null,
    seller_line integer not null,
    seller_id text not null,
    instrument_id text not null,
    state text not null,
    reason text not null,
    quantity bigint not null,
    answer text not null,
    refund_minor bigint not null,
    seq bigint not null,
    at_us bigint not null
);
create index resolved_claims_of_buyer on resolved_claims (buyer_id, seq);
create index resolved_claims_of_seller on resolved_claims (seller_id, seq);

-- migrate:down

drop table resolved_claims;
drop table deal_text_uses;
drop table inspections;
drop table deal_steps;
drop table hub;
drop table deal_texts;
