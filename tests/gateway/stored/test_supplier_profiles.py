"""Who meets which requirements, beside a list that is walked from end to end."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.engine.randomness import Randomness
from exchange.gateway.stored.supplier_profiles import (
    Certificate,
    Requirements,
    SupplierProfile,
    SupplierProfiles,
)
from tests.gateway.house import House

NOW_US = 1_000_000
WORDS = ("Castings", "machining", "MACHINING", "Bolts")
REGIONS = ("SE", "se", "FI")
CAPABILITIES = ("milling", "turning", "sand casting")
CERTIFICATES = ("ISO 9001", "iso 9001", "ISO 14001")


def some(words: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), max_size=3)


PROFILES = st.builds(
    SupplierProfile,
    st.sampled_from(("A", "B")),
    some(WORDS),
    some(REGIONS),
    some(CAPABILITIES),
    st.lists(
        st.builds(
            Certificate,
            st.sampled_from(CERTIFICATES),
            st.just("a" * 64),
            st.sampled_from((0, NOW_US - 1, NOW_US, NOW_US + 1)),
        ),
        max_size=2,
    ),
)
WANTED = st.builds(Requirements, some(WORDS), some(REGIONS), some(CAPABILITIES), some(CERTIFICATES))


def met(profile: SupplierProfile, wanted: Requirements) -> int:
    """How many different requirements the profile meets."""
    certificates = [
        each.name.lower()
        for each in profile.certificates
        if each.valid_until_us == 0 or each.valid_until_us > NOW_US
    ]
    pairs = (
        (wanted.categories, profile.categories),
        (wanted.regions, profile.regions),
        (wanted.capabilities, profile.capabilities),
        (wanted.certificates, certificates),
    )
    return sum(len({each.lower() for each in asked} & {each.lower() for each in has}) for asked, has in pairs)


@given(profiles=st.lists(PROFILES, max_size=4), old=st.lists(PROFILES, max_size=2), wanted=WANTED)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
async def test_a_search_finds_whom_a_list_finds_in_the_same_order(
    house: House, profiles: list[SupplierProfile], old: list[SupplierProfile], wanted: Requirements
) -> None:
    stored = SupplierProfiles(house.records, Randomness(Random(1).randbytes))
    await house.records.execute("delete from supplier_profiles where created_at_us > $1", 0)
    for number, profile in enumerate(old):
        await stored.write(f"old-{number}", profile, "", NOW_US)
    members = {f"m-{number}": profile for number, profile in enumerate(profiles)}
    current = [await stored.write(member_id, profile, "", NOW_US) for member_id, profile in members.items()]

    found = await stored.find(current, wanted, NOW_US, 100)

    expected = sorted(
        (-met(profile, wanted), profile.name, member_id) for member_id, profile in members.items()
    )
    assert [(each.profile.name, each.member_id) for each in found] == [
        (name, member_id) for score, name, member_id in expected if score
    ]
    assert [members[each.member_id] for each in found] == [each.profile for each in found]
