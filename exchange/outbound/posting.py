"""How members are told outside their feeds, as the operator set it."""

import time

import msgspec
from msgspec import Struct


class Posting(Struct, frozen=True):
    """What the second process needs to know."""

    webhooks_to_loopback: bool = False

    def as_text(self) -> str:
        """For the environment of the second process; arguments could be read by everybody on the machine."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of_text(cls, text: str) -> "Posting":
        """What `as_text` wrote."""
        return msgspec.json.decode(text, type=cls)


def now_us() -> int:
    """The machine's clock: attempts are made by it, not by the journal's."""
    return time.time_ns() // 1_000
