-- migrate:up

-- What suppliers say of themselves, to be found by buyers. The gateway writes here before the command that carries
-- the salted hash; what is no supplier's current profile is swept. Keys are in lower case.
create table supplier_profiles (
    profile_hash text primary key,
    salt bytea not null,
    member_id text not null,
    name text not null,
    profile jsonb not null, -- as it was given
    categories text[] not null,
    regions text[] not null,
    certificates text[] not null,
    certificates_until_us bigint[] not null, -- beside `certificates`
    piece text not null, -- all capabilities, for numbers and words by any piece
    words tsvector not null, -- the same, for whole words
    idempotency text,
    created_at_us bigint not null
);
create index supplier_profiles_by_key on supplier_profiles (idempotency) where idempotency is not null;

-- migrate:down

drop table supplier_profiles;
