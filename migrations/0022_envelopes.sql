-- migrate:up

-- By which command an envelope of a sealed lot came in, for its receipt. What is in it stays in the journal alone.
create table envelopes (
    lot_id text not null,
    number bigint not null, -- counts the envelopes of the lot, replaced ones too
    member_id text not null,
    seq bigint not null,
    at_us bigint not null,
    primary key (lot_id, number)
);

-- migrate:down

drop table envelopes;
