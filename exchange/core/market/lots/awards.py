"""Who has won what of a closed lot: whole or in parts, and who is out of it after a default.

Guarantees: parts add up to the lot's quantity, or where it has units, to as many of them as there are bids for; an award goes only to a bid that stands, at the price that its format pays it; whoever has
defaulted wins nothing more of the lot. The state of lot and event moves along their tables in `market.sourcing`.
Does not move money: the flow does.
"""

from collections.abc import Iterable
from functools import partial
from itertools import islice

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

    def best(self, lot: Lot) -> list[StandingBid]:
        """The best bids that are not out, best first; at most as many as the lot has winners."""
        barred = self.of(lot.lot_id).barred
        return list(
            islice((bid for bid in lot.board.ranking() if bid.alias not in barred), lot.rules.winners)
        )

    def best_parts(self, lot: Lot) -> tuple[AwardPart, ...]:
        """A unit of the lot to each of the best."""
        return tuple(AwardPart(bid.alias, unit_of(lot)) for bid in self.best(lot))

    def refusal(self, lot: Lot, command: SplitLot) -> Reject | None:
        """Per part ALIAS_UNKNOWN, ALIAS_TWICE and ALIAS_BARRED, then LOT_IN_UNITS (the bound is a unit), PARTS_MIXED,
        PARTS_OFF (the bound is what they must add up to), AWARD_UNREASONED. Asked of a lot that can be awarded.
        """
        best = self.best(lot)
        sum_refusal = _sum_refusal if lot.rules.winners == 1 else partial(_units_refusal, len(best))
        if refused := self._alias_refusal(lot, command.parts) or sum_refusal(lot, command.parts):
            return refused
        is_best = sorted(part.alias for part in command.parts) == sorted(bid.alias for bid in best)
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


def unit_of(lot: Lot) -> int:
    """What one of its winners wins, in pieces: all of it, where there is one."""
    return lot.quantity // lot.rules.winners


def _units_refusal(winners: int, lot: Lot, parts: tuple[AwardPart, ...]) -> Reject | None:
    """Each part is a unit, and there are as many as can be awarded."""
    unit = unit_of(lot)
    if any(part.quantity != unit or part.share_bps for part in parts):
        return Reject(RejectCode.LOT_IN_UNITS, unit, "parts")
    return None if len(parts) == winners else Reject(RejectCode.PARTS_OFF, winners * unit, "parts")


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
    if all(part.quantity for part in parts):
        return [part.quantity for part in parts]
    return shares_of(lot.quantity, [part.share_bps for part in parts])


def won_parts(event: SourcingEvent, lot: Lot, parts: tuple[AwardPart, ...]) -> tuple[WonPart, ...]:
    """The parts with their winners, each at its own price: in a lot of units no winner's bid makes another's."""
    bids, won = [_standing(lot, part.alias) for part in parts], []
    in_units = bids and lot.rules.winners > 1
    last = max(bids, key=lambda bid: lot.board.place_of(bid.member_id)) if in_units else None
    for part, bid, quantity in zip(parts, bids, quantities_of(lot, parts), strict=True):
        price = awarded_price(lot, bid, last)
        amount = amount_minor(event, price, quantity, lot.rate_of(bid.member_id))
        won.append(WonPart(part.alias, bid.member_id, price, quantity, amount))
    return tuple(won)


def _standing(lot: Lot, alias: int) -> StandingBid:
    bid = lot.board.by_alias(alias)
    assert bid is not None, "asked for before"
    return bid


def expected_parts(event: SourcingEvent, lot: Lot, awards: Awards) -> tuple[WonPart, ...]:
    """What the best would win if they were awarded now; nothing where nobody has bid."""
    return won_parts(event, lot, awards.best_parts(lot))


def close_again(event: SourcingEvent, lot: Lot, because: type[Event]) -> None:
    """The award is no more: the lot waits for another, and its event goes on."""
    lot.tell(because)
    lot.awarded_alias = 0
    if event.state is EventState.ENDED:
        event.tell(because)
