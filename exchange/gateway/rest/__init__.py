"""REST: one module per resource, each with its table of ROUTES; `table` joins them."""
