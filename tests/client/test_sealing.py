"""A sealed bid: always of one length, for one lot and one bidder, and never twice the same."""

from base64 import b64decode

import msgspec
import pytest
from nacl.public import PrivateKey, SealedBox

from exchange.core.limits import ENVELOPE_BYTES, PRICE_MAX, TECHNICAL_BYTES
from exchange.core.messages.sealed import SubmitEnvelope
from exchange.outbound.unsealing import BidText, TechnicalText
from exchange_client.errors import Invalid
from exchange_client.sealing import sealed_bid, sealed_technical

KEY = PrivateKey(bytes(range(32)))
PUBLIC = bytes(KEY.public_key).hex()


@pytest.mark.parametrize("price", [1, 1_240, PRICE_MAX])
@pytest.mark.parametrize("name", ["m", "m" * 32])
def test_every_envelope_has_the_length_that_the_exchange_takes(price: int, name: str) -> None:
    envelope = sealed_bid(PUBLIC, lot_id="l" * len(name), member_id=name, price=price)

    command = {"type": "submit_envelope", "lot_id": "l", "envelope": envelope}
    assert msgspec.convert(command, SubmitEnvelope).envelope == envelope
    assert len(b64decode(envelope)) == ENVELOPE_BYTES


def test_the_exchange_reads_what_the_client_writes() -> None:
    envelope = sealed_bid(PUBLIC, lot_id="lot-1", member_id="m-1", price=1_240)

    text = SealedBox(KEY).decrypt(b64decode(envelope))

    told = msgspec.json.decode(text, type=BidText)
    assert (told.lot_id, told.member_id, told.price, len(told.nonce)) == ("lot-1", "m-1", 1_240, 32)


def test_two_seals_of_one_bid_differ() -> None:
    one, other = (sealed_bid(PUBLIC, lot_id="lot-1", member_id="m-1", price=1_240) for _ in range(2))

    assert one != other


def test_nothing_is_sealed_without_a_key() -> None:
    with pytest.raises(Invalid, match="no key yet"):
        sealed_bid("", lot_id="lot-1", member_id="m-1", price=1)


@pytest.mark.parametrize("count", [0, 1, 16])
def test_a_technical_envelope_has_one_length_too(count: int) -> None:
    documents = [f"{number:064x}" for number in range(count)]

    sealed = sealed_technical(PUBLIC, lot_id="l" * 32, member_id="m" * 32, documents=documents)

    assert len(b64decode(sealed)) == TECHNICAL_BYTES
    told = msgspec.json.decode(SealedBox(KEY).decrypt(b64decode(sealed)), type=TechnicalText)
    assert (told.lot_id, told.documents) == ("l" * 32, documents)


@pytest.mark.parametrize("documents", [["ab" * 32] * 17, ["ab"], ["AB" * 32], ["offer.pdf"]])
def test_a_technical_offer_names_documents_by_their_hashes_and_no_more_than_fit(documents: list[str]) -> None:
    with pytest.raises(Invalid, match="16 documents"):
        sealed_technical(PUBLIC, lot_id="l", member_id="m", documents=documents)
