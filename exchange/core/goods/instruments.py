"""Instruments: fungible descriptions of goods, with prices that always come out in whole minor units.

Guarantees: an instrument that exists prices every admissible quantity exactly, so no fill rounds; no two have
one symbol, and no two are the same part.
Does not count goods: quantities are accounts of the ledger, whose unit is the instrument's id.
Known limits: an instrument is never changed or closed; symbols are compared letter by letter; a part has one
instrument, so one currency.
"""

from collections.abc import Iterator
from math import gcd
from typing import Final

from msgspec import Struct

from exchange.core.goods.parts import Identity, identity_of, is_date_code, manufacturer_key, symbol_of
from exchange.core.messages import AnyEvent
from exchange.core.messages.goods import (
    CreateInstrument,
    DealTermsSet,
    Delivery,
    InstrumentCreated,
    LeastAmountSet,
    Part,
    PartDescribed,
    ReferencePriceSet,
    TaxRegime,
    TextAttached,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT, minor_per_price

_PLAIN_TERMS: Final = (Delivery.DIRECT, 0, TaxRegime.NONE, 0)


class Instrument(Struct, frozen=True, array_like=True, gc=False):
    """Prices are multiples of `tick` within the band, both ends admissible; quantities of `lot_multiple`."""

    instrument_id: str
    symbol: str
    currency: str
    price_scale: int
    tick: int
    lot_multiple: int
    price_min: int
    price_max: int
    numerator: int  # price x quantity x numerator / denominator is in minor units
    denominator: int
    delivery: Delivery
    guarantee_bps: int
    tax_regime: TaxRegime
    goods_tax_bps: int
    part: Part | None = None
    reference_price: int = 0  # 0: none
    text_hash: str = ""
    min_amount_minor: int = 0  # of an order

    def amount_minor(self, price: int, quantity: int) -> int:
        """What a quantity costs, exactly; price and quantity are admissible, the amount may be too large."""
        product, denominator = price * quantity * self.numerator, self.denominator
        amount_minor = product // denominator
        assert amount_minor * denominator == product, "an admissible price and quantity never round"
        return amount_minor


class Instruments:
    """All instruments by their ids."""

    def __init__(self) -> None:
        self._by_id: dict[str, Instrument] = {}
        self._symbols: set[str] = set()
        self._parts: dict[Identity, str] = {}  # the instrument of each

    def get(self, instrument_id: str) -> Instrument | None:
        """The instrument, or nothing."""
        return self._by_id.get(instrument_id)

    def refusal(self, command: CreateInstrument) -> Reject | None:
        """Checks: SYMBOL_MISSING, SYMBOL_TAKEN, CURRENCY_UNKNOWN, BAND_EMPTY, TICK_NOT_WHOLE, TERMS_CONTRADICT,
        REFERENCE_PRICE_UNFIT, then the part: PART_UNREADABLE, DATE_CODE_WRONG, PART_TAKEN, SYMBOL_TAKEN.

        Bounds: the least `price_max` that leaves a price in the band; the number whose multiples are whole
        as `tick` with this lot multiple; the reference price that is nearest.
        """
        if not command.symbol and command.part is None:
            return Reject(RejectCode.SYMBOL_MISSING, field="symbol")
        if command.symbol in self._symbols:
            return Reject(RejectCode.SYMBOL_TAKEN, field="symbol")
        if refused := _price_refusal(command) or _terms_refusal(command):
            return refused
        return None if command.part is None else self._part_refusal(command.symbol, command.part)

    def _part_refusal(self, symbol: str, part: Part) -> Reject | None:
        if (identity := identity_of(part)) is None:
            maker = manufacturer_key(part.manufacturer)
            field = "part.part_number" if maker else "part.manufacturer"
            return Reject(RejectCode.PART_UNREADABLE, field=field)
        if not is_date_code(part.date_code_from):
            return Reject(RejectCode.DATE_CODE_WRONG, field="part.date_code_from")
        if not is_date_code(part.date_code_to) or 0 < part.date_code_to < part.date_code_from:
            return Reject(RejectCode.DATE_CODE_WRONG, field="part.date_code_to")
        if identity in self._parts:
            return Reject(RejectCode.PART_TAKEN, field="part")
        if not symbol and symbol_of(identity) in self._symbols:
            return Reject(RejectCode.SYMBOL_TAKEN, field="symbol")
        return None

    def create(self, instrument_id: str, command: CreateInstrument, events: list[AnyEvent]) -> Instrument:
        """Add an instrument that was not refused."""
        assert instrument_id not in self._by_id, "an id is drawn once"
        numerator, denominator = minor_per_price(command.currency, command.price_scale)
        identity = command.part and identity_of(command.part)
        instrument = Instrument(
            instrument_id,
            command.symbol or (symbol_of(identity) if identity else ""),
            command.currency,
            command.price_scale,
            command.tick,
            command.lot_multiple,
            command.price_min,
            command.price_max,
            numerator,
            denominator,
            command.delivery,
            command.guarantee_bps,
            command.tax_regime,
            command.goods_tax_bps,
            command.part,
            command.reference_price,
            command.text_hash,
            command.min_amount_minor,
        )
        self._add(instrument)
        events.extend(_told(instrument))
        return instrument

    def _add(self, instrument: Instrument) -> None:
        self._by_id[instrument.instrument_id] = instrument
        self._symbols.add(instrument.symbol)
        if instrument.part and (identity := identity_of(instrument.part)):
            self._parts[identity] = instrument.instrument_id

    def dump(self) -> list[Instrument]:
        """All instruments in the order of their ids."""
        return [self._by_id[instrument_id] for instrument_id in sorted(self._by_id)]

    @classmethod
    def load(cls, state: list[Instrument]) -> "Instruments":
        """The instruments of a dump."""
        instruments = cls()
        for instrument in state:
            instruments._add(instrument)
        return instruments


def _price_refusal(command: CreateInstrument) -> Reject | None:
    if command.currency not in CURRENCY_EXPONENT:
        return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
    tick = command.tick
    lowest_price = -(-command.price_min // tick) * tick
    if lowest_price > command.price_max:
        return Reject(RejectCode.BAND_EMPTY, lowest_price, "price_max")
    numerator, denominator = minor_per_price(command.currency, command.price_scale)
    whole_tick = denominator // gcd(command.lot_multiple * numerator, denominator)
    if tick % whole_tick:
        return Reject(RejectCode.TICK_NOT_WHOLE, whole_tick, "tick")
    return None


def _terms_refusal(command: CreateInstrument) -> Reject | None:
    if command.guarantee_bps and command.delivery is not Delivery.HUB:
        return Reject(RejectCode.TERMS_CONTRADICT, field="guarantee_bps")
    if command.goods_tax_bps and command.tax_regime is not TaxRegime.OWN_NAME:
        return Reject(RejectCode.TERMS_CONTRADICT, field="goods_tax_bps")
    if command.reference_price:
        lowest, highest = -(-command.price_min // command.tick), command.price_max // command.tick
        ticks = (2 * command.reference_price + command.tick) // (2 * command.tick)
        nearest = min(max(ticks, lowest), highest) * command.tick
        if nearest != command.reference_price:
            return Reject(RejectCode.REFERENCE_PRICE_UNFIT, nearest, "reference_price")
    return None


def _told(made: Instrument) -> Iterator[AnyEvent]:
    """The events of a new instrument; what it lacks makes none."""
    yield InstrumentCreated(
        made.instrument_id,
        made.symbol,
        made.currency,
        made.price_scale,
        made.tick,
        made.lot_multiple,
        made.price_min,
        made.price_max,
    )
    terms = made.delivery, made.guarantee_bps, made.tax_regime, made.goods_tax_bps
    if terms != _PLAIN_TERMS:
        yield DealTermsSet(made.instrument_id, *terms)
    if made.part:
        yield PartDescribed(made.instrument_id, made.part)
    if made.reference_price:
        yield ReferencePriceSet(made.instrument_id, made.reference_price)
    if made.text_hash:
        yield TextAttached(made.instrument_id, made.text_hash)
    if made.min_amount_minor:
        yield LeastAmountSet(made.instrument_id, made.min_amount_minor)
