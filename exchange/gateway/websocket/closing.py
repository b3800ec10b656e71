"""Why the exchange closes a WebSocket: codes 4000-4499 mean "connect again", 4500-4999 mean "don't".

Known limits: what the protocol itself forbids (a message that is far too large, broken framing) is closed with
the protocol's own codes, 1002 to 1009.
"""

from enum import IntEnum
from typing import Final


class CloseCode(IntEnum):
    """The number is as stable as that of a refusal."""

    GOING_AWAY = 4000
    SLOW = 4008
    TOO_MANY_CONNECTIONS = 4029
    HELLO_MISSING = 4501
    KEY_REFUSED = 4502


REASONS: Final[dict[CloseCode, str]] = {
    CloseCode.GOING_AWAY: "the exchange restarts: reconnect and recover",
    CloseCode.SLOW: "slow: reconnect and recover",
    CloseCode.TOO_MANY_CONNECTIONS: "too many connections of this member: close some and reconnect",
    CloseCode.HELLO_MISSING: "no hello came in time: send it first",
    CloseCode.KEY_REFUSED: "the key is unknown or revoked: use a valid one",
}
"""What the close frame says; at most 123 bytes each (RFC 6455, 5.5)."""
assert REASONS.keys() == set(CloseCode), "every code has its sentence"
