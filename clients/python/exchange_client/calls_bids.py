"""Calls about bids: revoked, made by proxy, and levels accepted."""

from decimal import Decimal

from exchange_client import bid_commands as wire
from exchange_client.currencies import ChooseCurrency
from exchange_client.lot_commands import AcceptLevel
from exchange_client.money import wire_price
from exchange_client.results import Done, Numbered
from exchange_client.sending import Sending


class BidCalls(Sending):
    """Of bidders and operators."""

    async def revoke_bid(
        self, lot_id: str, number: int, reason: str, *, alias: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Take an own bid back, by the number that its receipt told; operator: that of the bidder with an alias."""
        command = wire.RevokeBid(lot_id=lot_id, number=number, reason=reason, alias=alias)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def accept_level(
        self, lot_id: str, *, price: Decimal, price_scale: int | None = None, timeout_s: float | None = None
    ) -> Numbered:
        """Accept the level that the clock of the lot shows; it is named, so that no other is accepted."""
        scale = await self.lot_scale(lot_id) if price_scale is None else price_scale
        command = AcceptLevel(lot_id=lot_id, price=wire_price(price, scale))
        return Numbered.of(await self._send_priced(command, scale, timeout_s))

    async def set_proxy(
        self, lot_id: str, *, price: Decimal, price_scale: int | None = None, timeout_s: float | None = None
    ) -> Numbered:
        """Let the lot bid for oneself up to this price; tells how many own bids there are now."""
        scale = await self.lot_scale(lot_id) if price_scale is None else price_scale
        command = wire.SetProxy(lot_id=lot_id, price=wire_price(price, scale))
        return Numbered.of(await self._send_priced(command, scale, timeout_s))

    async def choose_currency(self, event_id: str, currency: str, *, timeout_s: float | None = None) -> Done:
        """Before the first bid in an event: say which of its currencies all own prices are in."""
        command = ChooseCurrency(event_id=event_id, currency=currency)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def withdraw_proxy(self, lot_id: str, *, timeout_s: float | None = None) -> Done:
        """Bid for oneself again; what the proxy has bid stands."""
        return Done.of(await self.send(wire.WithdrawProxy(lot_id=lot_id), timeout_s=timeout_s))

    async def submit_surrogate_bid(
        self,
        lot_id: str,
        member_id: str,
        reason: str,
        *,
        price: Decimal,
        price_scale: int | None = None,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Operator: bid for a supplier, marked as such; tells the number of that supplier's bid."""
        scale = await self.lot_scale(lot_id) if price_scale is None else price_scale
        command = wire.SubmitSurrogateBid(
            lot_id=lot_id, member_id=member_id, price=wire_price(price, scale), reason=reason
        )
        return Numbered.of(await self._send_priced(command, scale, timeout_s))
