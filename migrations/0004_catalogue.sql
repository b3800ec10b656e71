-- migrate:up

-- Trigrams find a part number by any piece of it. The extension comes with PostgreSQL (on some systems in a
-- package of its own, postgresql-contrib) and may be created by whoever may create tables in the database.
create extension if not exists pg_trgm;

-- Descriptions of instruments, by the SHA-256 of their UTF-8. The gateway writes here before the command that
-- carries the hash; what no instrument came to carry is swept.
create table instrument_texts (
    text_hash text primary key,
    text text not null,
    written_at_us bigint not null
);

-- What instruments are, to be searched. Only the follower writes here, from the journal and instrument_texts.
create table instruments (
    instrument_id text collate "C" primary key,
    symbol text not null,
    currency text not null,
    search_key text not null, -- the part number, else the symbol, as exchange/core/goods/parts.py normalises them
    place text collate "C" not null generated always as (left(search_key, 24)) stored, -- among equal hits
    manufacturer text not null,
    manufacturer_key text not null,
    part_number text not null,
    condition text not null,
    packaging text not null,
    date_code_from integer not null,
    date_code_to integer not null,
    rohs text not null,
    origin text not null,
    traceability text not null,
    text_hash text not null,
    words tsvector not null
);
create index instruments_by_trigram on instruments using gin (search_key gin_trgm_ops);
create index instruments_by_word on instruments using gin (words);
create index instruments_by_place on instruments (place, instrument_id);
create index instruments_of_manufacturer on instruments (manufacturer_key, place, instrument_id);
create index instruments_by_text on instruments (text_hash) where text_hash <> '';

-- migrate:down

drop table instruments;
drop table instrument_texts;
drop extension pg_trgm;
