"""Bids in other currencies than their event's: cases, every refusal by name, and every bid against the naive lot."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exchange.core.market.choosing import Choices
from exchange.core.market.lots.admission import Bounds, meets_reserve, next_price
from exchange.core.market.lots.awards import Awards, expected_parts
from exchange.core.market.sourcing import Sight
from exchange.core.messages import AnyEvent
from exchange.core.messages.currencies import (
    BidCurrency,
    ChooseCurrency,
    CurrenciesSet,
    CurrencyChosen,
    SetCurrencies,
)
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import (
    EventRules,
    ImproveOn,
    LotDirection,
    LotFormat,
    LotRules,
    StepBand,
    TiePolicy,
)
from exchange.core.messages.lot_sales import SaleTerms
from exchange.core.messages.sourcing import Disclosure, LotAwarded, SubmitBid
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.steps import step_told
from tests.core.market.lots.test_scoring import FIXED, LIFE_CYCLE, MEAT, TRANSFORMED
from tests.core.market.room import ALL_SHOWN, CLOSE, OPEN, AuctionRoom, Step
from tests.core.market.sealed_room import SECOND_PRICE, SealedRoom
from tests.models.currencies import NaivePricedLot

C = RejectCode
USD, JPY = BidCurrency("USD", 900_000_000), BidCurrency("JPY", 6_125_000, tick=100)
"""0.90 and 0.006125 of the event's euros."""


def choose(room: AuctionRoom, member_id: str, currency: str, event_id: str = "event-1") -> Step:
    command, events = ChooseCurrency(event_id=event_id, currency=currency), list[AnyEvent]()
    choices = Choices(room.auctions)
    if refused := choices.refusal(member_id, command):
        return refused
    choices.choose(member_id, command, events)
    return events


def allow(room: AuctionRoom, *currencies: BidCurrency, actor_id: str = "buyer") -> Step:
    command, events = SetCurrencies(event_id="event-1", currencies=currencies), list[AnyEvent]()
    choices = Choices(room.auctions)
    if refused := choices.set_refusal(actor_id, command):
        return refused
    choices.set(command, events)
    return events


def a_priced_lot(
    rules: LotRules = LotRules(),  # noqa: B008
    *,
    currencies: tuple[BidCurrency, ...] = (USD, JPY),
    disclosure: Disclosure = ALL_SHOWN,
    room: AuctionRoom | None = None,
    **lot: Any,
) -> AuctionRoom:
    """Open, ceiling 10.00 EUR; s1 bids in USD, s2 in JPY, s3 and s4 in EUR."""
    room = room or AuctionRoom()
    room.create(disclosure=disclosure)
    allow(room, *currencies)
    assert not isinstance(room.add_lot(rules=rules, **lot), Reject)
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    choose(room, "s1", "USD")
    choose(room, "s2", "JPY")
    room.pass_to(OPEN)
    return room


def ranked(room: AuctionRoom) -> list[str]:
    return [bid.member_id for bid in room.board().ranking()]


# --- cases -----------------------------------------------------------------------------------------------


def test_prices_compare_by_what_they_are_worth_exactly() -> None:
    room = a_priced_lot()
    room.bid("s3", 900)
    room.bid("s1", 999)  # 899.1
    room.bid("s2", 146_800)  # 899.15

    assert ranked(room) == ["s3"]  # neither is a step better than the lead
    room.bid("s1", 988)  # 889.2
    room.bid("s2", 143_500)  # 878.9375
    assert ranked(room) == ["s2", "s1", "s3"]


def test_equal_worth_ties_and_the_earlier_leads() -> None:
    room = a_priced_lot()
    room.bid("s3", 900)
    taken = room.bid("s1", 1_000)

    assert isinstance(taken, list)
    assert ranked(room) == ["s3", "s1"]
    assert room.board().in_terms_of("s1", next(room.board().ranking())) == 1_000


