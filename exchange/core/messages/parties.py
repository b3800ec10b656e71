"""Members and their sessions."""

from typing import Annotated

from msgspec import Meta

from exchange.core.messages.base import Command, ConditionalCommand, Event, PublicId, Role, Standing

Roles = Annotated[tuple[Role, ...], Meta(min_length=1, max_length=len(Role))]


class RegisterMember(Command, frozen=True, tag="register_member"):
    """Operator: admit a legal entity. Names and addresses stay outside; `profile_hash` is their salted hash."""

    roles: Roles
    owner: Annotated[str, Meta(max_length=64)] = ""  # beneficial owner; empty: the member itself
    profile_hash: Annotated[str, Meta(max_length=64)] = ""


class MemberRegistered(Event, frozen=True, tag="member_registered"):
    """A member exists and is in good standing; `owner` is never empty."""

    member_id: str
    roles: tuple[Role, ...]
    owner: str
    profile_hash: str


class SetStanding(ConditionalCommand, frozen=True, tag="set_standing"):
    """Operator: suspend a member or put it back in good standing."""

    member_id: PublicId
    standing: Standing


class StandingSet(Event, frozen=True, tag="standing_set"):
    """A suspended member can cancel and confirm, and commit itself to nothing new."""

    member_id: str
    standing: Standing


class OpenSession(Command, frozen=True, tag="open_session"):
    """Begin a numbered session; refs rise within it and survive reconnects."""


class SessionOpened(Event, frozen=True, tag="session_opened"):
    """`session` counts from 1 per member; `forgotten` is the session that had to go for it, or 0."""

    member_id: str
    session: int
    forgotten: int


PartyCommand = OpenSession | RegisterMember | SetStanding
PartyEvent = MemberRegistered | StandingSet | SessionOpened
