"""Lots of several lines on the wire: what each line is, and what is shown of how bids price them."""

from msgspec import Struct


class LotLine(Struct, frozen=True, omit_defaults=True):
    """So much of one thing, to one place, within a time; an instant of 0 stands for none."""

    title: str
    quantity: int
    unit: str = ""  # empty: pieces
    ship_to: str = ""
    deliver_from_us: int = 0
    deliver_until_us: int = 0
    may_be_free: bool = False  # its unit price may be 0
    reference_price: int = 0  # of a unit; where the lot is bid for by discount, what that is taken off


class OwnLines(Struct, frozen=True, array_like=True, gc=False):
    """The own standing bid by line: unit prices, and what each line comes to if it is awarded."""

    prices: tuple[int, ...]
    amounts_minor: tuple[int, ...]


class AliasLines(Struct, frozen=True, array_like=True, gc=False):
    """The standing bid under an alias by line."""

    alias: int
    prices: tuple[int, ...]
    amounts_minor: tuple[int, ...]
