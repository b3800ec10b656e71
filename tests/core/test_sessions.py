"""A command takes effect once, and its sender gets the same answer however often it asks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec import msgpack

from exchange.core.limits import IDEMPOTENCY_KEPT_US, SESSION_OUTCOMES_KEPT, SESSIONS_PER_MEMBER_MAX
from exchange.core.messages.base import Side
from exchange.core.messages.orders import CancelOrder, PlaceOrder
from exchange.core.messages.parties import OpenSession
from exchange.core.messages.system import Reply
from exchange.core.rejects import Reject, RejectCode
from exchange.core.sessions import Sessions, SessionsState
from tests.models.sessions import NaiveSessions


def an_order(ref: int, price: int = 100) -> PlaceOrder:
    return PlaceOrder(ref=ref, instrument_id="bolt", side=Side.BUY, price=price, quantity=5)


def a_reply(ref: int, *, order_id: str = "", code: int = 0) -> Reply:
    return Reply(ref, ref, 1_000 + ref, code, id=order_id)


def a_session(*refs: int) -> Sessions:
    """m1's session 1 has executed these refs."""
    sessions = Sessions()
    sessions.open("m1")
    for ref in refs:
        sessions.remember("m1", 1, an_order(ref), a_reply(ref, order_id=f"order-{ref}"))
    return sessions


def dumped(sessions: Sessions) -> bytes:
    return msgpack.encode(sessions.dump())


def reloaded(sessions: Sessions) -> Sessions:
    return Sessions.load(msgpack.decode(dumped(sessions), type=SessionsState))


# --- refs --------------------------------------------------------------------------------------------------


def test_a_new_ref_is_to_be_executed() -> None:
    assert a_session().seen("m1", 1, an_order(1)) is None
    assert a_session(1, 2).seen("m1", 1, an_order(7)) is None


def test_a_repeated_ref_gets_its_first_reply() -> None:
    sessions = a_session(1, 2, 3)

    assert sessions.seen("m1", 1, an_order(2)) == a_reply(2, order_id="order-2")


def test_a_refusal_uses_its_ref_up() -> None:
    sessions = a_session()
    refused = a_reply(1, code=RejectCode.MONEY_SHORT)
    sessions.remember("m1", 1, an_order(1), refused)

    assert sessions.seen("m1", 1, an_order(1)) == refused
    assert sessions.high_water("m1", 1) == 1


REFUSED: list[tuple[str, int, PlaceOrder | CancelOrder, Reject]] = [
    ("m2", 1, an_order(0), Reject(RejectCode.SESSION_UNKNOWN)),
    ("m1", 0, an_order(0), Reject(RejectCode.SESSION_UNKNOWN)),
    ("m1", 2, an_order(0), Reject(RejectCode.SESSION_UNKNOWN)),
    ("m1", 1, an_order(0), Reject(RejectCode.REF_MISSING, 0, "ref")),
    ("m1", 1, an_order(3), Reject(RejectCode.REF_TOO_OLD, 4, "ref")),  # passed over
    ("m1", 1, an_order(2, price=101), Reject(RejectCode.REF_REUSED, 4, "ref")),
    ("m1", 1, CancelOrder(ref=2, order_ref=1), Reject(RejectCode.REF_REUSED, 4, "ref")),
]


@pytest.mark.parametrize("member_id,session,command,refusal", REFUSED)
def test_a_ref_that_stands_for_nothing_new_is_refused(
    member_id: str, session: int, command: PlaceOrder | CancelOrder, refusal: Reject
) -> None:
    assert a_session(1, 2, 4).seen(member_id, session, command) == refusal


def test_the_outcomes_of_the_last_refs_are_remembered_and_no_more() -> None:
    sessions = a_session(*range(1, SESSION_OUTCOMES_KEPT + 2))

    assert sessions.seen("m1", 1, an_order(1)) == Reject(
        RejectCode.REF_TOO_OLD, SESSION_OUTCOMES_KEPT + 1, "ref"
    )
    assert sessions.seen("m1", 1, an_order(2)) == a_reply(2, order_id="order-2")


def test_refs_may_have_gaps_without_forgetting_anything() -> None:
    sessions = a_session(1, 10**9, 10**12)

    assert sessions.seen("m1", 1, an_order(1)) == a_reply(1, order_id="order-1")


def test_a_ref_never_falls() -> None:
    with pytest.raises(AssertionError):
        a_session(2).remember("m1", 1, an_order(1), a_reply(1))


