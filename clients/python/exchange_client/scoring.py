"""Scored lots: what is weighed, what a bidder declares, and what it is shown of how bids compare."""

from msgspec import UNSET, Struct, UnsetType

from exchange_client.command import Command


class FeatureOption(Struct, frozen=True):
    """What a bidder can declare of a feature, and what that is worth."""

    name: str
    weight_bps: int


class Feature(Struct, frozen=True):
    """Something beside the price that is worth something; a bidder declares one of its options."""

    name: str
    options: list[FeatureOption]


class CostRate(Struct, frozen=True):
    """What the goods cost later: so much for each of what a bidder declares, in the unit of its price."""

    name: str
    price: int


class Scoring(Struct, frozen=True, omit_defaults=True):
    """What compares is (factor x price + addend + costs) / coefficient, in a forward lot times coefficient.

    The coefficient is 1 + the weights declared / (1 - the largest that could be).
    """

    features: list[Feature] = []
    costs: list[CostRate] = []
    transformed: bool = False


class SubmitDeclaration(Command, frozen=True, tag="submit_declaration"):
    """Supplier: say what its bids in a scored lot stand for, before the first of them."""

    lot_id: str
    options: tuple[int, ...] = ()
    amounts: tuple[int, ...] = ()


class SetTransformation(Command, frozen=True, tag="set_transformation"):
    """Buyer: before the lot opens, compare a supplier's price as factor x price + addend."""

    lot_id: str
    member_id: str
    factor_ppm: int = 1_000_000
    addend: int = 0


class OwnScore(Struct, frozen=True, omit_defaults=True):
    """How own prices compare; `compared` is what the own bid comes to, rounded half away from zero."""

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


ScoringCommand = SubmitDeclaration | SetTransformation
