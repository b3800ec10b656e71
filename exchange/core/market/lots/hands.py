"""Where the clock of a lot stands."""

from typing import Final

from msgspec import Struct


class Hands(Struct, frozen=True, array_like=True):
    """A level with its price, or a round with the turns that are left of it; a round without turns is a pause.

    All is 0 where the lot has no clock, before it opens, and while first prices are taken.
    """

    number: int = 0  # of the level or the round, from 1
    price: int = 0
    until_us: int = 0  # when the level, the turn or the pause ends; 0: not before the close
    order: list[int] = []  # aliases that bid in turn; it is the first one's
    used: bool = False  # who has the turn has bid in it


AT_REST: Final = Hands()
