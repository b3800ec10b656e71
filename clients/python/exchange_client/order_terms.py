"""What an order may say beyond price and quantity."""

from enum import StrEnum

from msgspec import Struct


class OrderType(StrEnum):
    """What bounds the price of an order."""

    LIMIT = "limit"
    MARKET = "market"  # the end of the price band; the price is 0


class PostOnlyMode(StrEnum):
    """What becomes of a post-only order whose price would trade."""

    REJECT = "reject"
    SLIDE = "slide"


class SelfTradeMode(StrEnum):
    """What happens where two orders of one beneficial owner meet."""

    DECREMENT = "decrement_and_cancel"
    CANCEL_NEWEST = "cancel_newest"
    CANCEL_OLDEST = "cancel_oldest"
    CANCEL_BOTH = "cancel_both"


class OrderTerms(Struct, frozen=True, gc=False, omit_defaults=True):
    """What an order may say beyond a plain limit order."""

    order_type: OrderType = OrderType.LIMIT
    min_fill_quantity: int = 0
    display_quantity: int = 0
    budget_minor: int = 0
    post_only_mode: PostOnlyMode = PostOnlyMode.REJECT
    self_trade: SelfTradeMode = SelfTradeMode.DECREMENT
    expires_at_us: int = 0
