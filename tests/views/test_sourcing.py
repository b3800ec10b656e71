"""Lots under rules of every kind: the read models stay equal to the kernel, and both to a restarted one."""

from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.messages import (
    AddLot,
    AnyCommand,
    AwardLot,
    BuyNow,
    CreateEvent,
    EndLot,
    EndOutage,
    ExtendLot,
    FireDeadlines,
    InviteSupplier,
    PauseEvent,
    PublishEvent,
    ResumeEvent,
    RevealSeed,
    Role,
    SubmitBid,
)
from exchange.core.messages.bids import RevokeBid, SetProxy, SubmitSurrogateBid, WithdrawProxy
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_rules import (
    ClockRules,
    EventRules,
    ImproveOn,
    LotDirection,
    LotFormat,
    LotRules,
    LotSchedule,
    Overtime,
    ReserveVisibility,
    StepBand,
    TiePolicy,
    TooFew,
)
from exchange.core.messages.review import ReopenLot
from exchange.core.messages.scoring import (
    Feature,
    FeatureOption,
    Scoring,
    SetTransformation,
    SubmitDeclaration,
)
from exchange.core.messages.sourcing import Disclosure
from exchange.core.messages.standstill import AnswerComplaint, FileComplaint
from exchange.core.visibility.lots import (
    LotFace,
    Relation,
    at_times,
    lot_face,
    own_in_time,
    show_lot,
    time_alone,
    times_of,
)
from exchange.views.sourcing import Sourcing
from tests.core.venue import NOON, SECOND, Venue
from tests.views.follower import Follower

USUAL = Disclosure()
SEED = "a seed"
LOTTERY = LotRules(tie_policy=TiePolicy.LOTTERY, lottery_sha256=sha256(SEED.encode()).hexdigest())
FORWARD = EventRules(direction=LotDirection.FORWARD)
SHORT = Overtime(hard_deadline_us=NOON + 90 * SECOND, number_of_extensions=2, lowest_triggering_rank=2)
SCORING = Scoring([Feature("f", [FeatureOption("a", 0), FeatureOption("b", 900)])], transformed=True)
QUICK = ClockRules(level_us=9 * SECOND, rounds=2, first_pause_us=SECOND, pause_us=SECOND, turn_us=2 * SECOND)
LINES = [LotLine("A", 10), LotLine("B", 20, may_be_free=True)]
KINDS: list[tuple[EventRules, LotRules]] = [
    (EventRules(), LOTTERY),
    (EventRules(), LotRules(revocable=True, proxies=True)),
    (EventRules(review_us=90 * SECOND), LotRules(proxies=True)),
    (EventRules(standstill_us=50 * SECOND), LotRules()),
    (EventRules(review_us=90 * SECOND, schedule=LotSchedule.SERIAL, lot_gap_us=SECOND), LotRules()),
    (FORWARD, LotRules(revocable=True, proxies=True, reserve_price=500, floor_price=100)),
    (FORWARD, LotRules(buy_now_price=800, floor_price=100, reserve_price=500)),
    (EventRules(min_participants=9, if_too_few=TooFew.POSTPONE, postpone_us=SECOND), LotRules()),
    (EventRules(schedule=LotSchedule.SERIAL, lot_gap_us=SECOND), LotRules()),
    (
        EventRules(schedule=LotSchedule.STAGGERED, lot_gap_us=20 * SECOND, min_lot_gap_us=20 * SECOND),
        LotRules(),
    ),
    (EventRules(), LotRules(format=LotFormat.DUTCH, floor_price=860, clock=QUICK)),
    (FORWARD, LotRules(format=LotFormat.JAPANESE, floor_price=860, clock=QUICK, revocable=True)),
    (
        EventRules(schedule=LotSchedule.SERIAL),
        LotRules(format=LotFormat.JAPANESE, floor_price=860, clock=QUICK),
    ),
    (EventRules(), LotRules(format=LotFormat.ROUNDS, clock=QUICK, revocable=True)),
    (FORWARD, LotRules(tie_policy=TiePolicy.EQUAL_WORST, front_buffer=1)),
    (EventRules(), LotRules(scoring=SCORING)),
    (EventRules(), LotRules(lines=LINES, revocable=True, proxies=True)),
    (FORWARD, LotRules(scoring=SCORING)),
    (
        EventRules(),
        LotRules(
            improve_on=ImproveOn.MARKET_LEAD,
            step_bands=[StepBand(500, 20)],
            reserve_price=600,
            reserve_visibility=ReserveVisibility.MET_FLAG,
        ),
    ),
]
SUPPLIERS = ("S1", "S2", "S3")


