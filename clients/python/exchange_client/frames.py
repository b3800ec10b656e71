"""What a session sends beside commands."""

from msgspec import Struct


class SessionFrame(Struct, frozen=True, gc=False, tag_field="type", omit_defaults=True):
    """A frame that takes no ref."""


class Hello(SessionFrame, frozen=True, tag="hello"):
    """The first frame of a connection; session 0 opens a new one."""

    key: str
    session: int = 0
    cancel_on_disconnect: bool = False


class Subscribe(SessionFrame, frozen=True, tag="subscribe"):
    """Follow a channel, from a position if one is known."""

    channel: str
    epoch: int = 0
    offset: int = 0


class Unsubscribe(SessionFrame, frozen=True, tag="unsubscribe"):
    """Stop following a channel."""

    channel: str


class Resolve(SessionFrame, frozen=True, tag="resolve"):
    """Ask what became of a ref."""

    ref: int


class SyncTime(SessionFrame, frozen=True, tag="sync_time"):
    """Ask for the exchange's clock."""

    client_us: int


AnySessionFrame = Hello | Subscribe | Unsubscribe | Resolve | SyncTime
