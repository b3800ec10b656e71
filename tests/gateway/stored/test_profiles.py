"""Names are written before the command that carries their hash, and go again if it never took effect."""

from collections.abc import AsyncIterator
from hashlib import sha256
from random import Random

import msgspec
import pytest

from exchange.core.limits import IDEMPOTENCY_KEPT_US
from exchange.engine.randomness import Randomness
from exchange.gateway.stored.profiles import ORPHAN_US, Profile, Profiles
from exchange.gateway.stored.records import Records

WIDGETS = Profile("Widgets Ltd", "GB", "sales@widgets.example")
GADGETS = Profile("Gadgets GmbH", "DE", "info@gadgets.example")


@pytest.fixture
async def records(database_url: str) -> AsyncIterator[Records]:
    async with Records(database_url) as records:
        yield records


@pytest.fixture
def profiles(records: Records) -> Profiles:
    return Profiles(records, Randomness(Random(7).randbytes))


async def test_a_profile_belongs_to_the_member_that_its_command_made(profiles: Profiles) -> None:
    profile_hash = await profiles.write(WIDGETS, "", 1)
    assert await profiles.of_members(["m"]) == {}

    await profiles.take_effect(profile_hash, "m")

    assert await profiles.of_members(["m", "other"]) == {"m": WIDGETS}


async def test_the_hash_is_salted_and_can_be_checked(profiles: Profiles, records: Records) -> None:
    first, second = await profiles.write(WIDGETS, "", 1), await profiles.write(WIDGETS, "", 1)

    assert first != second
    for row in await records.fetch("select * from member_profiles"):
        content = msgspec.json.encode([row["name"], row["country"], row["contact"]])
        assert sha256(row["salt"] + content).hexdigest() == row["profile_hash"]


async def test_a_repeated_request_gives_an_equal_profile_an_equal_hash(profiles: Profiles) -> None:
    first = await profiles.write(WIDGETS, "key", 1)

    assert await profiles.write(WIDGETS, "key", 2) == first
    assert await profiles.write(GADGETS, "key", 2) != first
    assert await profiles.write(WIDGETS, "other key", 2) != first
    assert await profiles.write(WIDGETS, "key", 1 + IDEMPOTENCY_KEPT_US) != first


async def test_a_sweep_names_what_took_effect_and_removes_what_never_did(profiles: Profiles) -> None:
    took_effect = await profiles.write(WIDGETS, "", 1)
    await profiles.write(GADGETS, "", 1)

    assert await profiles.sweep({took_effect: "m"}, ORPHAN_US) == 0
    assert await profiles.sweep({took_effect: "m"}, ORPHAN_US + 2) == 1
    assert await profiles.of_members(["m"]) == {"m": WIDGETS}
