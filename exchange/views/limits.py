"""Every bound of the read models, each with its unit and its reason."""

from typing import Final

TRADES_KEPT: Final = 100
"""Trades per book that a new follower of its trades is shown: a screenful; the history has all."""
CLOSED_ORDERS_KEPT: Final = 10_000
"""Orders over all members that are still found after they closed, until the history surely has them."""
DROP_ORDERS_MAX: Final = 10_000
"""Open orders in a snapshot of the drop copy: a megabyte; the records hold all."""
