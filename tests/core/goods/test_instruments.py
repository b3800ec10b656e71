from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.limits import PRICE_MAX
from exchange.core.messages import (
    AnyEvent,
    Condition,
    CreateInstrument,
    DealTermsSet,
    Delivery,
    InstrumentCreated,
    Part,
    PartDescribed,
    ReferencePriceSet,
    TaxRegime,
    TextAttached,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT


def a_command(**changed: Any) -> CreateInstrument:
    """Dollars with four decimals, prices from 1 to 3 in steps of a cent."""
    fields: dict[str, Any] = {
        "symbol": "KIT",
        "currency": "USD",
        "price_scale": 4,
        "tick": 100,
        "lot_multiple": 1,
        "price_min": 10_000,
        "price_max": 30_000,
    }
    return CreateInstrument(**(fields | changed))


def an_instrument(**changed: Any) -> Instrument:
    command, instruments = a_command(**changed), Instruments()
    assert instruments.refusal(command) is None
    return instruments.create("I1", command, [])


REFUSALS: list[tuple[str, CreateInstrument, Reject | None]] = [
    ("fine", a_command(), None),
    ("no such currency", a_command(currency="ZZZ"), Reject(RejectCode.CURRENCY_UNKNOWN, 0, "currency")),
    (
        "the currency is checked first",
        a_command(currency="ZZZ", tick=7, price_min=9, price_max=8),
        Reject(RejectCode.CURRENCY_UNKNOWN, 0, "currency"),
    ),
    (
        "a guarantee without an inspection",
        a_command(guarantee_bps=50),
        Reject(RejectCode.TERMS_CONTRADICT, 0, "guarantee_bps"),
    ),
    ("a guarantee of what the hub inspects", a_command(guarantee_bps=50, delivery=Delivery.HUB), None),
    (
        "a tax on goods that the exchange does not sell",
        a_command(goods_tax_bps=2_100, tax_regime=TaxRegime.DISCLOSED_AGENT),
        Reject(RejectCode.TERMS_CONTRADICT, 0, "goods_tax_bps"),
    ),
    (
        "a tax on goods that the exchange sells",
        a_command(goods_tax_bps=2_100, tax_regime=TaxRegime.OWN_NAME),
        None,
    ),
    ("one price in the band", a_command(price_min=10_000, price_max=10_000), None),
    (
        "the band ends below its beginning",
        a_command(price_min=10_001, price_max=10_000),
        Reject(RejectCode.BAND_EMPTY, 10_100, "price_max"),
    ),
    (
        "no tick in the band",
        a_command(price_min=10_001, price_max=10_099),
        Reject(RejectCode.BAND_EMPTY, 10_100, "price_max"),
    ),
    ("the tick at the end of the band", a_command(price_min=10_001, price_max=10_100), None),
    (
        "the band is checked before the tick",
        a_command(tick=7, price_min=9, price_max=8),
        Reject(RejectCode.BAND_EMPTY, 14, "price_max"),
    ),
    ("a fraction of a cent", a_command(tick=1), Reject(RejectCode.TICK_NOT_WHOLE, 100, "tick")),
    ("a fraction of a cent, by the hundred", a_command(tick=1, lot_multiple=100), None),
    ("half a cent in fours", a_command(tick=50, lot_multiple=4), None),
    (
        "half a cent in threes",
        a_command(tick=50, lot_multiple=3),
        Reject(RejectCode.TICK_NOT_WHOLE, 100, "tick"),
    ),
    ("a tenth of a cent in twenties", a_command(tick=10, lot_multiple=20), None),
    (
        "a thousandth in twenties",
        a_command(tick=1, lot_multiple=20),
        Reject(RejectCode.TICK_NOT_WHOLE, 5, "tick"),
    ),
    ("whole cents", a_command(price_scale=2, tick=1), None),
    ("whole dollars", a_command(price_scale=0, tick=1, price_min=1), None),
    ("whole yen", a_command(currency="JPY", price_scale=0, tick=1), None),
    (
        "a hundredth of a yen",
        a_command(currency="JPY", price_scale=2, tick=1),
        Reject(RejectCode.TICK_NOT_WHOLE, 100, "tick"),
    ),
]


@pytest.mark.parametrize("case, command, expected", REFUSALS)
def test_an_instrument_is_refused_for_the_first_thing_that_is_wrong(
    case: str, command: CreateInstrument, expected: Reject | None
) -> None:
    assert Instruments().refusal(command) == expected


def test_a_symbol_names_one_instrument_also_after_a_restart() -> None:
    instruments = Instruments()
    instruments.create("I1", a_command(), [])

    for room in (instruments, Instruments.load(instruments.dump())):
        assert room.refusal(a_command(currency="ZZZ")) == Reject(RejectCode.SYMBOL_TAKEN, 0, "symbol")
        assert room.refusal(a_command(symbol="KIT-2")) is None


PULLED = Part("Texas Instruments", "LM358P", Condition.PULL)
LM358P = Part("Texas Instruments", "LM358P", Condition.NOS)
SAME = Part("texas instruments", "lm-358 p", Condition.NOS)
PART_REFUSALS: list[tuple[str, dict[str, Any], Reject | None]] = [
    ("a part needs no symbol", {"symbol": "", "part": PULLED}, None),
    ("neither", {"symbol": ""}, Reject(RejectCode.SYMBOL_MISSING, 0, "symbol")),
    ("the same part in other letters", {"part": SAME}, Reject(RejectCode.PART_TAKEN, 0, "part")),
    (
        "a number in foreign signs",
        {"part": Part("TI", "部品", Condition.NOS)},
        Reject(RejectCode.PART_UNREADABLE, 0, "part.part_number"),
    ),
    (
        "a maker of dots",
        {"part": Part("...", "LM358", Condition.NOS)},
        Reject(RejectCode.PART_UNREADABLE, 0, "part.manufacturer"),
    ),
    (
        "a week that no year has",
        {"part": Part("TI", "LM358", Condition.NOS, date_code_from=202354)},
        Reject(RejectCode.DATE_CODE_WRONG, 0, "part.date_code_from"),
    ),
    (
        "a band that ends before it begins",
        {"part": Part("TI", "LM358", Condition.NOS, date_code_from=202310, date_code_to=202309)},
        Reject(RejectCode.DATE_CODE_WRONG, 0, "part.date_code_to"),
    ),
    ("a band without an end", {"part": Part("TI", "LM358", Condition.NOS, date_code_from=202310)}, None),
    (
        "a reference price off the tick",
        {"reference_price": 20_060},
        Reject(RejectCode.REFERENCE_PRICE_UNFIT, 20_100, "reference_price"),
    ),
    (
        "a reference price above the band",
        {"reference_price": 90_000},
        Reject(RejectCode.REFERENCE_PRICE_UNFIT, 30_000, "reference_price"),
    ),
    ("a reference price at the end of the band", {"reference_price": 30_000}, None),
]


@pytest.mark.parametrize("case, changed, expected", PART_REFUSALS)
def test_a_part_is_refused_for_the_first_thing_that_is_wrong(
    case: str, changed: dict[str, Any], expected: Reject | None
) -> None:
    instruments = Instruments()
    instruments.create("I1", a_command(symbol="", part=LM358P), [])

    for room in (instruments, Instruments.load(instruments.dump())):
        assert room.refusal(a_command(**changed)) == expected


def test_a_described_instrument_tells_each_thing_that_it_has() -> None:
    instruments, events = Instruments(), list[AnyEvent]()
    text_hash = "0" * 64

    made = instruments.create(
        "I1", a_command(symbol="", part=LM358P, reference_price=20_000, text_hash=text_hash), events
    )

    assert made.symbol.startswith("LM358P-")
    assert events == [
        InstrumentCreated("I1", made.symbol, "USD", 4, 100, 1, 10_000, 30_000),
        PartDescribed("I1", LM358P),
        ReferencePriceSet("I1", 20_000),
        TextAttached("I1", text_hash),
    ]


def test_a_created_instrument_is_told_and_found() -> None:
    instruments, events = Instruments(), list[AnyEvent]()

    instrument = instruments.create("I1", a_command(), events)

    assert events == [InstrumentCreated("I1", "KIT", "USD", 4, 100, 1, 10_000, 30_000)]
    assert instrument == Instrument(
        "I1", "KIT", "USD", 4, 100, 1, 10_000, 30_000, 1, 100, Delivery.DIRECT, 0, TaxRegime.NONE, 0
    )
    assert instruments.get("I1") is instrument
    assert instruments.get("I2") is None


def test_an_id_is_used_once() -> None:
    instruments = Instruments()
    instruments.create("I1", a_command(), [])

    with pytest.raises(AssertionError, match="drawn once"):
        instruments.create("I1", a_command(), [])


@pytest.mark.parametrize(
    "changed, price, quantity, amount_minor",
    [
        ({"lot_multiple": 1_000, "tick": 1}, 23_750, 1_000, 2375_00),
        ({"price_scale": 2, "tick": 1}, 237, 3, 7_11),
        ({"price_scale": 0, "tick": 1, "price_min": 1}, 5, 3, 15_00),
        ({"currency": "JPY", "price_scale": 0, "tick": 1}, 128_001, 1, 128_001),
    ],
)
def test_an_amount_is_exact_in_minor_units(
    changed: dict[str, Any], price: int, quantity: int, amount_minor: int
) -> None:
    assert an_instrument(**changed).amount_minor(price, quantity) == amount_minor


def test_an_amount_that_would_round_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="never round"):
        an_instrument().amount_minor(10_001, 1)


