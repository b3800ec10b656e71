"""Phases on a kernel: what is taken in which, how a call ends, and what the band does."""

import pytest

from exchange.core.limits import BREACH_CALL_US, CALL_RANDOM_US_MAX, OUTAGE_NOTICE_US
from exchange.core.market.phases import Stage
from exchange.core.messages import (
    AmendOrder,
    AnyCommand,
    AnyEvent,
    CancelOrder,
    ConfirmReceipt,
    EndOutage,
    FireDeadlines,
    Outcome,
    PlaceOrder,
    Role,
    Side,
    TimeInForce,
    Traded,
)
from exchange.core.messages.phases import (
    CallExtended,
    CallTraded,
    Phase,
    PhaseCause,
    PhaseSet,
    SetPhase,
    StartCall,
    Uncrossed,
)
from exchange.core.rejects import RejectCode
from tests.core.venue import SECOND, Venue, refusal

BUY, SELL = Side.BUY, Side.SELL
PART = "LM358"
MINUTE = 60 * SECOND


def a_venue(**terms: int) -> Venue:
    """Two members with money and stock, one more of them of the first one's owner."""
    venue = Venue()
    for member_id, owner in (("A", "one"), ("B", "two"), ("A2", "one")):
        venue.member(member_id, owner=owner)
    venue.instrument(PART, **terms)
    for member_id in ("A", "B", "A2"):
        venue.money(member_id, 10_000_000)
        venue.stock(member_id, 10_000)
    return venue


def stage_of(venue: Venue) -> Stage:
    return venue.kernel.books.books[PART].stage


def set_phase(venue: Venue, phase: Phase) -> Outcome:
    return venue.send("operator", SetPhase(instrument_id=PART, phase=phase))


def a_call(duration_us: int = MINUTE, **terms: int) -> Venue:
    venue = a_venue(**terms)
    assert not venue.send("operator", StartCall(instrument_id=PART, duration_us=duration_us)).reply.code
    return venue


def wait(venue: Venue, us: int) -> list[AnyEvent]:
    """Let time pass, each deadline at its own instant, as the sequencer does."""
    until_us = venue.at_us + us
    happened: list[AnyEvent] = []
    while (due_us := venue.kernel.deadlines.next_us()) is not None and due_us <= until_us:
        happened += venue.send("", FireDeadlines(), after_us=max(0, due_us - venue.at_us)).events
    venue.at_us = until_us
    return happened


def ended(venue: Venue) -> list[AnyEvent]:
    """What the end of the call did."""
    return wait(venue, MINUTE + CALL_RANDOM_US_MAX)


def of(kind: type, events: list[AnyEvent]) -> list[AnyEvent]:
    return [event for event in events if type(event) is kind]


# --- what is taken when


@pytest.mark.parametrize("phase", [Phase.HALTED, Phase.CLOSED])
def test_a_halted_or_closed_market_takes_cancels_only(phase: Phase) -> None:
    venue = a_venue()
    order_id = venue.order("A", BUY, 100, 10).reply.id
    set_phase(venue, phase)

    placed = venue.order("B", SELL, 100, 10)
    amended = venue.send("A", AmendOrder(order_id=order_id, quantity=5))
    cancelled = venue.send("A", CancelOrder(order_id=order_id))

    assert refusal(placed) == refusal(amended) == (RejectCode.PHASE_TAKES_NO_ORDERS, 0)
    assert cancelled.reply.code == 0
    assert venue.balance("held:A") == 0


@pytest.mark.parametrize("phase", [Phase.PRE_OPEN, Phase.CALL_AUCTION])
@pytest.mark.parametrize(
    "field,terms",
    [
        ("time_in_force", {"time_in_force": TimeInForce.IOC}),
        ("time_in_force", {"time_in_force": TimeInForce.FOK}),
        ("post_only", {"post_only": True}),
    ],
)
def test_a_collecting_market_refuses_what_cannot_wait_by_the_terms_name(
    phase: Phase, field: str, terms: dict[str, object]
) -> None:
    venue = a_call()
    if phase is Phase.PRE_OPEN:
        set_phase(venue, Phase.HALTED)
        set_phase(venue, Phase.PRE_OPEN)
    command = PlaceOrder(instrument_id=PART, side=BUY, price=100, quantity=1, **terms)  # type: ignore[arg-type]

    refused = venue.send("A", command)

    assert (refused.reply.code, refused.reply.field) == (RejectCode.PHASE_TAKES_RESTING_ONLY, field)


