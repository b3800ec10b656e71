-- migrate:up

-- Who a member is: the only place that knows. A row is written before the command that carries its hash, so
-- member_id is empty until that command took effect; rows that never got one are swept.
create table member_profiles (
    profile_hash text primary key,
    member_id text unique,
    name text not null,
    country text not null check (country ~ '^[A-Z]{2}$'),
    contact text not null,
    salt bytea not null check (octet_length(salt) = 16),
    idempotency text,
    created_at_us bigint not null
);
create index member_profiles_unnamed on member_profiles (created_at_us) where member_id is null;
create index member_profiles_idempotency on member_profiles (idempotency) where idempotency is not null;

-- A key is shown once and kept as its SHA-256: 256 random bits need no slower hash.
create table api_keys (
    key_id text primary key,
    member_id text not null,
    sha256 bytea not null unique check (octet_length(sha256) = 32),
    scopes text[] not null,
    label text not null,
    created_at_us bigint not null,
    revoked_at_us bigint
);
create index api_keys_member on api_keys (member_id, key_id);

-- migrate:down

drop table api_keys, member_profiles;
