"""What viewers of a scored lot are shown of how bids compare."""

from msgspec import UNSET, Struct, UnsetType


class OwnScore(Struct, frozen=True, omit_defaults=True):
    """How the viewer's prices compare; `compared` is what its own bid comes to, rounded half away from zero."""

    options: tuple[int, ...] = ()
    amounts: tuple[int, ...] = ()
    factor_ppm: int = 1_000_000
    addend: int = 0
    compared: int | UnsetType = UNSET


class AliasScore(Struct, frozen=True, array_like=True, gc=False):
    """What the bid under an alias comes to, rounded half away from zero, and what it was declared to stand for."""

    alias: int
    compared: int
    options: tuple[int, ...]
    amounts: tuple[int, ...]
