-- migrate:up

-- What happened to sourcing events and their lots beside the bids, for reports: opened, extended, paused, awarded and so on.
create table event_steps (
    subject text not null, -- a lot, or where all of them are meant an event
    seq bigint not null,
    place integer not null, -- among the steps of a command, from 1
    at_us bigint not null,
    kind text not null,
    open_at_us bigint not null, -- 0 where the step says nothing of it
    close_at_us bigint not null,
    by_us bigint not null, -- how long a pause was, or how far all moved; of overtime, all of it so far
    reason text not null,
    primary key (seq, place)
);
create index event_steps_of_subject on event_steps (subject, seq);

-- migrate:down

drop table event_steps;
