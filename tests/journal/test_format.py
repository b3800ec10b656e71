"""A batch comes back as it was sealed, and no damage to it goes unseen."""

from array import array
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.journal.base import GENESIS, Batch, Corrupt, Tail
from exchange.journal.format import Packed, check, header_of, pack, seal, unpack
from exchange.journal.merkle import root_of
from tests.journal.builders import a_batch, batches_after, crcs_of, entries_of, salts_of

CHAINS = st.lists(st.integers(1, 6), min_size=1, max_size=5)
INTEGERS = ("shard", "epoch", "first_seq", "count", "first_at_us", "last_at_us", "rules")
BYTES = ("merkle_root", "outcome_digest", "previous", "chain", "body")


def verify(batches: Sequence[Batch]) -> list[Packed]:
    """Check a whole journal as its reader does."""
    tail, packed = Tail(epoch=0), []
    for batch in batches:
        packed.append(
            check(batch, tail.chain, tail.next_seq, epoch_min=tail.epoch, at_us_min=tail.last_at_us)
        )
        tail = tail.after(batch)
    return packed


def first_fault(batches: Sequence[Batch]) -> int | None:
    """The first sequence that can't be trusted; None if all can."""
    try:
        verify(batches)
    except Corrupt as corrupt:
        return corrupt.seq
    return None


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20))
def test_a_body_comes_back_as_it_was_packed(texts: list[bytes]) -> None:
    entries = [msgspec.msgpack.encode(text) for text in texts]
    salts, crcs = salts_of(len(entries)), crcs_of(entries)

    packed = unpack(pack(entries, salts, crcs))

    assert (packed.count, packed.salts, packed.outcome_crcs) == (len(entries), salts, crcs)
    assert [bytes(entry) for entry in packed.entries()] == entries
    assert msgspec.msgpack.decode(packed.entries_array, type=list[bytes]) == texts


def test_outcome_crcs_may_come_as_little_endian_bytes() -> None:
    assert pack([b"\x01"], bytes(16), b"\x04\x03\x02\x01") == pack(
        [b"\x01"], bytes(16), array("I", [0x01020304])
    )


def test_the_encoding_is_frozen() -> None:
    batch = seal(
        Tail(epoch=2, next_seq=9, chain=b"\xcc" * 32, last_at_us=999),
        [b"\x01", b"\xa2hi"],
        bytes(range(32)),
        array("I", [0x01020304, 5]),
        first_at_us=1_000,
        last_at_us=1_001,
        rules=3,
        outcome_digest=b"\xdd" * 32,
        shard=4,
    )

    assert batch.body.hex() == (
        "0100000002"
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "0403020105000000"
        "dd00000002" + "01" + "a26869"
    )
    header = header_of(batch).to_bytes()
    assert header.hex() == (
        "01" "00000004" "0000000000000002" "0000000000000009" "00000002"
        "00000000000003e8" "00000000000003e9" "00000003"
        + batch.merkle_root.hex()
        + sha256(b"\xdd" * 32 + batch.body[5:45]).hexdigest()
    )  # fmt: skip
    assert batch.merkle_root.hex() == "ef854b86c4b952ce72ff479fee74a1f0d732cfedc7d20a17f7a8f7948a139617"
    assert batch.chain == sha256(b"\xcc" * 32 + header).digest()
    assert batch.chain.hex() == "22093af61581f63e2c089e381f064371bcc6d656ff00447b6749fbb21fefe3c4"


@given(CHAINS)
def test_a_sealed_journal_holds(counts: list[int]) -> None:
    batches = batches_after(Tail(epoch=3), *counts)

    assert [packed.count for packed in verify(batches)] == counts
    assert [batch.first_seq for batch in batches] == [1 + sum(counts[:place]) for place in range(len(counts))]
    assert batches[-1].last_seq == sum(counts)


@settings(max_examples=400)
@given(CHAINS, st.data())
def test_every_flipped_bit_is_found_at_its_batch(counts: list[int], data: st.DataObject) -> None:
    batches = batches_after(Tail(epoch=3), *counts)
    place = data.draw(st.integers(0, len(batches) - 1))
    name = data.draw(st.sampled_from(INTEGERS + BYTES))
    value = getattr(batches[place], name)
    if isinstance(value, int):
        flipped: int | bytes = value ^ 1 << data.draw(st.integers(0, 62))
    else:
        bit = data.draw(st.integers(0, 8 * len(value) - 1))
        flipped = (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value))
    first_seq = batches[place].first_seq

    batches[place] = msgspec.structs.replace(batches[place], **{name: flipped})

    assert first_fault(batches) == first_seq


def test_every_single_bit_of_a_body_counts() -> None:
    batch = a_batch(Tail(epoch=1), 2)
    whole = int.from_bytes(batch.body)

    flipped = ((whole ^ 1 << bit).to_bytes(len(batch.body)) for bit in range(8 * len(batch.body)))
    trusted = [body for body in flipped if first_fault([msgspec.structs.replace(batch, body=body)]) is None]

    assert trusted == []


