"""Entity tags of what can be read under an id: strong, made of the very bytes that this viewer is answered.

Guarantees: equal tags mean equal bytes for this viewer; If-None-Match answers 304 without a body (RFC 9110, 13.1.2).
Where its reader may change the thing, the tag begins with the thing's version; If-Match (13.1.1) takes that version
to the core, which compares it in the turn of the change and refuses with 412. A condition is never ignored: whoever
sends one where none is taken is told so.
Known limits: If-Match names one tag; only its version counts, so what others only bid or trade past it is no change.
A tag says nothing of what another viewer sees.
"""

from collections.abc import Sequence
from hashlib import sha256
from re import compile as pattern
from typing import Final

from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.problems import Refused, field_refused
from exchange.gateway.routes import AnyRoute

TAG_LENGTH: Final = 32
"""Hexadecimal digits: 128 bits."""
IF_MATCH: Final = "If-Match"
_ENTITY_TAG: Final = pattern(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_VERSIONED: Final = pattern(rf'"([1-9][0-9]{{0,14}})-[0-9a-f]{{{TAG_LENGTH}}}"')


def is_tagged(route: AnyRoute, status: int) -> bool:
    """Whether the answer is one thing under an id, read well."""
    return route.method == "GET" and "{" in route.path and status == 200


def tag_of(body: bytes, version: int = 0) -> str:
    """The tag as the header writes it; `version` is that of what can be changed under a condition, or 0."""
    digest = sha256(body).hexdigest()[:TAG_LENGTH]
    return f'"{version}-{digest}"' if version else f'"{digest}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether the header names the tag; weak tags compare as equal here (RFC 9110, 8.8.3.2)."""
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag in named or named == ["*"]


def expected_version(route: AnyRoute, if_match: Sequence[str]) -> int:
    """The version that the header asks for, 0 where it asks for none: it is absent or `*`.

    A thing that is not there is refused by its route, so `*` needs no look. A weak tag, or one without a version,
    matches nothing. Refused: a header that is no single tag, and any where the route takes none.
    """
    if not if_match:
        return 0
    if not route.is_conditional:
        raise field_refused(IF_MATCH, "This route takes no condition.")
    tag = ",".join(if_match).strip()
    if tag == "*":
        return 0
    if not _ENTITY_TAG.fullmatch(tag):
        raise field_refused(IF_MATCH, "Send the one ETag with which the thing was read, or *.")
    versioned = _VERSIONED.fullmatch(tag)
    if versioned is None:
        raise Refused(
            Reject(RejectCode.VERSION_OTHER, field=IF_MATCH), "The tag names no version of such a thing."
        )
    return int(versioned[1])
