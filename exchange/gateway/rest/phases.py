"""REST of market phases: what everybody may read, and what the operator does."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import CALL_RANDOM_US_MAX, CALL_US_MAX
from exchange.core.messages import Side
from exchange.core.messages.phases import Phase, SetPhase, StartCall
from exchange.gateway.notation import Decimals, InstantText, decimal_of, instant_of
from exchange.gateway.rest.instruments import instrument_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.views.indicative import indicated

SECOND_US: Final = 1_000_000


class NewPhase(Struct, frozen=True, forbid_unknown_fields=True):
    """Into which phase the market goes. A call is started, not set."""

    phase: Phase


class NewCall(Struct, frozen=True, forbid_unknown_fields=True):
    """How long orders are collected, and within how many seconds after it the call ends at random."""

    duration_s: Annotated[int, Meta(ge=0, le=CALL_US_MAX // SECOND_US)]
    random_s: Annotated[int, Meta(ge=0, le=CALL_RANDOM_US_MAX // SECOND_US)] = CALL_RANDOM_US_MAX // SECOND_US
    next_phase: Phase = Phase.CONTINUOUS


class PhaseChanged(Settled, frozen=True):
    """The market is in another phase."""

    instrument_id: str


class Indication(Struct, frozen=True):
    """What a call would come to now: the price, what would trade, what would be left over on which side."""

    price: Decimals
    paired: int
    imbalance: int
    imbalance_side: Side | None


class PhaseShown(Struct, frozen=True):
    """The market's phase. A call ends at a random instant after `ends_at`."""

    instrument_id: str
    phase: Phase
    ends_at: InstantText | None
    extensions: int
    indication: Indication | None


async def get_phase(call: Call[NoBody, NoQuery]) -> PhaseShown:
    """After the last commit. Follow `phase:` over WebSocket instead of asking again and again."""
    instrument = instrument_of(call.views, call.id("instrument_id"))
    book = call.views.market.books[instrument.instrument_id]
    found = indicated(book)
    indication = found and Indication(
        decimal_of(found.price, instrument.price_scale), found.volume, found.surplus, found.side
    )
    ends_at = instant_of(book.ends_at_us) if book.ends_at_us else None
    return PhaseShown(instrument.instrument_id, book.phase, ends_at, book.extensions, indication)


async def set_phase(call: Call[NewPhase, NoQuery]) -> PhaseChanged:
    """Operator: halt, close or open a market."""
    instrument = instrument_of(call.views, call.id("instrument_id"))
    reply = await call.settle(SetPhase(instrument_id=instrument.instrument_id, phase=call.body.phase))
    return PhaseChanged(reply.sequence, instant_of(reply.at_us), reply.id)


async def start_call(call: Call[NewCall, NoQuery]) -> PhaseChanged:
    """Operator: collect orders, then let them trade at one price."""
    instrument, body = instrument_of(call.views, call.id("instrument_id")), call.body
    command = StartCall(
        instrument_id=instrument.instrument_id,
        duration_us=body.duration_s * SECOND_US,
        random_us=body.random_s * SECOND_US,
        next_phase=body.next_phase,
    )
    reply = await call.settle(command)
    return PhaseChanged(reply.sequence, instant_of(reply.at_us), reply.id)


_ONE: Final = "/v1/instruments/{instrument_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", f"{_ONE}/phase", "Read the market's phase", get_phase, NoBody, NoQuery, PhaseShown),
    Route(
        "PUT", f"{_ONE}/phase", "Set the market's phase", set_phase, NewPhase, NoQuery, PhaseChanged, SetPhase
    ),
    Route(
        "POST", f"{_ONE}/calls", "Start a call auction", start_call,
        NewCall, NoQuery, PhaseChanged, StartCall, 201,
    ),
)  # fmt: skip
