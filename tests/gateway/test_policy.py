"""Everything that can be asked has its line, and what has none is refused."""

import pytest

from exchange.core.messages import (
    COMMANDS,
    MEMBER_COMMANDS,
    CancelEvent,
    Command,
    FireDeadlines,
    PlaceOrder,
    Role,
    SetCommission,
    Standing,
)
from exchange.core.parties.members import Member
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway import policy
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.rest.table import ROUTES
from exchange.gateway.websocket import asyncapi
from exchange.gateway.websocket.feed import KINDS

ALL = frozenset(Scope)


def members(*roles: Role, standing: Standing = Standing.GOOD) -> dict[str, Member]:
    return {"m": Member("m", roles, "m", standing, "")}


def holder(*scopes: Scope) -> Identity:
    return Identity("m", "k", frozenset(scopes))


def test_every_command_of_members_has_a_line_and_no_other_command_has_one() -> None:
    assert set(policy.COMMANDS) == set(MEMBER_COMMANDS)


def test_every_route_has_a_line_and_every_line_a_route() -> None:
    named = {route.name for route in ROUTES if route.command is None} | {f"GET {asyncapi.PATH}"}

    assert set(policy.ROUTES) == named


def test_every_route_of_a_command_is_found_by_it() -> None:
    commands = [route.command for route in ROUTES if route.command]

    assert len(commands) == len(set(commands))
    assert {*MEMBER_COMMANDS} - {*commands} == {
        kind for kind in MEMBER_COMMANDS if kind.__name__ == "OpenSession"
    }


def test_every_channel_has_a_line_and_every_line_a_channel() -> None:
    assert set(policy.CHANNELS) == set(KINDS)


@pytest.mark.parametrize("what", [FireDeadlines, Command, "GET /v1/secrets", "DELETE /v1/orders", ""])
def test_what_has_no_line_is_refused_whoever_asks(what: type[Command] | str) -> None:
    assert policy.refusal(holder(*ALL), what, members(*Role)) == Reject(RejectCode.NOT_PERMITTED)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("role", Role)
def test_a_command_passes_with_its_scope_and_one_of_its_roles_only(
    command: type[Command], role: Role
) -> None:
    need = policy.COMMANDS.get(command)
    for scope in Scope:
        refused = policy.refusal(holder(scope), command, members(role))
        if need is None:
            expected = RejectCode.NOT_PERMITTED
        elif scope is not need.scope:
            expected = RejectCode.SCOPE_MISSING
        elif need.roles and role not in need.roles:
            expected = RejectCode.ROLE_MISSING
        else:
            assert refused is None
            continue
        assert refused == Reject(expected)


REFUSED: dict[str, tuple[Identity | None, type[Command] | str, RejectCode]] = {
    "no key": (None, PlaceOrder, RejectCode.NOT_AUTHENTICATED),
    "a key to read only": (holder(Scope.READ), PlaceOrder, RejectCode.SCOPE_MISSING),
    "a buyer's key for the operator's command": (holder(*ALL), SetCommission, RejectCode.ROLE_MISSING),
    "the scope comes before the role": (holder(Scope.READ), SetCommission, RejectCode.SCOPE_MISSING),
    "a member that is unknown": (Identity("x", "k", ALL), CancelEvent, RejectCode.ROLE_MISSING),
    "a route for anybody with a key, without one": (None, "GET /v1/orders", RejectCode.NOT_AUTHENTICATED),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_first_thing_that_is_missing_is_told(case: str) -> None:
    identity, what, code = REFUSED[case]

    assert policy.refusal(identity, what, members(Role.BUYER)) == Reject(code)


def test_public_routes_need_nothing() -> None:
    assert policy.refusal(None, "GET /v1/time", {}) is None


@pytest.mark.parametrize(
    "channel, scopes, code",
    [
        ("book:i", {Scope.READ}, None),
        ("own", {Scope.READ}, None),
        ("own", {Scope.TRADE}, RejectCode.SCOPE_MISSING),
        ("secrets:all", set(Scope), RejectCode.CHANNEL_UNKNOWN),
        ("", set(Scope), RejectCode.CHANNEL_UNKNOWN),
    ],
)
def test_channels_are_found_by_their_kind(channel: str, scopes: set[Scope], code: RejectCode | None) -> None:
    refused = policy.channel_refusal(holder(*scopes), channel, members(Role.BUYER))

    assert (refused and refused.code) == code


@pytest.mark.parametrize(
    "known, operates",
    [
        (members(Role.OPERATOR), True),
        (members(Role.OPERATOR, standing=Standing.SUSPENDED), False),
        (members(Role.AUDITOR), False),
        ({}, False),
    ],
)
def test_only_an_operator_in_good_standing_sees_what_is_others(
    known: dict[str, Member], operates: bool
) -> None:
    assert policy.operates(holder(*ALL), known) is operates
