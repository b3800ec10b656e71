"""Phases of an instrument's market, the call auction, and what an instrument fixes about both."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from exchange.core.limits import CALL_RANDOM_US_MAX, CALL_US_MAX
from exchange.core.messages.base import Command, Event, PublicId, Side

CallDuration = Annotated[int, Meta(ge=0, le=CALL_US_MAX)]


class Phase(StrEnum):
    """What may be done in an instrument's book."""

    PRE_OPEN = "pre_open"  # orders come, change and go; nothing trades
    CALL_AUCTION = "call_auction"  # the same, until all trade at one price
    CONTINUOUS = "continuous"  # orders trade as they come
    HALTED = "halted"  # orders can only be cancelled; it goes on today
    CLOSED = "closed"  # orders can only be cancelled


class PhaseCause(StrEnum):
    """Why a phase began, or a call was prolonged."""

    SET_PHASE = "set_phase"
    START_CALL = "start_call"
    BAND = "band"  # a price left the dynamic band
    UNCROSS = "uncross"  # the call is over
    OUTAGE = "outage"


class SetPhase(Command, frozen=True, tag="set_phase"):
    """Operator: bring an instrument's market into another phase. A call begins with start_call only."""

    instrument_id: PublicId
    phase: Phase


class StartCall(Command, frozen=True, tag="start_call"):
    """Operator: collect orders for `duration_us` and let them trade at one price.

    The end is a random instant within `random_us` after it. `next_phase` is continuous or closed.
    """

    instrument_id: PublicId
    duration_us: CallDuration
    random_us: Annotated[int, Meta(ge=0, le=CALL_RANDOM_US_MAX)] = CALL_RANDOM_US_MAX
    next_phase: Phase = Phase.CONTINUOUS


class PhaseSet(Event, frozen=True, tag="phase_set"):
    """The instrument's market is in another phase. `ends_at_us`: after which a call ends at random; else 0."""

    instrument_id: str
    phase: Phase
    cause: PhaseCause
    ends_at_us: int


class CallExtended(Event, frozen=True, tag="call_extended"):
    """The call goes on until a random instant after `ends_at_us`; `extensions` counts those by the band."""

    instrument_id: str
    ends_at_us: int
    extensions: int
    cause: PhaseCause


class Uncrossed(Event, frozen=True, tag="uncrossed"):
    """The call found its price: every CallTraded of the same command is at it and belongs to it.

    `surplus` is what could not trade at it, and on which side.
    """

    instrument_id: str
    price: int
    volume: int
    surplus: int
    surplus_side: Side | None


class CallTraded(Event, frozen=True, tag="call_traded"):
    """One match of an uncross. Both orders rested, each at its own price; `*_open` is left of each.

    `trade_number` counts on with the trades of the continuous phase. `pressed_by` is the side of the surplus,
    buy where there was none: nobody was the taker.
    """

    instrument_id: str
    trade_number: int
    price: int
    quantity: int
    pressed_by: Side
    buy_order_id: str
    sell_order_id: str
    buyer_id: str
    seller_id: str
    buy_price: int
    sell_price: int
    buy_open: int
    sell_open: int


class TradingTermsSet(Event, frozen=True, tag="trading_terms_set"):
    """How trading of a new instrument differs from trading without a dynamic band; fixed for its life.

    `call_us` is how long a call lasts that leaving the band starts, and each prolongation.
    """

    instrument_id: str
    dynamic_band_bps: int
    reference_price: int
    call_us: int


PhaseCommand = SetPhase | StartCall
PhaseEvent = TradingTermsSet | PhaseSet | CallExtended | Uncrossed | CallTraded
