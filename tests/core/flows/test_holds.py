"""What an order of any terms holds: enough for what it can still be asked for, to the unit, and nothing after its end."""

import random
from fractions import Fraction
from typing import Any

import pytest
from msgspec import structs

from exchange.core.flows.holds import net_within, with_tax
from exchange.core.kernel import Exchange
from exchange.core.messages import (
    AmendOrder,
    CancelAfter,
    CancelAll,
    CancelCause,
    CancelOrder,
    FireDeadlines,
    OpenSession,
    OrderCancelled,
    OrderTerms,
    OrderType,
    Outcome,
    PlaceOrder,
    PostOnlyMode,
    PublishSchedule,
    Role,
    SelfTradeMode,
    SetCommission,
    Side,
    TaxRegime,
    TimeInForce,
)
from exchange.core.messages.deals import ContractLineTaxed
from exchange.core.messages.ledger import Payer, Tier
from exchange.core.rejects import RejectCode
from tests.core.venue import SECOND, Venue, legs, refusal

BUY, SELL = Side.BUY, Side.SELL
GTC, IOC, FOK, GTD, DAY = (
    TimeInForce.GTC,
    TimeInForce.IOC,
    TimeInForce.FOK,
    TimeInForce.GTD,
    TimeInForce.DAY,
)
HOUR = 3_600 * SECOND
OWN_NAME = TaxRegime.OWN_NAME


def a_market(**fields: Any) -> Venue:
    """Ann and Bob, rich in USD and LM358."""
    venue = Venue()
    venue.instrument(**fields)
    for member_id in ("Ann", "Bob"):
        venue.member(member_id)
        venue.money(member_id, 10_000_000)
        venue.stock(member_id, 1_000_000)
    for _ in range(2):
        venue.send("Ann", OpenSession())
    return venue


def wish(side: Side, price: int, quantity: int, tif: TimeInForce = GTC, **terms: Any) -> PlaceOrder:
    return PlaceOrder(
        instrument_id="LM358",
        side=side,
        price=price,
        quantity=quantity,
        time_in_force=tif,
        terms=OrderTerms(**terms) if terms else None,
    )


def taken(outcome: Outcome) -> Outcome:
    assert not outcome.reply.code, refusal(outcome)
    return outcome


def causes(outcome: Outcome) -> list[tuple[str, CancelCause]]:
    return [(event.order_id, event.cause) for event in outcome.events if isinstance(event, OrderCancelled)]


# --- tax on the goods --------------------------------------------------------------------------------


def test_a_fill_of_1000_at_2_375_with_tax_of_21_per_cent_takes_2873_75() -> None:
    venue = a_market(price_scale=4, lot_multiple=1_000, tax_regime=OWN_NAME, goods_tax_bps=2_100)
    taken(venue.send("Ann", wish(SELL, 23_750, 1_000), new_id="S"))

    bought = taken(venue.send("Bob", wish(BUY, 23_750, 1_000), new_id="C1"))

    assert venue.balance("escrow:C1") == -287_375
    assert ContractLineTaxed("C1", 1, 49_875) in bought.events
    assert venue.balance("held:Bob") == 0


def test_fills_are_taxed_as_their_sum_however_they_are_split() -> None:
    whole, split = (a_market(tax_regime=OWN_NAME, goods_tax_bps=2_100) for _ in range(2))
    taken(whole.send("Ann", wish(SELL, 3, 100), new_id="S"))
    for _ in range(100):
        taken(split.send("Ann", wish(SELL, 3, 1)))

    for venue in (whole, split):
        taken(venue.send("Bob", wish(BUY, 5, 100), new_id="C"))

    assert whole.balance("escrow:C") == split.balance("escrow:C") == -363
    assert whole.balance("held:Bob") == split.balance("held:Bob") == 0


@pytest.mark.parametrize("tax_bps", [0, 1, 700, 2_100, 10_000])
def test_the_most_that_a_budget_pays_with_tax_leaves_no_room_for_a_unit_more(tax_bps: int) -> None:
    for gross in [*range(300), 10**6 + 7, 2**53 - 1]:
        net = net_within(gross, tax_bps)

        assert with_tax(net, tax_bps) <= gross < with_tax(net + 1, tax_bps)
        assert with_tax(net, tax_bps) == net + int(Fraction(net * tax_bps, 10_000) + Fraction(1, 2))


# --- budgets and market orders -----------------------------------------------------------------------


def test_a_budget_is_all_that_an_order_holds_and_the_rest_comes_back() -> None:
    venue = a_market(tax_regime=OWN_NAME, goods_tax_bps=2_100)
    taken(venue.send("Ann", wish(SELL, 100, 10)))

    bought = taken(venue.send("Bob", wish(BUY, 200, 1_000, IOC, budget_minor=600), new_id="C"))

    assert legs(bought.events)[0] == ("wallet:Bob", "held:Bob", 600)
    assert (bought.reply.filled_quantity, bought.reply.open_quantity) == (4, 0)
    assert venue.balance("escrow:C") == -484
    assert venue.balance("held:Bob") == 0
    assert venue.balance("wallet:Bob") == -10_000_000 + 484


