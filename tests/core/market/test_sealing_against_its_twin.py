"""Whatever comes in whatever order, a sealed lot does what the naive one does."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.messages.lot_rules import LotFormat, LotRules
from exchange.core.messages.sealed import BidsRevealed, BidVoided
from exchange.core.messages.sourcing import BidSubmitted, LotAwarded
from exchange.core.rejects import Reject
from tests.core.market.room import CLOSE, MINUTE, OPEN, Step
from tests.core.market.sealed_room import SealedRoom, a_sealed_draft, envelope
from tests.models.sealed import Came, NaiveSealedLot

SUPPLIER = st.sampled_from(("s1", "s2", "s3", "s4"))
PRICE = st.integers(38, 104).map(lambda tens: 10 * tens) | st.integers(1, 1_010)
SPANS = st.sampled_from((0, 1, MINUTE, 20 * MINUTE, CLOSE - OPEN - 1, CLOSE - OPEN))


def code_of(step: Step) -> str:
    return step.code.name if isinstance(step, Reject) else ""


class Schedule(RuleBasedStateMachine):
    """One lot from its publication to its award."""

    room: SealedRoom
    naive: NaiveSealedLot

    @initialize(
        form=st.sampled_from((LotFormat.SEALED_FIRST_PRICE, LotFormat.SEALED_SECOND_PRICE)),
        tick=st.sampled_from((1, 10)),
        floor=st.sampled_from((0, 400)),
        reserve=st.sampled_from((0, 900)),
        keyed=st.booleans(),
    )
    def begin(self, form: LotFormat, tick: int, floor: int, reserve: int, keyed: bool) -> None:
        rules = LotRules(format=form, floor_price=floor, reserve_price=reserve)
        self.room, self.now_us, self.opened, self.awarded = a_sealed_draft(rules, tick=tick), 0, False, ""
        self.room.publish()
        second = form is LotFormat.SEALED_SECOND_PRICE
        self.naive = NaiveSealedLot(
            "lot-1", OPEN, CLOSE, tick, 1_000, floor, reserve, second, OUTAGE_NOTICE_US
        )
        if keyed:
            self.key()
            self._pass_to(OPEN)

    @precondition(lambda self: not self.naive.keyed)
    @rule()
    def key(self) -> None:
        assert isinstance(self.room.key(self.now_us), list)
        self.naive.key(self.now_us)
        self._pass_to(self.now_us)

    @rule(supplier=SUPPLIER, price=PRICE, named=st.sampled_from(("", "", "", "s1", "lot-2")))
    def hand_in(self, supplier: str, price: int, named: str) -> None:
        lot_id, bidder = ("lot-2", supplier) if named == "lot-2" else ("lot-1", named or supplier)
        step = self.room.hand_in(supplier, envelope(price, bidder, lot_id), self.now_us)

        assert code_of(step) == self.naive.refuses(self.now_us)
        if isinstance(step, list):
            self.naive.came.append(Came(supplier, self.now_us, (lot_id, bidder, price)))

    @rule(supplier=SUPPLIER)
    def withdraw(self, supplier: str) -> None:
        step = self.room.withdraw(supplier, self.now_us)

        none = "" if self.naive.stands(supplier) else "ENVELOPE_UNKNOWN"
        assert code_of(step) == (self.naive.refuses(self.now_us) or none)
        if isinstance(step, list):
            self.naive.came.append(Came(supplier, self.now_us, None))

    @rule(span_us=SPANS)
    def wait(self, span_us: int) -> None:
        self._pass_to(self.now_us + span_us)

    @rule(before_us=st.sampled_from((0, 1)))
    def wait_for_the_close(self, before_us: int) -> None:
        self._pass_to(max(self.now_us, self.naive.close_at_us - before_us))

    def _pass_to(self, at_us: int) -> None:
        self.now_us = at_us
        self.room.pass_to(at_us)
        self.naive.pass_to(at_us)

    @rule()
    def pause(self) -> None:
        step = self.room.pause(self.now_us) if self.now_us else None
        if isinstance(step, list):
            self.naive.paused_at_us = self.now_us

    @precondition(lambda self: self.naive.paused_at_us)
    @rule()
    def resume(self) -> None:
        assert isinstance(self.room.resume(self.now_us), list)
        self.naive.resume(self.now_us)
        self._pass_to(self.now_us)

    @rule(down_us=SPANS)
    def outage(self, down_us: int) -> None:
        self.now_us += down_us
        self.room.outage(down_us, self.now_us)
        self.naive.outage(down_us, self.now_us)
        self._pass_to(self.now_us)

    @rule(stuck=st.booleans())
    def open_all(self, stuck: bool) -> None:
        closed, empty = self.naive.state == "closed", not self.naive.standing()
        if stuck and closed and not self.opened and not empty:
            assert isinstance(self.room.report(), list)
            assert isinstance(self.room.retry(), list)
        step = self.room.open_all()
        assert isinstance(step, list) == (closed and not self.opened and not empty)
        if isinstance(step, list):
            self.opened = True
            self._as_the_naive_one_says(step)

    def _as_the_naive_one_says(self, events: list[Any]) -> None:
        valid, voids = self.naive.valid(), self.naive.voids()
        came = {each.member_id: each.at_us for each in self.naive.standing()}
        bids = [
            BidSubmitted("lot-1", member_id, price, place, place, came[member_id])
            for place, (member_id, price) in enumerate(valid, 1)
        ]
        faults = [(each.member_id, each.alias, each.reason) for each in events if isinstance(each, BidVoided)]
        assert events[: len(bids)] == bids
        assert faults == [
            (who, len(valid) + place, reason) for place, (who, reason) in enumerate(voids.items(), 1)
        ]
        assert events[-1] == BidsRevealed("lot-1", len(valid), len(voids))

    @precondition(lambda self: self.opened and not self.awarded and self.naive.valid())
    @rule(place=st.integers(1, 4))
    def award(self, place: int) -> None:
        step = self.room.award(place)
        valid = self.naive.valid()
        assert isinstance(step, list) == (place <= len(valid))
        if isinstance(step, list):
            (awarded,) = step
            assert isinstance(awarded, LotAwarded)
            self.awarded = valid[place - 1][0]
            assert (awarded.winner_id, awarded.price) == (self.awarded, self.naive.paid(self.awarded))

    @rule()
    def restart(self) -> None:
        self.room.reload()

    @invariant()
    def both_agree(self) -> None:
        lot, naive = self.room.lot(), self.naive
        state = "awarded" if self.awarded else naive.state
        assert (lot.state, lot.open_at_us, lot.close_at_us) == (state, naive.open_at_us, naive.close_at_us)
        assert [bid.member_id for bid in lot.board.ranking()] == (naive.ranking() if self.opened else [])
        standing = [] if self.opened else [each.member_id for each in naive.standing()]
        assert list(self.room.sealed().standing) == standing


TestSealedSchedules = Schedule.TestCase
TestSealedSchedules.settings = settings(max_examples=1_000, stateful_step_count=30, deadline=None)
