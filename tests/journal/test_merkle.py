"""Merkle trees have the shape of RFC 6962, and a path proves one place only."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.journal.merkle import leaf_of, leaves_of, merkle_path, root_of, verify_path
from tests.journal.builders import entries_of, salts_of
from tests.models import merkle as model

COUNTS = st.integers(1, 70)


def test_a_leaf_is_the_hash_of_a_zero_byte_the_salt_and_the_command() -> None:
    salt = bytes(range(16))

    assert leaf_of(salt, b"command") == sha256(b"\x00" + salt + b"command").digest()
    assert leaves_of([b"command"], salt) == [leaf_of(salt, b"command")]


def test_a_command_read_back_uncopied_has_the_same_leaf() -> None:
    raw = msgspec.msgpack.decode(b"\x91\x07", type=list[msgspec.Raw])

    assert leaves_of(raw, bytes(16)) == leaves_of([b"\x07"], bytes(16))


@given(COUNTS)
def test_the_root_is_the_one_of_rfc_6962(count: int) -> None:
    entries, salts = entries_of(count), salts_of(count)

    assert root_of(entries, salts) == model.root_of(leaves_of(entries, salts))


@given(COUNTS, st.data())
def test_the_path_of_each_place_is_the_one_of_rfc_6962_and_leads_to_the_root(
    count: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, count - 1))
    leaves = leaves_of(entries_of(count), salts_of(count))

    path = merkle_path(leaves, place)

    assert path == model.path_of(leaves, place)
    assert verify_path(leaves[place], place, count, path, model.root_of(leaves))


@given(COUNTS, st.data())
def test_a_path_proves_neither_another_place_nor_another_leaf(count: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, count - 1))
    leaves = leaves_of(entries_of(count), salts_of(count))
    path, root = merkle_path(leaves, place), model.root_of(leaves)

    others = [other for other in range(-1, count + 2) if other != place]

    assert [other for other in others if verify_path(leaves[place], other, count, path, root)] == []
    assert not verify_path(leaf_of(bytes(16), b"another"), place, count, path, root)


@pytest.mark.parametrize("change", ["shorter", "longer", "flipped"])
@given(count=st.integers(2, 40), data=st.data())
def test_a_changed_path_proves_nothing(change: str, count: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, count - 1))
    leaves = leaves_of(entries_of(count), salts_of(count))
    path = merkle_path(leaves, place)
    changed = {
        "shorter": path[:-1],
        "longer": (*path, bytes(32)),
        "flipped": (*path[:-1], sha256(path[-1]).digest()),
    }[change]

    assert not verify_path(leaves[place], place, count, changed, model.root_of(leaves))