@given(
    currency=st.sampled_from(sorted(CURRENCY_EXPONENT)),
    price_scale=st.integers(0, 4),
    tick=st.integers(1, 20_000),
    lot_multiple=st.integers(1, 20_000),
    steps=st.integers(1, 1_000),
    lots=st.integers(1, 1_000),
)
def test_no_fill_of_an_instrument_that_was_not_refused_ever_rounds(
    currency: str, price_scale: int, tick: int, lot_multiple: int, steps: int, lots: int
) -> None:
    command = a_command(
        currency=currency,
        price_scale=price_scale,
        tick=tick,
        lot_multiple=lot_multiple,
        price_min=1,
        price_max=PRICE_MAX,
    )
    instruments = Instruments()
    refused = instruments.refusal(command)
    minor = Decimal(10) ** (CURRENCY_EXPONENT[currency] - price_scale)

    if refused is not None:
        assert tick * lot_multiple * minor % 1 != 0
        assert refused.bound * lot_multiple * minor % 1 == 0
        return

    price, quantity = tick * steps, lot_multiple * lots
    amount_minor = instruments.create("I1", command, []).amount_minor(price, quantity)
    assert amount_minor == price * quantity * minor


def test_loaded_instruments_are_those_that_were_dumped_whatever_came_first() -> None:
    first, second = Instruments(), Instruments()
    for instrument_id in ("I1", "I2"):
        first.create(instrument_id, a_command(), [])
    for instrument_id in ("I2", "I1"):
        second.create(instrument_id, a_command(), [])
    dumped = msgpack.encode(first.dump())

    loaded = Instruments.load(msgpack.decode(dumped, type=list[Instrument]))

    assert msgpack.encode(loaded.dump()) == msgpack.encode(second.dump()) == dumped
    assert loaded.get("I2") == first.get("I2")


def test_terms_that_differ_from_plain_ones_are_told() -> None:
    events: list[AnyEvent] = []
    command = a_command(delivery=Delivery.HUB, guarantee_bps=50)

    made = Instruments().create("I1", command, events)

    assert (made.delivery, made.guarantee_bps) == (Delivery.HUB, 50)
    assert events[1:] == [DealTermsSet("I1", Delivery.HUB, 50, TaxRegime.NONE, 0)]
