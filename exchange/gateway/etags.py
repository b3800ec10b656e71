"""Entity tags of what can be read under an id: strong, made of the very bytes that this viewer is answered.

Guarantees: equal tags mean equal bytes for this viewer; If-None-Match answers 304 without a body (RFC 9110, 13.1.2).
Doesn't do: If-Match. A tag says nothing of what another viewer sees.
"""

from hashlib import sha256
from typing import Final

from exchange.gateway.routes import AnyRoute

TAG_LENGTH: Final = 32
"""Hexadecimal digits: 128 bits."""


def is_tagged(route: AnyRoute, status: int) -> bool:
    """Whether the answer is one thing under an id, read well."""
    return route.method == "GET" and "{" in route.path and status == 200


def tag_of(body: bytes) -> str:
    """The tag as the header writes it."""
    return f'"{sha256(body).hexdigest()[:TAG_LENGTH]}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether the header names the tag; weak tags compare as equal here (RFC 9110, 8.8.3.2)."""
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag in named or named == ["*"]
