"""What two orders that met are told, with what is left of each."""

from exchange.core.market.ladder import Order
from exchange.core.messages.orders import SelfTradePrevented, Traded


def traded(number: int, maker: Order, taker: Order, quantity: int, left: int) -> Traded:
    """A trade at the maker's price; `left` is the taker's."""
    return Traded(
        maker.instrument_id,
        number,
        maker.price,
        quantity,
        taker.side,
        maker.order_id,
        taker.order_id,
        maker.member_id,
        taker.member_id,
        maker.open,
        left,
    )


def prevented(maker: Order, taker: Order, quantity: int, left: int) -> SelfTradePrevented:
    """What two orders of one owner lose instead of trading; `left` is the taker's."""
    return SelfTradePrevented(
        maker.instrument_id,
        maker.price,
        quantity,
        taker.side,
        maker.order_id,
        taker.order_id,
        maker.member_id,
        taker.member_id,
        maker.open,
        left,
    )
