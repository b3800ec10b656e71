"""Sealed lots: the read models stay equal to the kernel, and say what is to be done outside it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.kernel import Exchange
from exchange.core.messages import AnyCommand, AwardLot, CancelEvent, EndLot, EndOutage, FireDeadlines
from exchange.core.messages.lot_rules import EventRules, LotFormat, LotRules
from exchange.core.messages.sealed import (
    JudgeTechnical,
    OpenedBid,
    OpenedTechnical,
    ReportUnopened,
    RetryReveal,
    RevealBids,
    RevealTechnical,
    SetLotKey,
    SubmitEnvelope,
    WithdrawEnvelope,
)
from exchange.views.sourcing import Sourcing
from tests.core.venue import SECOND, Venue
from tests.views.follower import Follower
from tests.views.test_sourcing import SUPPLIERS, a_venue, states

RULES = LotRules(format=LotFormat.SEALED_SECOND_PRICE)
TWO = LotRules(format=LotFormat.SEALED_FIRST_PRICE, two_envelopes=True)
ENVELOPE = st.sampled_from(["A" * 384, "B" * 384])
BY_SUPPLIERS = st.one_of(
    st.builds(SubmitEnvelope, lot_id=st.just("L"), envelope=ENVELOPE),
    st.builds(SubmitEnvelope, lot_id=st.just("L"), envelope=ENVELOPE),
    st.builds(SubmitEnvelope, lot_id=st.just("L"), envelope=ENVELOPE, technical=st.just("C" * 2_048)),
    st.builds(SubmitEnvelope, lot_id=st.just("L"), envelope=ENVELOPE, technical=st.just("C" * 2_048)),
    st.just(WithdrawEnvelope(lot_id="L")),
)
BY_OTHERS: st.SearchStrategy[tuple[str, AnyCommand]] = st.one_of(
    st.tuples(st.just("B"), st.builds(AwardLot, lot_id=st.just("L"), alias=st.integers(0, 2))),
    st.tuples(
        st.just("B"),
        st.builds(
            JudgeTechnical,
            lot_id=st.just("L"),
            alias=st.integers(1, 3),
            passed=st.booleans(),
            reason=st.just("r"),
        ),
    ),
    st.sampled_from(
        [
            ("operator", EndLot(lot_id="L", reason="r")),
            ("operator", RetryReveal(lot_id="L")),
            ("operator", CancelEvent(event_id="E", reason="r")),
            ("", SetLotKey(lot_id="L", public_key="ab" * 32)),
            ("", ReportUnopened(lot_id="L", reason="r")),
            ("", EndOutage(down_us=SECOND)),
            ("", FireDeadlines()),
        ]
    ),
)


def technical(venue: Venue, unreadable: int) -> RevealTechnical:
    sealed = venue.kernel.auctions.lot_of("L").sealed
    standing = sealed.standing.items() if sealed else ()
    offers = [
        OpenedTechnical(each.number)
        if place < unreadable
        else OpenedTechnical(each.number, "L", member_id, ["ab" * 32])
        for place, (member_id, each) in enumerate(standing)
    ]
    return RevealTechnical(lot_id="L", offers=offers)


def opening(venue: Venue, price: int) -> RevealBids:
    """Of whatever stands; the first one's names are wrong where the price is odd."""
    sealed = venue.kernel.auctions.lot_of("L").sealed
    standing = sealed.standing.items() if sealed else ()
    bids = [
        OpenedBid(each.number, "L", member_id, price + 10 * place)
        for place, (member_id, each) in enumerate(standing)
    ]
    if bids and price % 2:
        bids[0] = OpenedBid(bids[0].number)
    return RevealBids(lot_id="L", bids=bids)


def opened(venue: Venue, step: str | int, unreadable: int) -> AnyCommand:
    """What the port says that keeps the keys: technical offers, or prices."""
    return technical(venue, unreadable) if isinstance(step, str) else opening(venue, step)


STEPS = st.one_of(
    st.tuples(st.sampled_from(SUPPLIERS), BY_SUPPLIERS),
    BY_OTHERS,
    st.just("technical"),  # the exchange opens what stands, of whom nobody or the first can't be read
    st.integers(400, 900),  # the exchange opens what stands, at about this price
)


@given(
    keyed=st.booleans(),
    rules=st.sampled_from((RULES, TWO)),
    unreadable=st.integers(0, 2),
    steps=st.lists(st.tuples(STEPS, st.sampled_from((1_000, 1_000, 30 * SECOND))), max_size=25),
)
@settings(max_examples=300, deadline=None)
def test_following_the_events_gives_what_the_kernels_state_gives(
    keyed: bool,
    rules: LotRules,
    unreadable: int,
    steps: list[tuple[tuple[str, AnyCommand] | str | int, int]],
) -> None:
    venue = a_venue(EventRules(), rules)
    if keyed:
        venue.send("", SetLotKey(lot_id="L", public_key="ab" * 32))
        venue.send("", FireDeadlines())
    follower = Follower(venue)
    follower.catch_up()
    for step, after_us in steps:
        sender, command = step if isinstance(step, tuple) else ("", opened(venue, step, unreadable))
        venue.send(sender, command, after_us=after_us)
        follower.catch_up()

    again, fresh = (
        Exchange.load(venue.kernel.dump()),
        Sourcing.from_kernel(
            venue.kernel.auctions, venue.kernel.awards, venue.kernel.standstills, venue.kernel.sales
        ),
    )

    assert states(follower.views.sourcing) == states(fresh)
    assert again.dump() == venue.kernel.dump()
    for name in ("unkeyed", "unopened"):
        assert getattr(follower.views.sourcing.sealed, name) == getattr(fresh.sealed, name)
