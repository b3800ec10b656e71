"""The phase of an instrument's market: what orders it takes, whether they trade, and how far from the last price.

Guarantees: a phase is left only the way TRANSITIONS says; orders trade as they come in the continuous phase
alone, and there never outside the dynamic band. The band is drawn around the reference price: that of the last
trade, or the one that the instrument was made with; while there is neither, there is no band.
Does not know time: the flow sets and meets deadlines.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from exchange.core.limits import BREACH_CALL_US, CALL_RANDOM_US_MAX
from exchange.core.market.ladder import NO_RANK, Ladder
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import TimeInForce
from exchange.core.messages.goods import CreateInstrument
from exchange.core.messages.orders import PlaceOrder
from exchange.core.messages.phases import Phase, PhaseCause, TradingTermsSet
from exchange.core.rejects import Reject, RejectCode

_PRE_OPEN, _CALL, _CONTINUOUS = Phase.PRE_OPEN, Phase.CALL_AUCTION, Phase.CONTINUOUS
_HALTED, _CLOSED = Phase.HALTED, Phase.CLOSED
_SET, _START, _BAND, _UNCROSS = (
    PhaseCause.SET_PHASE,
    PhaseCause.START_CALL,
    PhaseCause.BAND,
    PhaseCause.UNCROSS,
)

TRANSITIONS: Final[Mapping[Phase, Mapping[Phase, tuple[PhaseCause, ...]]]] = {
    _PRE_OPEN: {_CALL: (_START,), _HALTED: (_SET,), _CLOSED: (_SET,)},
    _CALL: {_CONTINUOUS: (_UNCROSS,), _CLOSED: (_UNCROSS,), _HALTED: (_SET,)},
    _CONTINUOUS: {_CALL: (_START, _BAND), _HALTED: (_SET,), _CLOSED: (_SET,)},
    _HALTED: {_PRE_OPEN: (_SET,), _CALL: (_START,), _CLOSED: (_SET,)},
    _CLOSED: {_PRE_OPEN: (_SET,), _CALL: (_START,)},
}
"""From which phase to which, and by what. The continuous phase is reached through an uncross only, since
orders that were collected may cross."""

COLLECTING: Final = (_PRE_OPEN, _CALL)
"""Phases in which orders come and nothing trades."""
_RESTING: Final = (TimeInForce.IOC, TimeInForce.FOK)


class Stage(Struct):
    """Where one instrument's market stands; `breaches` is the room's list of books that a price left.

    `ends_at_us`, `extensions`, `random_us` and `next_phase` are those of a call under way.
    """

    breaches: list[str]
    phase: Phase = Phase.CONTINUOUS
    reference: int = 0
    band_bps: int = 0
    call_us: int = BREACH_CALL_US
    ends_at_us: int = 0
    extensions: int = 0
    random_us: int = CALL_RANDOM_US_MAX
    next_phase: Phase = Phase.CONTINUOUS

    def refusal(self, command: PlaceOrder) -> Reject | None:
        """Checks: PHASE_TAKES_NO_ORDERS (halted, closed), then PHASE_TAKES_RESTING_ONLY by the field."""
        if self.phase is _CONTINUOUS:
            return None
        if self.phase not in COLLECTING:
            return Reject(RejectCode.PHASE_TAKES_NO_ORDERS)
        if command.time_in_force in _RESTING:
            return Reject(RejectCode.PHASE_TAKES_RESTING_ONLY, field="time_in_force")
        if command.post_only:
            return Reject(RejectCode.PHASE_TAKES_RESTING_ONLY, field="post_only")
        return None

    def amend_refusal(self) -> Reject | None:
        """Checks: PHASE_TAKES_NO_ORDERS. A cancel is never refused."""
        if self.phase is _CONTINUOUS or self.phase in COLLECTING:
            return None
        return Reject(RejectCode.PHASE_TAKES_NO_ORDERS)

    def reach(self, rank: int, sign: int) -> int:
        """How far an order may trade that would go up to `rank` on the ladder of `sign`."""
        if self.phase is not _CONTINUOUS:
            return -NO_RANK
        if not self.band_bps or not self.reference:
            return rank
        low, high = self.band()
        return min(rank, high if sign > 0 else -low)

    def watch(self, instrument_id: str, rank: int, facing: Ladder) -> None:
        """Note the instrument if an order rests now that could trade up to `rank`: the band alone kept it from that."""
        if facing.best_rank <= rank and self.phase is _CONTINUOUS:
            self.breaches.append(instrument_id)

    def band(self) -> tuple[int, int]:
        """Lowest and highest price of the dynamic band."""
        reference, bps = self.reference, self.band_bps
        return -(-reference * (10_000 - bps) // 10_000), reference * (10_000 + bps) // 10_000

    def leaves_band(self, price: int) -> bool:
        """Whether a price lies outside a band that there is."""
        if not self.band_bps or not self.reference:
            return False
        low, high = self.band()
        return not low <= price <= high

    def enter(self, phase: Phase, cause: PhaseCause) -> None:
        """Change the phase, as the table allows."""
        assert cause in TRANSITIONS[self.phase].get(phase, ()), f"{self.phase} to {phase} by {cause}"
        self.phase = phase
        self.ends_at_us = self.extensions = 0


class StageDump(Struct, frozen=True, array_like=True):
    """A stage that differs from a new one."""

    instrument_id: str
    phase: Phase
    reference: int
    band_bps: int
    call_us: int
    ends_at_us: int
    extensions: int
    random_us: int
    next_phase: Phase


def phase_refusal(stage: Stage, phase: Phase, cause: PhaseCause) -> Reject | None:
    """PHASE_NOT_REACHABLE, unless the table has the way."""
    if cause in TRANSITIONS[stage.phase].get(phase, ()):
        return None
    return Reject(RejectCode.PHASE_NOT_REACHABLE, field="phase")


def set_terms(stage: Stage, instrument_id: str, command: CreateInstrument, events: list[AnyEvent]) -> None:
    """Give a new stage the terms of its instrument; TradingTermsSet where they are not the default."""
    terms = command.dynamic_band_bps, command.reference_price, command.call_us
    if not any(terms):
        return
    stage.band_bps, stage.reference = command.dynamic_band_bps, command.reference_price
    stage.call_us = command.call_us or BREACH_CALL_US
    events.append(TradingTermsSet(instrument_id, stage.band_bps, stage.reference, stage.call_us))


def dumped(stages: Iterable[tuple[str, Stage]]) -> list[StageDump]:
    """All stages that differ from a new one, in the order given."""
    fresh = StageDump("", *_fields(Stage([])))
    every = (StageDump(instrument_id, *_fields(stage)) for instrument_id, stage in stages)
    return [dump for dump in every if _same(dump) != _same(fresh)]


def restored(stage: Stage, dump: StageDump) -> None:
    """Make a new stage what it was."""
    (
        stage.phase, stage.reference, stage.band_bps, stage.call_us,
        stage.ends_at_us, stage.extensions, stage.random_us, stage.next_phase,
    ) = _same(dump)  # fmt: skip


_Fields = tuple[Phase, int, int, int, int, int, int, Phase]


def _fields(stage: Stage) -> _Fields:
    return (
        stage.phase, stage.reference, stage.band_bps, stage.call_us,
        stage.ends_at_us, stage.extensions, stage.random_us, stage.next_phase,
    )  # fmt: skip


def _same(dump: StageDump) -> _Fields:
    return (
        dump.phase, dump.reference, dump.band_bps, dump.call_us,
        dump.ends_at_us, dump.extensions, dump.random_us, dump.next_phase,
    )  # fmt: skip