def a_venue(event_rules: EventRules, rules: LotRules, disclosure: Disclosure = USUAL) -> Venue:
    """A published lot that opens a second from now, for a minute."""
    venue = Venue()
    venue.member("B", Role.BUYER)
    event = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=venue.at_us + SECOND,
        duration_us=60 * SECOND,
        overtime=SHORT if rules.tie_policy is TiePolicy.EQUAL_WORST else Overtime(),
        rules=event_rules,
        disclosure=replace(disclosure, participant_count=True)
        if rules.format is LotFormat.ROUNDS
        else disclosure,
    )
    venue.send("B", event, new_id="E")
    lot = AddLot(event_id="E", title="L", quantity=1, ceiling_price=900, min_step=10, rules=rules)
    assert not venue.send("B", lot, new_id="L").reply.code
    if event_rules.schedule is not LotSchedule.SINGLE:
        assert not venue.send("B", lot, new_id="L2").reply.code
    for supplier in SUPPLIERS:
        venue.member(supplier, Role.SELLER)
        venue.send("B", InviteSupplier(event_id="E", member_id=supplier))
    if rules.scoring is not None:
        venue.send("B", SetTransformation(lot_id="L", member_id="S1", factor_ppm=1_100_000, addend=-7))
    venue.send("B", PublishEvent(event_id="E"))
    venue.send("", FireDeadlines(), after_us=SECOND)
    return venue


BY_SUPPLIERS = st.one_of(
    st.builds(
        SubmitBid,
        lot_id=st.sampled_from(("L", "L", "L2")),
        price=st.integers(1, 90).map(lambda tens: 10 * tens),
    ),
    st.builds(
        lambda one, other: SubmitBid(lot_id="L", price=10 * one + 20 * other, lines=(one, other)),
        st.integers(1, 50),
        st.integers(0, 20),
    ),
    st.builds(AcceptLevel, lot_id=st.just("L"), price=st.integers(86, 90).map(lambda tens: 10 * tens)),
    st.builds(BuyNow, lot_id=st.just("L"), price=st.just(800)),
    st.builds(SetProxy, lot_id=st.just("L"), price=st.integers(1, 90).map(lambda tens: 10 * tens)),
    st.builds(FileComplaint, lot_id=st.just("L"), text_hash=st.just("a")),
    st.builds(WithdrawProxy, lot_id=st.just("L")),
    st.builds(RevokeBid, lot_id=st.just("L"), number=st.integers(1, 3), reason=st.just("r")),
    st.builds(
        SubmitDeclaration, lot_id=st.just("L"), options=st.sampled_from(((1,), (2,))), amounts=st.just(())
    ),
)
BY_THE_BUYER = st.one_of(
    st.builds(
        AnswerComplaint,
        lot_id=st.just("L"),
        alias=st.integers(1, 3),
        uphold=st.booleans(),
        text_hash=st.just("b"),
    ),
    st.builds(RevealSeed, lot_id=st.just("L"), seed=st.sampled_from((SEED, "another"))),
    st.builds(AwardLot, lot_id=st.sampled_from(("L", "L2")), alias=st.integers(0, 2)),
    st.builds(
        ReopenLot,
        lot_id=st.sampled_from(("L", "L", "L2")),
        close_at_us=st.integers(60, 200).map(lambda each: NOON + each * SECOND),
        reason=st.just("r"),
    ),
)
STEERING = st.one_of(
    st.sampled_from(
        [
            PauseEvent(event_id="E", reason="r"),
            ResumeEvent(event_id="E"),
            ResumeEvent(event_id="E"),
            EndLot(lot_id="L", reason="r"),
            RevokeBid(lot_id="L", number=1, reason="r", alias=1),
            SubmitSurrogateBid(lot_id="L", member_id="S1", price=700, reason="r"),
            SubmitSurrogateBid(lot_id="L", member_id="S2", price=600, reason="r"),
            RevokeBid(lot_id="L", number=2, reason="r", alias=2),
        ]
    ),
    st.builds(
        ExtendLot, lot_id=st.just("L"), close_at_us=st.integers(1, 200).map(lambda each: NOON + each * SECOND)
    ),
)
CLASSES = [(seen_as, False) for seen_as in Relation] + [(Relation.SUPPLIER, True)]
BY_THE_EXCHANGE = st.builds(EndOutage, down_us=st.integers(0, SECOND)) | st.just(FireDeadlines())
STEPS: st.SearchStrategy[tuple[str, AnyCommand]] = st.one_of(
    st.tuples(st.sampled_from(SUPPLIERS), BY_SUPPLIERS),
    st.tuples(st.just("B"), BY_THE_BUYER),
    st.tuples(st.just("operator"), STEERING),
    st.tuples(st.just(""), BY_THE_EXCHANGE),
)


