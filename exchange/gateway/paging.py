"""Lists in pages: a cursor is the key of the last line shown, so that pages neither skip nor repeat.

Guarantees: a cursor stays good for ever; one that was made up ends in a refusal or in a page of what its
maker may see anyway, so it needs no signature. Lines that come between two pages show up if they belong
after the cursor.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from exchange.core.limits import WIRE_INTEGER_MAX
from exchange.gateway.notation import END, Id
from exchange.gateway.problems import field_refused

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 500

Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Lines in a page.")]
Cursor = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_-]*" + END, max_length=256, description="The `next` of the page before.")
]
Number = Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)]


class NumberKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which number, or how many lines were shown already."""

    number: Number


class IdKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which id."""

    id: Id


class DatedKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which line of an instant."""

    at_us: Number
    id: Id


K = TypeVar("K", bound=Struct)
L = TypeVar("L")


class PageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list."""

    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = ""


def cursor_of(*key: int | str) -> str:
    """A cursor that points behind the line with this key."""
    return urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode("ascii")


def key_of(cursor: str, kind: type[K]) -> K | None:
    """The key in a cursor, None for the first page; refuses what is no cursor of this list."""
    if not cursor:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (msgspec.DecodeError, BadBase64, ValueError) as error:
        raise field_refused("cursor", "Use the `next` of an earlier page of this list.") from error


def page_of(lines: Sequence[L], limit: int, key: Callable[[L], tuple[int | str, ...]]) -> tuple[list[L], str]:
    """The first `limit` of the lines that follow the cursor, and the cursor behind them.

    Hand in one line more than the limit, at least, where there are more; the cursor is empty at the end.
    """
    page = list(lines[:limit])
    return page, cursor_of(*key(page[-1])) if len(lines) > limit else ""
