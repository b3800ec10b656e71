"""What webhooks carry, and their signatures, after the Standard Webhooks convention.

Source: the Standard Webhooks specification, symmetric signatures ("v1"): base64 of HMAC-SHA256 with the secret's
bytes over `id.timestamp.body`; a secret is written `whsec_` and base64.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from hmac import new as hmac_of
from typing import Final

from msgspec import Struct, json

from exchange.core.values import instant_of

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def secret_of(drawn: bytes) -> str:
    """A secret as its member keeps it."""
    return PREFIX + b64encode(drawn).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One `v1` signature; `timestamp` is that of the attempt, in seconds."""
    key = b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac_of(key, signed, sha256).digest()).decode()


def headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What goes with the body; several signatures while a secret is replaced."""
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(each, message_id, timestamp, body) for each in secrets),
    }


def body_of(kind: str, at_us: int, told: Struct, *, practice: bool = False) -> bytes:
    """What is posted: integers and instants in `data` are those of the WebSocket. Of a practice event it says so first."""
    mark = {"practice": True} if practice else {}
    return json.encode({"type": kind, **mark, "timestamp": instant_of(at_us), "data": told})
