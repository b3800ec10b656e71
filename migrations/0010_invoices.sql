-- migrate:up

-- Commission invoices, from the journal: the number is the exchange's, the sums are the payer's of a month.
create table invoices (
    number bigint primary key,
    payer text not null,
    period integer not null, -- yyyymm
    currency text not null,
    seq bigint not null,
    at_us bigint not null
);
create index invoices_of_payer on invoices (payer, number);

-- What was charged with the deals, what of it was given back, and what is owed with the invoice.
create table invoice_lines (
    number bigint not null,
    line integer not null,
    schedule_version integer not null,
    charged_period integer not null,
    base_minor bigint not null,
    fee_minor bigint not null,
    tax_minor bigint not null,
    refunded_base_minor bigint not null,
    refunded_fee_minor bigint not null,
    refunded_tax_minor bigint not null,
    owed_fee_minor bigint not null,
    owed_tax_minor bigint not null,
    primary key (number, line)
);

-- migrate:down

drop table invoice_lines;
drop table invoices;