def states(sourcing: Sourcing) -> list[bytes]:
    return [msgpack.encode(event.dump()) for event in sourcing.events.values()]


@given(
    kind=st.sampled_from(KINDS),
    steps=st.lists(st.tuples(STEPS, st.sampled_from((1_000, 1_000, 40 * SECOND))), max_size=30),
)
@settings(max_examples=200, deadline=None)
def test_following_the_events_gives_what_the_kernels_state_gives(
    kind: tuple[EventRules, LotRules], steps: list[tuple[tuple[str, AnyCommand], int]]
) -> None:
    venue = a_venue(*kind)
    follower = Follower(venue)
    follower.catch_up()
    for (sender, command), after_us in steps:
        venue.send(sender, command, after_us=after_us)
        follower.catch_up()

    again = Exchange.load(venue.kernel.dump())

    assert states(follower.views.sourcing) == states(
        Sourcing.from_kernel(
            venue.kernel.auctions, venue.kernel.awards, venue.kernel.standstills, venue.kernel.sales
        )
    )
    assert follower.views.sourcing.standstills.dump() == venue.kernel.standstills.dump()
    assert again.dump() == venue.kernel.dump()


def faces(sourcing: Sourcing) -> dict[tuple[str, Relation, bool], LotFace]:
    """Every lot as every class of viewers sees it."""
    return {
        (lot.lot_id, *seen): lot_face(sourcing.event_of(lot), lot, seen[0], newcomer=seen[1])
        for lot in sourcing.lots.values()
        for seen in CLASSES
    }


@given(
    kind=st.sampled_from(KINDS),
    steps=st.lists(st.tuples(STEPS, st.sampled_from((1_000, 1_000, 40 * SECOND))), max_size=30),
)
@settings(max_examples=200, deadline=None)
def test_what_time_alone_has_moved_is_seen_as_if_all_had_been_looked_at(
    kind: tuple[EventRules, LotRules], steps: list[tuple[tuple[str, AnyCommand], int]]
) -> None:
    venue = a_venue(*kind)
    follower = Follower(venue)
    follower.catch_up()
    sourcing = follower.views.sourcing
    before = faces(sourcing)
    for (sender, command), after_us in steps:
        venue.send(sender, command, after_us=after_us)
        follower.catch_up()
        now = faces(sourcing)
        timed = [lot_id for lot_id, timed in sourcing.changed.items() if timed]
        for (lot_id, seen_as, newcomer), face in now.items():
            lot = sourcing.lots[lot_id]
            if lot_id not in timed:
                continue
            was = before[lot_id, seen_as, newcomer]
            event, own = sourcing.event_of(lot), was.own
            if not time_alone(lot):
                continue
            times = times_of(event, lot)
            if own is not None:
                own = own_in_time(event, lot, was.lot, own, newcomer=newcomer)
            for viewer in SUPPLIERS:
                assert show_lot(LotFace(at_times(was.lot, times), own), viewer) == show_lot(face, viewer)
        before = now


def test_a_lot_that_closes_is_touched_by_time_alone_and_one_that_is_bid_for_is_not() -> None:
    venue = a_venue(EventRules(), LotRules())
    follower = Follower(venue)
    follower.catch_up()

    venue.send("S1", SubmitBid(lot_id="L", price=800))
    follower.catch_up()
    assert follower.views.sourcing.changed == {"L": False}

    venue.send("", FireDeadlines(), after_us=600 * SECOND)
    follower.catch_up()
    assert follower.views.sourcing.changed == {"L": True}
