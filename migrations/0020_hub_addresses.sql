-- migrate:up

-- Where sellers sent to, and since when: the follower's, from the journal. What was said before the journal had it
-- stands at sequence 0.
create table hub_addresses (
    seq bigint primary key,
    at_us bigint not null,
    name text not null,
    address text not null
);
insert into hub_addresses (seq, at_us, name, address) select 0, 0, name, address from hub where shard = 0;
drop table hub;

-- migrate:down

create table hub (
    shard integer primary key,
    name text not null,
    address text not null
);
insert into hub (shard, name, address) select 0, name, address from hub_addresses order by seq desc limit 1;
drop table hub_addresses;
