-- migrate:up

-- What members wrote of finished deals; the core knows the hash alone. A row is written before the command that
-- carries it, so one without a command may be left over.
create table feedback_texts (
    text_hash text primary key,
    member_id text not null,
    contract_id text not null,
    text text not null,
    salt bytea not null check (octet_length(salt) = 16),
    created_at_us bigint not null
);
create index feedback_texts_contract on feedback_texts (contract_id);

-- migrate:down

drop table feedback_texts;