def test_asking_leaves_no_trace() -> None:
    sessions = a_session(1, 2)
    before = dumped(sessions)

    for command in (an_order(1), an_order(2, price=7), an_order(3), an_order(0)):
        sessions.seen("m1", 1, command)
    sessions.seen("m2", 9, an_order(1))
    sessions.seen_key("m1", "key", an_order(0))

    assert dumped(sessions) == before


def test_an_order_is_found_by_the_ref_that_placed_it() -> None:
    sessions = a_session(1, 2)
    sessions.remember("m1", 1, an_order(3), a_reply(3, code=RejectCode.MONEY_SHORT))

    assert [sessions.order_id_of("m1", 1, ref) for ref in (0, 1, 2, 3, 4)] == [
        None,
        "order-1",
        "order-2",
        None,
        None,
    ]
    assert sessions.order_id_of("m1", 2, 1) is None
    assert sessions.order_id_of("m2", 1, 1) is None


# --- sessions ----------------------------------------------------------------------------------------------


def test_sessions_are_numbered_from_one_for_each_member() -> None:
    sessions = Sessions()

    assert [sessions.open(member_id) for member_id in ("m1", "m1", "m2")] == [(1, 0), (2, 0), (1, 0)]
    assert sessions.high_water("m1", 2) == 0
    assert sessions.high_water("m1", 3) is None


def test_the_refs_of_two_sessions_know_nothing_of_each_other() -> None:
    sessions = a_session(1)
    sessions.open("m1")

    assert sessions.seen("m1", 2, an_order(1, price=7)) is None


def test_opening_too_many_forgets_the_one_that_was_silent_longest() -> None:
    sessions = Sessions()
    for _ in range(SESSIONS_PER_MEMBER_MAX):
        sessions.open("m1")
    sessions.remember("m1", 1, an_order(1), a_reply(1))

    assert sessions.open("m1") == (SESSIONS_PER_MEMBER_MAX + 1, 2)
    assert sessions.seen("m1", 2, an_order(1)) == Reject(RejectCode.SESSION_UNKNOWN)
    assert sessions.seen("m1", 1, an_order(1)) == a_reply(1)


def test_a_session_may_open_the_one_that_pushes_it_out() -> None:
    sessions = Sessions()
    for _ in range(SESSIONS_PER_MEMBER_MAX):
        sessions.open("m1")

    assert sessions.open("m1") == (SESSIONS_PER_MEMBER_MAX + 1, 1)
    sessions.remember("m1", 1, OpenSession(ref=1), a_reply(1))

    assert sessions.high_water("m1", 1) is None


# --- keys --------------------------------------------------------------------------------------------------


def test_a_repeated_key_gets_its_first_reply() -> None:
    sessions = Sessions()
    assert sessions.seen_key("m1", "key", an_order(0)) is None

    sessions.remember_key("m1", "key", an_order(0), a_reply(0), 0)

    assert sessions.seen_key("m1", "key", an_order(0)) == a_reply(0)
    assert sessions.seen_key("m1", "key", an_order(0, price=7)) == Reject(RejectCode.IDEMPOTENCY_KEY_REUSED)
    assert sessions.seen_key("m1", "other", an_order(0)) is None
    assert sessions.seen_key("m2", "key", an_order(0)) is None


def test_a_key_is_remembered_for_a_day_and_goes_when_others_come() -> None:
    sessions = Sessions()
    for number in range(3):
        sessions.remember_key("m1", f"old-{number}", an_order(0), a_reply(0), number)

    sessions.remember_key("m1", "early", an_order(0), a_reply(0), IDEMPOTENCY_KEPT_US - 1)
    assert sessions.seen_key("m1", "old-0", an_order(0)) == a_reply(0)
    sessions.remember_key("m1", "late", an_order(0), a_reply(0), IDEMPOTENCY_KEPT_US + 2)

    kept = [
        sessions.seen_key("m1", key, an_order(0)) is not None for key in ("old-0", "old-1", "old-2", "late")
    ]
    assert kept == [False, False, True, True]


