-- migrate:up

-- What an order said beyond price and quantity; there is a row where any of it differs from a plain order.
create table order_terms (
    order_id text primary key,
    order_type text not null,
    min_fill_quantity bigint not null, -- 0 where there is none, as in the columns below
    display_quantity bigint not null,
    budget_minor bigint not null,
    post_only_mode text not null,
    self_trade text not null,
    expires_at_us bigint not null
);

-- migrate:down

drop table order_terms;
