"""Seals a bid so that only the private key of its lot opens it; needs the extra `sealed` of this package.

Guarantees: every envelope has the same length, and names its lot and its bidder, so that nobody learns anything from
the one and nobody else can use the other. Two envelopes of one bid differ; what was sealed once is sent again as it is.
"""

import os
from base64 import b64encode
from typing import Final, Literal

from msgspec import Struct, json

from exchange_client.errors import Invalid

TEXT_BYTES: Final = 240
"""Of every bid, padded with blanks."""


class BidText(Struct, frozen=True):
    """What is sealed; the price in 10^-price_scale of the lot's currency."""

    form: Literal["bid/1"]
    lot_id: str
    member_id: str
    price: int
    nonce: str


def sealed_bid(public_key: str, *, lot_id: str, member_id: str, price: int) -> str:
    """The envelope, in base64. Raises Invalid where the lot has no key yet, or PyNaCl isn't installed."""
    try:
        from nacl.public import PublicKey, SealedBox
    except ImportError as error:
        raise Invalid("to seal bids install quickmatch-client[sealed]") from error
    if not public_key:
        raise Invalid("the lot has no key yet: wait for it")
    text = json.encode(BidText("bid/1", lot_id, member_id, price, os.urandom(16).hex()))
    assert len(text) <= TEXT_BYTES
    box = SealedBox(PublicKey(bytes.fromhex(public_key)))
    return b64encode(box.encrypt(text.ljust(TEXT_BYTES))).decode("ascii")
