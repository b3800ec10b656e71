"""How REST writes numbers and instants: decimal strings, and RFC 3339 in UTC with microseconds.

Guarantees: exact both ways; nothing here rounds. A text that does not fit the scale is no number (None),
never the nearest one.
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from exchange.core import values
from exchange.core.limits import PUBLIC_ID_LENGTH_MAX, SYMBOL_LENGTH_MAX

DIGITS_MAX: Final = 32
"""Characters of a decimal string: more than any bound needs, little enough to read at once."""

END: Final = r"$(?!\n)"
"""Where a pattern ends: `$` alone would let a line break follow."""

Decimals = Annotated[
    str,
    Meta(
        pattern=rf"^(0|[1-9][0-9]*)(\.[0-9]+)?{END}",
        max_length=DIGITS_MAX,
        description="An exact decimal number, written as a string.",
        examples=["2.375"],
    ),
]
SignedDecimals = Annotated[str, Meta(pattern=rf"^-?(0|[1-9][0-9]*)(\.[0-9]+)?{END}", max_length=DIGITS_MAX)]
Id = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9_-]+{END}", max_length=PUBLIC_ID_LENGTH_MAX)]
"""A public id as REST takes it; the core draws no others."""
InstantText = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
InstantInput = Annotated[datetime, Meta(tz=True)]
ONE_LINE: Final = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*" + END
"""No control characters, which PostgreSQL's text can't all hold, and nothing else that ends a line: mails have titles in
their headers."""
Text = Annotated[str, Meta(pattern=ONE_LINE, min_length=1, max_length=200)]
"""A line for people."""
ShortText = Annotated[str, Meta(pattern=ONE_LINE, min_length=1, max_length=SYMBOL_LENGTH_MAX)]
"""A public short name, of an instrument or a lot."""

decimal_of: Final = values.decimal_of
scale_of_unit: Final = values.scale_of_unit
instant_of: Final = values.instant_of
"""Papers write them in the same way."""


def json_of(answer: object) -> bytes:
    """JSON that ends with its line, so that a prompt stands below it and not beside it."""
    return msgspec.json.encode(answer) + b"\n"


def number_of(text: str, scale: int) -> int | None:
    """The integer in 10^-scale; None if it has digits beyond the scale that are not zero."""
    whole, _, decimals = text.partition(".")
    if decimals[scale:].strip("0"):
        return None
    return int(whole + decimals[:scale].ljust(scale, "0"))


def microseconds_of(instant: datetime) -> int:
    """Microseconds since 1970 of an instant with a time zone; negative before."""
    return (instant - values.EPOCH) // values.MICROSECOND