@pytest.mark.parametrize("phase", [Phase.PRE_OPEN, Phase.CALL_AUCTION])
def test_a_collecting_market_lets_orders_come_change_and_go_without_a_trade(phase: Phase) -> None:
    venue = a_venue()
    set_phase(venue, Phase.CLOSED)
    if phase is Phase.PRE_OPEN:
        set_phase(venue, phase)
    else:
        venue.send("operator", StartCall(instrument_id=PART, duration_us=MINUTE))
    bid = venue.order("A", BUY, 105, 10)
    ask = venue.order("B", SELL, 95, 10)
    raised = venue.send("A", AmendOrder(order_id=bid.reply.id, price=110, quantity=20))
    gone = venue.send("B", CancelOrder(order_id=ask.reply.id))

    assert not any(each.reply.code for each in (bid, ask, raised, gone))
    assert not [event for each in venue.outcomes for event in of(Traded, each.events)]
    assert venue.balance("held:A") == -110 * 20
    assert venue.balance("reserved:B", PART) == 0


@pytest.mark.parametrize(
    "command",
    [
        SetPhase(instrument_id=PART, phase=Phase.CONTINUOUS),
        SetPhase(instrument_id=PART, phase=Phase.CALL_AUCTION),
        SetPhase(instrument_id=PART, phase=Phase.PRE_OPEN),
        StartCall(instrument_id=PART, duration_us=MINUTE, next_phase=Phase.HALTED),
    ],
)
def test_a_phase_that_the_table_does_not_reach_is_refused(command: AnyCommand) -> None:
    assert refusal(a_venue().send("operator", command)) == (RejectCode.PHASE_NOT_REACHABLE, 0)


@pytest.mark.parametrize(
    "command",
    [
        SetPhase(instrument_id=PART, phase=Phase.HALTED),
        StartCall(instrument_id=PART, duration_us=MINUTE),
    ],
)
def test_phases_are_the_operators(command: AnyCommand) -> None:
    assert refusal(a_venue().send("A", command))[0] is RejectCode.ROLE_MISSING


def test_the_phase_of_an_unknown_instrument_is_refused() -> None:
    refused = a_venue().send("operator", SetPhase(instrument_id="X", phase=Phase.HALTED))

    assert refusal(refused)[0] is RejectCode.INSTRUMENT_UNKNOWN


# --- the end of a call


def test_all_trade_at_one_price_and_every_hold_comes_out_even() -> None:
    venue = a_call()
    bids = [venue.order("A", BUY, 105, 10).reply.id, venue.order("A", BUY, 103, 10).reply.id]
    asks = [venue.order("B", SELL, 99, 5).reply.id, venue.order("B", SELL, 101, 10).reply.id]

    events = ended(venue)

    assert of(Uncrossed, events) == [Uncrossed(PART, 103, 15, 5, BUY)]
    trades = of(CallTraded, events)
    assert [
        (each.trade_number, each.price, each.quantity, each.buy_order_id, each.sell_order_id)
        for each in trades
        if isinstance(each, CallTraded)
    ] == [(1, 103, 5, bids[0], asks[0]), (2, 103, 5, bids[0], asks[1]), (3, 103, 5, bids[1], asks[1])]
    assert of(PhaseSet, events) == [PhaseSet(PART, Phase.CONTINUOUS, PhaseCause.UNCROSS, 0)]
    assert venue.balance("held:A") == -103 * 5
    assert [venue.balance(f"escrow:{bid}") for bid in bids] == [-1_030, -515]
    assert venue.balance("reserved:B", PART) == 0
    assert stage_of(venue).reference == 103
    venue.kernel.ledger.check_invariants()


def test_the_contracts_of_a_call_are_performed_like_any_other() -> None:
    venue = a_call()
    bid = venue.order("A", BUY, 105, 10).reply.id
    venue.order("B", SELL, 99, 10)
    ended(venue)

    received = venue.send("A", ConfirmReceipt(contract_id=bid))

    assert received.reply.number == 1
    assert venue.balance("held:A") == venue.balance(f"escrow:{bid}") == 0
    venue.kernel.ledger.check_invariants()