@pytest.mark.parametrize(
    "member,price,code,bound",
    [
        ("s1", 1_112, C.BID_ABOVE_CEILING, 1_111),  # 10.00 EUR is 11.111… USD
        ("s2", 163_300, C.BID_ABOVE_CEILING, 163_200),
        ("s2", 150_050, C.PRICE_OFF_TICK, 100),
        ("s1", 555, C.BID_BELOW_FLOOR, 556),
        ("s1", 999, C.STEP_TOO_SMALL, 988),  # 890 is 988.88… USD
        ("s2", 146_800, C.STEP_TOO_SMALL, 145_300),  # 145306.1… JPY
    ],
)
def test_a_bound_is_in_the_bidders_own_currency_on_its_tick_and_is_taken(
    member: str, price: int, code: RejectCode, bound: int
) -> None:
    room = a_priced_lot(LotRules(floor_price=500))
    room.bid("s3", 900)

    assert room.bid(member, price) == Reject(code, bound, "price")
    if code is not C.PRICE_OFF_TICK:
        assert isinstance(room.bid(member, bound), list) or code is C.BID_ABOVE_CEILING
    assert isinstance(a_lone(member, bound), list) or code in (C.PRICE_OFF_TICK, C.BID_BELOW_FLOOR)


def a_lone(member: str, price: int) -> Step:
    return a_priced_lot().bid(member, price)


@pytest.mark.parametrize("direction", LotDirection)
def test_who_bids_in_a_currency_whose_tick_is_worth_more_than_the_ceiling_is_told_no_price(
    direction: LotDirection,
) -> None:
    room = AuctionRoom()
    room.create(rules=EventRules(direction=direction))
    allow(room, BidCurrency("USD", 900_000_000, tick=1_200))
    room.add_lot()
    room.invite("s1")
    room.publish()
    choose(room, "s1", "USD")
    room.pass_to(OPEN)

    assert next_price(Bounds(room.lot()), "s1") == 0
    assert room.bid("s1", 1_200) == Reject(C.BID_ABOVE_CEILING, 0, "price")


def test_the_step_that_goes_with_a_bound_is_in_the_same_currency() -> None:
    lot = a_priced_lot().lot()

    told = [step_told(lot, each, C.STEP_TOO_SMALL, 900) for each in ("s1", "s2", "s3")]

    assert told == [12, 1_700, 10]  # 10 EUR cents are 11.1 USD cents and 1632.6 hundredths of a yen


def test_an_award_is_in_the_bids_currency_and_its_amount_in_the_events() -> None:
    room = a_priced_lot(quantity=3)
    room.bid("s1", 777)
    room.pass_to(CLOSE)

    awarded = room.award(1)

    assert isinstance(awarded, list)
    event = awarded[0]
    assert isinstance(event, LotAwarded)
    assert (event.price, event.amount_minor) == (777, 2_098)  # 3 x 7.77 x 0.9 = 20.979


def test_lines_are_priced_in_the_bidders_currency() -> None:
    lines = [LotLine("A", 2), LotLine("B", 3)]
    room = a_priced_lot(LotRules(lines=lines), quantity=1)

    wrong = room.bid("s1", 700, lines=(200, 101))
    right = room.bid("s1", 703, lines=(200, 101))

    assert wrong == Reject(C.TOTAL_DISAGREES, 703, "price")
    assert isinstance(right, list)


def test_the_reserve_is_met_by_what_the_lead_is_worth() -> None:
    room = a_priced_lot(LotRules(reserve_price=900))
    room.bid("s1", 1_001)
    assert not meets_reserve(room.lot())

    room.bid("s1", 980)

    assert meets_reserve(room.lot())


@pytest.mark.parametrize("currency,taken", [("", True), ("USD", True), ("EUR", False), ("CHF", False)])
def test_a_bid_that_names_another_currency_is_refused(currency: str, taken: bool) -> None:
    room = a_priced_lot()
    command = SubmitBid(lot_id="lot-1", price=900, currency=currency)

    refused = room.auctions.bid_refusal("s1", command, OPEN)

    assert refused == (None if taken else Reject(C.CURRENCY_OTHER, field="currency"))


def test_a_choice_can_be_changed_until_the_first_bid_and_survives_a_restart() -> None:
    room = a_priced_lot()
    assert choose(room, "s1", "EUR") == [CurrencyChosen("event-1", "s1", "EUR")]
    assert isinstance(choose(room, "s1", "USD"), list)
    room.bid("s1", 900)
    room.reload()

    assert choose(room, "s1", "JPY") == Reject(C.CURRENCY_FINAL)
    assert choose(room, "s1", "USD") == Reject(C.CURRENCY_FINAL)
    room.bid("s3", 800)
    assert ranked(room) == ["s3", "s1"]  # 800 and 810


