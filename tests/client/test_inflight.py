from collections.abc import Callable

import pytest
from nacl.public import PrivateKey

from exchange_client.backoff import Backoff
from exchange_client.errors import Invalid, Rejected, TooManyOpen, Unknown
from exchange_client.inflight import (
    BUSY,
    HALTED,
    LAST_ANSWER_US_MAX,
    NEVER,
    OPEN_MAX,
    REF_TOO_OLD,
    WINDOW_REFS,
    InFlight,
    Posted,
)
from exchange_client.messages import CancelEvent
from exchange_client.sealed import SubmitEnvelope
from exchange_client.sealing import sealed_bid
from exchange_client.shown import Unresolved
from tests.client.frames import a_refusal, an_ack, an_error, an_order, refs, said

LONG_US = 10_000_000  # longer than any pause


class Desk:
    """Commands in flight on a connection that stands, and what they put on the wire."""

    def __init__(self, high_ref: int = 0) -> None:
        self.out: list[bytes] = []
        self.inflight = InFlight(self.out, Backoff(10_000, 1_000_000, draw=lambda ends: ends - 1))
        self.inflight.online(1, high_ref)

    def post(self, commands: int = 1, deadline_us: int = NEVER) -> list[Posted]:
        posted = [an_order(quantity, deadline_us) for quantity in range(1, commands + 1)]
        for each in posted:
            self.inflight.post(each)
        return posted

    def reconnect(self) -> None:
        self.out.clear()
        self.inflight.offline()
        self.inflight.online(1, 0)


def test_commands_are_numbered_from_one_and_sent_at_once() -> None:
    desk = Desk()

    desk.post(2)

    assert said(desk.out) == [
        {"type": "place_order", "instrument_id": "i-1", "side": "buy", "price": 5, "quantity": 1, "ref": 1},
        {"type": "place_order", "instrument_id": "i-1", "side": "buy", "price": 5, "quantity": 2, "ref": 2},
    ]


def test_a_session_that_is_taken_up_goes_on_above_its_highest_ref() -> None:
    desk = Desk(high_ref=7)

    desk.post()

    assert refs(desk.out) == [8]


def test_an_ack_ends_its_command_once() -> None:
    desk = Desk()
    (posted,) = desk.post()

    assert desk.inflight.acked(an_ack(1)) is posted
    assert posted.outcome == an_ack(1)
    assert desk.inflight.acked(an_ack(1)) is None


def test_a_refusal_ends_its_command() -> None:
    desk = Desk()
    (posted,) = desk.post()

    assert desk.inflight.refused(a_refusal(1), 0) is posted
    assert isinstance(posted.outcome, Rejected)
    assert posted.outcome.reason == "MONEY_SHORT"


def test_a_command_that_was_not_understood_is_refused() -> None:
    desk = Desk()
    (posted,) = desk.post()

    desk.inflight.refused(an_error(100, ref=1), 0)

    assert isinstance(posted.outcome, Rejected)
    assert posted.outcome.reason == "MALFORMED"


def test_after_a_reconnect_what_is_open_is_sent_again_under_its_old_refs() -> None:
    desk = Desk()
    desk.post(3)
    desk.inflight.acked(an_ack(2))

    desk.reconnect()

    assert refs(desk.out) == [1, 3]


def test_a_retry_sends_the_very_envelope_that_was_sealed_once() -> None:
    """To seal the same bid again would give other bytes: another command under the same ref, which is refused."""
    desk = Desk()
    key = bytes(PrivateKey(bytes(range(32))).public_key).hex()
    envelope = sealed_bid(key, lot_id="l-1", member_id="m-1", price=1_240)
    desk.inflight.post(Posted(SubmitEnvelope(lot_id="l-1", envelope=envelope), NEVER))
    first = list(desk.out)

    desk.reconnect()

    assert desk.out == first and envelope.encode() in first[0]


