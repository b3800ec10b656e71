"""REST of a lot beyond its bids: bought at once by a bidder; paused, extended, ended and
its ties drawn by its buyer.

Guarantees: whoever isn't shown the lot is told that there is none.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import SEED_LENGTH_MAX
from exchange.core.messages import BuyNow, EndLot, ExtendLot, PauseEvent, ResumeEvent, RevealSeed
from exchange.core.messages.review import ReopenLot
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import InstantInput, ShortText, microseconds_of
from exchange.gateway.problems import Scales
from exchange.gateway.rest.sourcing import EventSettled, LotSettled, NewBid, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route


class Grounds(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the record."""

    reason: ShortText


class NewClose(Struct, frozen=True, forbid_unknown_fields=True):
    """Later than the close that stands."""

    close_at: InstantInput


class Reopening(Struct, frozen=True, forbid_unknown_fields=True):
    """The new close, and why."""

    close_at: InstantInput
    reason: ShortText


class Seed(Struct, frozen=True, forbid_unknown_fields=True):
    """The text whose SHA-256 the lot was drafted with."""

    seed: Annotated[str, Meta(min_length=1, max_length=SEED_LENGTH_MAX)]


async def buy_now(call: Call[NewBid, NoQuery]) -> LotSettled:
    """Bidder: take a forward lot at its buy-now price, while nobody has bid; it closes at once."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    price = price_of("price", call.body.price, event.price_scale)
    reply = await call.settle(
        BuyNow(lot_id=lot.lot_id, price=price), Scales(event.price_scale, event.currency)
    )
    return LotSettled.of(reply)


async def reveal_seed(call: Call[Seed, NoQuery]) -> LotSettled:
    """Buyer: reveal the committed seed of a closed lot; equal prices rank as it draws."""
    return LotSettled.of(await call.settle(RevealSeed(lot_id=call.id("lot_id"), seed=call.body.seed)))


async def pause_event(call: Call[Grounds, NoQuery]) -> EventSettled:
    """Buyer or operator: stop the clocks of all its lots; no bid is taken meanwhile."""
    command = PauseEvent(event_id=call.id("event_id"), reason=call.body.reason)
    return EventSettled.of(await call.settle(command))


async def resume_event(call: Call[NoBody, NoQuery]) -> EventSettled:
    """Buyer or operator: go on; every timer moves by exactly the paused time."""
    return EventSettled.of(await call.settle(ResumeEvent(event_id=call.id("event_id"))))


async def extend_lot(call: Call[NewClose, NoQuery]) -> LotSettled:
    """Buyer or operator: close later; it is not overtime."""
    command = ExtendLot(lot_id=call.id("lot_id"), close_at_us=microseconds_of(call.body.close_at))
    return LotSettled.of(await call.settle(command, names={"close_at_us": "close_at"}))


async def end_lot(call: Call[Grounds, NoQuery]) -> LotSettled:
    """Buyer or operator: close an open lot now."""
    return LotSettled.of(await call.settle(EndLot(lot_id=call.id("lot_id"), reason=call.body.reason)))


async def reopen_lot(call: Call[Reopening, NoQuery]) -> LotSettled:
    """Buyer or operator: take bids for a closed lot again, within its review period; bids stand as they stood."""
    close_at_us = microseconds_of(call.body.close_at)
    command = ReopenLot(lot_id=call.id("lot_id"), close_at_us=close_at_us, reason=call.body.reason)
    return LotSettled.of(await call.settle(command, names={"close_at_us": "close_at"}))


_EVENT = "/v1/events/{event_id}"
_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", f"{_LOT}/purchase", "Buy a lot at once", buy_now, NewBid, NoQuery, LotSettled, BuyNow, 201),
    Route("POST", f"{_LOT}/seed", "Reveal a seed", reveal_seed, Seed, NoQuery, LotSettled, RevealSeed),
    Route("POST", f"{_EVENT}/pause", "Pause an event", pause_event, Grounds, NoQuery, EventSettled, PauseEvent),
    Route(
        "POST", f"{_EVENT}/resumption", "Resume an event", resume_event,
        NoBody, NoQuery, EventSettled, ResumeEvent,
    ),
    Route("POST", f"{_LOT}/extension", "Extend a lot", extend_lot, NewClose, NoQuery, LotSettled, ExtendLot),
    Route("POST", f"{_LOT}/end", "End a lot", end_lot, Grounds, NoQuery, LotSettled, EndLot),
    Route("POST", f"{_LOT}/reopening", "Reopen a lot", reopen_lot, Reopening, NoQuery, LotSettled, ReopenLot),
)  # fmt: skip
