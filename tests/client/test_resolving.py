import pytest
from msgspec.json import encode

from exchange.core.messages import MemberCommand, Role
from exchange.gateway import policy
from exchange.gateway.auth import Scope
from exchange.gateway.websocket.wire import decode
from exchange_client.backoff import Backoff
from exchange_client.errors import Invalid, NotExecuted, Rejected, Unknown
from exchange_client.inflight import BUSY, HALTED, NEVER, REF_TOO_OLD, SESSION_UNKNOWN, WINDOW_REFS, InFlight
from exchange_client.resolving import ASK_AGAIN_US, FENCES, NOT_FOUND, Resolution, Resolving
from exchange_client.shown import Unresolved
from tests.client.frames import a_refusal, an_ack, an_order, said
from tests.core.venue import Venue

ASKED = {"type": "resolve", "ref": 1}


class Desk:
    """Ref 1 was used and its outcome is unknown."""

    def __init__(self, highest_ref: int = 1) -> None:
        self.out: list[bytes] = []
        self.inflight = InFlight(self.out, Backoff(1, 1, draw=lambda _: 0))
        self.inflight.online(1, highest_ref)
        self.resolving = Resolving(self.out, self.inflight)
        self.resolving.online(0)

    def ask(self, ref: int = 1, deadline_us: int = NEVER) -> Resolution:
        return self.resolving.ask(Resolution(ref, deadline_us), 0)


def test_an_ack_is_the_answer() -> None:
    desk = Desk()
    question = desk.ask()

    assert said(desk.out) == [ASKED]
    assert desk.resolving.answered(an_ack(1), 0) is question
    assert question.outcome == an_ack(1)


def test_a_refusal_is_the_answer() -> None:
    desk = Desk()
    question = desk.ask()

    assert desk.resolving.answered(a_refusal(1), 0) is question
    assert isinstance(question.outcome, Rejected)


def test_a_ref_that_can_never_be_executed_was_not() -> None:
    desk = Desk()
    question = desk.ask()

    assert desk.resolving.unresolved(Unresolved(1, never=True), 0) is question
    assert isinstance(question.outcome, NotExecuted)


@pytest.mark.parametrize("highest_ref,outcome", [(WINDOW_REFS, NotExecuted), (WINDOW_REFS + 1, Unknown)])
def test_a_ref_too_old_was_not_executed_if_it_would_still_be_remembered(
    highest_ref: int, outcome: type[Exception]
) -> None:
    desk = Desk(highest_ref)
    question = desk.ask()

    desk.resolving.answered(a_refusal(1, REF_TOO_OLD, sequence=0), 0)

    assert type(question.outcome) is outcome


def test_a_forgotten_session_leaves_it_unknown() -> None:
    desk = Desk()
    question = desk.ask()

    desk.resolving.answered(a_refusal(1, SESSION_UNKNOWN, sequence=0), 0)

    assert isinstance(question.outcome, Unknown)


def test_what_was_not_executed_so_far_is_fenced_off_and_asked_again() -> None:
    desk = Desk()
    question = desk.ask()
    desk.out.clear()

    assert desk.resolving.unresolved(Unresolved(1, never=False), 0) is None
    assert said(desk.out) == [{"type": "cancel_order", "order_id": "-", "ref": 2}]
    assert desk.resolving.check(ASK_AGAIN_US - 1) == []
    assert desk.out == []
    desk.resolving.check(ASK_AGAIN_US)

    assert said(desk.out) == [ASKED]
    assert question.outcome is None


def test_one_fence_serves_all_refs_below_it() -> None:
    desk = Desk(highest_ref=2)
    desk.ask(1)
    desk.ask(2)
    desk.out.clear()

    desk.resolving.unresolved(Unresolved(1, never=False), 0)
    desk.resolving.unresolved(Unresolved(2, never=False), 0)

    assert [frame["type"] for frame in said(desk.out)] == ["cancel_order"]


def test_a_fence_that_the_key_may_not_send_is_replaced_by_another_kind() -> None:
    desk = Desk()
    desk.ask()
    kinds = []
    for ref in (2, 3, 4):
        desk.out.clear()
        desk.resolving.unresolved(Unresolved(1, never=False), 0)
        kinds += [frame["type"] for frame in said(desk.out)]
        desk.inflight.refused(a_refusal(ref, 204, sequence=0), 0)

    assert kinds == ["cancel_order", "cancel_event", "set_standing"]


def test_a_fence_that_got_lost_is_sent_again() -> None:
    desk = Desk()
    desk.ask()
    desk.resolving.unresolved(Unresolved(1, never=False), 0)
    desk.inflight.give_up_sent("connection lost")
    desk.out.clear()

    desk.resolving.unresolved(Unresolved(1, never=False), 0)

    assert [frame["ref"] for frame in said(desk.out)] == [3]


@pytest.mark.parametrize("code", [BUSY, HALTED, NOT_FOUND])
def test_no_answer_yet_is_asked_for_again(code: int) -> None:
    desk = Desk()
    desk.ask()
    desk.resolving.answered(a_refusal(1, code, sequence=0), 0)
    desk.out.clear()

    desk.resolving.check(ASK_AGAIN_US)

    assert ASKED in said(desk.out)


def test_after_a_reconnect_the_question_is_asked_again() -> None:
    desk = Desk()
    desk.ask()
    desk.resolving.offline()
    desk.out.clear()

    desk.resolving.check(ASK_AGAIN_US)
    assert desk.out == []
    desk.resolving.online(ASK_AGAIN_US)

    assert said(desk.out) == [ASKED]


def test_a_question_that_nobody_answers_in_time_stays_unknown() -> None:
    desk = Desk()
    question = desk.ask(deadline_us=5)

    assert desk.resolving.check(5) == [question]
    assert isinstance(question.outcome, Unknown)
    assert desk.resolving.answered(an_ack(1), 6) is None


def test_asking_twice_is_one_question() -> None:
    desk = Desk()

    assert desk.ask() is desk.ask()


@pytest.mark.parametrize(
    "ref,message", [(2, "ref 2 is still open"), (3, "has not been used"), (0, "has not been")]
)
def test_a_ref_without_an_unknown_outcome_is_not_asked_about(ref: int, message: str) -> None:
    desk = Desk()
    desk.inflight.post(an_order())

    with pytest.raises(Invalid, match=message):
        desk.ask(ref)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("scope", [Scope.TRADE, Scope.MANAGE])
def test_whoever_may_send_commands_may_send_a_fence_and_it_does_nothing(role: Role, scope: Scope) -> None:
    venue = Venue()
    venue.member("M", role)
    venue.money("M", 1_000)
    may_send = []
    for fence in FENCES:
        command = decode(encode(fence))
        assert isinstance(command, MemberCommand)
        need = policy.need_of(type(command))
        assert need is not None
        if need.scope is scope and (not need.roles or role in need.roles):
            may_send.append(command)

    assert may_send
    assert all(venue.send("M", command).reply.code for command in may_send)
