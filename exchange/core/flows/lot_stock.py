"""The goods of surplus lots: what a lot may offer, and the reservation from its publication to its sale or its end.

Guarantees: a published lot that isn't over has all its pieces reserved under its own id (`reserved:<seller>`), so that
they can't be sold, offered or withdrawn elsewhere; a lot that is void, or awarded to nobody, holds nothing.
"""

from exchange.core.goods.instruments import Instruments
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.ledger import Ledger
from exchange.core.market.lots.sales import instrument_refusal
from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages import AddLot, AnyEvent
from exchange.core.rejects import Reject, RejectCode


class LotStock:
    """What sellers' stock has to do with their lots."""

    def __init__(self, instruments: Instruments, ledger: Ledger) -> None:
        self.instruments = instruments
        self.ledger = ledger

    def lot_refusal(self, event: SourcingEvent, command: AddLot) -> Reject | None:
        """Those of `lots.sales`; nothing in an event that isn't from stock."""
        if not event.from_stock:
            return None
        return instrument_refusal(event, command, self.instruments.get(command.instrument_id))

    def publish_refusal(self, event: SourcingEvent) -> Reject | None:
        """STOCK_SHORT for the first lot that the seller's free stock doesn't cover beside those before it: the bound is
        what is left for it.
        """
        asked: dict[str, int] = {}
        for place, lot in enumerate(event.lots):
            if not lot.instrument_id:
                continue
            stock = self.ledger.account(AccountKind.STOCK, event.buyer_id, lot.instrument_id)
            left = self.ledger.available(stock) - asked.get(lot.instrument_id, 0)
            if lot.quantity > left:
                return Reject(RejectCode.STOCK_SHORT, left, f"lots[{place}].quantity")
            asked[lot.instrument_id] = asked.get(lot.instrument_id, 0) + lot.quantity
        return None

    def reserve(self, event: SourcingEvent, events: list[AnyEvent]) -> None:
        """The pieces of all its lots, from now on."""
        for lot in event.lots:
            if lot.instrument_id:
                stock = self.ledger.account(AccountKind.STOCK, event.buyer_id, lot.instrument_id)
                reserved = self.ledger.account(AccountKind.RESERVED, event.buyer_id, lot.instrument_id)
                self.ledger.hold(lot.lot_id, stock, reserved, lot.quantity, lot.lot_id, events)

    def free(self, lot_id: str, events: list[AnyEvent]) -> None:
        """The pieces are stock again, where they are still reserved."""
        if lot_id in self.ledger.holds:
            self.ledger.close(lot_id, events)
