"""An instrument as REST and spreadsheets describe it, and the command that creates it."""

from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import CALL_US_MAX, PRICE_MAX, PRICE_SCALE_MAX
from exchange.core.messages import CreateInstrument, Delivery, Part, TaxRegime
from exchange.core.messages.base import BasisPoints, Currency, Quantity
from exchange.core.values import CURRENCY_EXPONENT
from exchange.gateway.decoding import amount_of, price_of
from exchange.gateway.notation import ONE_LINE, Decimals, ShortText
from exchange.gateway.stored import texts

Description = Annotated[
    str,
    Meta(
        pattern=ONE_LINE,
        min_length=1,
        max_length=texts.TEXT_LENGTH_MAX,
        description="For people; everybody reads and searches it.",
    ),
]


class NewInstrument(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Fungible goods that can be traded. Prices left out: a tick and a band as wide as the scale allows.

    Without a symbol one is derived from the part; one of the two must be there.
    """

    symbol: ShortText | None = None
    currency: Currency
    price_scale: Annotated[int, Meta(ge=0, le=PRICE_SCALE_MAX, description="Decimals of its prices.")] = 4
    tick: Decimals | None = None
    lot_multiple: Quantity = 1
    price_min: Decimals | None = None
    price_max: Decimals | None = None
    delivery: Annotated[Delivery, Meta(description="Straight to the buyer, or through the hub.")] = (
        Delivery.DIRECT
    )
    guarantee_bps: Annotated[
        BasisPoints, Meta(description="Of the goods' price; only with delivery hub.")
    ] = 0
    tax_regime: TaxRegime = TaxRegime.NONE
    goods_tax_bps: Annotated[
        BasisPoints, Meta(description="On the goods; only with tax_regime own_name.")
    ] = 0
    min_amount: Annotated[Decimals | None, Meta(description="Least amount of an order.")] = None
    dynamic_band_bps: Annotated[
        BasisPoints, Meta(description="An order that would trade further from the last price starts a call.")
    ] = 0
    call_s: Annotated[
        int, Meta(ge=0, le=CALL_US_MAX // 1_000_000, description="Seconds of such a call; 0: five minutes.")
    ] = 0
    part: Part | None = None
    reference_price: Decimals | None = None
    description: Description | None = None

    def command(self) -> CreateInstrument:
        """What is sequenced; refused where a price doesn't fit the scale."""
        scale = self.price_scale
        return CreateInstrument(
            symbol=self.symbol or "",
            currency=self.currency,
            price_scale=scale,
            tick=price_of("tick", self.tick, scale) if self.tick else 1,
            lot_multiple=self.lot_multiple,
            price_min=price_of("price_min", self.price_min, scale) if self.price_min else 1,
            price_max=price_of("price_max", self.price_max, scale) if self.price_max else PRICE_MAX,
            delivery=self.delivery,
            guarantee_bps=self.guarantee_bps,
            tax_regime=self.tax_regime,
            goods_tax_bps=self.goods_tax_bps,
            min_amount_minor=self._min_amount_minor(),
            dynamic_band_bps=self.dynamic_band_bps,
            call_us=self.call_s * 1_000_000,
            part=self.part,
            reference_price=price_of("reference_price", self.reference_price, scale)
            if self.reference_price
            else 0,
            text_hash=texts.hash_of(self.description or ""),
        )

    def _min_amount_minor(self) -> int:
        """Of a currency that isn't traded the exchange itself says so."""
        if self.min_amount is None or self.currency not in CURRENCY_EXPONENT:
            return 0
        return amount_of("min_amount", self.min_amount, CURRENCY_EXPONENT[self.currency])
