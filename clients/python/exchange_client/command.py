"""What every command is: one frame, which the session numbers as it leaves; and what a condition of one is."""

from hashlib import sha256

from msgspec import Struct


class Command(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", omit_defaults=True):
    """A wish."""


class ConditionalCommand(Command, frozen=True, kw_only=True):
    """A wish about something that others may change meanwhile.

    It is refused (VERSION_OTHER) unless the thing has this version: the number before the dash of REST's ETag, for an
    order also `order_version`. 0: whatever it has.
    """

    expected_version: int = 0


def order_version(price: int, quantity: int, open_quantity: int) -> int:
    """The version of an order that stands like this; the price in its instrument's scale."""
    text = f"{price} {quantity} {open_quantity}"
    return 1 + int.from_bytes(sha256(text.encode()).digest()[:6], "big")