def test_orders_of_one_owner_trade_in_an_uncross_and_not_after_it() -> None:
    venue = a_call()
    venue.order("A", BUY, 100, 10)
    venue.order("A2", SELL, 100, 10)
    venue.order("A", SELL, 100, 4)
    venue.order("A", BUY, 100, 4)

    assert sum(each.quantity for each in of(CallTraded, ended(venue)) if isinstance(each, CallTraded)) == 14
    venue.order("A", BUY, 100, 1)
    assert not of(Traded, venue.order("A2", SELL, 100, 1).events)


def test_a_call_without_a_match_just_ends() -> None:
    venue = a_call()
    venue.order("A", BUY, 90, 10)
    venue.order("B", SELL, 100, 10)

    assert ended(venue) == [PhaseSet(PART, Phase.CONTINUOUS, PhaseCause.UNCROSS, 0)]
    assert venue.order("B", SELL, 90, 10).reply.filled_quantity == 10


def test_a_closing_call_ends_closed() -> None:
    venue = a_venue()
    closing = StartCall(instrument_id=PART, duration_us=MINUTE, next_phase=Phase.CLOSED)
    assert not venue.send("operator", closing).reply.code

    ended(venue)

    assert stage_of(venue).phase is Phase.CLOSED


def test_a_halt_breaks_a_call_off_for_good() -> None:
    venue = a_call()
    venue.order("A", BUY, 100, 10)
    venue.order("B", SELL, 100, 10)
    set_phase(venue, Phase.HALTED)

    assert ended(venue) == []
    assert stage_of(venue).phase is Phase.HALTED
    assert venue.kernel.deadlines.next_us() is None


def end_us(draw: str, instrument_id: str = PART) -> int:
    """How long after its duration a call ends by this draw."""
    venue = a_venue()
    if instrument_id != PART:
        venue.instrument(instrument_id)
    venue.send("operator", StartCall(instrument_id=instrument_id, duration_us=MINUTE))
    drawn = venue.send("", FireDeadlines(), new_id=draw, after_us=MINUTE)
    assert drawn.events == []
    due_us = venue.kernel.deadlines.next_us()
    assert due_us is not None
    return due_us - venue.at_us


def test_the_end_is_drawn_from_what_the_journal_holds_and_nothing_else() -> None:
    ends = [end_us(f"draw {number}") for number in range(40)]

    assert ends == [end_us(f"draw {number}") for number in range(40)]
    assert all(0 <= each <= CALL_RANDOM_US_MAX for each in ends)
    assert min(ends) < CALL_RANDOM_US_MAX / 4 < 3 * CALL_RANDOM_US_MAX / 4 < max(ends)
    assert end_us("draw 1") != end_us("draw 1", "LM324")


def test_an_operator_may_shorten_the_random_part() -> None:
    venue = a_venue()
    venue.send("operator", StartCall(instrument_id=PART, duration_us=MINUTE, random_us=0))

    assert wait(venue, MINUTE) == [PhaseSet(PART, Phase.CONTINUOUS, PhaseCause.UNCROSS, 0)]


# --- the dynamic band


def a_banded_venue() -> Venue:
    """5 % around 1,000; B offers 10 at 1,050, 10 at 1,051 and 10 at 1,200."""
    venue = a_venue(dynamic_band_bps=500, reference_price=1_000)
    for price in (1_050, 1_051, 1_200):
        venue.order("B", SELL, price, 10)
    return venue


def test_an_order_that_would_trade_outside_the_band_starts_a_call_and_waits_in_it() -> None:
    venue = a_banded_venue()

    placed = venue.order("A", BUY, 1_200, 25)

    assert (placed.reply.filled_quantity, placed.reply.open_quantity) == (10, 15)
    assert [each.price for each in of(Traded, placed.events) if isinstance(each, Traded)] == [1_050]
    ends_at_us = venue.at_us + BREACH_CALL_US
    assert placed.events[-1] == PhaseSet(PART, Phase.CALL_AUCTION, PhaseCause.BAND, ends_at_us)
    prolonged = of(CallExtended, wait(venue, BREACH_CALL_US + CALL_RANDOM_US_MAX))
    assert len(prolonged) == 1, "all would trade at 1,200"


