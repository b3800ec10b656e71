"""Every command as a typed call: prices and amounts are `Decimal`, what comes back is a result.

Each call ends in exactly one of: its result, `Rejected`, `Unknown`. It raises `Invalid` where it makes no sense;
then nothing was sent. `timeout_s` is that of the client unless given. What takes an `expected_version` happens only
while the thing is as it was read (VERSION_OTHER): the number before the dash of its ETag over REST.
"""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from exchange_client import messages as wire
from exchange_client.calls_bids import BidCalls
from exchange_client.calls_events import EventCalls
from exchange_client.calls_hub import HubCalls
from exchange_client.calls_lots import LotCalls
from exchange_client.calls_money import MoneyCalls
from exchange_client.calls_scoring import ScoringCalls
from exchange_client.calls_sealed import SealedCalls
from exchange_client.corrections import BustCause, BustTrade, CorrectTrade
from exchange_client.errors import Invalid
from exchange_client.messages import (
    Delivery,
    Role,
    Side,
    Standing,
    TaxRegime,
    TimeInForce,
)
from exchange_client.money import minor_units, wire_price
from exchange_client.order_terms import OrderTerms
from exchange_client.parts import Part
from exchange_client.results import Done, Made, Numbered, Placed
from exchange_client.updates import Instrument


