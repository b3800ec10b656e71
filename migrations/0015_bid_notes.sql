-- migrate:up

-- What there is to know of a bid beyond its price: `revoked` (it counts no more), and why.
create table bid_notes (
    lot_id text not null,
    bid_number bigint not null, -- counts the bids of the lot, as in the table bids
    kind text not null,
    reason text not null,
    by_operator boolean not null,
    seq bigint not null,
    at_us bigint not null,
    primary key (lot_id, bid_number, kind)
);

-- migrate:down

drop table bid_notes;
