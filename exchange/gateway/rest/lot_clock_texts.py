"""The clock of a lot as REST writes it: prices as decimal strings, instants as texts."""

from msgspec import UNSET, Struct, UnsetType

from exchange.core.messages import shown_lots
from exchange.gateway.notation import Decimals, InstantText, decimal_of, instant_of


class LotClock(Struct, frozen=True):
    """What the clock of an open lot shows: a level to accept, or a round with its turns.

    `until` is when the level, the turn or the pause ends; without it, that stands until the close. `taken`: the
    level is accepted, or the own turn used. `active` is how many accepted the level before, or this one.
    """

    level_price: Decimals | UnsetType
    round_number: int | UnsetType
    until: InstantText | UnsetType
    own_turn: bool
    taken: bool
    dropped_out: bool
    active: int | UnsetType
    turn_alias: int | UnsetType


def clock_told(clock: shown_lots.LotClock | UnsetType, scale: int) -> LotClock | UnsetType:
    """The clock as it is shown; nothing where there is none."""
    if clock is UNSET:
        return UNSET
    return LotClock(
        decimal_of(clock.level_price, scale) if clock.level_price else UNSET,
        clock.round_number or UNSET,
        instant_of(clock.until_us) if clock.until_us else UNSET,
        clock.own_turn,
        clock.taken,
        clock.dropped_out,
        clock.active,
        clock.turn_alias,
    )
