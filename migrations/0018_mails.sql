-- migrate:up

-- The timetable of each published event as calendars know it: `sequence` counts its changes (RFC 5545).
create table event_calendars (
    event_id text primary key,
    title text not null,
    open_at_us bigint not null,
    close_at_us bigint not null,
    cancelled boolean not null,
    sequence integer not null default 0
);

-- What members are told by mail. The follower writes them with its position, so each once.
create table mails (
    number bigint generated always as identity primary key,
    mail_id text not null unique default left(replace(gen_random_uuid()::text, '-', ''), 28),
    member_id text not null,
    kind text not null,
    event_id text not null, -- empty: about none
    subject text not null, -- what it is about within the event: a lot's title, or a URL
    at_us bigint not null,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'no_address', 'given_up')),
    attempts bigint not null default 0,
    next_at_us bigint not null default 0,
    settled_at_us bigint
);
create index mails_waiting on mails (next_at_us, number) where state = 'waiting';

-- migrate:down

drop table mails;
drop table event_calendars;
