"""What every frame from the exchange is; see `shown`."""

from msgspec import Struct


class Shown(Struct, frozen=True, gc=False, tag_field="type", omit_defaults=True):
    """What the exchange sends."""
