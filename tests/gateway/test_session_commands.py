"""What becomes of commands, questions and other frames once a connection was welcomed."""

from collections.abc import Callable

import pytest

from exchange.core.messages import CancelOrder, Command, OpenSession, Role, Side, TopUp, shown
from exchange.core.messages.shown import Ack, Error, Hello, Rejected, Resolve, SyncTime, Unresolved
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.websocket import session as sessions
from exchange.gateway.websocket.closing import CloseCode
from tests.gateway.floor import Caller, Floor, a_floor, an_order, codes

C = RejectCode

# --- commands ---------------------------------------------------------------------------------------


def test_a_command_is_acknowledged_after_its_commit_and_not_before() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    caller.say(an_order(ref=7))
    assert caller.hear() == []
    floor.commit()

    (ack,) = caller.hear()
    assert isinstance(ack, Ack)
    assert (ack.ref, ack.open_quantity, ack.at_us) == (7, 5, floor.now_us())
    assert caller.session.flight.count == 0


def test_a_burst_of_commands_is_answered_by_one_write() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    caller.say(*(an_order(ref) for ref in range(1, 101)))
    floor.commit()

    assert len(caller.line.writes) == 1
    assert [frame.ref for frame in caller.hear() if isinstance(frame, Ack)] == list(range(1, 101))


def test_a_refusal_of_the_core_is_told_in_full() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    (refused,) = caller.ask(an_order(ref=3, price=10**9))

    assert isinstance(refused, Rejected)
    assert (refused.ref, refused.code, refused.reason) == (3, 500, "MONEY_SHORT")
    assert refused.sequence > 0


def test_a_repeated_command_takes_effect_once_and_is_answered_alike() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    first = caller.ask(an_order(ref=3))
    second = caller.ask(an_order(ref=3))
    changed = caller.ask(an_order(ref=3, price=99))

    assert second == first
    assert codes(changed) == [("Rejected", C.REF_REUSED, "ref")]
    assert len(floor.views.market.orders["m"]) == 1


def a_reader(floor: Floor) -> Caller:
    floor.keys["key-reader"] = Identity("m", "r", frozenset({Scope.READ}))
    caller = floor.connection()
    caller.ask(Hello("key-reader"))
    return caller


def a_seller(floor: Floor) -> Caller:
    floor.member("s", Role.SELLER)
    return floor.caller("s")


def a_trader(floor: Floor) -> Caller:
    return floor.caller("m")


TOP_UP = TopUp(ref=1, transfer_id="t", member_id="m", currency="USD", amount_minor=5)
NOT_DONE = [
    (a_trader, an_order(ref=0), C.REF_MISSING, "ref"),
    (a_reader, an_order(), C.SCOPE_MISSING, ""),
    (a_trader, TOP_UP, C.ROLE_MISSING, ""),
]


@pytest.mark.parametrize("who,command,code,field", NOT_DONE)
def test_what_is_refused_at_once_never_reaches_the_engine(
    who: Callable[[Floor], Caller], command: Command, code: RejectCode, field: str
) -> None:
    floor = a_floor()
    caller = who(floor)
    floor.refusing = Reject(C.QUARANTINED)  # would be the answer if the engine were asked

    caller.say(command)
    assert codes(caller.hear()) == [("Rejected", code, field)]
    caller.say(command)
    assert codes(caller.hear()) == [("Rejected", code, field)]


def test_roles_are_left_to_the_core_where_two_may_do_it() -> None:
    floor = a_floor()

    assert codes(a_seller(floor).ask(an_order(side=Side.BUY))) == [("Rejected", C.ROLE_MISSING, "")]


@pytest.mark.parametrize("code", [C.BUSY, C.HALTED, C.QUARANTINED])
def test_what_the_engine_does_not_take_is_told_at_once(code: RejectCode) -> None:
    floor = a_floor()
    caller = floor.caller("m")
    floor.refusing = Reject(code)

    caller.say(an_order(ref=2))

    (refused,) = caller.hear()
    assert isinstance(refused, Rejected)
    assert (refused.ref, refused.code, refused.sequence) == (2, code, 0)
    assert caller.session.flight.count == 0


def test_only_so_many_commands_are_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "IN_FLIGHT_MAX", 3)
    floor = a_floor()
    caller = floor.caller("m")

    caller.say(*(an_order(ref) for ref in range(1, 5)), Resolve(1))
    fourth, question = caller.hear()
    assert codes([fourth, question]) == [("Rejected", C.BUSY, "")] * 2
    floor.commit()
    caller.hear()

    assert isinstance(caller.ask(an_order(ref=4))[0], Ack)


def test_they_are_counted_over_all_connections_of_a_member_and_of_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "IN_FLIGHT_MAX", 3)
    floor = a_floor()
    floor.member("rival", Role.BUYER)
    first, gone, third, rival = (floor.caller(each) for each in ("m", "m", "m", "rival"))

    gone.say(an_order(1), an_order(2))
    gone.session.ended()
    floor.seats.rise(gone.session)
    first.say(an_order(1), an_order(2))
    third.say(an_order(1))
    rival.say(an_order(1))

    assert codes(first.hear() + third.hear()) == [("Rejected", C.BUSY, "")] * 2
    floor.commit()
    assert [type(frame) for frame in first.hear()] == [Ack]
    (answer,) = rival.hear()
    assert isinstance(answer, Rejected) and answer.sequence, "it was taken in, and is only short of money"
    assert isinstance(third.ask(an_order(1))[0], Ack)
    assert first.session.flight.count == rival.session.flight.count == 0