class Calls(LotCalls, EventCalls, HubCalls, MoneyCalls, SealedCalls, BidCalls, ScoringCalls):
    """The commands of a member, by role."""

    # --- orders ----------------------------------------------------------------------------------

    async def place_order(
        self,
        instrument: str | Instrument,
        side: Side,
        *,
        price: Decimal | None = None,
        quantity: int,
        time_in_force: TimeInForce = TimeInForce.GTC,
        post_only: bool = False,
        terms: OrderTerms | None = None,
        validate_only: bool = False,
        timeout_s: float | None = None,
    ) -> Placed:
        """Buy or sell at `price` or better; the instrument is given by itself, its id or its symbol.

        Only a market order (by its `terms`) has no price. With `validate_only` everything is checked and nothing
        happens: the result has no id, and tells what the order would hold.
        """
        found = await self._instrument(instrument)
        command = wire.PlaceOrder(
            instrument_id=found.instrument_id,
            side=side,
            price=0 if price is None else wire_price(price, found.price_scale),
            quantity=quantity,
            time_in_force=time_in_force,
            post_only=post_only,
            terms=terms,
            validate_only=validate_only,
        )
        ack = await self._send_priced(command, found.price_scale, timeout_s)
        return replace(Placed.of(ack), would_hold=ack.number) if validate_only else Placed.of(ack)

    async def buy(self, instrument: str | Instrument, *, price: Decimal, quantity: int) -> Placed:
        """Buy at `price` or lower; what doesn't trade at once rests."""
        return await self.place_order(instrument, Side.BUY, price=price, quantity=quantity)

    async def sell(self, instrument: str | Instrument, *, price: Decimal, quantity: int) -> Placed:
        """Sell at `price` or higher; what doesn't trade at once rests."""
        return await self.place_order(instrument, Side.SELL, price=price, quantity=quantity)

    async def cancel_order(
        self,
        order_id: str = "",
        *,
        order_ref: int = 0,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Placed:
        """Take away what is left of an order, named by its id or by the ref that placed it in this session."""
        command = wire.CancelOrder(order_id=order_id, order_ref=order_ref, expected_version=expected_version)
        return Placed.of(await self.send(command, timeout_s=timeout_s))

    async def cancel_all(
        self,
        instrument: str | Instrument = "",
        *,
        side: Side | None = None,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Take away what is left of all own orders that fit; tells how many there were."""
        found = (await self._instrument(instrument)).instrument_id if instrument else ""
        command = wire.CancelAll(instrument_id=found, side=side)
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def cancel_after(self, seconds: float, *, timeout_s: float | None = None) -> Numbered:
        """Cancel this session's orders unless it is called again in time; tells the instant in microseconds.

        0 switches it off.
        """
        command = wire.CancelAfter(after_us=round(seconds * 1_000_000))
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def amend_order(
        self,
        order_id: str = "",
        *,
        order_ref: int = 0,
        instrument: str | Instrument = "",
        price: Decimal | None = None,
        quantity: int | None = None,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Placed:
        """Change price, total quantity or both; a new price needs the instrument, for its scale.

        With `expected_version` (see `order_version`) only if the order still stands as it did then.
        """
        wanted, scale = 0, 0
        if price is not None:
            if not instrument:
                raise Invalid("name the instrument too: its scale tells how the price is written")
            scale = (await self._instrument(instrument)).price_scale
            wanted = wire_price(price, scale)
        command = wire.AmendOrder(
            order_id=order_id,
            order_ref=order_ref,
            price=wanted,
            quantity=quantity or 0,
            expected_version=expected_version,
        )
        return Placed.of(await self._send_priced(command, scale, timeout_s))

    async def confirm_receipt(self, contract_id: str, *, timeout_s: float | None = None) -> Numbered:
        """The goods of all open lines have arrived: their price is released; tells how many lines."""
        return Numbered.of(await self.send(wire.ConfirmReceipt(contract_id=contract_id), timeout_s=timeout_s))

    # --- the operator's: trades ------------------------------------------------------------------

    async def bust_trade(
        self,
        instrument: str | Instrument,
        number: int,
        *,
        cause: BustCause = BustCause.ERRONEOUS,
        timeout_s: float | None = None,
    ) -> Done:
        """Take a trade back: money to the buyer, goods to the seller."""
        found = await self._instrument(instrument)
        command = BustTrade(instrument_id=found.instrument_id, trade_number=number, cause=cause)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def correct_trade(
        self,
        instrument: str | Instrument,
        number: int,
        *,
        price: Decimal,
        quantity: int = 0,
        cause: BustCause = BustCause.ERRONEOUS,
        timeout_s: float | None = None,
    ) -> Done:
        """Have a trade stand at another price, at a smaller quantity, or both."""
        found = await self._instrument(instrument)
        command = CorrectTrade(
            instrument_id=found.instrument_id,
            trade_number=number,
            price=wire_price(price, found.price_scale),
            quantity=quantity,
            cause=cause,
        )
        return Done.of(await self._send_priced(command, found.price_scale, timeout_s))

    # --- stock -----------------------------------------------------------------------------------

    async def declare_stock(
        self,
        instrument: str | Instrument,
        quantity: int,
        *,
        advertise: bool = False,
        lead_days: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Bring a quantity to the market; sell orders draw on it. An advert tells all, but not whose it is."""
        found = await self._instrument(instrument)
        command = wire.DeclareStock(
            instrument_id=found.instrument_id, quantity=quantity, advertise=advertise, lead_days=lead_days
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def withdraw_stock(
        self, instrument: str | Instrument, quantity: int, *, timeout_s: float | None = None
    ) -> Done:
        """Take back stock that no order reserves."""
        found = await self._instrument(instrument)
        command = wire.WithdrawStock(instrument_id=found.instrument_id, quantity=quantity)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    # --- the operator's --------------------------------------------------------------------------

    async def register_member(
        self,
        roles: Sequence[Role],
        *,
        owner: str = "",
        profile_hash: str = "",
        timeout_s: float | None = None,
    ) -> Made:
        """Admit a legal entity; `owner` is its beneficial owner, itself if empty."""
        command = wire.RegisterMember(roles=tuple(roles), owner=owner, profile_hash=profile_hash)
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def set_standing(
        self, member_id: str, standing: Standing, *, expected_version: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Suspend a member or put it back in good standing."""
        command = wire.SetStanding(member_id=member_id, standing=standing, expected_version=expected_version)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def create_instrument(
        self,
        symbol: str,
        currency: str,
        *,
        price_scale: int = 4,
        tick: Decimal | None = None,
        lot_multiple: int = 1,
        price_min: Decimal | None = None,
        price_max: Decimal | None = None,
        reference_price: Decimal | None = None,
        min_amount: Decimal | None = None,
        delivery: Delivery = Delivery.DIRECT,
        guarantee_bps: int = 0,
        tax_regime: TaxRegime = TaxRegime.NONE,
        goods_tax_bps: int = 0,
        part: Part | None = None,
        text_hash: str = "",
        dynamic_band_bps: int = 0,
        call_s: float = 0,
        timeout_s: float | None = None,
    ) -> Made:
        """Describe goods that can be traded. Without tick or band: the finest, and the widest there is.

        A `part` may stand for the symbol, which is then empty. `min_amount` bounds orders from below.
        """
        given = {
            "tick": tick,
            "price_min": price_min,
            "price_max": price_max,
            "reference_price": reference_price,
        }
        prices = {
            name: wire_price(price, price_scale, name) for name, price in given.items() if price is not None
        }
        command = wire.CreateInstrument(
            symbol=symbol,
            currency=currency,
            price_scale=price_scale,
            lot_multiple=lot_multiple,
            delivery=delivery,
            guarantee_bps=guarantee_bps,
            tax_regime=tax_regime,
            goods_tax_bps=goods_tax_bps,
            part=part,
            text_hash=text_hash,
            min_amount_minor=0 if min_amount is None else minor_units(min_amount, currency),
            dynamic_band_bps=dynamic_band_bps,
            call_us=round(call_s * 1_000_000),
            **prices,
        )
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def top_up(
        self,
        member_id: str,
        amount: Decimal,
        currency: str,
        *,
        transfer_id: str,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Book money that reached the client account; `transfer_id` is the bank's reference and counts once."""
        command = wire.TopUp(
            transfer_id=transfer_id,
            member_id=member_id,
            currency=currency,
            amount_minor=minor_units(amount, currency),
        )
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def set_commission(
        self, rate_bps: int, *, tax_bps: int = 0, timeout_s: float | None = None
    ) -> Numbered:
        """The commission on trades from now on, in basis points, and the tax on it; tells the version."""
        command = wire.SetCommission(rate_bps=rate_bps, tax_bps=tax_bps)
        return Numbered.of(await self.send(command, timeout_s=timeout_s))
