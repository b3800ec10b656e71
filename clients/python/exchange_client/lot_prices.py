"""Prices in the rules of a lot as `Decimal`, as people write them; the rest of the rules holds no prices."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from exchange_client.lot_rules import LotRules, StepBand
from exchange_client.money import wire_price


class LotPrices(Struct, frozen=True, kw_only=True):
    """The rules of these names, see `LotRules`; None leaves a rule as it is.

    `step_bands` are the price from which a step holds, and that step.
    """

    step_bands: Sequence[tuple[Decimal, Decimal]] = ()
    max_step: Decimal | None = None
    front_buffer: Decimal | None = None
    back_buffer: Decimal | None = None
    floor_price: Decimal | None = None
    reserve_price: Decimal | None = None
    qualification_price: Decimal | None = None
    historic_price: Decimal | None = None
    buy_now_price: Decimal | None = None

    def within(self, rules: LotRules, price_scale: int) -> LotRules:
        """The rules with these prices in them. Raises Invalid where one is finer than the scale."""
        priced = {
            name: wire_price(price, price_scale, name)
            for name in self.__struct_fields__
            if isinstance(price := getattr(self, name), Decimal)
        }
        changed = replace(rules, **priced)
        if not self.step_bands:
            return changed
        bands = [
            StepBand(*(wire_price(price, price_scale, "step_bands") for price in band))
            for band in self.step_bands
        ]
        return replace(changed, step_bands=bands)
