-- migrate:up

-- Where members want to be told of what concerns them. The secret signs, so it must be readable here; after a
-- rotation the old one signs too, for a while.
create table webhook_endpoints (
    endpoint_id text primary key,
    member_id text not null,
    url text not null,
    kinds text[] not null, -- empty: all
    secret text not null,
    old_secret text,
    old_until_us bigint not null default 0,
    created_at_us bigint not null,
    failures bigint not null default 0, -- in a row
    failing_since_us bigint,
    next_at_us bigint not null default 0, -- nothing is sent before
    left_out bigint not null default 0, -- messages that found the queue full
    disabled_at_us bigint,
    disabled_for text
);
create index webhook_endpoints_member on webhook_endpoints (member_id);

-- The follower writes them with its position, so each once; the random id is what the receiver knows it by.
create table webhook_messages (
    number bigint generated always as identity primary key,
    message_id text not null unique default 'msg_' || left(replace(gen_random_uuid()::text, '-', ''), 28),
    endpoint_id text not null references webhook_endpoints on delete cascade,
    kind text not null,
    body bytea not null,
    at_us bigint not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
    attempts bigint not null default 0,
    next_at_us bigint not null default 0,
    waits_since_us bigint not null,
    settled_at_us bigint,
    last_status integer, -- 0: no answer
    last_error text
);
create index webhook_messages_waiting on webhook_messages (endpoint_id, attempts, number) where state = 'waiting';
create index webhook_messages_by_endpoint on webhook_messages (endpoint_id, number);

-- migrate:down

drop table webhook_messages;
drop table webhook_endpoints;
