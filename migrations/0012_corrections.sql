-- migrate:up

-- Busts and corrections. A trade's price and quantity are those at which it stands, or was busted; what it was made at
-- is in the lines that were struck.
alter table trades add column status text not null default 'standing'
    check (status in ('standing', 'corrected', 'busted'));
alter table contract_lines add column struck text not null default ''
    check (struck in ('', 'corrected', 'busted'));

-- migrate:down

alter table contract_lines drop column struck;
alter table trades drop column status;