def test_an_amend_that_would_trade_outside_the_band_starts_a_call_too() -> None:
    venue = a_banded_venue()
    order_id = venue.order("A", BUY, 1_000, 25).reply.id

    amended = venue.send("A", AmendOrder(order_id=order_id, price=1_060))

    assert (amended.reply.filled_quantity, amended.reply.open_quantity) == (10, 15)
    assert stage_of(venue).phase is Phase.CALL_AUCTION


def test_the_band_counts_for_sellers_alike() -> None:
    venue = a_venue(dynamic_band_bps=500, reference_price=1_000)
    venue.order("A", BUY, 949, 10)

    assert venue.order("B", SELL, 940, 10).reply.filled_quantity == 0
    assert stage_of(venue).phase is Phase.CALL_AUCTION


def test_only_an_order_that_can_rest_starts_a_call() -> None:
    venue = a_banded_venue()

    ioc = venue.order("A", BUY, 1_200, 25, TimeInForce.IOC)
    fok = venue.order("A", BUY, 1_200, 20, TimeInForce.FOK)

    assert ioc.reply.filled_quantity == 10
    assert refusal(fok) == (RejectCode.NOT_FILLABLE, 10)  # the band moved to 1,050 with the trade
    assert stage_of(venue).phase is Phase.CONTINUOUS


def test_within_the_band_nothing_is_different() -> None:
    venue = a_banded_venue()

    assert venue.order("A", BUY, 1_050, 10).reply.filled_quantity == 10
    assert venue.order("A", BUY, 1_100, 10).reply.filled_quantity == 10
    assert stage_of(venue).phase is Phase.CONTINUOUS


def test_a_call_whose_price_leaves_the_band_is_prolonged_twice_and_then_trades() -> None:
    venue = a_venue(dynamic_band_bps=500, reference_price=1_000, call_us=MINUTE)
    venue.send("operator", StartCall(instrument_id=PART, duration_us=MINUTE, random_us=0))
    venue.order("A", BUY, 1_200, 10)
    venue.order("B", SELL, 1_200, 10)

    happened = [wait(venue, MINUTE + 10) for _ in range(3)]

    for number, events in enumerate(happened[:2], 1):
        (prolonged,) = events
        assert isinstance(prolonged, CallExtended)
        assert (prolonged.extensions, prolonged.cause) == (number, PhaseCause.BAND)
    assert of(Uncrossed, happened[2]) == [Uncrossed(PART, 1_200, 10, 0, None)]
    assert stage_of(venue).phase is Phase.CONTINUOUS
    assert stage_of(venue).extensions == 0


# --- outages and dumps


def test_an_outage_shifts_the_end_of_a_call_and_leaves_five_minutes_at_least() -> None:
    short, long = a_call(), a_call(60 * MINUTE)

    for venue, ends_us in ((short, OUTAGE_NOTICE_US), (long, 60 * MINUTE + 1_000)):
        (shifted,) = of(CallExtended, venue.send("", EndOutage(down_us=2_000)).events)
        assert isinstance(shifted, CallExtended)
        assert shifted.ends_at_us - venue.at_us == ends_us
        assert (shifted.extensions, shifted.cause) == (0, PhaseCause.OUTAGE)


def test_an_outage_within_the_random_part_draws_the_end_anew() -> None:
    venue = a_call()
    wait(venue, MINUTE)
    venue.send("", EndOutage(down_us=MINUTE))

    assert wait(venue, OUTAGE_NOTICE_US - 1) == []
    assert of(PhaseSet, wait(venue, CALL_RANDOM_US_MAX + 1))


def test_an_outage_moves_no_market_that_is_not_in_a_call() -> None:
    venue = a_venue()

    assert not of(CallExtended, venue.send("", EndOutage(down_us=2_000)).events)


def test_a_kernel_of_a_dump_ends_the_call_as_this_one_does() -> None:
    venue = a_call()
    venue.order("A", BUY, 105, 10)
    venue.order("B", SELL, 99, 10)
    kernel = venue.kernel
    dumped = kernel.dump()
    original = ended(venue)
    log = venue.log[-2:]
    loaded = type(kernel).load(dumped)

    assert loaded.dump() == dumped
    assert [event for each in log for event in loaded.execute(each).events] == original
    assert loaded.dump() == kernel.dump()


def test_a_suspended_or_missing_role_is_no_operator() -> None:
    venue = a_venue()
    venue.member("I", Role.INSPECTOR)

    assert venue.send("I", SetPhase(instrument_id=PART, phase=Phase.HALTED)).reply.code