@pytest.mark.parametrize(
    "member,currency,event_id,refused",
    [
        ("s3", "CHF", "event-1", Reject(C.CURRENCY_NOT_ALLOWED, field="currency")),
        ("stranger", "USD", "event-1", Reject(C.EVENT_UNKNOWN, field="event_id")),
        ("s3", "USD", "event-2", Reject(C.EVENT_UNKNOWN, field="event_id")),
        ("buyer", "USD", "event-1", Reject(C.OWN_EVENT)),
    ],
)
def test_a_choice_that_can_not_be_made_is_refused_by_name(
    member: str, currency: str, event_id: str, refused: Reject
) -> None:
    assert choose(a_priced_lot(), member, currency, event_id) == refused


def test_where_only_the_events_own_currency_is_bid_in_no_other_can_be_chosen_nor_after_the_end() -> None:
    plain, over = a_priced_lot(currencies=()), a_priced_lot()
    over.pass_to(CLOSE)

    assert choose(plain, "s3", "USD") == Reject(C.CURRENCY_NOT_ALLOWED, field="currency")
    assert choose(plain, "s3", "EUR") == []
    assert choose(over, "s3", "USD") == Reject(C.EVENT_ENDED)


SET_REFUSED: dict[str, tuple[str, tuple[BidCurrency, ...], Reject]] = {
    "unknown": ("buyer", (BidCurrency("ZZZ", 1),), Reject(C.CURRENCY_UNKNOWN, field="currencies")),
    "its own": ("buyer", (BidCurrency("EUR", 1),), Reject(C.RULES_CONTRADICT, 0, "currencies")),
    "twice": ("buyer", (USD, USD), Reject(C.RULES_CONTRADICT, 0, "currencies")),
    "another's event": ("s1", (USD,), Reject(C.EVENT_UNKNOWN, field="event_id")),
}


@pytest.mark.parametrize("case", SET_REFUSED)
def test_currencies_that_can_not_be_set_are_refused_by_name(case: str) -> None:
    actor_id, currencies, refused = SET_REFUSED[case]
    room = AuctionRoom()
    room.create()

    assert allow(room, *currencies, actor_id=actor_id) == refused


def test_lots_from_stock_are_paid_for_in_one_currency() -> None:
    room = AuctionRoom()
    room.create()
    room.auctions.event_of("event-1").sale = SaleTerms()

    assert allow(room, USD) == Reject(C.RULES_CONTRADICT, 0, "currencies")


def test_rates_are_frozen_at_publication() -> None:
    room = a_priced_lot()

    assert allow(room, USD) == Reject(C.RULES_FIXED)


@pytest.mark.parametrize(
    "rules,field",
    [
        (LotRules(format=LotFormat.DUTCH), "rules.format"),
        (LotRules(format=LotFormat.JAPANESE), "rules.format"),
        (LotRules(step_multiple_only=True), "rules.step_multiple_only"),
    ],
)
def test_what_needs_one_price_for_all_contradicts_several_currencies(rules: LotRules, field: str) -> None:
    room, changed = AuctionRoom(), AuctionRoom()
    room.create()
    allow(room, USD)
    changed.create()
    changed.add_lot(rules=rules, min_step=100)

    assert room.add_lot(rules=rules, min_step=100) == Reject(C.RULES_CONTRADICT, 0, field)
    assert allow(changed, USD) == Reject(C.RULES_CONTRADICT, 0, field)
    assert isinstance(allow(changed), list)


@pytest.mark.parametrize(
    "lot,field",
    [
        ({"ceiling_price": 10**9 + 10}, "ceiling_price"),
        ({"min_step": 10**9 + 10}, "min_step"),
        ({"rules": LotRules(back_buffer=10**9 + 10)}, "rules.back_buffer"),
    ],
)
def test_no_ceiling_or_step_comes_to_more_than_a_price_in_a_currency(lot: dict[str, Any], field: str) -> None:
    """A bound in it would be none that can be bid, or even written down."""
    room, changed = AuctionRoom(), AuctionRoom()
    cheap = BidCurrency("JPY", 1_000_000)
    room.create()
    allow(room, USD, cheap)
    changed.create()
    assert isinstance(changed.add_lot(**lot), list)

    assert room.add_lot(**lot) == Reject(C.RULES_CONTRADICT, 0, field)
    assert allow(changed, USD, cheap) == Reject(C.RULES_CONTRADICT, 0, field)
    assert isinstance(room.add_lot(ceiling_price=10**9), list)