def test_a_fok_order_that_its_budget_does_not_pay_whole_is_refused_with_what_it_would() -> None:
    venue = a_market(lot_multiple=5)
    taken(venue.send("Ann", wish(SELL, 100, 50)))

    refused = venue.send("Bob", wish(BUY, 100, 50, FOK, budget_minor=1_999))
    bought = taken(venue.send("Bob", wish(BUY, 100, 50, FOK, budget_minor=5_000)))

    assert refusal(refused) == (RejectCode.NOT_FILLABLE, 15)
    assert bought.reply.filled_quantity == 50


def test_a_market_order_is_a_limit_at_the_end_of_the_band() -> None:
    venue = a_market(price_max=300, price_min=50)
    for price in (250, 300):
        taken(venue.send("Ann", wish(SELL, price, 10)))

    bought = taken(venue.send("Bob", wish(BUY, 0, 30, IOC, order_type=OrderType.MARKET)))

    assert legs(bought.events)[0] == ("wallet:Bob", "held:Bob", 9_000)
    assert bought.reply.filled_quantity == 20
    assert venue.balance("held:Bob") == 0


# --- refusals ----------------------------------------------------------------------------------------

MARKET, SLIDE = OrderType.MARKET, PostOnlyMode.SLIDE
REFUSED: dict[str, tuple[PlaceOrder, RejectCode, str]] = {
    "a market order that rests": (
        wish(BUY, 0, 10, order_type=MARKET),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "order_type",
    ),
    "a market order with a price": (
        wish(BUY, 9, 10, IOC, order_type=MARKET),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "price",
    ),
    "a limit of nothing": (wish(BUY, 0, 10, IOC), RejectCode.PRICE_BELOW_BAND, "price"),
    "a slide of what may trade": (
        wish(BUY, 9, 10, post_only_mode=SLIDE),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "post_only_mode",
    ),
    "a budget that rests": (
        wish(BUY, 9, 10, budget_minor=1),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "budget_minor",
    ),
    "a seller's budget": (
        wish(SELL, 9, 10, IOC, budget_minor=1),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "budget_minor",
    ),
    "an iceberg that does not rest": (
        wish(BUY, 9, 10, IOC, display_quantity=5),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "display_quantity",
    ),
    "an iceberg with a minimum": (
        wish(BUY, 9, 10, display_quantity=5, min_fill_quantity=5),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "display_quantity",
    ),
    "a fok with a minimum": (
        wish(BUY, 9, 10, FOK, min_fill_quantity=5),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "min_fill_quantity",
    ),
    "an expiry of what never expires": (
        wish(BUY, 9, 10, expires_at_us=5),
        RejectCode.ORDER_TERMS_CONTRADICT,
        "expires_at_us",
    ),
    "an expiry in the past": (
        wish(BUY, 9, 10, GTD, expires_at_us=5),
        RejectCode.EXPIRY_OUT_OF_RANGE,
        "expires_at_us",
    ),
    "gtd without an expiry": (wish(BUY, 9, 10, GTD), RejectCode.EXPIRY_OUT_OF_RANGE, "expires_at_us"),
    "more shown than there is": (
        wish(BUY, 9, 10, display_quantity=11),
        RejectCode.PART_OUT_OF_RANGE,
        "display_quantity",
    ),
    "too many slices": (
        wish(BUY, 9, 33, display_quantity=1),
        RejectCode.PART_OUT_OF_RANGE,
        "display_quantity",
    ),
    "a minimum above the quantity": (
        wish(BUY, 9, 10, min_fill_quantity=11),
        RejectCode.PART_OUT_OF_RANGE,
        "min_fill_quantity",
    ),
    "too small an amount": (wish(BUY, 9, 1), RejectCode.ORDER_TOO_SMALL, "quantity"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_terms_that_do_not_fit_are_refused_and_nothing_moves(case: str) -> None:
    command, code, field = REFUSED[case]
    venue = a_market(min_amount_minor=10)

    refused = venue.send("Ann", command)

    assert (refused.reply.code, refused.reply.field, refused.events) == (code, field, [])


@pytest.mark.parametrize("side, held", [(BUY, 1_210), (SELL, 10)])
def test_validate_only_tells_what_would_be_held_and_changes_nothing(side: Side, held: int) -> None:
    venue = a_market(tax_regime=OWN_NAME, goods_tax_bps=2_100)
    command = PlaceOrder(instrument_id="LM358", side=side, price=100, quantity=10, validate_only=True)

    checked = taken(venue.send("Bob", command))

    assert (checked.reply.id, checked.reply.number, checked.events) == ("", held, [])
    short = PlaceOrder(instrument_id="LM358", side=side, price=100, quantity=10**9, validate_only=True)
    assert venue.send("Bob", short).reply.code in {RejectCode.MONEY_SHORT, RejectCode.STOCK_SHORT}


# --- ends --------------------------------------------------------------------------------------------


def test_gtd_and_day_orders_expire_at_their_instants_and_give_back_what_they_held() -> None:
    venue = a_market()
    soon = venue.at_us + HOUR
    taken(venue.send("Ann", wish(BUY, 100, 10, GTD, expires_at_us=soon), new_id="gtd"))
    taken(venue.send("Ann", wish(SELL, 200, 10, DAY), new_id="day"))
    assert venue.kernel.deadlines.next_us() == soon

    venue.at_us = soon
    first = venue.send("", FireDeadlines(), after_us=0)
    midnight = venue.kernel.deadlines.next_us()
    assert midnight is not None and midnight % (24 * HOUR) == 0
    venue.at_us = midnight
    second = venue.send("", FireDeadlines(), after_us=0)

    assert causes(first) == [("gtd", CancelCause.EXPIRED)]
    assert causes(second) == [("day", CancelCause.EXPIRED)]
    assert venue.balance("held:Ann") == venue.balance("reserved:Ann", "LM358") == 0
    assert venue.kernel.deadlines.next_us() is None


def test_7_an_expiry_index_that_is_never_pruned() -> None:
    venue = a_market()
    for number in range(50):
        taken(venue.send("Ann", wish(SELL, 100, 10, DAY), new_id=f"s{number}"))
        if number % 2:
            taken(venue.send("Ann", CancelOrder(order_id=f"s{number}")))
        else:
            taken(venue.send("Bob", wish(BUY, 100, 10)))

    assert venue.kernel.deadlines.next_us() is None
    assert venue.kernel.deadlines.dump() == (0, [])
    assert venue.kernel.holds._expiring == {}


def test_all_orders_are_cancelled_by_side_by_instrument_and_by_session() -> None:
    venue = a_market()
    venue.instrument("OTHER")
    orders = (("b1", BUY, 1), ("b2", BUY, 2), ("s1", SELL, 1))
    for order_id, side, session in orders:
        command = structs.replace(wish(side, 100 if side is BUY else 200, 1), ref=3)
        taken(venue.send("Ann", command, new_id=order_id, session=session if order_id != "s1" else 0))
    taken(venue.send("Bob", wish(BUY, 100, 1), new_id="bob"))

    none = taken(venue.send("Ann", CancelAll(instrument_id="OTHER")))
    second = taken(venue.send("Ann", CancelAll(placed_in=2)))
    buys = taken(venue.send("Ann", CancelAll(side=BUY)))
    rest = taken(venue.send("Ann", CancelAll()))

    assert [each.reply.number for each in (none, second, buys, rest)] == [0, 1, 1, 1]
    assert [causes(each)[0][0] for each in (second, buys, rest)] == ["b2", "b1", "s1"]
    assert list(venue.kernel.books.orders) == ["bob"]
    assert venue.balance("held:Ann") == venue.balance("reserved:Ann", "LM358") == 0
    assert refusal(venue.send("Ann", CancelAll(instrument_id="none")))[0] is RejectCode.INSTRUMENT_UNKNOWN


def test_a_switch_that_is_not_renewed_cancels_the_orders_of_its_session_alone() -> None:
    venue = a_market()
    for order_id, session in (("one", 1), ("two", 2), ("rest", 0)):
        command = structs.replace(wish(BUY, 100, 1), ref=1)
        taken(venue.send("Ann", command, new_id=order_id, session=session))
    taken(venue.send("Ann", CancelAfter(after_us=5 * SECOND, ref=2), session=1))
    renewed = taken(venue.send("Ann", CancelAfter(after_us=9 * SECOND, ref=3), session=1))
    taken(venue.send("Ann", CancelAfter(after_us=SECOND, ref=2), session=2))
    taken(venue.send("Ann", CancelAfter(after_us=0, ref=3), session=2))

    due_us = venue.kernel.deadlines.next_us()
    venue.at_us = due_us or 0
    fired = venue.send("", FireDeadlines(), after_us=0)

    assert due_us == renewed.reply.number
    assert causes(fired) == [("one", CancelCause.TIMED_OUT)]
    assert sorted(venue.kernel.books.orders) == ["rest", "two"]


# --- random lives ------------------------------------------------------------------------------------


def random_wish(chance: random.Random, at_us: int) -> PlaceOrder:
    side, part = chance.choice((BUY, SELL)), 10 * chance.randint(1, 4)
    price, quantity = chance.randint(90, 110), 10 * chance.randint(1, 9)
    mode = chance.choice(list(SelfTradeMode))
    rests = chance.choice((GTC, DAY))
    budget = wish(BUY, price, quantity, chance.choice((IOC, FOK)), budget_minor=chance.randint(1, 9_999))
    return chance.choice(
        (
            wish(side, price, quantity, chance.choice((GTC, IOC, FOK, DAY))),
            wish(side, price, quantity, rests, min_fill_quantity=min(part, quantity), self_trade=mode),
            wish(side, price, quantity, rests, display_quantity=min(part, quantity), self_trade=mode),
            wish(side, price, quantity, IOC, self_trade=mode, min_fill_quantity=min(part, quantity)),
            wish(side, price, quantity, GTD, expires_at_us=at_us + chance.randint(2_000, 90_000)),
            wish(side, 0, quantity, chance.choice((IOC, FOK)), order_type=MARKET, self_trade=mode),
            budget,
        )
    )


BUYERS_FEES = {
    "a rate": PublishSchedule(rate_bps=333, tax_bps=2_100, payer=Payer.BUYER),
    "tiers, minimum and cap": PublishSchedule(
        rate_bps=50, tax_bps=2_100, tiers=(Tier(20_000, 400),), minimum_minor=77, cap_minor=2_000,
        currency="USD", payer=Payer.BUYER,
    ),
    "a part": PublishSchedule(
        rate_bps=800, tax_bps=700, fixed_minor=9, currency="USD", payer=Payer.SPLIT, buyer_share_bps=3_333
    ),
}  # fmt: skip


def step(venue: Venue, chance: random.Random) -> None:
    due_us = venue.kernel.deadlines.next_us()
    if due_us is not None and due_us <= venue.at_us + 1_000:
        venue.at_us = due_us
        venue.send("", FireDeadlines(), after_us=0)
    who, kind = chance.choice(("Ann", "Bob", "Cyd", "Dan")), chance.random()
    mine = venue.kernel.books.of_member(who)
    if kind < 0.7 or not mine:
        venue.send(who, random_wish(chance, venue.at_us))
    elif kind < 0.9:
        order = chance.choice(mine)
        price, quantity = chance.choice((0, chance.randint(90, 110))), 10 * chance.randint(0, 9)
        venue.send(who, AmendOrder(order_id=order.order_id, price=price, quantity=quantity))
    elif kind < 0.98:
        venue.send(who, CancelOrder(order_id=chance.choice(mine).order_id))
    else:
        venue.send(who, CancelAll(side=chance.choice((None, BUY, SELL))))


def check_holds(kernel: Exchange) -> None:
    """Open orders, open holds, and what each needs, to the unit."""
    kernel.ledger.check_invariants()
    assert kernel.ledger.holds.keys() == kernel.books.orders.keys()
    assert kernel.holds.spent.keys() <= kernel.books.orders.keys()
    assert kernel.holds.fees.keys() <= kernel.books.orders.keys()
    for order_id, order in kernel.books.orders.items():
        instrument = kernel.instruments.get(order.instrument_id)
        assert instrument is not None
        need = kernel.holds.need(order_id, order.side, instrument, order.price, order.open)
        assert kernel.ledger.holds[order_id].remaining == need > 0


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("tax_bps", [0, 2_100])
@pytest.mark.parametrize("fee", ["nothing", "a rate", "tiers, minimum and cap", "a part"])
def test_every_order_holds_just_what_it_needs_whatever_happens(seed: int, tax_bps: int, fee: str) -> None:
    chance = random.Random(seed)
    tax: dict[str, Any] = {"tax_regime": OWN_NAME, "goods_tax_bps": tax_bps} if tax_bps else {}
    venue = a_market(lot_multiple=10, price_min=85, price_max=115, **tax)
    if fee != "nothing":
        taken(venue.send("operator", BUYERS_FEES[fee]))
    for member_id, owner in (("Cyd", "Ann"), ("Dan", "")):
        venue.member(member_id, Role.BUYER, Role.SELLER, owner=owner)
        venue.money(member_id, 50_000)
        venue.stock(member_id, 500)

    for number in range(150):
        step(venue, chance)
        check_holds(venue.kernel)
        if fee == "a rate" and number == 75:
            taken(venue.send("operator", SetCommission(rate_bps=800)))
        if number % 50 == 49:
            dumped = venue.kernel.dump()
            venue.kernel = Exchange.load(dumped)
            assert venue.kernel.dump() == dumped

    for member_id in ("Ann", "Bob", "Cyd", "Dan"):
        venue.send(member_id, CancelAll())
        assert venue.balance(f"held:{member_id}") == venue.balance(f"reserved:{member_id}", "LM358") == 0
    assert venue.kernel.deadlines.dump() == (0, [])
