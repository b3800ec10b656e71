"""Calls for sourcing events and their lots: drafted, published, steered and awarded by their buyer, bid for in the open."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from exchange_client import lot_commands as lot_wire
from exchange_client import messages as wire
from exchange_client.errors import Invalid
from exchange_client.line_prices import line_prices
from exchange_client.lot_prices import LotPrices
from exchange_client.lot_rules import EventRules, LotRules, Overtime
from exchange_client.lot_sales import SaleTerms
from exchange_client.messages import Disclosure
from exchange_client.money import wire_price
from exchange_client.results import Done, EventMade, Made, Numbered
from exchange_client.sending import Sending


class LotCalls(Sending):
    """The buyer's, and the plain bid."""

    async def submit_bid(
        self,
        lot_id: str,
        *,
        price: Decimal,
        lines: Sequence[Decimal] = (),
        currency: str = "",
        discount_bps: int | None = None,
        price_scale: int | None = None,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Offer a unit price; tells the bid's number in the lot. Without the scale the lot is asked for it first.

        In a lot of several lines the price is the total, and `lines` may say the unit prices that it is the sum of. Where
        a currency is named, another than the own one is refused. A lot that is bid for by discount takes it in basis
        points, with the total that follows from it.
        """
        scale = await self.lot_scale(lot_id) if price_scale is None else price_scale
        command = wire.SubmitBid(
            lot_id=lot_id,
            price=wire_price(price, scale),
            lines=line_prices(lines, scale),
            currency=currency,
            discount_bps=discount_bps,
        )
        return Numbered.of(await self._send_priced(command, scale, timeout_s))

    async def create_event(
        self,
        title: str,
        currency: str,
        *,
        open_at_us: int,
        duration_us: int,
        price_scale: int = 4,
        overtime: Overtime | None = None,
        disclosure: Disclosure | None = None,
        rules: EventRules | None = None,
        practice: bool = False,
        preview_at_us: int = 0,
        sale: SaleTerms | None = None,
        timeout_s: float | None = None,
    ) -> EventMade:
        """Draft an event, by default an English reverse auction; `practice`: to train, nothing in it binds; with `sale`,
        of lots from the own stock.

        Suppliers are shown its lots from `preview_at_us` on, or from its publication.
        """
        command = wire.CreateEvent(
            title=title,
            currency=currency,
            open_at_us=open_at_us,
            duration_us=duration_us,
            price_scale=price_scale,
            overtime=overtime or Overtime(),
            disclosure=disclosure or Disclosure(),
            practice=practice,
            preview_at_us=preview_at_us,
            sale=sale,
        )
        if rules:
            command = replace(command, rules=rules)
        ack = await self.send(command, timeout_s=timeout_s)
        return EventMade(ack.ref, ack.sequence, ack.at_us, ack.id, price_scale)

    async def add_lot(
        self,
        event: EventMade | str,
        title: str,
        *,
        quantity: int,
        ceiling_price: Decimal,
        min_step: Decimal,
        tick: Decimal | None = None,
        price_scale: int | None = None,
        rules: LotRules | None = None,
        prices: LotPrices | None = None,
        instrument_id: str = "",
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Made:
        """Say what is bought, or of the own stock sold. An event that is named by its id only needs its scale too.

        `prices` go into the `rules`, whose own prices are integers.
        """
        scale = event.price_scale if isinstance(event, EventMade) else price_scale
        if scale is None:
            raise Invalid("give price_scale, as the event has it: an id doesn't tell how prices are written")
        command = wire.AddLot(
            event_id=_id_of(event),
            title=title,
            quantity=quantity,
            ceiling_price=wire_price(ceiling_price, scale, "ceiling_price"),
            min_step=wire_price(min_step, scale, "min_step"),
            tick=1 if tick is None else wire_price(tick, scale, "tick"),
            instrument_id=instrument_id,
            expected_version=expected_version,
        )
        if rules or prices:
            command = replace(command, rules=(prices or LotPrices()).within(rules or LotRules(), scale))
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def invite_supplier(
        self,
        event: EventMade | str,
        member_id: str,
        *,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Admit a seller to the event, before it closes."""
        command = wire.InviteSupplier(
            event_id=_id_of(event), member_id=member_id, expected_version=expected_version
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def publish_event(
        self, event: EventMade | str, *, expected_version: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Fix the draft; it opens by itself at its instant."""
        return Done.of(
            await self.send(
                wire.PublishEvent(event_id=_id_of(event), expected_version=expected_version),
                timeout_s=timeout_s,
            )
        )

    async def buy_now(
        self, lot_id: str, *, price: Decimal, price_scale: int | None = None, timeout_s: float | None = None
    ) -> Numbered:
        """Take a forward lot at its buy-now price, while nobody has bid."""
        scale = await self.lot_scale(lot_id) if price_scale is None else price_scale
        command = lot_wire.BuyNow(lot_id=lot_id, price=wire_price(price, scale))
        return Numbered.of(await self._send_priced(command, scale, timeout_s))

    async def reveal_seed(
        self, lot_id: str, seed: str, *, expected_version: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Draw the ties of a closed lot by its committed seed."""
        return Done.of(
            await self.send(
                lot_wire.RevealSeed(lot_id=lot_id, seed=seed, expected_version=expected_version),
                timeout_s=timeout_s,
            )
        )

    async def pause_event(
        self,
        event: EventMade | str,
        reason: str,
        *,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Stop the clocks of all its lots; no bid is taken meanwhile."""
        command = lot_wire.PauseEvent(
            event_id=_id_of(event), reason=reason, expected_version=expected_version
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def resume_event(
        self, event: EventMade | str, *, expected_version: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Go on; every timer moves by exactly the paused time."""
        return Done.of(
            await self.send(
                lot_wire.ResumeEvent(event_id=_id_of(event), expected_version=expected_version),
                timeout_s=timeout_s,
            )
        )

    async def extend_lot(
        self, lot_id: str, *, close_at_us: int, expected_version: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Move the close to a later instant."""
        command = lot_wire.ExtendLot(
            lot_id=lot_id, close_at_us=close_at_us, expected_version=expected_version
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def end_lot(
        self, lot_id: str, reason: str, *, expected_version: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Close an open lot now."""
        return Done.of(
            await self.send(
                lot_wire.EndLot(lot_id=lot_id, reason=reason, expected_version=expected_version),
                timeout_s=timeout_s,
            )
        )

    async def award_lot(
        self,
        lot_id: str,
        alias: int,
        *,
        reason: str = "",
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Award a closed lot to the supplier behind an alias; 0 awards nobody."""
        command = wire.AwardLot(lot_id=lot_id, alias=alias, reason=reason, expected_version=expected_version)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def cancel_event(
        self,
        event: EventMade | str,
        reason: str,
        *,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """End an event that is not awarded."""
        command = wire.CancelEvent(event_id=_id_of(event), reason=reason, expected_version=expected_version)
        return Done.of(await self.send(command, timeout_s=timeout_s))


def _id_of(event: EventMade | str) -> str:
    return event if isinstance(event, str) else event.id