def drop(batches: list[Batch], place: int) -> list[Batch]:
    return batches[:place] + batches[place + 1 :]


def swap(batches: list[Batch], place: int) -> list[Batch]:
    return [*batches[:place], batches[place + 1], batches[place], *batches[place + 2 :]]


def double(batches: list[Batch], place: int) -> list[Batch]:
    return [*batches[: place + 1], *batches[place:]]


@pytest.mark.parametrize("damage, late", [(drop, 0), (swap, 0), (double, 1)])
@given(counts=st.lists(st.integers(1, 6), min_size=2, max_size=6), data=st.data())
def test_a_dropped_swapped_or_doubled_batch_is_found_where_it_should_be(
    damage: Callable[[list[Batch], int], list[Batch]], late: int, counts: list[int], data: st.DataObject
) -> None:
    batches = batches_after(Tail(epoch=3), *counts)
    place = data.draw(st.integers(0, len(batches) - 2))

    assert first_fault(damage(batches, place)) == batches[place + late].first_seq


@given(CHAINS, st.data())
def test_a_body_cut_short_or_with_a_torn_tail_is_found(counts: list[int], data: st.DataObject) -> None:
    batches = batches_after(Tail(epoch=3), *counts)
    last = batches[-1]
    kept = data.draw(st.integers(0, len(last.body) - 1))
    torn = data.draw(st.sampled_from([last.body[:kept], last.body[:kept].ljust(len(last.body), b"\0")]))
    # The end of the body may happen to be zeros already.
    changed = torn != last.body

    batches[-1] = msgspec.structs.replace(last, body=torn)

    assert first_fault(batches) == (last.first_seq if changed else None)


@given(st.binary(max_size=200))
def test_any_bytes_for_a_body_end_in_a_refusal(body: bytes) -> None:
    batch = a_batch(Tail(epoch=1))

    assert first_fault([msgspec.structs.replace(batch, body=body)]) == 1


def resealed(batch: Batch, body: bytes) -> Batch:
    """The batch with another body and a header and chain that fit it, as a forger would leave it."""
    forged = msgspec.structs.replace(batch, body=body)
    header = header_of(forged)
    return msgspec.structs.replace(forged, chain=sha256(forged.previous + header.to_bytes()).digest())


TEXT = b"\xa4text"
FRAME = b"\x01\0\0\0\x01" + bytes(20)
BAD_BODIES = {
    "an unknown version": b"\x02" + FRAME[1:] + b"\xdd\0\0\0\x01" + TEXT,
    "an array with another head": FRAME + b"\x91" + TEXT,
    "a shorter array": FRAME + b"\xdd\0\0\0\0",
    "bytes after the array": FRAME + b"\xdd\0\0\0\x01" + TEXT + TEXT,
    "another count": b"\x01\0\0\0\x02" + bytes(40) + b"\xdd\0\0\0\x02" + TEXT + TEXT,
    "nesting without end": FRAME + b"\xdd\0\0\0\x01" + b"\x91" * 100_000,
    "another command": FRAME + b"\xdd\0\0\0\x01\x08",
    "nothing": b"",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_is_judged_by_itself_when_the_chain_was_forged_to_fit(body: bytes) -> None:
    batch = seal(
        Tail(epoch=1), [TEXT], bytes(16), bytes(4),
        first_at_us=1, last_at_us=1, rules=1, outcome_digest=bytes(32),
    )  # fmt: skip
    assert first_fault([resealed(batch, batch.body)]) is None

    assert first_fault([resealed(batch, body)]) == 1


def test_a_header_counts_the_commands_of_its_body() -> None:
    batch = a_batch(Tail(epoch=1), 2)

    assert first_fault([resealed(msgspec.structs.replace(batch, count=1), batch.body)]) == 1


def test_an_epoch_never_goes_back() -> None:
    first = a_batch(Tail(epoch=5))

    assert first_fault([first, a_batch(Tail(4, first.next_seq, first.chain, first.last_at_us))]) == 4


def test_an_instant_never_goes_back() -> None:
    first = a_batch(Tail(epoch=5), at_us=1_000)

    assert first_fault([first, a_batch(Tail(5, first.next_seq, first.chain), at_us=1_001)]) == 4


def test_a_batch_in_the_middle_is_checked_against_the_one_before() -> None:
    first, second = batches_after(Tail(epoch=1), 2, 2)

    assert check(second, first.chain, 3).count == 2
    with pytest.raises(Corrupt, match="sequence 3"):
        check(second, GENESIS, 3)


def test_two_batches_with_the_same_commands_have_different_roots() -> None:
    entries = entries_of(2)

    assert root_of(entries, salts_of(2, b"a")) != root_of(entries, salts_of(2, b"b"))
