"""Parts of what is shown of a lot."""

from msgspec import UNSET, Struct, UnsetType


class LotClock(Struct, frozen=True, omit_defaults=True):
    """What the clock of an open lot shows: a level to accept, or a round with its turns."""

    level_price: int = 0
    round_number: int = 0
    until_us: int = 0
    own_turn: bool = False
    taken: bool = False
    dropped_out: bool = False
    active: int | UnsetType = UNSET
    turn_alias: int | UnsetType = UNSET
