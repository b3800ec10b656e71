"""What viewers of a lot of several lines are shown of how bids price them."""

from msgspec import Struct


class OwnLines(Struct, frozen=True, array_like=True, gc=False):
    """The viewer's standing bid by line: unit prices, and what each line comes to if it is awarded."""

    prices: tuple[int, ...]
    amounts_minor: tuple[int, ...]


class AliasLines(Struct, frozen=True, array_like=True, gc=False):
    """The standing bid under an alias by line."""

    alias: int
    prices: tuple[int, ...]
    amounts_minor: tuple[int, ...]
