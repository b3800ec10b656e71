"""Who may do what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from exchange.core.messages import AnyEvent
from exchange.core.messages.base import SYSTEM, Role, Standing
from exchange.core.messages.parties import MemberRegistered, RegisterMember, SetStanding, StandingSet
from exchange.core.parties.members import Member, Members, MembersState
from exchange.core.rejects import Reject, RejectCode


def members_with(*roles: Role, owner: str = "", suspended: bool = False) -> Members:
    """m1, with these roles."""
    members = Members()
    members.register("m1", RegisterMember(roles=roles, owner=owner, profile_hash="5a17"), [])
    if suspended:
        members.set_standing(SetStanding(member_id="m1", standing=Standing.SUSPENDED), [])
    return members


BUYER = members_with(Role.BUYER)
SUSPENDED_BUYER = members_with(Role.BUYER, suspended=True)
OPERATOR = members_with(Role.OPERATOR)
SUSPENDED_OPERATOR = members_with(Role.OPERATOR, suspended=True)

REFUSALS: list[tuple[Members, str, Role, Reject | None]] = [
    (BUYER, "m1", Role.BUYER, None),
    (BUYER, "m2", Role.BUYER, Reject(RejectCode.MEMBER_UNKNOWN)),
    (BUYER, "m1", Role.SELLER, Reject(RejectCode.ROLE_MISSING)),
    (SUSPENDED_BUYER, "m1", Role.SELLER, Reject(RejectCode.ROLE_MISSING)),
    (SUSPENDED_BUYER, "m1", Role.BUYER, Reject(RejectCode.MEMBER_SUSPENDED)),
    (BUYER, SYSTEM, Role.OPERATOR, None),
    (BUYER, SYSTEM, Role.BUYER, Reject(RejectCode.MEMBER_UNKNOWN)),
]


@pytest.mark.parametrize("members,member_id,role,answer", REFUSALS)
def test_a_member_needs_to_be_known_have_the_role_and_be_in_good_standing(
    members: Members, member_id: str, role: Role, answer: Reject | None
) -> None:
    assert members.refusal(member_id, role) == answer


@pytest.mark.parametrize(
    "members,member_id,expected",
    [
        (OPERATOR, "m1", True),
        (OPERATOR, SYSTEM, True),
        (OPERATOR, "m2", False),
        (BUYER, "m1", False),
        (SUSPENDED_OPERATOR, "m1", False),
    ],
)
def test_an_operator_is_one_in_good_standing(members: Members, member_id: str, expected: bool) -> None:
    assert members.is_operator(member_id) is expected


def test_a_member_without_an_owner_is_its_own() -> None:
    events: list[AnyEvent] = []
    members = Members()

    members.register("m1", RegisterMember(roles=(Role.BUYER,), profile_hash="5a17"), events)

    assert events == [MemberRegistered("m1", (Role.BUYER,), "m1", "5a17")]
    assert members.get("m1") == Member("m1", (Role.BUYER,), "m1", Standing.GOOD, "5a17")
    assert members.owner_of("m1") == "m1"


def test_members_may_share_a_beneficial_owner() -> None:
    members = members_with(Role.SELLER, owner="parent")
    members.register("m2", RegisterMember(roles=(Role.SELLER,), owner="parent"), [])

    assert members.owner_of("m1") == members.owner_of("m2") == "parent"


def test_roles_count_once_and_stand_in_their_own_order() -> None:
    member = members_with(Role.OPERATOR, Role.SELLER, Role.OPERATOR, Role.BUYER).get("m1")

    assert member is not None
    assert member.roles == (Role.BUYER, Role.SELLER, Role.OPERATOR)


def test_a_suspended_member_can_be_put_back() -> None:
    members = members_with(Role.BUYER, suspended=True)
    events: list[AnyEvent] = []
    command = SetStanding(member_id="m1", standing=Standing.GOOD)

    assert members.standing_refusal(command) is None
    members.set_standing(command, events)

    assert events == [StandingSet("m1", Standing.GOOD)]
    assert members.refusal("m1", Role.BUYER) is None


def test_the_standing_of_nobody_cannot_be_set() -> None:
    command = SetStanding(member_id="m2", standing=Standing.SUSPENDED)

    assert BUYER.standing_refusal(command) == Reject(RejectCode.MEMBER_UNKNOWN, 0, "member_id")


def test_an_id_is_given_once() -> None:
    with pytest.raises(AssertionError):
        members_with(Role.BUYER).register("m1", RegisterMember(roles=(Role.SELLER,)), [])


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from(Standing)))
def test_a_dump_is_the_same_in_whatever_order_members_came(standings: dict[str, Standing]) -> None:
    def dumped(ids: list[str]) -> bytes:
        members = Members()
        for member_id in ids:
            members.register(member_id, RegisterMember(roles=(Role.SELLER,)), [])
            members.set_standing(SetStanding(member_id=member_id, standing=standings[member_id]), [])
        return msgpack.encode(members.dump())

    plain = dumped(list(standings))

    assert dumped(sorted(standings, reverse=True)) == plain
    again = Members.load(msgpack.decode(plain, type=MembersState))
    assert msgpack.encode(again.dump()) == plain
    assert all(
        (again.refusal(member_id, Role.SELLER) is None) == (standing is Standing.GOOD)
        for member_id, standing in standings.items()
    )
