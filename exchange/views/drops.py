"""What the last commit did to anybody's orders, while somebody follows the drop copy; else nothing is noted."""

from exchange.core.messages import AnyEvent
from exchange.core.messages.shown_drops import DropEntry, DropOrder
from exchange.core.visibility.drops import Place, drops
from exchange.views.limits import DROP_ORDERS_MAX
from exchange.views.market import Market


class Drops:
    """`seq` is the journal's sequence of the last command; `fresh` are the entries of this commit."""

    def __init__(self, market: Market) -> None:
        self.seq = 0
        self.watchers = 0
        self.fresh: list[DropEntry] = []
        self._market = market

    def take(self, event: AnyEvent, place: Place) -> None:
        """Note what the event did to orders."""
        self.fresh.extend(drops(event, place))

    def orders(self) -> tuple[list[DropOrder], int]:
        """Open orders by member and as they came, and how many more there are."""
        every = [order for mine in self._market.orders.values() for order in mine.values()]
        shown = [
            DropOrder(
                order.member_id,
                order.order_id,
                order.instrument_id,
                order.side,
                order.price,
                order.quantity,
                order.open_quantity,
            )
            for order in every[:DROP_ORDERS_MAX]
        ]
        return shown, len(every) - len(shown)
