"""Suppliers are found by what they say of themselves, best first, and invited all at once or not at all."""

from typing import Any

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import draft, published

SHA = "c" * 64
FOUNDRY = {
    "name": "Foundry North",
    "categories": ["Castings", "Machining"],
    "regions": ["SE", "FI"],
    "capabilities": ["Sand casting up to 500 kg", "Five-axis milling"],
    "certificates": [{"name": "ISO 9001", "sha256": SHA, "valid_until": "2027-01-01T00:00:00Z"}],
}
SHOP = {
    "name": "Machine Shop",
    "categories": ["machining"],
    "regions": ["SE"],
    "capabilities": ["CNC milling of aluminium"],
    "certificates": [
        {"name": "ISO 9001", "sha256": SHA, "valid_until": "2025-01-01T00:00:00Z"},
        {"name": "ISO 14001", "sha256": SHA},
    ],
}
WANTED = {
    "categories": ["castings", "Machining"],
    "regions": ["se"],
    "capabilities": ["milling"],
    "certificates": ["iso 9001"],
}


async def supplier(house: House, profile: dict[str, Any], *roles: Role) -> Holder:
    holder = await house.member(*(roles or (Role.SELLER,)))
    answer = await house.call(holder, "PUT", "/v1/supplier-profile", profile)
    assert answer.status == 200, answer
    return holder


async def search(house: House, holder: Holder, wanted: object) -> Any:
    answer = await house.call(holder, "POST", "/v1/suppliers/search", wanted)
    assert answer.status == 200, answer
    return answer.body["suppliers"]


