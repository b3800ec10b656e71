-- migrate:up

-- Which side of its deals the payer of an invoice line was; before buyers bore anything it was always the seller.
alter table invoice_lines add column side text not null default 'seller';

-- migrate:down

alter table invoice_lines drop column side;
