"""What its owner is shown of the terms of an order, on the channel `own`."""

from msgspec import Struct

from exchange.core.messages.orders import OrderType, PostOnlyMode, SelfTradeMode


class OwnTerms(Struct, frozen=True, gc=False, tag_field="type", tag="order_terms_set", omit_defaults=True):
    """The terms of an own order that are not those of a plain one."""

    order_id: str
    order_type: OrderType = OrderType.LIMIT
    min_fill_quantity: int = 0
    display_quantity: int = 0
    budget_minor: int = 0
    post_only_mode: PostOnlyMode = PostOnlyMode.REJECT
    self_trade: SelfTradeMode = SelfTradeMode.DECREMENT
    expires_at_us: int = 0