def test_a_forward_lot_has_no_buy_now_price_in_several_currencies() -> None:
    room = AuctionRoom()
    room.create(rules=EventRules(direction=LotDirection.FORWARD))
    allow(room, USD)

    assert room.add_lot(rules=LotRules(buy_now_price=900)) == Reject(
        C.RULES_CONTRADICT, 0, "rules.buy_now_price"
    )


def test_sealed_second_price_pays_the_winner_in_its_currency_what_the_next_bid_is_worth() -> None:
    room = SealedRoom()
    a_priced_lot(SECOND_PRICE, room=room)
    room.key(OPEN)
    room.pass_to(OPEN)
    for member, price in (("s1", 800), ("s3", 900), ("s2", 163_300)):
        assert isinstance(room.seal(member, price), list)
    assert choose(room, "s1", "EUR") == Reject(C.CURRENCY_FINAL)
    room.pass_to(CLOSE)
    room.open_all()

    parts = expected_parts(room.auctions.event_of("event-1"), room.lot(), Awards())

    assert [(part.winner_id, part.price, part.amount_minor) for part in parts] == [("s1", 1_000, 9_000)]
    assert room.sealed().voids["s2"].reason == "above_ceiling"


def test_a_draft_that_gets_its_currencies_later_is_bid_for_in_them() -> None:
    room = AuctionRoom()
    room.create()
    room.add_lot()
    allow(room, JPY)
    assert allow(room, USD, JPY) == [CurrenciesSet("event-1", (USD, JPY))]
    room.invite("s1")
    room.publish()
    choose(room, "s1", "USD")
    room.pass_to(OPEN)

    assert isinstance(room.bid("s1", 1_111), list)
    assert room.bid("s1", 1_101) == Reject(C.STEP_TOO_SMALL, 1_099, "price")


# --- proxies ---------------------------------------------------------------------------------------------

LIMIT = st.integers(400, 1_000)


