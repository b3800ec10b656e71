"""Lots whose bids don't compare by price alone: what is weighed, what bidders declare, what buyers set.

Guarantees: a lot without scoring compares prices, as ever. All weights are integers of a stated unit, so
that what compares is an exact fraction.
"""

from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    CRITERIA_MAX,
    FACTOR_PPM_MAX,
    FEATURE_OPTIONS_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
)
from exchange.core.messages.base import BasisPoints, Command, Event, Price, PublicId, Symbol

Factor = Annotated[int, Meta(ge=1, le=FACTOR_PPM_MAX)]
"""In millionths."""
Addend = Annotated[int, Meta(ge=-PRICE_MAX, le=PRICE_MAX)]
OptionNumber = Annotated[int, Meta(ge=1, le=FEATURE_OPTIONS_MAX)]
Amount = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]


class FeatureOption(Struct, frozen=True, forbid_unknown_fields=True):
    """What a bidder can declare of a feature, and what that is worth."""

    name: Symbol
    weight_bps: BasisPoints


class Feature(Struct, frozen=True, forbid_unknown_fields=True):
    """Something beside the price that is worth something; a bidder declares one of its options."""

    name: Symbol
    options: Annotated[list[FeatureOption], Meta(min_length=2, max_length=FEATURE_OPTIONS_MAX)]


class CostRate(Struct, frozen=True, forbid_unknown_fields=True):
    """What the goods cost later: so much for each of what a bidder declares, in the unit of its price."""

    name: Symbol
    price: Price


class Scoring(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What compares is (factor x price + addend + costs) / coefficient, in a forward lot times coefficient.

    The coefficient is 1 + the weights declared / (1 - the largest that could be); costs are those of life
    cycle; factor and addend are 1 and 0 unless the buyer sets them for a supplier, where `transformed`.
    """

    features: Annotated[list[Feature], Meta(max_length=CRITERIA_MAX)] = []
    costs: Annotated[list[CostRate], Meta(max_length=CRITERIA_MAX)] = []
    transformed: bool = False


class SubmitDeclaration(Command, frozen=True, tag="submit_declaration"):
    """Supplier: say what its bids in a scored lot stand for, before the first of them.

    `options` holds the number of an option, from 1, for each feature in order, `amounts` how much for each cost.
    """

    lot_id: PublicId
    options: Annotated[tuple[OptionNumber, ...], Meta(max_length=CRITERIA_MAX)] = ()
    amounts: Annotated[tuple[Amount, ...], Meta(max_length=CRITERIA_MAX)] = ()


class DeclarationSubmitted(Event, frozen=True, tag="declaration_submitted"):
    """The supplier's bids compare by this from now on; nobody else is told before it has bid."""

    lot_id: str
    member_id: str
    options: tuple[int, ...]
    amounts: tuple[int, ...]


class SetTransformation(Command, frozen=True, tag="set_transformation"):
    """Buyer: before the lot opens, compare a supplier's price as factor x price + addend."""

    lot_id: PublicId
    member_id: PublicId
    factor_ppm: Factor = 1_000_000
    addend: Addend = 0


class TransformationSet(Event, frozen=True, tag="transformation_set"):
    """The supplier's prices compare by this; it is shown to that supplier alone."""

    lot_id: str
    member_id: str
    factor_ppm: int
    addend: int


ScoringCommand = SubmitDeclaration | SetTransformation
ScoringEvent = DeclarationSubmitted | TransformationSet