def test_after_busy_nothing_is_sent_until_the_pause_is_over_and_then_all_of_it_in_order() -> None:
    desk = Desk()
    desk.post(2)
    desk.out.clear()

    assert desk.inflight.refused(a_refusal(1, BUSY, sequence=0), 0) is None
    desk.post()
    desk.inflight.resume(9_999)
    assert desk.out == []
    desk.inflight.resume(10_000)

    assert refs(desk.out) == [1, 3]
    assert desk.inflight.resume_us == NEVER


def test_pauses_after_busy_grow_until_something_gets_through() -> None:
    desk = Desk()
    desk.post(2)
    pauses = []
    for now_us in (0, 1_000_000, 2_000_000):
        desk.inflight.refused(a_refusal(1, BUSY, sequence=0), now_us)
        desk.inflight.refused(a_refusal(1, BUSY, sequence=0), now_us)
        pauses.append(desk.inflight.resume_us - now_us)
        desk.inflight.resume(now_us + LONG_US)
    desk.inflight.acked(an_ack(2))
    desk.inflight.refused(a_refusal(1, BUSY, sequence=0), 0)

    assert pauses == [10_000, 20_000, 40_000]
    assert desk.inflight.resume_us == 10_000


def test_a_ref_that_was_passed_over_while_busy_is_replaced_by_a_new_one() -> None:
    desk = Desk()
    first, _ = desk.post(2)
    desk.inflight.refused(a_refusal(1, BUSY, sequence=0), 0)
    desk.inflight.acked(an_ack(2))
    desk.inflight.resume(LONG_US)
    desk.out.clear()

    assert desk.inflight.refused(a_refusal(1, REF_TOO_OLD, sequence=0), 0) is None

    assert refs(desk.out) == [3]
    assert first.ref == 3
    assert desk.inflight.acked(an_ack(3)) is first


def test_the_exchange_that_halted_before_it_knew_is_sent_the_same_again() -> None:
    desk = Desk()
    (posted,) = desk.post()
    desk.out.clear()

    assert desk.inflight.unresolved(Unresolved(1, never=False), 0) is None
    desk.inflight.resume(LONG_US)

    assert refs(desk.out) == [1]
    assert posted.outcome is None


def test_a_ref_too_old_outside_the_window_proves_nothing() -> None:
    desk = Desk()
    (posted,) = desk.post()
    desk.inflight.offline()
    desk.inflight.online(1, high_ref=WINDOW_REFS + 1)

    desk.inflight.refused(a_refusal(1, REF_TOO_OLD, sequence=0), 0)

    assert isinstance(posted.outcome, Unknown)


def _nothing(desk: Desk) -> None:
    """No answer comes."""


def _busy(desk: Desk) -> None:
    desk.inflight.refused(a_refusal(1, BUSY, sequence=0), 0)


def _busy_on_the_second_connection(desk: Desk) -> None:
    desk.reconnect()
    _busy(desk)


def _halted(desk: Desk) -> None:
    desk.inflight.refused(a_refusal(1, HALTED, sequence=0), 0)


def _lost(desk: Desk) -> None:
    desk.inflight.unresolved(Unresolved(1, never=False), 0)


@pytest.mark.parametrize(
    "happens,ends_as",
    [
        (_nothing, "unknown"),
        (_busy, "BUSY"),
        (_busy_on_the_second_connection, "unknown"),  # the first copy may still come in
        (_halted, "HALTED"),
        (_lost, "unknown"),
    ],
)
def test_a_command_that_is_late_ends_as_what_is_known_of_it(
    happens: Callable[[Desk], None], ends_as: str
) -> None:
    desk = Desk()
    (posted,) = desk.post(deadline_us=5)

    happens(desk)

    assert desk.inflight.expire(4) == []
    assert desk.inflight.expire(5) == [posted]
    outcome = posted.outcome
    assert outcome.reason == ends_as if isinstance(outcome, Rejected) else ends_as == "unknown"


def test_a_command_that_is_late_waits_a_little_for_the_answer_that_makes_it_known() -> None:
    desk = Desk()
    (posted,) = desk.post(deadline_us=20_000)
    desk.inflight.refused(a_refusal(1, BUSY, sequence=0), 0)
    desk.inflight.resume(10_000)

    assert desk.inflight.expire(20_000) == []
    desk.inflight.refused(a_refusal(1, BUSY, sequence=0), 20_001)
    assert desk.inflight.expire(20_001) == [posted]
    assert isinstance(posted.outcome, Rejected)


