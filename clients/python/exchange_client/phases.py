"""The phases of an instrument's market, and how the operator changes them."""

from enum import StrEnum

from exchange_client.command import Command


class Phase(StrEnum):
    """What may be done in an instrument's book."""

    PRE_OPEN = "pre_open"
    CALL_AUCTION = "call_auction"
    CONTINUOUS = "continuous"
    HALTED = "halted"
    CLOSED = "closed"


class SetPhase(Command, frozen=True, tag="set_phase"):
    """Operator: bring an instrument's market into another phase."""

    instrument_id: str
    phase: Phase


class StartCall(Command, frozen=True, tag="start_call"):
    """Operator: collect orders for a time, then let them trade at one price."""

    instrument_id: str
    duration_us: int
    random_us: int = 30_000_000
    next_phase: Phase = Phase.CONTINUOUS
