"""How the levels of Dutch and Japanese lots are accepted, and how the clock of a lot goes on.

Guarantees: an acceptance counts for the level that it names, before that level's end, or not at all; a Dutch lot
closes with the first one. Questions and changes as in `auction`, whose events and lots these are.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.market.auction import Auctions
from exchange.core.market.lots.clockwork import follow, following
from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.lots.levels import accept_refusal
from exchange.core.messages import AnyEvent
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.sourcing import BidSubmitted
from exchange.core.rejects import Reject


class Acceptances:
    """What bidders and time do to the clock of a lot."""

    def __init__(self, auctions: Auctions, deadlines: Deadlines) -> None:
        self._auctions = auctions
        self._deadlines = deadlines

    def accept_refusal(self, member_id: str, command: AcceptLevel, at_us: int) -> Reject | None:
        """As a bid's until the price; then those of `lots.levels`."""
        lot = self._auctions.lot(command.lot_id)
        if refused := self._auctions.closed_to(member_id, lot, at_us):
            return refused
        assert lot is not None
        return accept_refusal(lot, member_id, command.price, at_us)

    def accept(self, member_id: str, command: AcceptLevel, at_us: int, events: list[AnyEvent]) -> int:
        """Take it as a bid at the level's price; how many the bidder has accepted now."""
        lot = self._auctions.lot_of(command.lot_id)
        alias, bid_number = lot.board.submit(member_id, command.price)
        events.append(BidSubmitted(lot.lot_id, member_id, command.price, alias, bid_number, at_us))
        if format_of(lot.rules).clock is Clock.YIELDING:
            self._auctions.close_lot(lot, self._deadlines, events)
        own = lot.board.of(member_id)
        assert own is not None
        return own.bids

    def go_on(self, lot_id: str, events: list[AnyEvent]) -> None:
        """What the clock showed has ended: show what follows, or close the lot."""
        lot = self._auctions.lot_of(lot_id)
        event = following(lot)
        if event is None:
            self._auctions.close_lot(lot, self._deadlines, events)
            return
        follow(lot, event)
        events.append(event)
        self._auctions.set_timer(lot, self._deadlines)
