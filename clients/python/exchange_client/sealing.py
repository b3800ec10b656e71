"""Seals a bid so that only the private key of its lot opens it; needs the extra `sealed` of this package.

Guarantees: every envelope has the same length, and names its lot and its bidder, so that nobody learns anything from
the one and nobody else can use the other. Two envelopes of one bid differ; what was sealed once is sent again as it is.
"""

import os
import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct, json

from exchange_client.errors import Invalid

TEXT_BYTES: Final = 240
"""Of every bid, padded with blanks."""
TECHNICAL_TEXT_BYTES: Final = 1_488
DOCUMENTS_MAX: Final = 16
_SHA256: Final = re.compile("[0-9a-f]{64}")


class BidText(Struct, frozen=True):
    """What is sealed; the price in 10^-price_scale of the lot's currency."""

    form: Literal["bid/1"]
    lot_id: str
    member_id: str
    price: int
    nonce: str


class TechnicalText(Struct, frozen=True):
    """What is sealed of a technical offer: documents by their SHA-256, in hexadecimal."""

    form: Literal["technical/1"]
    lot_id: str
    member_id: str
    documents: list[str]
    nonce: str


def sealed_technical(public_key: str, *, lot_id: str, member_id: str, documents: Sequence[str]) -> str:
    """The technical envelope of a lot that takes two. Raises Invalid as `sealed_bid` does, and for too many documents."""
    text = json.encode(TechnicalText("technical/1", lot_id, member_id, list(documents), os.urandom(16).hex()))
    if len(documents) > DOCUMENTS_MAX or not all(map(_SHA256.fullmatch, documents)):
        raise Invalid(
            f"a technical offer names at most {DOCUMENTS_MAX} documents, each by its SHA-256 in hexadecimal"
        )
    return _sealed(public_key, text, TECHNICAL_TEXT_BYTES)


def sealed_bid(public_key: str, *, lot_id: str, member_id: str, price: int) -> str:
    """The envelope, in base64. Raises Invalid where the lot has no key yet, or PyNaCl isn't installed."""
    text = json.encode(BidText("bid/1", lot_id, member_id, price, os.urandom(16).hex()))
    assert len(text) <= TEXT_BYTES
    return _sealed(public_key, text, TEXT_BYTES)


def _sealed(public_key: str, text: bytes, length: int) -> str:
    try:
        from nacl.public import PublicKey, SealedBox
    except ImportError as error:
        raise Invalid("to seal bids install quickmatch-client[sealed]") from error
    if not public_key:
        raise Invalid("the lot has no key yet: wait for it")
    box = SealedBox(PublicKey(bytes.fromhex(public_key)))
    return b64encode(box.encrypt(text.ljust(length))).decode("ascii")
