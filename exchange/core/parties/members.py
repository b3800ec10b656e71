"""The members of the exchange: which roles they have, who owns them, whether they may commit themselves.

Guarantees: a member is never forgotten and never changes its roles or its owner; only its standing moves.
Names, addresses and tax ids are unknown here: `profile_hash` stands for them. Reads are safe for any
member id, known or not, except where an assertion says otherwise.

Known limits: no change of roles or owner, no leaving.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.messages import AnyEvent
from exchange.core.messages.base import SYSTEM, Role, Standing
from exchange.core.messages.parties import MemberRegistered, RegisterMember, SetStanding, StandingSet
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import version_of

_GOOD: Final = Standing.GOOD  # an enum's member by its name costs more than the check


class Member(Struct, frozen=True, array_like=True, gc=False):
    """A legal entity. Members with equal `owner` belong to one beneficial owner."""

    member_id: str
    roles: tuple[Role, ...]  # each once, in the order of `Role`
    owner: str  # never empty
    standing: Standing
    profile_hash: str


def standing_version(member: Member) -> int:
    """What the member's standing is like, for whoever sets it under a condition."""
    return version_of(member.standing)


class MembersState(Struct, frozen=True, array_like=True):
    """All members by id."""

    members: list[Member]


class Members:
    """The room's only state: a table by member id."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def get(self, member_id: str) -> Member | None:
        """The member, or nothing; the exchange itself is no member."""
        return self._members.get(member_id)

    def refusal(self, member_id: str, role: Role) -> Reject | None:
        """Whether the member may do what `role` allows: MEMBER_UNKNOWN, ROLE_MISSING, MEMBER_SUSPENDED.

        The exchange itself is always a sound operator, else nobody could admit the first one.
        """
        member = self._members.get(member_id)
        if member is None:
            exchange_itself = member_id == SYSTEM and role is Role.OPERATOR
            return None if exchange_itself else Reject(RejectCode.MEMBER_UNKNOWN)
        if role not in member.roles:
            return Reject(RejectCode.ROLE_MISSING)
        if member.standing is not _GOOD:
            return Reject(RejectCode.MEMBER_SUSPENDED)
        return None

    def is_operator(self, member_id: str) -> bool:
        """Whether the member acts for the exchange: the role, in good standing."""
        return self.refusal(member_id, Role.OPERATOR) is None

    def owner_of(self, member_id: str) -> str:
        """The beneficial owner of a known member."""
        return self._members[member_id].owner

    def register(self, new_id: str, command: RegisterMember, events: list[AnyEvent]) -> None:
        """Admit a member; without an owner it is its own. A repeated role counts once."""
        assert new_id not in self._members
        roles = tuple(role for role in Role if role in command.roles)
        owner = command.owner or new_id
        self._members[new_id] = Member(new_id, roles, owner, Standing.GOOD, command.profile_hash)
        events.append(MemberRegistered(new_id, roles, owner, command.profile_hash))

    def named_refusal(self, member_id: str) -> Reject | None:
        """MEMBER_UNKNOWN, of the member whom a command's field `member_id` names."""
        if member_id not in self._members:
            return Reject(RejectCode.MEMBER_UNKNOWN, field="member_id")
        return None

    def standing_refusal(self, command: SetStanding) -> Reject | None:
        """MEMBER_UNKNOWN. A standing that it has already is set again and told again."""
        return self.named_refusal(command.member_id)

    def set_standing(self, command: SetStanding, events: list[AnyEvent]) -> None:
        """Suspend a member or put it back; what it has open stays as it is."""
        member = self._members[command.member_id]
        self._members[command.member_id] = replace(member, standing=command.standing)
        events.append(StandingSet(command.member_id, command.standing))

    def dump(self) -> MembersState:
        """Canonical: the order of registration does not show."""
        return MembersState([self._members[member_id] for member_id in sorted(self._members)])

    @classmethod
    def load(cls, state: MembersState) -> "Members":
        """The members of a dump."""
        members = cls()
        members._members = {member.member_id: member for member in state.members}
        return members
