-- migrate:up

-- Statements and books read transfers by time, and so do a member's postings.
-- Rows lie in the order of their instants, so that the smallest kind of index will do for periods.
create index transfers_by_instant on transfers using brin (at_us);
create index transfers_of_chain on transfers (linked) where linked <> 0;
create index transfers_of_debit on transfers (debit, at_us, number);
create index transfers_of_credit on transfers (credit, at_us, number);
drop index transfers_by_debit;
drop index transfers_by_credit;

-- A member's own lists go back from the latest line.
create index orders_of_member_by_instant on orders (member_id, placed_at_us, order_id);
drop index orders_of_member;
create index trades_of_maker_by_instant on trades (maker_member_id, at_us, instrument_id, trade_number);
create index trades_of_taker_by_instant on trades (taker_member_id, at_us, instrument_id, trade_number);
drop index trades_of_maker;
drop index trades_of_taker;

-- migrate:down

create index trades_of_maker on trades (maker_member_id, seq);
create index trades_of_taker on trades (taker_member_id, seq);
drop index trades_of_maker_by_instant;
drop index trades_of_taker_by_instant;
create index orders_of_member on orders (member_id, placed_seq);
drop index orders_of_member_by_instant;
create index transfers_by_debit on transfers (debit, unit, number);
create index transfers_by_credit on transfers (credit, unit, number);
drop index transfers_by_instant;
drop index transfers_of_chain;
drop index transfers_of_debit;
drop index transfers_of_credit;