def test_what_is_lost_in_a_halt_is_unresolved_never_failed() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    caller.say(an_order(ref=2))
    floor.lose(Reject(C.HALTED))

    assert caller.hear() == [Unresolved(2, never=False)]
    assert caller.session.flight.count == 0


def test_what_was_undone_for_good_is_refused() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    caller.say(an_order(ref=2))
    floor.lose(Reject(C.QUARANTINED))

    assert codes(caller.hear()) == [("Rejected", C.QUARANTINED, "")]


def test_a_connection_that_went_leaves_its_commands_under_way() -> None:
    floor = a_floor()
    gone = floor.caller("m")

    gone.say(an_order(ref=2))
    gone.session.ended()
    floor.commit()

    assert gone.hear() == []
    assert len(floor.views.market.orders["m"]) == 1


# --- resolving --------------------------------------------------------------------------------------


def test_resolving_tells_the_first_answer_again() -> None:
    floor = a_floor()
    caller = floor.caller("m")
    first = caller.ask(an_order(ref=3)) + caller.ask(an_order(ref=4, price=10**9))

    assert caller.ask(Resolve(3), Resolve(4)) == first


def test_a_ref_that_was_passed_over_never_was_executed() -> None:
    floor = a_floor()
    caller = floor.caller("m")
    caller.ask(an_order(ref=3))

    assert caller.ask(Resolve(2)) == [Unresolved(2, never=True)]


def test_a_ref_that_is_still_to_come_is_not_executed_so_far() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    assert caller.ask(Resolve(2)) == [Unresolved(2, never=False)]


def test_a_ref_older_than_what_is_remembered_is_left_to_the_history() -> None:
    floor = a_floor()
    caller = floor.caller("m")
    caller.ask(an_order(ref=5_000))

    assert codes(caller.ask(Resolve(904))) == [("Rejected", C.REF_TOO_OLD, "ref")]
    assert caller.ask(Resolve(905)) == [Unresolved(905, never=True)]


def test_a_question_waits_for_the_command_before_it() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    ack, again = caller.ask(an_order(ref=2), Resolve(2))

    assert isinstance(ack, Ack)
    assert again == ack


def test_a_question_without_a_session_or_engine_is_refused() -> None:
    floor = a_floor()
    caller = floor.caller("m")
    floor.refusing = Reject(C.HALTED)

    caller.say(Resolve(1))
    assert codes(caller.hear()) == [("Rejected", C.HALTED, "")]
    assert caller.session.flight.count == 0

    reader = floor.connection()
    reader.say(Hello("key-m"), Resolve(1))
    assert codes(reader.hear()[2:]) == [("Rejected", C.SESSION_UNKNOWN, "")]


# --- the rest ---------------------------------------------------------------------------------------


def test_the_clock_is_told_at_once() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    caller.say(SyncTime(17))

    assert caller.hear() == [shown.Time(17, floor.now_us())]


def test_bad_frames_get_one_error_each_and_disturb_nothing() -> None:
    floor = a_floor()
    caller = floor.caller("m")

    caller.session.receive(b"{")
    caller.session.receive_binary()
    caller.session.receive(b'{"type":"place_order","ref":9}')
    caller.say(an_order(ref=1))

    assert codes(caller.hear()) == [
        ("Error", C.MALFORMED, ""),
        ("Error", C.NOT_TEXT, ""),
        ("Error", C.MALFORMED, "instrument_id"),
    ]
    floor.commit()
    assert isinstance(caller.hear()[0], Ack)


def test_a_refused_channel_is_named() -> None:
    caller = a_floor().caller("m")

    caller.say(shown.Subscribe("book:nothing"), shown.Subscribe("weather"), shown.Unsubscribe("own"))

    answers = caller.hear()
    assert codes(answers) == [("Error", C.CHANNEL_UNKNOWN, "channel")] * 3
    assert [answer.channel for answer in answers if isinstance(answer, Error)] == [
        "book:nothing",
        "weather",
        "own",
    ]


def test_a_key_that_may_not_read_follows_nothing() -> None:
    floor = a_floor()
    floor.keys["key-trade"] = Identity("m", "t", frozenset({Scope.TRADE}))
    caller = floor.connection()
    floor.refusing = None
    caller.ask(Hello("key-trade"))

    assert codes(caller.follow("own")) == [("Error", C.SCOPE_MISSING, "channel")]


def test_after_the_close_nothing_is_heard_or_said() -> None:
    floor = a_floor()
    caller = floor.caller("m")
    caller.follow("own")
    caller.say(an_order(ref=1))
    caller.session.close(CloseCode.GOING_AWAY)

    caller.session.receive(b"{")
    caller.session.receive_binary()
    caller.say(an_order(ref=2), Hello("key-m"))
    floor.commit()

    assert caller.hear() == []


def test_a_session_can_be_opened_from_within_another() -> None:
    floor = a_floor()

    (ack,) = floor.caller("m").ask(OpenSession(ref=1))

    assert isinstance(ack, Ack) and ack.number == 2


def test_an_order_is_cancelled_by_the_ref_that_placed_it() -> None:
    caller = a_floor().caller("m")
    caller.ask(an_order(ref=1))

    (ack,) = caller.ask(CancelOrder(ref=2, order_ref=1))

    assert isinstance(ack, Ack)
