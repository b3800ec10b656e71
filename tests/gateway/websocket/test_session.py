"""What a connection is answered, state by state."""

import pytest

from exchange.core.messages import Command, shown
from exchange.core.messages.shown import Hello, Resolve, SyncTime, Welcome
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.limits import HEARTBEAT_US
from exchange.gateway.websocket.closing import REASONS, CloseCode
from exchange.gateway.websocket.seats import Seats
from exchange.gateway.websocket.session import State
from tests.gateway.floor import EPOCH, Floor, a_floor, an_order, codes

C = RejectCode


# --- hello ------------------------------------------------------------------------------------------


def test_a_hello_opens_a_session_and_is_welcomed_after_the_commit() -> None:
    floor = a_floor()
    caller = floor.connection()

    caller.say(Hello("key-m"))
    assert caller.hear() == []
    floor.commit()

    assert caller.hear() == [Welcome("m", 1, 0, EPOCH, floor.now_us(), HEARTBEAT_US)]
    assert caller.session.state is State.SERVING


def test_a_session_is_taken_up_again_with_its_highest_ref() -> None:
    floor = a_floor()
    first = floor.caller("m")
    first.ask(an_order(ref=4))
    second = floor.connection()

    # A command that is still under way counts, for the welcome comes after it.
    first.say(an_order(ref=9))
    answers = second.ask(Hello("key-m", session=1))

    assert answers == [Welcome("m", 1, 9, EPOCH, floor.now_us(), HEARTBEAT_US)]


def test_an_unknown_key_is_told_and_closed() -> None:
    floor = a_floor()
    caller = floor.connection()

    caller.say(Hello("guess"))

    assert codes(caller.hear()) == [("Error", C.NOT_AUTHENTICATED, "key")]
    assert caller.line.closed == (4502, REASONS[CloseCode.KEY_REFUSED])


def test_an_unknown_session_is_told_and_another_hello_opens_one() -> None:
    floor = a_floor()
    caller = floor.connection()

    unknown, welcome = caller.ask(Hello("key-m", session=7))
    assert codes([unknown]) == [("Error", C.SESSION_UNKNOWN, "session")]
    assert isinstance(welcome, Welcome) and welcome.session == 0
    (welcome,) = caller.ask(Hello("key-m"))

    assert isinstance(welcome, Welcome) and welcome.session == 1


def test_another_members_session_is_unknown() -> None:
    floor = a_floor()
    floor.member("n")
    floor.caller("m")

    answers = floor.connection().ask(Hello("key-n", session=1))

    assert codes(answers[:1]) == [("Error", C.SESSION_UNKNOWN, "session")]


@pytest.mark.parametrize("number", [0, 1])
def test_while_the_exchange_is_halted_one_can_read_but_has_no_session(number: int) -> None:
    floor = a_floor()
    floor.caller("m")
    floor.refusing = Reject(C.HALTED)
    caller = floor.connection()

    caller.say(Hello("key-m", session=number))
    halted, welcome = caller.hear()
    assert codes([halted]) == [("Error", C.HALTED, "session")]
    assert isinstance(welcome, Welcome) and welcome.session == 0
    assert isinstance(caller.follow("book:LM358")[-1], shown.BookSnapshot)
    caller.say(an_order())
    assert codes(caller.hear()) == [("Rejected", C.SESSION_UNKNOWN, "")]

    floor.refusing = None
    (welcome,) = caller.ask(Hello("key-m", session=number))
    assert isinstance(welcome, Welcome) and welcome.session == (number or 2)


def test_a_halt_while_the_session_is_opened_leaves_a_reader() -> None:
    floor = a_floor()
    caller = floor.connection()

    caller.say(Hello("key-m"))
    floor.lose(Reject(C.HALTED))
    halted, welcome = caller.hear()

    assert codes([halted]) == [("Error", C.HALTED, "session")]
    assert isinstance(welcome, Welcome) and welcome.session == 0


def test_a_key_of_somebody_the_exchange_does_not_know_reads_only() -> None:
    floor = a_floor()
    floor.keys["odd"] = Identity("nobody", "k", frozenset(Scope))

    unknown, welcome = floor.connection().ask(Hello("odd"))

    assert codes([unknown]) == [("Error", C.MEMBER_UNKNOWN, "session")]
    assert isinstance(welcome, Welcome) and welcome.session == 0


def test_hello_is_said_once() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    caller.say(Hello("key-m"))

    assert codes(caller.hear()) == [("Error", C.MALFORMED, "type")]
    assert caller.session.state is State.SERVING


@pytest.mark.parametrize("member_id", ["n", "m"])
def test_a_connection_never_changes_its_key(member_id: str) -> None:
    floor = a_floor()
    floor.keys["another"] = Identity(member_id, "id-of-another", frozenset(Scope))
    floor.refusing = Reject(C.HALTED)
    caller = floor.connection()
    caller.say(Hello("key-m"))
    caller.hear()

    caller.say(Hello("another"))

    assert caller.line.closed is not None and caller.line.closed[0] == CloseCode.KEY_REFUSED


def test_whoever_says_nothing_is_closed_and_whoever_said_hello_is_not() -> None:
    floor = a_floor()
    mute, caller, opening = floor.connection(), floor.caller("m"), floor.connection()
    opening.say(Hello("key-m"))

    for each in (mute, caller, opening):
        each.session.hello_overdue()

    assert mute.line.closed == (4501, REASONS[CloseCode.HELLO_MISSING])
    assert caller.line.closed is opening.line.closed is None


def test_a_member_has_so_many_connections_and_gets_a_place_back() -> None:
    floor = Floor(Seats(per_member_max=2))
    floor.member("m")
    first = floor.caller("m")
    floor.caller("m")

    third = floor.connection()
    third.say(Hello("key-m"))
    assert codes(third.hear()) == [("Error", C.TOO_MANY_CONNECTIONS, "")]
    assert third.line.closed is not None and third.line.closed[0] == CloseCode.TOO_MANY_CONNECTIONS

    first.session.ended()
    floor.seats.rise(first.session)
    fourth = floor.connection()
    assert isinstance(fourth.ask(Hello("key-m"))[0], Welcome)


def test_a_revoked_key_ends_its_connections_and_no_others() -> None:
    floor = a_floor()
    floor.member("n")
    revoked, other = floor.caller("m"), floor.caller("n")

    floor.seats.revoked("id-of-key-m")

    assert revoked.line.closed is not None and revoked.line.closed[0] == CloseCode.KEY_REFUSED
    assert other.line.closed is None


# --- before a hello ---------------------------------------------------------------------------------

EARLY = [
    (an_order(), "Rejected"),
    (shown.Subscribe("notices"), "Error"),
    (shown.Unsubscribe("notices"), "Error"),
    (Resolve(1), "Error"),
    (SyncTime(1), "Error"),
]


@pytest.mark.parametrize("opening", [False, True])
@pytest.mark.parametrize("message,answer", EARLY)
def test_before_the_welcome_nothing_is_done_and_the_connection_survives(
    message: Command | shown.SessionFrame, answer: str, opening: bool
) -> None:
    floor = a_floor()
    caller = floor.connection()
    if opening:
        caller.say(Hello("key-m"))

    caller.say(message)

    assert codes(caller.hear()) == [(answer, C.NOT_AUTHENTICATED, "")]
    assert floor.feed.streams == 0
    if not opening:
        caller.say(Hello("key-m"))
    floor.commit()
    assert isinstance(caller.hear()[0], Welcome)
