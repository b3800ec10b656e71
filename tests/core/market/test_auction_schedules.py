"""Whatever happens in whatever order, the room does what the naive lot does."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from exchange.core.limits import BIDS_PER_SUPPLIER_MAX, OUTAGE_NOTICE_US
from exchange.core.messages import AnyEvent
from exchange.core.messages.lot_rules import Overtime
from exchange.core.messages.sourcing import BidSubmitted, CloseExtended, Disclosure, LotShifted
from exchange.core.rejects import Reject
from tests.core.market.room import CLOSE, MINUTE, OPEN, SECOND, AuctionRoom, Step, an_open_lot
from tests.models.auction import NaiveLot, Said

SUPPLIERS = ("s1", "s2", "s3", "s4")
SUPPLIER = st.sampled_from(SUPPLIERS)
LAST = st.integers(1, 2)  # the last lot drafted, or the one before
PAUSES = st.sampled_from((0, 1, SECOND, MINUTE - 1, MINUTE))
SPANS = st.sampled_from((0, MINUTE, 2 * MINUTE, 4 * MINUTE))
OVERTIMES = st.builds(Overtime, SPANS, SPANS, SPANS) | st.just(Overtime(2 * MINUTE, MINUTE, 2 * MINUTE))


class Schedule(RuleBasedStateMachine):
    """Lots one after the other, two at a time, so that neither can lean on the other."""

    def __init__(self) -> None:
        super().__init__()
        self.room = AuctionRoom()
        self.naive: list[NaiveLot] = []
        self.now_us = 0

    @initialize(overtime=OVERTIMES)
    def begin(self, overtime: Overtime) -> None:
        self.draft(0, 5, 1, 4, overtime, True)
        self.draft(1, 5, 1, 4, overtime, False)

    @precondition(lambda self: self.naive[-1].state not in {"waiting", "open"})
    @rule(
        wait=st.integers(0, 1),  # minutes to the opening
        length=st.integers(1, 8),  # minutes it is open
        tick=st.sampled_from((1, 5)),
        ticks=st.integers(1, 4),  # in a step
        overtime=OVERTIMES,
        tells=st.booleans(),  # the lead's price
    )
    def draft(self, wait: int, length: int, tick: int, ticks: int, overtime: Overtime, tells: bool) -> None:
        """And publish it, with three of the four suppliers."""
        open_at_us, min_step = self.now_us + wait * MINUTE, ticks * tick
        close_at_us, ceiling_price = open_at_us + length * MINUTE, 10 * min_step
        event_id, lot_id = f"event-{len(self.naive)}", f"lot-{len(self.naive)}"
        self.room.create(
            event_id,
            open_at_us=open_at_us,
            duration_us=length * MINUTE,
            overtime=overtime,
            disclosure=Disclosure(lead_price=tells),
        )
        self.room.add_lot(lot_id, event_id, ceiling_price=ceiling_price, min_step=min_step, tick=tick)
        for supplier_id in SUPPLIERS[:3]:
            self.room.invite(supplier_id, event_id)
        self.room.publish(event_id)
        self.naive.append(
            NaiveLot(
                lot_id=lot_id,
                event_id=event_id,
                buyer_id="buyer",
                ceiling_price=ceiling_price,
                min_step=min_step,
                tick=tick,
                open_at_us=open_at_us,
                close_at_us=close_at_us,
                window_us=overtime.window_us,
                extension_us=overtime.extension_us,
                total_us_max=overtime.total_us_max,
                tells_lead=tells,
                notice_us=OUTAGE_NOTICE_US,
                bids_max=BIDS_PER_SUPPLIER_MAX,
                invited=list(SUPPLIERS[:3]),
            )
        )
        self._pass_to(self.now_us)

    @rule(last=LAST, supplier=SUPPLIER)
    def invite(self, last: int, supplier: str) -> None:
        naive = self.naive[-last]
        invited = isinstance(self.room.invite(supplier, naive.event_id), list)

        assert invited == (naive.state in {"waiting", "open"} and supplier not in naive.invited)
        if invited:
            naive.invited.append(supplier)

    @rule(last=LAST, member=st.sampled_from((*SUPPLIERS, "buyer")), price=st.integers(1, 210))
    def bid_anything(self, last: int, member: str, price: int) -> None:
        self._bid(self.naive[-last], member, price)

    @rule(last=LAST, supplier=SUPPLIER, ticks=st.integers(-1, 1), steps=st.integers(0, 1))
    def bid_near_the_lead(self, last: int, supplier: str, ticks: int, steps: int) -> None:
        naive = self.naive[-last]
        ranking = naive.ranking()
        lead = min(naive.own(ranking[0])) if ranking else naive.ceiling_price
        self._bid(naive, supplier, max(1, lead + ticks * naive.tick - steps * naive.min_step))

    @rule(last=LAST, supplier=SUPPLIER)
    def take_the_lead(self, last: int, supplier: str) -> None:
        self.bid_near_the_lead(last, supplier, 0, 1)

    def _bid(self, naive: NaiveLot, member: str, price: int) -> None:
        late = self.room.bid(member, price, naive.close_at_us, naive.lot_id)
        said = naive.refusal(member, price, self.now_us)
        outcome = self.room.bid(member, price, self.now_us, naive.lot_id)

        assert _said(late) == naive.refusal(member, price, naive.close_at_us)
        assert _said(outcome) == said
        if said is None:
            assert outcome == self._taken(naive, member, price)

    def _taken(self, naive: NaiveLot, member: str, price: int) -> list[AnyEvent]:
        extended = naive.bid(member, price, self.now_us)
        alias = naive.bidders().index(member) + 1
        taken = BidSubmitted(naive.lot_id, member, price, alias, len(naive.bids), self.now_us)
        overtime_us = naive.close_at_us - naive.planned_close_us
        return [taken, CloseExtended(naive.lot_id, naive.close_at_us, overtime_us)] if extended else [taken]

    @rule(pause_us=PAUSES)
    def wait(self, pause_us: int) -> None:
        self._pass_to(self.now_us + pause_us)

    @rule(last=LAST, before_us=st.sampled_from((0, 1, MINUTE - 1, MINUTE, MINUTE + 1, 2 * MINUTE)))
    def wait_for_the_close(self, last: int, before_us: int) -> None:
        self._pass_to(max(self.now_us, self.naive[-last].close_at_us - before_us))

    def _pass_to(self, at_us: int) -> None:
        self.now_us = at_us
        self.room.pass_to(at_us)
        for naive in self.naive:
            naive.pass_to(at_us)

    @rule(down_us=PAUSES)
    def outage(self, down_us: int) -> None:
        """Nothing falls due while the exchange is down."""
        self.now_us += down_us
        events = self.room.outage(down_us, self.now_us)

        assert events == [
            LotShifted(naive.lot_id, naive.open_at_us, naive.close_at_us)
            for naive in self.naive
            if naive.outage(down_us, self.now_us)
        ]
        self._pass_to(self.now_us)

    @rule(last=LAST, alias=st.integers(0, 5))
    def award(self, last: int, alias: int) -> None:
        naive = self.naive[-last]
        awarded = isinstance(self.room.award(alias, naive.lot_id), list)

        assert awarded == (naive.state == "closed" and alias <= len(naive.bidders()))
        if awarded:
            naive.state = "awarded"

    @precondition(lambda self: len(self.naive) > 2)
    @rule()
    def cancel(self) -> None:
        naive = self.naive[-1]
        cancelled = isinstance(self.room.cancel(naive.event_id), list)

        assert cancelled == (naive.state not in {"awarded", "void"})
        if cancelled:
            naive.state = "void"

    @rule()
    def restart(self) -> None:
        self.room.reload()

    @invariant()
    def both_agree(self) -> None:
        for naive in self.naive[-3:]:
            lot, ranking = self.room.lot(naive.lot_id), naive.ranking()
            assert (lot.state, lot.open_at_us, lot.close_at_us, lot.overtime_us) == (
                naive.state,
                naive.open_at_us,
                naive.close_at_us,
                naive.close_at_us - naive.planned_close_us,
            )
            assert [bid.member_id for bid in lot.board.ranking()] == ranking
            assert lot.board.lead == next(lot.board.ranking(), None)


def _said(outcome: Step) -> Said | None:
    return Said(outcome.code.name, outcome.bound) if isinstance(outcome, Reject) else None


TestSchedules = Schedule.TestCase
TestSchedules.settings = settings(max_examples=1_000, stateful_step_count=40, deadline=None)


@given(bids=st.lists(st.tuples(st.sampled_from(SUPPLIERS), st.integers(1, 100), st.booleans()), max_size=30))
def test_swapping_two_suppliers_changes_nothing_but_their_ids(bids: list[tuple[str, int, bool]]) -> None:
    """Aliases, numbers, bounds and instants are those of the bids, whoever makes them."""
    swapped = {"s1": "s2", "s2": "s1", "s3": "s3", "s4": "s4"}

    def outcomes(who: dict[str, str]) -> list[Step]:
        room = an_open_lot(*(who[each] for each in SUPPLIERS), overtime=Overtime())
        return [room.bid(who[each], 10 * tens, CLOSE - 1 if late else OPEN) for each, tens, late in bids]

    plain = outcomes({each: each for each in SUPPLIERS})
    assert outcomes(swapped) == [
        step if isinstance(step, Reject) else [_renamed(event, swapped) for event in step] for step in plain
    ]


def _renamed(event: AnyEvent, who: dict[str, str]) -> AnyEvent:
    return replace(event, member_id=who[event.member_id]) if isinstance(event, BidSubmitted) else event
