-- migrate:up

-- Of the one price of a call: nobody took, and `taker_side` is the side that pressed.
alter table trades add column in_call boolean not null default false;

-- migrate:down

alter table trades drop column in_call;
