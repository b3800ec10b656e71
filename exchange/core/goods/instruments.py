"""Instruments: fungible descriptions of goods, with prices that always come out in whole minor units.

Guarantees: an instrument that exists prices every admissible quantity exactly, so no fill rounds.
Does not count goods: quantities are accounts of the ledger, whose unit is the instrument's id.
Known limits: an instrument is never changed or closed; symbols are compared letter by letter.
"""

from math import gcd
from typing import Final

from msgspec import Struct

from exchange.core.messages import AnyEvent
from exchange.core.messages.goods import (
    CreateInstrument,
    DealTermsSet,
    Delivery,
    InstrumentCreated,
    TaxRegime,
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

    def get(self, instrument_id: str) -> Instrument | None:
        """The instrument, or nothing."""
        return self._by_id.get(instrument_id)

    def refusal(self, command: CreateInstrument) -> Reject | None:
        """Checks: SYMBOL_TAKEN, CURRENCY_UNKNOWN, BAND_EMPTY, TICK_NOT_WHOLE, TERMS_CONTRADICT.

        Bounds: the least `price_max` that leaves a price in the band; the number whose multiples are whole
        as `tick` with this lot multiple.
        """
        if command.symbol in self._symbols:
            return Reject(RejectCode.SYMBOL_TAKEN, field="symbol")
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        lowest_price = -(-command.price_min // command.tick) * command.tick
        if lowest_price > command.price_max:
            return Reject(RejectCode.BAND_EMPTY, lowest_price, "price_max")
        numerator, denominator = minor_per_price(command.currency, command.price_scale)
        whole_tick = denominator // gcd(command.lot_multiple * numerator, denominator)
        if command.tick % whole_tick:
            return Reject(RejectCode.TICK_NOT_WHOLE, whole_tick, "tick")
        if command.guarantee_bps and command.delivery is not Delivery.HUB:
            return Reject(RejectCode.TERMS_CONTRADICT, field="guarantee_bps")
        if command.goods_tax_bps and command.tax_regime is not TaxRegime.OWN_NAME:
            return Reject(RejectCode.TERMS_CONTRADICT, field="goods_tax_bps")
        return None

    def create(self, instrument_id: str, command: CreateInstrument, events: list[AnyEvent]) -> Instrument:
        """Add an instrument that was not refused."""
        assert instrument_id not in self._by_id, "an id is drawn once"
        numerator, denominator = minor_per_price(command.currency, command.price_scale)
        self._symbols.add(command.symbol)
        instrument = self._by_id[instrument_id] = Instrument(
            instrument_id,
            command.symbol,
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
        )
        events.append(
            InstrumentCreated(
                instrument_id,
                command.symbol,
                command.currency,
                command.price_scale,
                command.tick,
                command.lot_multiple,
                command.price_min,
                command.price_max,
            )
        )
        terms = command.delivery, command.guarantee_bps, command.tax_regime, command.goods_tax_bps
        if terms != _PLAIN_TERMS:
            events.append(DealTermsSet(instrument_id, *terms))
        return instrument

    def dump(self) -> list[Instrument]:
        """All instruments in the order of their ids."""
        return [self._by_id[instrument_id] for instrument_id in sorted(self._by_id)]

    @classmethod
    def load(cls, state: list[Instrument]) -> "Instruments":
        """The instruments of a dump."""
        instruments = cls()
        instruments._by_id = {instrument.instrument_id: instrument for instrument in state}
        instruments._symbols = {instrument.symbol for instrument in state}
        return instruments
