"""What overtime must do with each bid, told by the naive clock: the close moves when it has to, as far as it has to.

Guarantees: of what a command does, the first bid of whoever sent it is judged as it lands, on the standing that the
bids before it make; the close moves with that bid and with no other one, to where `NaiveClock` has it.

Known limits: where prices don't compare by number (scores, several currencies) or a lottery has drawn, nothing is said.
"""

from collections.abc import Iterator
from typing import NamedTuple

from exchange.core.kernel import Exchange
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import AnyEvent, BidSubmitted, CloseExtended, Sequenced, SubmitBid
from exchange.core.messages.bids import SetProxy, SubmitSurrogateBid
from exchange.core.messages.lot_rules import LotDirection
from tests.models.lot_clock import NaiveClock

Bids = dict[int, tuple[int, str]]
"""Of a lot, by number: price and bidder; those that were taken back are gone."""
BY_HAND = SubmitBid | SetProxy | SubmitSurrogateBid


class Stood(NamedTuple):
    """How a lot stood after the last command."""

    close_at_us: int
    overtime_us: int
    extensions: int


def standing(lot: Lot, bids: Bids) -> list[str]:
    """The bidders in the order in which they rank by price, of equals the one who reached it first."""
    sign = 1 if lot.direction is LotDirection.REVERSE else -1
    ranked = sorted((sign * price, number, bidder) for number, (price, bidder) in bids.items())
    return list(dict.fromkeys(bidder for _, _, bidder in ranked))


def by_price(lot: Lot) -> bool:
    """Whether bids compare as their prices do."""
    return lot.board.scores is None and not lot.board.seed


def actor(sent: Sequenced) -> str:
    """Whose own hand the command is."""
    command = sent.command
    return command.member_id if isinstance(command, SubmitSurrogateBid) else sent.member_id


class OvertimeWatch:
    """`objections` with the bids before the command, then `note` with the lots as they stand after it."""

    def __init__(self, kernel: Exchange) -> None:
        self._kernel = kernel
        self._stood: dict[str, Stood] = {}  # lots that are open

    def note(self, lots: list[Lot]) -> None:
        """Remember those of the lots that are open."""
        self._stood = {
            lot.lot_id: Stood(lot.close_at_us, lot.overtime_us, lot.extensions)
            for lot in lots
            if lot.state is LotState.OPEN
        }

    def objections(self, sent: Sequenced, events: list[AnyEvent], bids: Bids) -> Iterator[str]:
        """Where the close of the lot that the command names does not move as it has to."""
        moved = [event.close_at_us for event in events if isinstance(event, CloseExtended)]
        command = sent.command
        if not isinstance(command, BY_HAND) or command.lot_id not in self._stood:
            if moved:
                yield f"P7: the close moves to {moved} with a command that bids nothing"
            return
        lot = self._kernel.auctions.lot_of(command.lot_id)
        if not by_price(lot):
            return
        due = self._due(lot, sent, events, dict(bids))
        if moved != due:
            yield f"P7: the close of lot {lot.lot_id} moves to {moved}, not to {due}"

    def _due(self, lot: Lot, sent: Sequenced, events: list[AnyEvent], bids: Bids) -> list[int]:
        """Where the close has to move, if it has to."""
        own = actor(sent)
        for event in events:
            if not isinstance(event, BidSubmitted):
                continue
            led = standing(lot, bids)[:1] == [own]
            bids[event.bid_number] = event.price, event.member_id
            if event.member_id == own and format_of(lot.rules).overtime:
                return self._moved(lot, standing(lot, bids).index(own) + 1, sent.at_us, led=led)
        return []

    def _moved(self, lot: Lot, place: int, at_us: int, *, led: bool) -> list[int]:
        before = self._stood[lot.lot_id]
        overtime = self._kernel.auctions.event_of(lot.event_id).overtime
        clock = NaiveClock(overtime, lot.open_at_us, before.close_at_us, lot.hard_deadline_us, 0)
        clock.extended = [before.overtime_us, *[0] * (before.extensions - 1)][: before.extensions]
        clock.taken(place, at_us, led=led)
        return [clock.close_us] if clock.close_us != before.close_at_us else []
