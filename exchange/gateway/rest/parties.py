"""REST of who takes part: members with their profiles, and keys.

Guarantees: names come from the profiles and are shown to the operator and the member itself only; a key is
shown once. A new key of a member's own gets no scope that the key it was asked with lacks.
"""

from contextlib import suppress
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.messages import RegisterMember, Role, SetStanding, Standing
from exchange.core.messages.parties import Roles
from exchange.core.parties.members import Member, standing_version
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway import policy
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.notation import END, ONE_LINE, Id, InstantText, Text, instant_of
from exchange.gateway.paging import IdKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored.profiles import Profile
from exchange.gateway.stored.records import RecordsUnavailable

Country = Annotated[str, Meta(pattern="^[A-Z]{2}" + END, max_length=2, description="ISO 3166 alpha-2.")]
Label = Annotated[
    str,
    Meta(pattern=ONE_LINE, max_length=64, description="For people: what it is for."),
]
Scopes = Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=len(Scope))]


class NewMember(Struct, frozen=True, forbid_unknown_fields=True):
    """A legal entity. `owner` names its beneficial owner where that is not the member itself."""

    roles: Roles
    name: Text
    country: Country
    contact: Text
    owner: Id | None = None


class MemberRegistered(Settled, frozen=True):
    """It is in good standing."""

    member_id: str


class MemberShown(Struct, frozen=True):
    """A member; the profile is left out where it was erased or never written."""

    member_id: str
    roles: tuple[Role, ...]
    owner: str
    standing: Standing
    name: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    contact: str | UnsetType = UNSET


class MemberPage(Struct, frozen=True):
    """Members by id."""

    members: list[MemberShown]
    next: str


class NewStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """A suspended member can cancel and confirm, and commit itself to nothing new."""

    standing: Standing


class StandingSettled(Settled, frozen=True):
    """The standing that the member has now."""

    member_id: str
    standing: Standing


class NewKey(Struct, frozen=True, forbid_unknown_fields=True):
    """For oneself, or by the operator for any member."""

    scopes: Scopes
    label: Label = ""
    member_id: Id | None = None


class KeyShown(Struct, frozen=True):
    """A key without its secret."""

    key_id: str
    member_id: str
    scopes: tuple[Scope, ...]
    label: str
    created_at: InstantText


class KeyCreated(KeyShown, frozen=True):
    """`key` is shown here and never again: send it as `Authorization: Bearer`, or in `hello`."""

    key: str


class KeyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose keys; only the operator may name another member."""

    member_id: Id | None = None


class KeyList(Struct, frozen=True):
    """Live keys, oldest first."""

    keys: list[KeyShown]


class KeyRevoked(Struct, frozen=True):
    """Nobody can use it any more; its connections are closed."""

    key_id: str


# --- members -----------------------------------------------------------------------------------------


async def register_member(call: Call[NewMember, NoQuery]) -> MemberRegistered:
    """Operator: admit a legal entity. The core learns only a salted hash of its profile."""
    body, profiles = call.body, call.ports.profiles
    profile = Profile(body.name, body.country, body.contact)
    profile_hash = await profiles.write(profile, call.idempotency, call.ports.engine.now_us())
    command = RegisterMember(roles=body.roles, owner=body.owner or "", profile_hash=profile_hash)
    reply = await call.settle(command)
    with suppress(RecordsUnavailable):  # The sweep names the profile later: the member is registered.
        await profiles.take_effect(profile_hash, reply.id)
    call.headers["Location"] = f"/v1/members/{reply.id}"
    return MemberRegistered(reply.sequence, instant_of(reply.at_us), reply.id)


async def list_members(call: Call[NoBody, PageQuery]) -> MemberPage:
    """The operator sees all, a member itself."""
    after, members = key_of(call.query.cursor, IdKey), call.views.members
    visible = members if policy.operates(call.identity, members) else {call.member_id}
    ids = sorted(each for each in visible if each in members and (after is None or each > after.id))
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    profiles = await call.ports.profiles.of_members(page)
    return MemberPage([_member(members[each], profiles.get(each)) for each in page], following)


async def get_member(call: Call[NoBody, NoQuery]) -> MemberShown:
    """Oneself, or for the operator any member."""
    member_id, members = call.id("member_id"), call.views.members
    may = member_id == call.member_id or policy.operates(call.identity, members)
    if not may or member_id not in members:
        raise Refused(Reject(RejectCode.MEMBER_UNKNOWN, field="member_id"))
    profiles = await call.ports.profiles.of_members([member_id])
    call.version = standing_version(members[member_id]) if policy.operates(call.identity, members) else 0
    return _member(members[member_id], profiles.get(member_id))


async def set_standing(call: Call[NewStanding, NoQuery]) -> StandingSettled:
    """Operator: suspend a member or put it back in good standing."""
    member_id, standing = call.id("member_id"), call.body.standing
    reply = await call.settle(SetStanding(member_id=member_id, standing=standing))
    return StandingSettled(reply.sequence, instant_of(reply.at_us), member_id, standing)


def _member(member: Member, profile: Profile | None) -> MemberShown:
    name, country, contact = (profile.name, profile.country, profile.contact) if profile else (UNSET,) * 3
    return MemberShown(member.member_id, member.roles, member.owner, member.standing, name, country, contact)


# --- keys --------------------------------------------------------------------------------------------


async def create_key(call: Call[NewKey, NoQuery]) -> KeyCreated:
    """The answer is the only time that the key can be read. An operator's key may give others any scope."""
    body = call.body
    member_id, scopes = call.subject(body.member_id), frozenset(body.scopes)
    if not scopes <= call.identity.scopes and not policy.operates(call.identity, call.views.members):
        raise Refused(Reject(RejectCode.SCOPE_MISSING, field="scopes"))
    created = await call.ports.keys.create(member_id, scopes, body.label, call.ports.engine.now_us())
    if isinstance(created, Reject):
        raise Refused(created)
    key, identity = created
    made = _key(identity)
    return KeyCreated(made.key_id, made.member_id, made.scopes, made.label, made.created_at, key)


async def list_keys(call: Call[NoBody, KeyQuery]) -> KeyList:
    """Live keys without their secrets."""
    keys = call.ports.keys.of_member(call.subject(call.query.member_id))
    return KeyList([_key(each) for each in keys])


async def revoke_key(call: Call[NoBody, NoQuery]) -> KeyRevoked:
    """From now on the key is unknown, also the one that the request came with."""
    identity = call.ports.keys.named(call.id("key_id"))
    own = identity is not None and identity.member_id == call.member_id
    if identity is None or not (own or policy.operates(call.identity, call.views.members)):
        raise Refused(RejectCode.NOT_FOUND)
    await call.ports.keys.revoke(identity.key_id, call.ports.engine.now_us())
    return KeyRevoked(identity.key_id)


def _key(identity: Identity) -> KeyShown:
    return KeyShown(
        identity.key_id,
        identity.member_id,
        tuple(sorted(identity.scopes)),
        identity.label,
        instant_of(identity.created_at_us),
    )


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/members", "Register a member", register_member,
        NewMember, NoQuery, MemberRegistered, RegisterMember, 201,
    ),
    Route("GET", "/v1/members", "List members", list_members, NoBody, PageQuery, MemberPage),
    Route("GET", "/v1/members/{member_id}", "Read a member", get_member, NoBody, NoQuery, MemberShown),
    Route(
        "PUT", "/v1/members/{member_id}/standing", "Set a standing", set_standing,
        NewStanding, NoQuery, StandingSettled, SetStanding,
    ),
    Route("POST", "/v1/keys", "Create a key", create_key, NewKey, NoQuery, KeyCreated, status=201),
    Route("GET", "/v1/keys", "List keys", list_keys, NoBody, KeyQuery, KeyList),
    Route("DELETE", "/v1/keys/{key_id}", "Revoke a key", revoke_key, NoBody, NoQuery, KeyRevoked),
)  # fmt: skip