async def test_a_shortlist_tells_who_meets_which_requirement_best_first(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    shop, foundry = await supplier(house, SHOP), await supplier(house, FOUNDRY)

    found = await search(house, buyer, WANTED)

    assert [(each["member_id"], each["score"]) for each in found] == [
        (foundry.member_id, 5),
        (shop.member_id, 3),
    ]
    assert found[1]["met"] == {
        "categories": ["Machining"],
        "regions": ["se"],
        "capabilities": ["milling"],
        "certificates": [],
    }
    assert found[1]["missing"] == {
        "categories": ["castings"],
        "regions": [],
        "capabilities": [],
        "certificates": ["iso 9001"],
    }, "its certificate has ended"
    certificate = FOUNDRY["certificates"][0] | {"valid_until": "2027-01-01T00:00:00.000000Z"}  # type: ignore[operator]
    assert found[0]["profile"] == FOUNDRY | {"certificates": [certificate]}


@pytest.mark.parametrize(
    "capability,names",
    [
        ("milling", ["Foundry North", "Machine Shop"]),
        ("mills", ["Foundry North", "Machine Shop"]),  # the same word
        ("sand castings", ["Foundry North"]),
        ("aluminum", ["Machine Shop"]),  # looks like it
        ("welding", []),
        ('"; drop table supplier_profiles; --', []),
    ],
)
async def test_a_capability_is_met_by_its_words_or_what_looks_like_them(
    house: House, capability: str, names: list[str]
) -> None:
    buyer = await house.member(Role.BUYER)
    for profile in (SHOP, FOUNDRY):
        await supplier(house, profile)

    found = await search(house, buyer, {"capabilities": [capability]})

    assert [each["profile"]["name"] for each in found] == names


async def test_only_the_current_profile_of_a_supplier_in_good_standing_is_found(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    changed, removed, suspended = [await supplier(house, SHOP) for _ in range(3)]
    await house.call(changed, "PUT", "/v1/supplier-profile", FOUNDRY)
    await house.call(removed, "DELETE", "/v1/supplier-profile")
    standing = {"standing": "suspended"}
    await house.call(operator, "PUT", f"/v1/members/{suspended.member_id}/standing", standing)

    found = await search(house, operator, {"categories": ["Machining"]})

    assert [(each["member_id"], each["profile"]["name"]) for each in found] == [
        (changed.member_id, "Foundry North")
    ]
    assert (await house.get(changed, "/v1/supplier-profile"))["name"] == "Foundry North"
    assert (await house.get(removed, "/v1/supplier-profile"))["name"] == ""


async def test_no_supplier_finds_another(house: House) -> None:
    one = await supplier(house, SHOP)

    answer = await house.call(one, "POST", "/v1/suppliers/search", WANTED)

    assert (answer.status, answer.body["reason"]) == (403, "ROLE_MISSING")


async def test_a_search_that_asks_for_nothing_finds_nobody_and_one_that_asks_badly_is_told(
    house: House,
) -> None:
    buyer = await house.member(Role.BUYER)
    await supplier(house, SHOP)

    assert await search(house, buyer, {}) == []
    for wrong in ({"regions": ["Sweden"]}, {"limit": 0}, {"colour": "red"}, {"categories": [""]}):
        answer = await house.call(buyer, "POST", "/v1/suppliers/search", wrong)
        assert (answer.status, answer.body["reason"]) == (422, "MALFORMED")


async def test_a_profile_that_is_nobodys_any_more_is_swept(house: House) -> None:
    holder = await supplier(house, SHOP)
    await house.call(holder, "PUT", "/v1/supplier-profile", FOUNDRY)
    profiles, views = house.gateway._supplier_profiles, house.engine.views

    young = await profiles.sweep(views.supplier_profiles.values(), house.engine.now_us())
    house.clock.pass_us(2 * 3_600_000_000)
    old = await profiles.sweep(views.supplier_profiles.values(), house.engine.now_us())

    assert (young, old) == (0, 1)
    assert (await house.get(holder, "/v1/supplier-profile"))["name"] == "Foundry North"


async def test_a_repeated_request_is_the_same_request(house: House) -> None:
    holder = await house.member(Role.SELLER)
    key = {"Idempotency-Key": "once"}

    answers = [await house.call(holder, "PUT", "/v1/supplier-profile", SHOP, headers=key) for _ in range(2)]

    assert answers[0].status == 200 and answers[0].raw == answers[1].raw


# --- inviting them -----------------------------------------------------------------------------------


async def invite(house: House, buyer: Holder, event: str, *members: str) -> Answer:
    return await house.call(
        buyer, "POST", f"/v1/events/{event}/invitations/bulk", {"member_ids": list(members)}
    )


async def test_a_shortlist_is_invited_at_once(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    for profile in (SHOP, FOUNDRY):
        await supplier(house, profile)
    found = [each["member_id"] for each in await search(house, buyer, WANTED)]

    invited = await invite(house, buyer, event, *found)

    assert invited.status == 200
    assert (await house.get(buyer, f"/v1/events/{event}"))["invited"] == found


@pytest.mark.parametrize(
    "second,status,reason",
    [
        ("first", 409, "ALREADY_INVITED"),
        ("sister", 409, "OWNER_ALREADY_INVITED"),
        ("buyer", 403, "ROLE_MISSING"),
        ("nobody", 404, "MEMBER_UNKNOWN"),
    ],
)
async def test_where_one_cannot_be_invited_nobody_is_and_its_place_is_told(
    house: House, second: str, status: int, reason: str
) -> None:
    buyer, operator = await house.member(Role.BUYER), await house.member(Role.OPERATOR)
    first = await house.member(Role.SELLER)
    person = {"name": "n", "country": "GB", "contact": "c", "roles": ["seller"], "owner": first.member_id}
    sister = (await house.call(operator, "POST", "/v1/members", person)).body["member_id"]
    event = await draft(house, buyer)
    ids = {"first": first.member_id, "sister": sister, "buyer": buyer.member_id, "nobody": "nobody"}

    answer = await invite(house, buyer, event, first.member_id, ids[second])

    assert (answer.status, answer.body["reason"], answer.body["bound"]) == (status, reason, "2")
    assert (await house.get(buyer, f"/v1/events/{event}"))["invited"] == []


async def test_nobody_invites_many_to_anothers_event(house: House) -> None:
    market, stranger = await published(house), await house.member(Role.BUYER)
    member = await house.member(Role.SELLER)

    answer = await invite(house, stranger, market.event, member.member_id)

    assert (answer.status, answer.body["reason"]) == (404, "EVENT_UNKNOWN")