@given(limits=st.lists(st.tuples(st.sampled_from(("s1", "s2", "s3", "s4")), LIMIT), min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_whoever_leaves_the_better_limit_leads_by_about_a_step_whatever_the_currencies(
    limits: list[tuple[str, int]],
) -> None:
    room = a_priced_lot(LotRules(proxies=True), min_step=10)
    rates = {"s1": Fraction(9, 10), "s2": Fraction(6_125, 1_000_000)}
    latest, best = dict[str, Fraction](), dict[str, Fraction]()
    for member, euros in limits:
        rate, tick = rates.get(member, Fraction(1)), 100 if member == "s2" else 1
        limit = int(euros / rate / tick) * tick
        if isinstance(room.proxy(member, limit), list):
            latest[member] = limit * rate
            best[member] = min(limit * rate, best.get(member, limit * rate))

    lead = room.board().lead
    assert lead is not None
    worth = {bid.member_id: Fraction(room.board().worth_of(bid)) for bid in room.board().ranking()}
    lowest = worth.pop(lead.member_id)
    assert all(value >= max(lowest, best[member]) for member, value in worth.items())
    assert lowest >= best[lead.member_id]
    assert all(latest[member] > lowest - 11 for member in worth)  # a step and a tick, or it would lead
    if room.lot().proxy is not None and worth:
        assert min(min(worth[member], best[member]) for member in worth) - lowest < 11


# --- every bid against the naive lot ---------------------------------------------------------------------

RATES = st.sampled_from(
    (1, 500_000_000, 900_000_000, 333_333_333, 1_000_000_001, 2_000_000_000, 1_084_200_000)
)
MEMBERS = st.sampled_from(("s1", "s2", "s3", "s4"))


@st.composite
def some_rules(draw: st.DrawFn, tick: int, ceiling: int, forward: bool) -> LotRules:
    def maybe(steps: int) -> st.SearchStrategy[int]:
        return st.just(0) | st.integers(1, steps).map(lambda number: number * tick)

    borders = sorted(draw(st.sets(st.integers(0, ceiling), max_size=2)))
    scorings = (None, None, MEAT, TRANSFORMED) if forward else (None, None, MEAT, LIFE_CYCLE, TRANSFORMED)
    return LotRules(
        improve_on=draw(st.sampled_from(ImproveOn)),
        step_bps=draw(st.sampled_from((0, 0, 150, 1_000))),
        step_bands=[StepBand(border, tick * draw(st.integers(1, 6))) for border in borders],
        max_step=draw(maybe(20)),
        front_buffer=draw(st.none() | maybe(4)),
        back_buffer=draw(maybe(4)),
        tie_policy=draw(st.sampled_from([each for each in TiePolicy if each is not TiePolicy.LOTTERY])),
        floor_price=draw(maybe(8)),
        qualification_price=draw(maybe(ceiling // tick)),
        scoring=draw(st.sampled_from(scorings)),
    )


@given(data=st.data(), tick=st.sampled_from((1, 5)), forward=st.booleans(), ticks=st.integers(8, 16))
@settings(max_examples=1_000, deadline=None)
def test_every_bid_in_whichever_currency_is_answered_as_the_naive_lot_answers(
    data: st.DataObject, tick: int, forward: bool, ticks: int
) -> None:
    ceiling, min_step = ticks * tick, tick * data.draw(st.integers(1, 4))
    rules = data.draw(some_rules(tick, ceiling, forward))
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    rate = RATES.filter(lambda each: each > 1)
    one, other = (BidCurrency(name, data.draw(rate), data.draw(st.integers(0, 3))) for name in ("USD", "JPY"))
    room = AuctionRoom()
    room.create(rules=EventRules(direction=direction), disclosure=Disclosure(prices_by_alias=True))
    allow(room, one, other)
    assume(isinstance(room.add_lot(ceiling_price=ceiling, min_step=min_step, tick=tick, rules=rules), list))
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    naive = NaivePricedLot(direction, ceiling, min_step, tick, rules)
    for member, of in (("s1", one), ("s2", other)):
        choose(room, member, of.currency)
        naive.rates[member], naive.ticks[member] = Fraction(of.rate_ppb, 10**9), of.tick
    prepare(room, naive, data)
    for _ in range(data.draw(st.integers(4, 8))):
        if data.draw(st.integers(0, 5)) == 0:
            room.reload()
        member = data.draw(MEMBERS)
        any_price = data.draw(st.integers(1, int(ceiling / naive.rate(member)) + 2))
        near = naive.next_in(member, any_price) if data.draw(st.booleans()) else 0
        bid(room, naive, member, near or any_price)


def prepare(room: AuctionRoom, naive: NaivePricedLot, data: st.DataObject) -> None:
    scoring = naive.rules.scoring
    if scoring is TRANSFORMED:
        for member in ("s1", "s3"):
            room.transform(member, factor_ppm=1_050_000, addend=-3)
            naive.transformed[member] = (Fraction(105, 100), -3)
    room.pass_to(OPEN)
    if scoring is None or scoring is TRANSFORMED:
        return
    for number in range(1, 5):
        options = tuple(data.draw(st.integers(1, len(each.options))) for each in scoring.features)
        amounts = tuple(data.draw(st.integers(0, 2)) for _ in scoring.costs)
        assert isinstance(room.declare(f"s{number}", options=options, amounts=amounts), list)
        naive.declared[f"s{number}"] = (options, amounts)


def bid(room: AuctionRoom, naive: NaivePricedLot, member: str, price: int) -> None:
    broken = naive.says(member, price)
    outcome = room.bid(member, price)
    refused = outcome if isinstance(outcome, Reject) else None

    assert (refused.code.name if refused else None) == (broken[0] if broken else None)
    if refused and refused.code.name not in FIXED:
        assert refused.bound == naive.next_in(member, price)
    if refused is None:
        naive.bids.append((member, naive.rate(member) * price))  # type: ignore[arg-type]
    board = room.board()
    assert ranked(room) == naive.ranking()
    assert [board.rank_of(each) for each in ranked(room)] == [naive.rank_of(each) for each in ranked(room)]
    told = next_price(Bounds(room.lot(), Sight.ALL), member)
    assert told == naive.next_in(member)
