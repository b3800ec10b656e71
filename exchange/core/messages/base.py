"""What every message is made of: bases, bounded field types, and the one encoding.

Commands are wishes (imperative), events are facts (past tense). Both are frozen Structs of ints and
short strings without behaviour. Commands are JSON objects on the wire and msgpack maps in the journal;
events are msgpack arrays whose fields only ever grow at their end.

The encoding is frozen: a new field is added with a default and is omitted while it has it, so that
old digests hold. A field is never renamed, moved or given another meaning.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    INSTANT_US_MAX,
    PRICE_MAX,
    PUBLIC_ID_LENGTH_MAX,
    QUANTITY_MAX,
    REF_MAX,
    SYMBOL_LENGTH_MAX,
)
from exchange.core.values import VERSION_MAX

PublicId = Annotated[str, Meta(min_length=1, max_length=PUBLIC_ID_LENGTH_MAX)]
"""A random identifier drawn outside the core; the empty string never names anything."""
NamedId = Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)]
"""A public id, or nothing."""
Symbol = Annotated[str, Meta(min_length=1, max_length=SYMBOL_LENGTH_MAX)]
Currency = Annotated[str, Meta(min_length=3, max_length=3)]
Price = Annotated[int, Meta(ge=1, le=PRICE_MAX)]
"""An integer in 10^-price_scale of the currency, everywhere."""
Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
AmountMinor = Annotated[int, Meta(ge=1, le=AMOUNT_MINOR_MAX)]
Instant = Annotated[int, Meta(ge=0, le=INSTANT_US_MAX)]
"""Microseconds since 1970-01-01T00:00Z."""
DurationUs = Annotated[int, Meta(ge=0, le=INSTANT_US_MAX)]
Ref = Annotated[int, Meta(ge=0, le=REF_MAX)]
Version = Annotated[int, Meta(ge=0, le=VERSION_MAX)]
"""What a thing was like: see `version_of`; 0 stands for any."""
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]

SYSTEM = ""
"""The member id under which the exchange itself acts: deadlines, outages, the first operator."""


class Command(
    Struct,
    frozen=True,
    kw_only=True,
    gc=False,
    tag_field="type",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """A wish. `ref` rises within the sender's session; 0 where the sender has none (REST, the exchange)."""

    ref: Ref = 0


class ConditionalCommand(Command, frozen=True, kw_only=True, gc=False):
    """A wish about something that others may change meanwhile.

    With `expected_version` it is refused (VERSION_OTHER) unless the thing is as its sender has read it, whoever may
    know the thing; 0: however it is.
    """

    expected_version: Version = 0


class Event(Struct, frozen=True, array_like=True, gc=False):
    """A fact. It carries true identities; only `visibility` decides what of it anybody is shown."""


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"


class TimeInForce(StrEnum):
    """What becomes of the part of an order that does not trade at once."""

    GTC = "gtc"  # rests until it is cancelled
    IOC = "ioc"  # is cancelled
    FOK = "fok"  # the whole order trades at once, with at most 256 others, or none of it
    GTD = "gtd"  # rests until an instant of its own
    DAY = "day"  # rests until the end of the day, UTC


class Role(StrEnum):
    """What a member may do; one member can have several."""

    BUYER = "buyer"
    SELLER = "seller"
    OPERATOR = "operator"
    INSPECTOR = "inspector"
    AUDITOR = "auditor"


class Standing(StrEnum):
    """Whether a member may commit itself to anything new."""

    GOOD = "good"
    SUSPENDED = "suspended"