@given(st.lists(st.sampled_from((0, 1, IDEMPOTENCY_KEPT_US // 3, IDEMPOTENCY_KEPT_US)), max_size=60))
def test_no_key_is_forgotten_within_a_day(pauses: list[int]) -> None:
    sessions, came_us, now_us = Sessions(), [], 0

    for number, pause_us in enumerate(pauses):
        now_us += pause_us
        sessions.remember_key("m1", f"key-{number}", an_order(0), a_reply(number), now_us)
        came_us.append(now_us)
        if number % 7 == 0:
            sessions = reloaded(sessions)

    for number, then_us in enumerate(came_us):
        if then_us > now_us - IDEMPOTENCY_KEPT_US:
            assert sessions.seen_key("m1", f"key-{number}", an_order(0)) == a_reply(number)


def test_half_as_many_new_keys_clear_away_the_expired_ones() -> None:
    sessions = Sessions()
    for number in range(10):
        sessions.remember_key("m1", f"old-{number}", an_order(0), a_reply(0), 0)

    for number in range(5):
        sessions.remember_key("m1", f"new-{number}", an_order(0), a_reply(0), IDEMPOTENCY_KEPT_US)

    assert [kept.key_hash for kept in sessions.dump().keys] == [f"new-{number}" for number in range(5)]


# --- against the twin --------------------------------------------------------------------------------------


class Run(RuleBasedStateMachine):
    """One member; another one sends the same and must not be noticed."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions = Sessions()
        self.naive = NaiveSessions(SESSION_OUTCOMES_KEPT, SESSIONS_PER_MEMBER_MAX)
        self.sessions.open("m0")
        self.filled = False

    @initialize()
    def begin(self) -> None:
        self.open()

    @rule()
    def open(self) -> None:
        assert self.sessions.open("m1") == self.naive.open()

    @rule(count=st.integers(SESSIONS_PER_MEMBER_MAX - 2, SESSIONS_PER_MEMBER_MAX + 2))
    def open_many(self, count: int) -> None:
        for _ in range(count):
            self.open()

    @rule(number=st.integers(0, 4), ref=st.integers(0, 12), price=st.integers(1, 2))
    def send(self, number: int, ref: int, price: int) -> None:
        self._send(number, an_order(ref, price))

    @rule(back=st.integers(0, SESSIONS_PER_MEMBER_MAX), step=st.integers(-2, 3), price=st.integers(1, 2))
    def send_near_the_top(self, back: int, step: int, price: int) -> None:
        number = max(0, self.naive.opened - back)
        session = self.naive.find(number)
        top = session.outcomes[-1][0] if session is not None and session.outcomes else 0
        self._send(number, an_order(max(0, top + step), price))

    @precondition(lambda self: not self.filled)
    @rule(back=st.integers(0, 2), count=st.integers(SESSION_OUTCOMES_KEPT - 3, SESSION_OUTCOMES_KEPT + 3))
    def send_many(self, back: int, count: int) -> None:
        number = max(1, self.naive.opened - back)
        top = self.sessions.high_water("m1", number)
        if top is not None:
            self.filled = True  # once is enough, and takes a while
            for ref in range(top + 1, top + 1 + count):
                self._execute(number, an_order(ref))

    def _send(self, number: int, command: PlaceOrder) -> None:
        answer = self.sessions.seen("m1", number, command)

        expected = self.naive.seen(number, command.ref, command)
        assert (answer.code.name if isinstance(answer, Reject) else answer) == expected
        if answer is None:
            self._execute(number, command)
            assert self.sessions.seen("m1", number, command) == self.naive.seen(number, command.ref, command)

    def _execute(self, number: int, command: PlaceOrder) -> None:
        reply = a_reply(command.ref, order_id=f"order-{command.ref}-{command.price}")
        self.sessions.remember("m1", number, command, reply)
        self.naive.remember(number, command.ref, command, reply)
        assert self.sessions.order_id_of("m1", number, command.ref) == reply.id

    @rule()
    def restart(self) -> None:
        before = dumped(self.sessions)
        self.sessions = reloaded(self.sessions)
        assert dumped(self.sessions) == before

    def teardown(self) -> None:
        assert self.sessions.high_water("m0", 1) == 0
        for session in self.naive.sessions:
            top = session.outcomes[-1][0] if session.outcomes else 0
            assert self.sessions.high_water("m1", session.number) == top


TestRuns = Run.TestCase
TestRuns.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


@given(st.lists(st.integers(1, 3), max_size=12))
def test_equal_sessions_dump_equal_bytes_whatever_their_past(order: list[int]) -> None:
    """What was forgotten, and which member came first, leaves nothing behind."""
    one, other = Sessions(), Sessions()
    for sessions, members in ((one, ("m1", "m2")), (other, ("m2", "m1"))):
        for member_id in members:
            for _ in range(3):
                sessions.open(member_id)
    for ref, number in enumerate(order, 1):
        for sessions in (one, other):
            sessions.remember("m1", number, an_order(ref), a_reply(ref))
        other = reloaded(other)

    assert dumped(one) == dumped(other)
