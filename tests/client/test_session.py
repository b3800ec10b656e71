from collections.abc import Callable
from itertools import pairwise

import pytest
from msgspec.json import encode

from exchange_client import shown
from exchange_client.errors import Invalid, Rejected, Stopped, Unknown
from exchange_client.inflight import NEVER
from exchange_client.resolving import Resolution
from exchange_client.session import (
    CHECK_US,
    FIRST,
    Complaint,
    Connected,
    Disconnected,
    Position,
    Session,
    Settings,
)
from tests.client.frames import a_refusal, a_welcome, an_ack, an_error, an_order, refs, said

SECOND = 1_000_000
HELLO = {"type": "hello", "key": "the key"}


def a_session(position: Position = FIRST, settings: Settings | None = None) -> Session:
    """Not connected; chance draws the most that it can."""
    return Session("the key", lambda ends: ends - 1, position=position, settings=settings)


def a_welcomed_session(*, settings: Settings | None = None, heartbeat_us: int = SECOND) -> Session:
    """In session 1, with nothing to say."""
    session = a_session(settings=settings)
    session.connected(0)
    session.receive(a_welcome(heartbeat_us=heartbeat_us), 0)
    session.tick(0)
    session.frames_to_send()
    return session


# --- hello ---------------------------------------------------------------------------------------


def test_hello_comes_first_and_alone() -> None:
    session = a_session()
    session.post(an_order())
    session.subscribe("own", 0)

    session.connected(0)

    assert said(session) == [HELLO]


def test_what_waited_follows_the_welcome() -> None:
    session = a_session()
    session.post(an_order())
    session.subscribe("own", 0)
    session.connected(0)
    session.frames_to_send()

    (connected,) = session.receive(a_welcome(), 5)

    assert isinstance(connected, Connected)
    assert {frame["type"] for frame in said(session)} == {"place_order", "subscribe", "sync_time"}


def test_a_reconnect_takes_the_session_up_and_sends_again_what_is_open() -> None:
    session = a_welcomed_session()
    session.post(an_order())
    session.frames_to_send()
    session.disconnected(SECOND)

    session.connected(2 * SECOND)
    assert said(session) == [{**HELLO, "session": 1}]
    session.receive(a_welcome(high_ref=1), 2 * SECOND)

    assert refs(session) == [1]


def test_frames_that_did_not_leave_in_time_leave_with_no_other_connection() -> None:
    session = a_welcomed_session()
    session.subscribe("own", 0)

    session.disconnected(0)
    session.connected(0)

    assert said(session) == [{**HELLO, "session": 1}]


def test_a_program_that_comes_back_goes_on_above_all_refs_it_knows_of() -> None:
    session = a_session(Position(3, 20))
    with pytest.raises(Invalid, match="welcomed"):
        session.post(an_order())
    session.connected(0)

    assert said(session) == [{**HELLO, "session": 3}]
    session.receive(a_welcome(session=3, high_ref=17), 0)
    session.post(an_order())

    assert refs(session) == [21]
    assert session.position == Position(3, 21)


def test_an_exchange_that_cannot_open_a_session_now_is_read_and_asked_again() -> None:
    session = a_session()
    order = an_order()
    session.post(order)
    session.subscribe("own", 0)
    session.connected(0)
    session.frames_to_send()

    session.receive(encode(an_error(601, field="session")), 0)
    session.receive(a_welcome(session=0), 0)
    assert [frame["type"] for frame in said(session)] == ["subscribe", "sync_time"]
    session.tick(session.next_us())
    session.tick(session.next_us())
    assert said(session) == [HELLO]
    session.receive(a_welcome(session=4), SECOND)

    assert refs(session) == [1]
    assert order.outcome is None


def test_while_hello_is_unanswered_nothing_else_is_said() -> None:
    session = a_session()
    session.connected(0)
    session.frames_to_send()
    session.receive(encode(an_error(600, field="session")), 0)
    session.receive(a_welcome(session=0), SECOND)
    assert said(session) == [HELLO]
    session.subscribe("own", SECOND)
    assert said(session) == []

    session.receive(a_welcome(session=1), SECOND)

    assert {"type": "subscribe", "channel": "own"} in said(session)


def test_a_forgotten_session_is_replaced_and_what_left_is_unknown() -> None:
    session = a_welcomed_session()
    left = an_order()
    session.post(left)
    session.disconnected(0)
    unsent = an_order()
    session.post(unsent)
    session.connected(SECOND)
    session.frames_to_send()

    session.receive(encode(an_error(602, field="session")), SECOND)
    session.receive(a_welcome(session=0), SECOND)
    assert said(session) == [HELLO]
    session.receive(a_welcome(session=9), SECOND)

    assert isinstance(left.outcome, Unknown)
    assert (unsent.outcome, unsent.ref) == (None, 1)
    assert refs(session) == [1]


