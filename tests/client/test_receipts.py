"""A receipt is recomputed by its holder: it holds as the exchange gave it, and in no other way."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack, to_builtins

from exchange.core.messages import Sequenced
from exchange.core.messages.sourcing import SubmitBid
from exchange.gateway.notation import instant_of
from exchange.gateway.rest.proofs import proof_shown
from exchange.gateway.rest.receipts import BidReceipt
from exchange.journal.base import Tail
from exchange.journal.format import SALT_BYTES, seal
from exchange.journal.receipt import make_receipt, proof_of
from exchange_client import NotProven, checked

Receipt = dict[str, Any]
AT_US: Final = 1_767_272_400_000_000


def a_receipt(place: int, count: int) -> Receipt:
    """Of the bid at this place (from 0) of a commit of so many, as REST tells it."""
    bids = [
        Sequenced(AT_US + each, f"M{each}", 0, "", "", SubmitBid(lot_id="L", price=900 + each))
        for each in range(count)
    ]
    batch = seal(
        Tail(epoch=3, next_seq=8),
        list(map(msgpack.encode, bids)),
        bytes(range(SALT_BYTES)) * count,
        b"\x00" * 4 * count,
        first_at_us=AT_US,
        last_at_us=AT_US + count - 1,
        rules=1,
        outcome_digest=bytes(32),
    )
    made = make_receipt(batch, 8 + place)
    shown = BidReceipt(
        "L", 1, instant_of(AT_US + place), made.salt.hex(), made.entry.hex(), proof_shown(proof_of(made))
    )
    told: Receipt = to_builtins(shown)
    return told


@given(st.integers(1, 40), st.data())
def test_every_place_of_a_commit_is_proved_with_and_without_its_command(
    count: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, count - 1))
    receipt = a_receipt(place, count)

    proven, bare = checked(receipt), checked(receipt | {"command": "", "salt": ""})

    assert (proven.sequence, proven.chain, proven.member_id) == (
        8 + place,
        receipt["proof"]["chain"],
        f"M{place}",
    )
    assert proven.sent == {"type": "submit_bid", "lot_id": "L", "price": 900 + place}
    assert bare == (proven.sequence, proven.chain, "", {})


def _other(name: str, value: object) -> Callable[[Receipt], Receipt]:
    return lambda receipt: receipt | {name: value}


def _proof(name: str, value: object) -> Callable[[Receipt], Receipt]:
    return lambda receipt: receipt | {"proof": receipt["proof"] | {name: value}}


@pytest.mark.parametrize(
    "forged,why",
    [
        (_other("command", a_receipt(1, 5)["command"]), "another command"),
        (_other("salt", "00" * 16), "another command"),
        (_other("at", "2026-01-01T13:00:00.000001Z"), "instant"),
        (_proof("sequence", 11), "place"),
        (_proof("sequence", 99), "place"),
        (_proof("leaf", "00" * 32), "place"),
        (_proof("path", ["00" * 32] * 3), "place"),
        (lambda each: _proof("path", [*each["proof"]["path"], "00" * 32])(each), "place"),
        (_proof("previous", "11" * 32), "chain"),
        (_proof("chain", "00" * 32), "chain"),
        (_proof("path", []), "no receipt"),
        (_proof("header", "00"), "no receipt"),
        (_other("salt", "zz"), "no receipt"),
        (_other("proof", None), "no receipt"),
    ],
)  # fmt: skip
def test_a_receipt_that_was_changed_does_not_hold(forged: Callable[[Receipt], Receipt], why: str) -> None:
    with pytest.raises(NotProven, match=why):
        checked(forged(a_receipt(2, 5)))
