"""Members and keys over REST: names for those who may know them, keys shown once."""

import asyncio

import pytest

from exchange.core.messages import Role
from exchange.gateway.auth import Scope
from tests.gateway.house import House

WIDGETS = {"roles": ["buyer"], "name": "Widgets Ltd", "country": "GB", "contact": "sales@widgets.example"}


async def test_a_registered_member_is_seen_by_the_operator_and_itself_with_its_name(house: House) -> None:
    operator = await house.member(Role.OPERATOR)

    made = await house.call(operator, "POST", "/v1/members", WIDGETS)

    path = made.headers["Location"]
    member = await house.key_for(made.body["member_id"])
    expected = WIDGETS | {"member_id": member.member_id, "owner": member.member_id, "standing": "good"}
    assert made.status == 201
    assert await house.get(operator, path) == expected
    assert await house.get(member, path) == expected
    assert (await house.get(member, "/v1/members")) == {"members": [expected], "next": ""}


async def test_another_member_is_unknown_to_a_member(house: House) -> None:
    one, other = await house.member(Role.BUYER), await house.member(Role.SELLER)

    answer = await house.call(one, "GET", f"/v1/members/{other.member_id}")

    assert (answer.status, answer.body["reason"]) == (404, "MEMBER_UNKNOWN")
    assert [each["member_id"] for each in (await house.get(one, "/v1/members"))["members"]] == [one.member_id]


async def test_the_core_and_its_journal_never_hold_a_name(house: House) -> None:
    operator = await house.member(Role.OPERATOR)

    made = await house.call(operator, "POST", "/v1/members", WIDGETS)

    member = house.engine.views.members[made.body["member_id"]]
    assert "Widgets" not in repr(member) and len(member.profile_hash) == 64
    assert b"Widgets" not in house.engine._kernel.dump()


async def test_the_operator_lists_all_members_in_pages(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    ids = [operator.member_id] + [(await house.member()).member_id for _ in range(4)]

    seen, cursor = [], ""
    for _ in range(3):
        page = await house.get(operator, f"/v1/members?limit=2&cursor={cursor}")
        seen += [each["member_id"] for each in page["members"]]
        cursor = page["next"]

    assert seen == sorted(ids) and not cursor


@pytest.mark.parametrize(
    "change",
    [
        {"roles": []},
        {"roles": ["king"]},
        {"roles": ["buyer"] * 6},
        {"name": ""},
        {"name": "a\u0000b"},
        {"name": "x" * 201},
        {"country": "gb"},
        {"country": "GBR"},
        {"owner": "a b"},
        {"vat": "1"},
    ],
)
async def test_a_member_that_cannot_be_is_refused_and_leaves_no_profile(
    house: House, change: dict[str, object]
) -> None:
    answer = await house.call(await house.member(Role.OPERATOR), "POST", "/v1/members", WIDGETS | change)

    assert (answer.status, answer.body["reason"]) == (422, "MALFORMED")
    assert await house.records.fetch("select from member_profiles") == []


async def test_a_standing_is_set_by_the_operator(house: House) -> None:
    operator, buyer = await house.member(Role.OPERATOR), await house.member(Role.BUYER)
    path = f"/v1/members/{buyer.member_id}"

    answer = await house.call(operator, "PUT", f"{path}/standing", {"standing": "suspended"})

    assert (answer.status, answer.body["standing"]) == (200, "suspended")
    assert (await house.get(buyer, path))["standing"] == "suspended"
    nobody = await house.call(operator, "PUT", "/v1/members/none/standing", {"standing": "good"})
    assert (nobody.status, nobody.body["reason"]) == (404, "MEMBER_UNKNOWN")


# --- keys --------------------------------------------------------------------------------------------


async def test_a_member_gives_itself_a_key_and_takes_it_back(house: House) -> None:
    member = await house.member(Role.BUYER)

    made = await house.call(member, "POST", "/v1/keys", {"scopes": ["read"], "label": "desk"})

    new = house.keys.find(made.body["key"])
    assert made.status == 201 and new is not None
    assert (new.member_id, new.scopes, new.label) == (member.member_id, frozenset({Scope.READ}), "desk")
    listed = await house.get(member, "/v1/keys")
    assert [each["label"] for each in listed["keys"]] == ["test", "desk"]
    assert "key" not in listed["keys"][1] and made.body["key"] not in repr(listed)
    revoked = await house.call(member, "DELETE", f"/v1/keys/{new.key_id}")
    assert (revoked.status, house.keys.find(made.body["key"])) == (200, None)


async def test_a_key_passes_on_no_scope_that_it_lacks(house: House) -> None:
    member = await house.member(Role.BUYER, scopes=frozenset({Scope.READ, Scope.MANAGE}))
    operator = await house.member(Role.OPERATOR, scopes=frozenset({Scope.MANAGE}))

    own = await house.call(member, "POST", "/v1/keys", {"scopes": ["trade"]})
    given = await house.call(
        operator, "POST", "/v1/keys", {"scopes": ["trade"], "member_id": member.member_id}
    )

    assert (own.status, own.body["reason"]) == (403, "SCOPE_MISSING")
    assert given.status == 201


async def test_another_members_keys_are_nobodys_business_but_the_operators(house: House) -> None:
    member, other = await house.member(Role.BUYER), await house.member(Role.BUYER)
    operator = await house.member(Role.OPERATOR)
    named = house.keys.of_member(other.member_id)[0].key_id
    query = f"?member_id={other.member_id}"

    listed = await house.call(member, "GET", f"/v1/keys{query}")
    made = await house.call(member, "POST", "/v1/keys", {"scopes": ["read"], "member_id": other.member_id})
    revoked = await house.call(member, "DELETE", f"/v1/keys/{named}")

    assert [listed.status, made.status, revoked.status] == [403, 403, 404]
    assert len((await house.get(operator, f"/v1/keys{query}"))["keys"]) == 1
    assert (await house.call(operator, "DELETE", f"/v1/keys/{named}")).status == 200


async def test_revoking_a_key_closes_its_websockets(house: House) -> None:
    member = await house.member(Role.BUYER)
    key_id = house.keys.of_member(member.member_id)[0].key_id
    async with house.client.ws_connect(f"{house.url}/v1/ws") as socket:
        await socket.send_json({"type": "hello", "key": member.key})
        assert (await socket.receive_json())["type"] == "welcome"

        await house.call(member, "DELETE", f"/v1/keys/{key_id}")
        async with asyncio.timeout(10):
            while not socket.closed:
                await socket.receive()

        assert socket.close_code == 4502