def test_a_question_about_a_forgotten_session_stays_unknown() -> None:
    session = a_welcomed_session()
    session.post(an_order(deadline_us=1))
    session.tick(CHECK_US)
    question = session.resolve(Resolution(1, NEVER), CHECK_US)

    events = session.receive(encode(a_refusal(1, 602, sequence=0)), CHECK_US)

    assert events == [question]
    assert isinstance(question.outcome, Unknown)
    assert question.outcome.session == 1


def test_an_exchange_that_gives_another_session_has_forgotten_the_old_one() -> None:
    session = a_welcomed_session()
    left = an_order()
    session.post(left)
    session.disconnected(0)
    session.connected(SECOND)

    ended, connected = session.receive(a_welcome(session=9), SECOND)
    session.post(an_order())

    assert ended is left
    assert isinstance(left.outcome, Unknown)
    assert isinstance(connected, Connected)
    assert session.position == Position(9, 1)


def test_a_session_that_is_forgotten_in_between_is_left() -> None:
    session = a_welcomed_session()
    order = an_order()
    session.post(order)
    session.frames_to_send()

    session.receive(encode(a_refusal(1, 602, sequence=0)), 0)
    assert "forgotten" in session.leave
    session.disconnected(0)
    session.connected(SECOND)

    assert said(session) == [HELLO]
    assert (order.outcome, order.ref) == (None, 1)


def test_a_key_that_cannot_open_a_session_can_still_read() -> None:
    session = a_session()
    order = an_order()
    session.post(order)
    session.subscribe("own", 0)
    session.connected(0)
    session.frames_to_send()

    assert session.receive(encode(an_error(204, field="session")), 0) == [order]
    session.receive(a_welcome(session=0), 0)

    assert isinstance(order.outcome, Rejected)
    assert [frame["type"] for frame in said(session)] == ["subscribe", "sync_time"]
    with pytest.raises(Rejected):
        session.post(an_order())


def test_a_key_that_is_refused_ends_the_session_for_good() -> None:
    session = a_session()
    session.connected(0)

    (stopped,) = session.receive(encode(an_error(200, field="key")), 0)

    assert isinstance(stopped, Stopped)
    assert session.connect_us == NEVER
    with pytest.raises(Stopped):
        session.post(an_order())
    with pytest.raises(Stopped):
        session.resolve(Resolution(1, NEVER), 0)


# --- the connection ends -------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1000, 1001, 1006, 1011, 4000, 4008, 4029, 4499])
def test_after_these_close_codes_another_connection_follows(code: int) -> None:
    session = a_welcomed_session()

    (event,) = session.disconnected(SECOND, code=code)

    assert isinstance(event, Disconnected)
    assert session.connect_us == SECOND + session.settings.reconnect_us_first


@pytest.mark.parametrize("code", [1008, 4500, 4501, 4502, 4999])
def test_after_these_close_codes_none_does(code: int) -> None:
    session = a_welcomed_session()
    order = an_order()
    session.post(order)
    session.frames_to_send()

    ended, stopped = session.disconnected(SECOND, code=code, why="the key is refused")

    assert ended is order
    assert isinstance(order.outcome, Unknown)
    assert isinstance(stopped, Stopped)
    assert (stopped.code, stopped.reason) == (code, "the key is refused")
    assert session.connect_us == NEVER


def test_pauses_grow_while_connections_fail_and_start_anew_after_a_healthy_one() -> None:
    session = a_session()
    healthy_us = session.settings.healthy_us
    pauses = []
    for lasts_us in (0, 0, 0, healthy_us - 1, healthy_us):
        session.connected(0)
        session.receive(a_welcome(), 0)
        session.disconnected(lasts_us)
        pauses.append(session.connect_us - lasts_us)

    assert pauses == [250_000, 500_000, 1_000_000, 2_000_000, 250_000]


def test_without_resending_what_left_is_unknown_as_soon_as_the_connection_is_gone() -> None:
    session = a_welcomed_session(settings=Settings(resend=False))
    left = an_order()
    session.post(left)
    session.frames_to_send()

    ended, disconnected = session.disconnected(0, why="cut")
    session.post(an_order())
    session.connected(0)
    session.receive(a_welcome(), 0)

    assert ended is left
    assert isinstance(left.outcome, Unknown)
    assert isinstance(disconnected, Disconnected)
    assert refs(session) == [2]


def test_closing_leaves_nothing_open() -> None:
    session = a_welcomed_session()
    order = an_order()
    session.post(order)
    session.disconnected(0)
    unsent = an_order()
    session.post(unsent)

    events = session.close(Stopped("done"))

    assert events == [order, unsent, session.stopped]
    assert isinstance(order.outcome, Unknown)
    assert isinstance(unsent.outcome, Unknown)
    assert (order.outcome.sent, unsent.outcome.sent) == (True, False)
    assert session.close(Stopped("again")) == []


# --- frames --------------------------------------------------------------------------------------


def test_an_ack_settles_its_command() -> None:
    session = a_welcomed_session()
    order = an_order()
    session.post(order)

    assert session.receive(encode(an_ack(1)), 0) == [order]
    assert session.open == 0


