"""Keys are shown once, kept as hashes, and unknown as soon as they are revoked."""

from collections.abc import AsyncIterator
from hashlib import sha256
from random import Random

import pytest

from exchange.core.rejects import Reject, RejectCode
from exchange.engine.randomness import Randomness
from exchange.gateway.auth import KEYS_PER_MEMBER_MAX, Identity, Keys, Scope
from exchange.gateway.stored.records import Records, RecordsUnavailable

READ = frozenset({Scope.READ})


@pytest.fixture
async def records(database_url: str) -> AsyncIterator[Records]:
    async with Records(database_url) as records:
        yield records


def keys_on(records: Records) -> Keys:
    return Keys(records, Randomness(Random(7).randbytes))


async def made(keys: Keys, member_id: str = "m") -> tuple[str, Identity]:
    created = await keys.create(member_id, READ, "label", 7)
    assert isinstance(created, tuple)
    return created


async def test_a_key_tells_who_holds_it(records: Records) -> None:
    keys = keys_on(records)
    key, identity = await made(keys)

    assert keys.find(key) == identity == Identity("m", identity.key_id, READ, "label", 7)
    assert keys.of_member("m") == [identity]
    assert keys.named(identity.key_id) == identity
    assert key.startswith("qm_") and len(key) == 3 + 43


@pytest.mark.parametrize("text", ["", "qm_", "qm_" + "A" * 43, "x" * 100_000, "\ud800", "é"])
async def test_any_other_text_is_nobody(records: Records, text: str) -> None:
    keys = keys_on(records)
    await made(keys)

    assert keys.find(text) is None


async def test_the_table_holds_the_hash_and_never_the_key(records: Records) -> None:
    key, _ = await made(keys_on(records))

    rows = await records.fetch("select * from api_keys")
    assert [row["sha256"] for row in rows] == [sha256(key.encode()).digest()]
    assert key not in repr([tuple(row) for row in rows])


async def test_a_revoked_key_is_unknown_at_once_and_is_told_about(records: Records) -> None:
    keys, revoked = keys_on(records), list[str]()
    keys.on_revoked = revoked.append
    key, identity = await made(keys)

    assert await keys.revoke(identity.key_id, 8)

    assert keys.find(key) is None
    assert revoked == [identity.key_id]
    assert not await keys.revoke(identity.key_id, 9)
    row = await records.fetch_row("select revoked_at_us from api_keys")
    assert row is not None and row["revoked_at_us"] == 8


async def test_a_reload_takes_over_what_others_created_and_revoked(records: Records) -> None:
    mine, others, revoked = (
        keys_on(records),
        Keys(records, Randomness(Random(8).randbytes)),
        list[str](),
    )
    mine.on_revoked = revoked.append
    key, identity = await made(mine)
    other_key, other = await made(others, "other")
    await others.revoke(identity.key_id, 8)

    await mine.reload()

    assert mine.find(key) is None and mine.find(other_key) == other
    assert revoked == [identity.key_id]


async def test_keys_in_memory_stay_valid_while_the_database_is_down(records: Records) -> None:
    keys = keys_on(records)
    key, identity = await made(keys)

    async with Records("postgresql://nobody@127.0.0.1:1/none") as unreachable:
        keys._records = unreachable
        with pytest.raises(RecordsUnavailable):
            await keys.reload()
        with pytest.raises(RecordsUnavailable):
            await keys.revoke(identity.key_id, 8)

    assert keys.find(key) == identity


async def test_a_member_has_a_bounded_number_of_keys(records: Records) -> None:
    keys = keys_on(records)
    for _ in range(KEYS_PER_MEMBER_MAX):
        await made(keys)

    refused = await keys.create("m", READ, "one too many", 7)

    assert refused == Reject(RejectCode.TOO_MANY_KEYS, KEYS_PER_MEMBER_MAX)
    assert isinstance(await keys.create("other", READ, "", 7), tuple)
