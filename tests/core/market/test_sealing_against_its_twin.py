"""Whatever comes in whatever order, a sealed lot does what the naive one does: first and second price, with one
envelope and with two.

A thousand random schedules of each, of envelopes that are replaced, sent twice and withdrawn, of keys that come late,
closes moved by hand, pauses, outages and restarts, up to the award. Sealed lots have no overtime.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.messages.lot_rules import LotFormat, LotRules
from exchange.core.messages.sealed import BidsRevealed, BidVoided
from exchange.core.messages.sourcing import BidSubmitted, LotAwarded
from exchange.core.rejects import Reject
from tests.core.market.room import CLOSE, MINUTE, OPEN, Step
from tests.core.market.sealed_room import a_sealed_draft, envelope
from tests.models.sealed import Came, NaiveSealedLot, NaiveTwoEnvelopes

SCHEDULES: Final = 1_000
STEPS: Final = 25
SUPPLIERS: Final = ("s1", "s2", "s3", "s4")
SPANS: Final = (0, 1, MINUTE, MINUTE, 20 * MINUTE)
HOUR: Final = CLOSE - OPEN


def code_of(step: Step) -> str:
    return step.code.name if isinstance(step, Reject) else ""


class Twins:
    """One lot from its publication to its award, and the naive one; `now_us` is the instant of both."""

    def __init__(self, random: Random, form: LotFormat, *, two: bool) -> None:
        self.random, self.now_us, self.opened, self.awarded = random, 0, False, ""
        tick, floor, reserve = random.choice((1, 10)), random.choice((0, 400)), random.choice((0, 900))
        rules = LotRules(format=form, floor_price=floor, reserve_price=reserve, two_envelopes=two)
        self.room = a_sealed_draft(rules, tick=tick)
        self.room.publish()
        naive = NaiveTwoEnvelopes if two else NaiveSealedLot
        second = form is LotFormat.SEALED_SECOND_PRICE
        self.naive = naive("lot-1", OPEN, CLOSE, tick, 1_000, floor, reserve, second, OUTAGE_NOTICE_US)
        if random.random() < 0.7:
            self.key()
            self.pass_to(OPEN)

    # --- before the close --------------------------------------------------------------------------

    def key(self) -> None:
        step = self.room.key(self.now_us)
        assert code_of(step) == ("LOT_KEY_SET" if self.naive.keyed else "")
        if not self.naive.keyed:
            self.naive.key(self.now_us)
            self.pass_to(self.now_us)

    def hand_in(self) -> None:
        """Once or twice the same; what is in it may be wrong."""
        supplier, price = self.random.choice(SUPPLIERS), self.random.randint(38, 104) * 10
        named = self.random.choice((supplier, supplier, supplier, "s1"))
        lot_id = self.random.choice(("lot-1",) * 9 + ("lot-2",))
        text = envelope(price := price + self.random.choice((0, 0, 0, 5)), named, lot_id)
        for _ in range(self.random.choice((1, 1, 2))):
            step = self._sent(supplier, text)
            assert code_of(step) == self.naive.refuses(self.now_us)
            if isinstance(step, list):
                self.naive.came.append(Came(supplier, self.now_us, (lot_id, named, price)))

    def _sent(self, supplier: str, text: str) -> Step:
        if isinstance(self.naive, NaiveTwoEnvelopes):
            return self.room.hand_in(supplier, text, self.now_us, technical="offer")
        return self.room.hand_in(supplier, text, self.now_us)

    def withdraw(self) -> None:
        """Once or twice."""
        supplier = self.random.choice(SUPPLIERS)
        for _ in range(self.random.choice((1, 2))):
            step = self.room.withdraw(supplier, self.now_us)
            none = "" if self.naive.stands(supplier) else "ENVELOPE_UNKNOWN"
            assert code_of(step) == (self.naive.refuses(self.now_us) or none)
            if isinstance(step, list):
                self.naive.came.append(Came(supplier, self.now_us, None))

    # --- time --------------------------------------------------------------------------------------

    def pass_to(self, at_us: int) -> None:
        self.now_us = at_us
        self.room.pass_to(at_us)
        self.naive.pass_to(at_us)

    def wait(self) -> None:
        self.pass_to(self.now_us + self.random.choice(SPANS))

    def wait_for_the_close(self) -> None:
        self.pass_to(max(self.now_us, self.naive.close_at_us - self.random.choice((0, 1, *[MINUTE] * 4))))

    def pause_or_go_on(self) -> None:
        if self.naive.paused_at_us:
            assert isinstance(self.room.resume(self.now_us), list)
            self.naive.resume(self.now_us)
            self.pass_to(self.now_us)
        elif self.now_us and isinstance(self.room.pause(self.now_us), list):
            self.naive.paused_at_us = self.now_us

    def outage(self) -> None:
        down_us = self.random.choice((*SPANS, HOUR - 1, HOUR))
        self.now_us += down_us
        self.room.outage(down_us, self.now_us)
        self.naive.outage(down_us, self.now_us)
        self.pass_to(self.now_us)

    def extend(self) -> None:
        by_us = self.random.choice(SPANS)
        taken = isinstance(self.room.extend(self.naive.close_at_us + by_us), list)
        assert taken == self.naive.extend(by_us)

    def restart(self) -> None:
        self.room.reload()

    def close(self) -> None:
        """Whatever still stands in the way of it."""
        if not self.naive.keyed:
            self.key()
        if self.naive.paused_at_us:
            self.pause_or_go_on()
        self.pass_to(self.naive.open_at_us)
        self.pass_to(max(self.now_us, self.naive.close_at_us))

    # --- after the close ---------------------------------------------------------------------------

    def open_technical(self) -> None:
        """As the port does, with one that can't be read now and then."""
        naive = self.naive
        if not isinstance(naive, NaiveTwoEnvelopes):
            return
        unreadable = [each for each in SUPPLIERS if self.random.random() < 0.1]
        due = naive.state == "closed" and bool(naive.aliases()) and not naive.revealed
        step = self.room.open_technical(*unreadable)
        assert isinstance(step, list) == due
        if due:
            naive.revealed, naive.unreadable = True, unreadable
            self._excluded(step)

    def judge(self) -> None:
        """Some, in any order, some of them twice."""
        naive = self.naive
        if not isinstance(naive, NaiveTwoEnvelopes):
            return
        for alias in self.random.choices(range(1, 5), k=self.random.randint(1, 6)):
            passed, to_judge = self.random.random() < 0.8, naive.to_judge(alias)
            step = self.room.judge(alias, passed=passed)
            assert isinstance(step, list) == to_judge
            if to_judge:
                naive.verdicts[alias] = passed
                self._excluded(step)

    def _excluded(self, step: Step) -> None:
        """Once all are judged, those that failed are void; where nobody passed, that is the end."""
        naive = self.naive
        assert isinstance(naive, NaiveTwoEnvelopes) and isinstance(step, list)
        voids = [each.member_id for each in step if isinstance(each, BidVoided)]
        assert voids == (naive.failed() if naive.judged() else [])
        self.opened = naive.judged() and not naive.standing()
        assert (BidsRevealed("lot-1", 0, len(voids)) in step) == self.opened

    def open_all(self) -> None:
        naive = self.naive
        due = naive.state == "closed" and not self.opened and bool(naive.standing())
        if isinstance(naive, NaiveTwoEnvelopes):
            due = due and naive.judged()
        if due and self.random.random() < 0.3:
            assert isinstance(self.room.report(), list)
            assert isinstance(self.room.retry(), list)
        step = self.room.open_all()
        assert isinstance(step, list) == due
        if isinstance(step, list):
            self.opened = True
            self._as_the_naive_one_says(step)

    def _as_the_naive_one_says(self, events: list[Any]) -> None:
        naive = self.naive
        valid, voids = naive.valid(), naive.voids()
        came = {each.member_id: each.at_us for each in naive.standing()}
        in_order = [*(member_id for member_id, _ in valid), *voids]
        excluded = 0
        if isinstance(naive, NaiveTwoEnvelopes):
            in_order, excluded = naive.aliases(), len(naive.failed())
        bids = [
            BidSubmitted("lot-1", member_id, price, in_order.index(member_id) + 1, number, came[member_id])
            for number, (member_id, price) in enumerate(valid, 1)
        ]
        faults = [(each.member_id, each.alias, each.reason) for each in events if isinstance(each, BidVoided)]
        assert events[: len(bids)] == bids
        assert faults == [(who, in_order.index(who) + 1, reason) for who, reason in voids.items()]
        assert events[-1] == BidsRevealed("lot-1", len(valid), len(voids) + excluded)
        self.aliases = in_order

    def award(self) -> None:
        """Once or twice, to anybody."""
        if not self.opened or not self.naive.valid() or self.awarded:
            return
        alias = self.random.randint(1, len(self.aliases) + 1)
        winner = self.aliases[alias - 1] if alias <= len(self.aliases) else ""
        step = self.room.award(alias)
        assert isinstance(step, list) == (winner in dict(self.naive.valid()))
        if isinstance(step, list):
            (awarded,) = step
            assert isinstance(awarded, LotAwarded)
            self.awarded = winner
            assert (awarded.winner_id, awarded.price) == (winner, self.naive.paid(winner))
            assert code_of(self.room.award(alias)) == "LOT_ALREADY_AWARDED"

    # --- what has to agree -------------------------------------------------------------------------

    def agree(self) -> None:
        lot, naive = self.room.lot(), self.naive
        state = "awarded" if self.awarded else naive.state
        assert (lot.state, lot.open_at_us, lot.close_at_us) == (state, naive.open_at_us, naive.close_at_us)
        assert [bid.member_id for bid in lot.board.ranking()] == (naive.ranking() if self.opened else [])
        standing = [] if self.opened else [each.member_id for each in naive.standing()]
        assert list(self.room.sealed().standing) == standing


