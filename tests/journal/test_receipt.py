"""A receipt proves its own command and nothing else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.journal.base import Corrupt, Tail
from exchange.journal.format import SALT_BYTES, unpack
from exchange.journal.receipt import Receipt, make_proof, make_receipt, verify_proof, verify_receipt
from tests.journal.builders import a_batch, batches_after, entries_of


@given(st.integers(1, 40), st.data())
def test_every_command_has_a_receipt_that_holds(count: int, data: st.DataObject) -> None:
    _, batch = batches_after(Tail(epoch=7), 2, count)
    place = data.draw(st.integers(0, count - 1))

    receipt = make_receipt(batch, batch.first_seq + place)
    verify_receipt(receipt)

    assert receipt.entry == entries_of(count)[place]
    assert (receipt.previous, receipt.chain) == (batch.previous, batch.chain)


def test_a_receipt_travels_as_msgpack_and_still_holds() -> None:
    receipt = make_receipt(a_batch(Tail(epoch=1)), 2)

    travelled = msgspec.msgpack.decode(msgspec.msgpack.encode(receipt), type=Receipt)

    verify_receipt(travelled)
    assert travelled == receipt


def test_a_receipt_holds_no_salt_command_or_outcome_of_another() -> None:
    batch = a_batch(Tail(epoch=1), 3)
    packed = unpack(batch.body)

    told = msgspec.msgpack.encode(make_receipt(batch, 2))

    hidden = [packed.salts[:SALT_BYTES], packed.salts[-SALT_BYTES:], batch.outcome_digest]
    hidden += [bytes(packed.entries()[place]) for place in (0, 2)]
    hidden += [packed.outcome_crcs[place : place + 1].tobytes() for place in (0, 2)]
    assert [secret for secret in hidden if secret in told] == []


def test_a_proof_holds_without_its_command_and_for_no_other_leaf() -> None:
    batch = a_batch(Tail(epoch=1), 3)
    packed = unpack(batch.body)

    proof = make_proof(batch, 2)
    verify_proof(proof)

    told = msgspec.msgpack.encode(proof)
    assert all(bytes(entry) not in told for entry in packed.entries()) and packed.salts[16:32] not in told
    with pytest.raises(Corrupt):
        verify_proof(msgspec.structs.replace(proof, leaf=bytes(32)))


FORGERIES = {
    "another sequence": {"seq": 3},
    "a sequence before the batch": {"seq": 0},
    "another command": {"entry": b"\x01"},
    "another salt": {"salt": bytes(16)},
    "a path cut short": {"path": ()},
    "another previous chain value": {"previous": b"\x01" * 32},
    "a previous chain value cut short": {"previous": b""},
    "another chain value": {"chain": bytes(32)},
}


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_receipt_is_refused(change: dict[str, object]) -> None:
    receipt = make_receipt(a_batch(Tail(epoch=1), 3), 2)

    with pytest.raises(Corrupt) as refused:
        verify_receipt(msgspec.structs.replace(receipt, **change))

    assert refused.value.seq == change.get("seq", 2)


def test_a_salt_cannot_take_bytes_of_the_command() -> None:
    receipt = make_receipt(a_batch(Tail(epoch=1), 3), 2)
    moved = {"salt": receipt.salt + receipt.entry[:1], "entry": receipt.entry[1:]}

    with pytest.raises(Corrupt):
        verify_receipt(msgspec.structs.replace(receipt, **moved))


FORGED_HEADERS = {
    "another epoch": {"epoch": 2},
    "another instant": {"last_at_us": 9},
    "another count": {"count": 4},
    "a count without end": {"count": 1 << 60},
    "an epoch that doesn't fit": {"epoch": 1 << 70},
    "a negative instant": {"first_at_us": -1},
    "another Merkle root": {"merkle_root": bytes(32)},
    "a seal cut short": {"outcome_seal": bytes(31)},
}


@pytest.mark.parametrize("change", FORGED_HEADERS.values(), ids=FORGED_HEADERS)
def test_a_receipt_with_a_forged_header_is_refused(change: dict[str, object]) -> None:
    receipt = make_receipt(a_batch(Tail(epoch=1), 3), 2)
    header = msgspec.structs.replace(receipt.header, **change)

    with pytest.raises(Corrupt):
        verify_receipt(msgspec.structs.replace(receipt, header=header))