def test_a_late_command_does_not_wait_long_for_that_answer() -> None:
    desk = Desk()
    (posted,) = desk.post(deadline_us=20_000)
    desk.inflight.refused(a_refusal(1, BUSY, sequence=0), 0)
    desk.inflight.resume(10_000)

    assert desk.inflight.expire(20_000 + LAST_ANSWER_US_MAX) == [posted]
    assert isinstance(posted.outcome, Unknown)


def test_a_command_that_never_left_is_known_to_have_had_no_effect() -> None:
    inflight = InFlight([], Backoff(1, 1, draw=lambda _: 0))
    posted = an_order(deadline_us=5)
    inflight.post(posted)

    inflight.expire(5)

    assert isinstance(posted.outcome, Unknown)
    assert not posted.outcome.sent


def test_only_the_commands_that_are_late_end() -> None:
    desk = Desk()
    late = desk.post(2, deadline_us=5)
    desk.post(1, deadline_us=7)

    assert desk.inflight.expire(6) == late
    assert list(desk.inflight.open) == [3]
    assert [posted.ref for posted in desk.inflight.expire(7)] == [3]


def test_what_comes_after_the_end_changes_nothing() -> None:
    desk = Desk()
    (posted,) = desk.post(deadline_us=5)
    desk.inflight.expire(5)

    assert desk.inflight.acked(an_ack(1)) is None
    assert desk.inflight.refused(a_refusal(1), 0) is None
    assert desk.inflight.unresolved(Unresolved(1, never=False), 0) is None
    assert isinstance(posted.outcome, Unknown)


def test_no_more_than_the_exchange_takes_are_open_at_a_time() -> None:
    desk = Desk()
    desk.post(OPEN_MAX)

    with pytest.raises(TooManyOpen):
        desk.post()
    desk.inflight.acked(an_ack(5))

    assert desk.inflight.room() == 1


def test_refs_never_run_further_ahead_than_the_exchange_remembers() -> None:
    desk = Desk()
    desk.post(1)
    for ref in range(2, WINDOW_REFS + 1):
        desk.post(1)
        desk.inflight.acked(an_ack(ref))

    assert desk.inflight.room() == 0
    desk.inflight.acked(an_ack(1))
    assert desk.inflight.room() == OPEN_MAX


def test_a_command_that_is_too_large_is_not_sent() -> None:
    desk = Desk()

    with pytest.raises(Invalid, match="too large"):
        desk.inflight.post(Posted(CancelEvent(event_id="e-1", reason="x" * 60_000)))

    assert (desk.out, desk.inflight.next_ref) == ([], 1)


def test_in_a_new_session_only_what_had_no_effect_goes_on() -> None:
    desk = Desk()
    left, refused = desk.post(2)
    desk.inflight.offline()
    unsent = an_order(3)
    desk.inflight.post(unsent)

    lost = desk.inflight.start_over(refused.ref)
    desk.out.clear()
    desk.inflight.online(2, 0)

    assert lost == [left]
    assert isinstance(left.outcome, Unknown)
    assert left.outcome.session == 1
    assert [(frame["ref"], frame["quantity"]) for frame in said(desk.out)] == [(1, 2), (2, 3)]


def test_a_session_that_is_taken_up_far_on_has_room_at_once() -> None:
    assert Desk(high_ref=2**52).inflight.room() == OPEN_MAX


def test_copies_under_a_ref_that_was_passed_over_are_dead() -> None:
    desk = Desk()
    (posted,) = desk.post(deadline_us=5)
    desk.reconnect()
    desk.inflight.refused(a_refusal(1, REF_TOO_OLD, sequence=0), 0)
    desk.inflight.refused(a_refusal(2, BUSY, sequence=0), 0)

    desk.inflight.expire(5)

    assert isinstance(posted.outcome, Rejected)