Deeds = dict[Callable[[Twins], Any], int]
BEFORE: Final[Deeds] = {
    Twins.key: 1,
    Twins.hand_in: 10,
    Twins.withdraw: 2,
    Twins.wait: 2,
    Twins.wait_for_the_close: 1,
    Twins.pause_or_go_on: 3,
    Twins.outage: 1,
    Twins.extend: 1,
    Twins.restart: 1,
    Twins.open_technical: 1,
    Twins.open_all: 1,
}
AFTER: Final[Deeds] = {
    Twins.open_technical: 3,
    Twins.judge: 6,
    Twins.open_all: 4,
    Twins.award: 4,
    Twins.hand_in: 1,
    Twins.withdraw: 1,
    Twins.extend: 1,
    Twins.outage: 1,
    Twins.restart: 1,
}


@pytest.mark.parametrize("two", [False, True], ids=["one_envelope", "two_envelopes"])
@pytest.mark.parametrize("form", [LotFormat.SEALED_FIRST_PRICE, LotFormat.SEALED_SECOND_PRICE])
def test_whatever_happens_a_sealed_lot_does_what_the_naive_one_does(form: LotFormat, two: bool) -> None:
    awarded = 0
    for seed in range(SCHEDULES):
        twins = Twins(random := Random(seed), form, two=two)
        for deeds in (BEFORE, AFTER):
            for deed in random.choices(list(deeds), list(deeds.values()), k=STEPS):
                deed(twins)
                twins.agree()
            twins.close()
        awarded += bool(twins.awarded)

    assert awarded > SCHEDULES // 8, "the schedules must reach what they are about"
