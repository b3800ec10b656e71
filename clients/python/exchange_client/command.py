"""What every command is: one frame, which the session numbers as it leaves."""

from msgspec import Struct


class Command(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", omit_defaults=True):
    """A wish."""
