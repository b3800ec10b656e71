"""Who has won what of a closed lot: whole or in parts, and who is out of it after a default.

Guarantees: parts add up to the lot's quantity; an award goes only to a bid that stands, at the price that its format pays it; whoever has
defaulted wins nothing more of the lot. The state of lot and event moves along their tables in `market.sourcing`.
Does not move money: the flow does.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.market.board import StandingBid
from exchange.core.market.lots.pricing import amount_minor, awarded_price
from exchange.core.market.sourcing import EventState, Lot, SourcingEvent
from exchange.core.messages.awards import AwardPart, SplitLot, WonPart
from exchange.core.messages.base import Event
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import shares_of

WHOLE_BPS = 10_000


class LotAward(Struct, frozen=True, array_like=True, gc=False):
    """What is won of a lot now, and the aliases that are out of it."""

    lot_id: str
    parts: tuple[WonPart, ...] = ()
    barred: tuple[int, ...] = ()


class Awards:
    """By lot; a lot that was never awarded has none."""

    def __init__(self, awards: Iterable[LotAward] = ()) -> None:
        self._by_lot = {award.lot_id: award for award in awards}

    def of(self, lot_id: str) -> LotAward:
        """What is won of the lot."""
        return self._by_lot.get(lot_id) or LotAward(lot_id)

    def won(self, lot_id: str, parts: tuple[WonPart, ...]) -> None:
        """The lot is awarded."""
        self._by_lot[lot_id] = replace(self.of(lot_id), parts=parts)

    def default(self, lot_id: str, alias: int) -> None:
        """Nothing of the lot is won any more, and the alias is out."""
        self._by_lot[lot_id] = LotAward(lot_id, (), (*self.of(lot_id).barred, alias))

    def withdraw(self, lot_id: str) -> None:
        """Nothing of the lot is won any more, and nobody is out for it."""
        self._by_lot[lot_id] = replace(self.of(lot_id), parts=())

    def winners(self, event: SourcingEvent) -> set[str]:
        """Everybody who has won something of the event; to ask, never to iterate."""
        return {part.winner_id for lot in event.lots for part in self.of(lot.lot_id).parts}

    def best(self, lot: Lot) -> StandingBid | None:
        """The best bid that is not out."""
        barred = self.of(lot.lot_id).barred
        return next((bid for bid in lot.board.ranking() if bid.alias not in barred), None)

    def refusal(self, lot: Lot, command: SplitLot) -> Reject | None:
        """Per part ALIAS_UNKNOWN, ALIAS_TWICE and ALIAS_BARRED, then PARTS_MIXED, PARTS_OFF (the bound is what they
        must add up to), AWARD_UNREASONED. Asked of a lot that can be awarded.
        """
        if refused := self._alias_refusal(lot, command.parts) or _sum_refusal(lot, command.parts):
            return refused
        best = self.best(lot)
        is_best = len(command.parts) == 1 and best is not None and command.parts[0].alias == best.alias
        return None if is_best or command.reason else Reject(RejectCode.AWARD_UNREASONED, field="reason")

    def _alias_refusal(self, lot: Lot, parts: tuple[AwardPart, ...]) -> Reject | None:
        barred, seen = self.of(lot.lot_id).barred, set[int]()
        for place, part in enumerate(parts):
            field = f"parts[{place}].alias"
            if lot.board.by_alias(part.alias) is None:
                return Reject(RejectCode.ALIAS_UNKNOWN, lot.board.bidders, field)
            if part.alias in seen:
                return Reject(RejectCode.ALIAS_TWICE, field=field)
            if part.alias in barred:
                return Reject(RejectCode.ALIAS_BARRED, field=field)
            seen.add(part.alias)
        return None

    def dump(self) -> list[LotAward]:
        """By lot."""
        return [self._by_lot[lot_id] for lot_id in sorted(self._by_lot)]


def _sum_refusal(lot: Lot, parts: tuple[AwardPart, ...]) -> Reject | None:
    """Each part has a quantity, or each a share, and they add up; no share is so small that it is no piece."""
    if len({(part.quantity > 0, part.share_bps > 0) for part in parts}) != 1 or not (
        bool(parts[0].quantity) ^ bool(parts[0].share_bps)
    ):
        return Reject(RejectCode.PARTS_MIXED, field="parts")
    in_shares = bool(parts[0].share_bps)
    whole = WHOLE_BPS if in_shares else lot.quantity
    if sum(part.share_bps if in_shares else part.quantity for part in parts) != whole:
        return Reject(RejectCode.PARTS_OFF, whole, "parts")
    if not all(quantities_of(lot, parts)):
        return Reject(RejectCode.PARTS_OFF, whole, "parts")
    return None


def quantities_of(lot: Lot, parts: tuple[AwardPart, ...]) -> list[int]:
    """What each part is in pieces; the largest remainders round up, equal ones in the order of the parts."""
    if parts[0].quantity:
        return [part.quantity for part in parts]
    return shares_of(lot.quantity, [part.share_bps for part in parts])


def won_parts(event: SourcingEvent, lot: Lot, parts: tuple[AwardPart, ...]) -> tuple[WonPart, ...]:
    """The parts with their winners, each at its own price."""
    won = []
    for part, quantity in zip(parts, quantities_of(lot, parts), strict=True):
        bid = lot.board.by_alias(part.alias)
        assert bid is not None, "asked for before"
        price = awarded_price(lot, bid)
        amount = amount_minor(event, price, quantity)
        won.append(WonPart(part.alias, bid.member_id, price, quantity, amount))
    return tuple(won)


def close_again(event: SourcingEvent, lot: Lot, because: type[Event]) -> None:
    """The award is no more: the lot waits for another, and its event goes on."""
    lot.tell(because)
    lot.awarded_alias = 0
    if event.state is EventState.ENDED:
        event.tell(because)