def test_an_answer_to_nobody_is_ignored() -> None:
    session = a_welcomed_session()

    assert session.receive(encode(an_ack(99)), 0) == []
    assert session.receive(encode(a_refusal(99)), 0) == []


@pytest.mark.parametrize("text", [b"\x00\x01", b"[1]", b'{"type":"ack","ref":"1"}'])
def test_a_frame_that_cannot_be_read_condemns_the_connection(text: bytes) -> None:
    session = a_welcomed_session()

    assert session.receive(text, 0) == []

    assert "unreadable" in session.leave
    assert session.receive(encode(an_ack(1)), 0) == []
    assert session.stopped is None


def test_what_a_newer_exchange_says_is_ignored() -> None:
    session = a_welcomed_session()

    assert session.receive(b'{"type":"horoscope"}', 0) == []
    assert session.leave == ""


def test_a_complaint_that_names_no_command_is_passed_on() -> None:
    session = a_welcomed_session()

    (complaint,) = session.receive(encode(an_error(100)), 0)

    assert isinstance(complaint, Complaint)


def test_a_question_is_answered_like_a_command() -> None:
    session = a_welcomed_session()
    order = an_order(deadline_us=1)
    session.post(order)
    session.tick(CHECK_US)
    question = session.resolve(Resolution(1, NEVER), CHECK_US)

    assert {"type": "resolve", "ref": 1} in said(session)
    assert session.receive(encode(an_ack(1)), CHECK_US) == [question]
    assert question.outcome == an_ack(1)


# --- time ----------------------------------------------------------------------------------------


def run(session: Session, from_us: int, to_us: int, does: Callable[[int], None] = lambda _: None) -> None:
    """Tick at every instant that the session asks for."""
    now_us = from_us
    while now_us < to_us and not session.leave:
        now_us = max(now_us, session.next_us())
        does(now_us)
        session.tick(now_us)


def test_the_time_is_asked_each_second_at_first_and_then_more_rarely() -> None:
    session = a_welcomed_session()
    asked: list[int] = []

    def answer(now_us: int) -> None:
        for frame in said(session):
            if frame["type"] == "sync_time":
                asked.append(frame["client_us"])
                session.receive(encode(shown.Time(frame["client_us"], now_us + 500)), now_us)

    run(session, 0, 40 * SECOND, answer)

    assert asked[:8] == [SECOND * each for each in range(1, 9)]
    assert {later - earlier for earlier, later in pairwise(asked[8:])} == {10 * SECOND}
    assert abs(session.clock.offset_us - 500) <= CHECK_US


def test_a_connection_on_which_nothing_is_heard_is_left() -> None:
    session = a_welcomed_session()

    run(session, 0, 60 * SECOND)

    assert session.leave == "nothing was heard for 15250 ms"


def test_with_a_live_book_silence_is_noticed_sooner() -> None:
    session = a_welcomed_session()
    session.subscribe("book:i-1", 0)
    session.receive(encode(shown.Subscribed("book:i-1", 1, 0, recovered=False)), 0)

    run(session, 0, 60 * SECOND)

    assert session.leave == "nothing was heard for 5250 ms"


def test_an_exchange_without_heartbeats_is_given_the_longer_time() -> None:
    session = a_welcomed_session(heartbeat_us=0)
    session.subscribe("book:i-1", 0)
    session.receive(encode(shown.Subscribed("book:i-1", 1, 0, recovered=False)), 0)

    run(session, 0, 60 * SECOND)

    assert session.leave == "nothing was heard for 15250 ms"


def test_a_hello_that_nobody_answers_is_not_waited_for_for_ever() -> None:
    session = a_session()
    session.connected(0)
    session.tick(0)

    run(session, 0, 60 * SECOND)

    assert "nothing was heard" in session.leave


def test_a_subscription_that_nobody_answers_ends_the_connection() -> None:
    session = a_welcomed_session()
    session.subscribe("own", 0)

    run(session, 0, 60 * SECOND, lambda now_us: _hear_something(session, now_us))

    assert session.leave == "a subscription was not answered"


def _hear_something(session: Session, now_us: int) -> None:
    session.receive(encode(an_ack(0)), now_us)


def test_a_driver_that_was_held_up_reads_before_it_judges() -> None:
    session = a_welcomed_session()
    order = an_order(deadline_us=SECOND)
    session.post(order)

    assert session.tick(60 * SECOND) == []
    assert session.leave == ""
    session.receive(encode(an_ack(1)), 60 * SECOND)
    session.tick(session.next_us())

    assert order.outcome == an_ack(1)
    assert session.leave == ""


def test_a_driver_that_is_always_held_up_judges_every_other_time() -> None:
    session = a_welcomed_session()
    order = an_order(deadline_us=SECOND)
    session.post(order)

    session.tick(60 * SECOND)

    assert session.tick(120 * SECOND) == [order]
    assert "nothing was heard" in session.leave
