"""Rows of what orders said beyond price and quantity; a plain order has none."""

from typing import Final

from exchange.core.messages import OrderTermsSet

COLUMNS: Final = (
    "order_id", "order_type", "min_fill_quantity", "display_quantity", "budget_minor", "post_only_mode",
    "self_trade", "expires_at_us",
)  # fmt: skip


def row(event: OrderTermsSet) -> tuple[object, ...]:
    """As the table has it."""
    return tuple(getattr(event, name) for name in COLUMNS)
