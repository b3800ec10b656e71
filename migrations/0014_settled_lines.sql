-- migrate:up

-- What of a line was paid in the end, by which command and when: for settlement notes. 0 until it is settled.
alter table contract_lines
    add column goods_tax_minor bigint not null default 0, -- on the whole line
    add column settled_minor bigint not null default 0,
    add column settled_seq bigint not null default 0,
    add column settled_at_us bigint not null default 0;
-- The tax on what still counts of a deal.
alter table deal_steps add column goods_tax_minor bigint not null default 0;

-- migrate:down

alter table deal_steps drop column goods_tax_minor;
alter table contract_lines
    drop column goods_tax_minor, drop column settled_minor, drop column settled_seq, drop column settled_at_us;
