"""A lot followed by somebody who may bid in it."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Self

from exchange_client import shown
from exchange_client.calls import Calls
from exchange_client.channels import Update
from exchange_client.errors import Invalid
from exchange_client.feeds import FeedEvent, Hub, StateFeed
from exchange_client.line_prices import prices_at, total_of
from exchange_client.money import price_of, wire_price
from exchange_client.results import Numbered
from exchange_client.sealing import sealed_bid, sealed_technical
from exchange_client.updates import LotState


class Room(StateFeed[LotState]):
    """A lot as this member sees it; each update is its whole state. `async with` waits for the first one."""

    def __init__(self, hub: Hub, calls: Calls, lot_id: str, bidder: Callable[[], str]) -> None:
        super().__init__(hub, f"lot:{lot_id}")
        self._calls = calls
        self._lot_id = lot_id
        self._bidder = bidder
        self._state: LotState | None = None

    async def __aenter__(self) -> Self:
        """Raises Rejected where the lot isn't shown to this member, Stopped."""
        await super().__aenter__()
        try:
            self._ready.appendleft(await self.next())
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    @property
    def state(self) -> LotState:
        """The lot as it was last shown; only inside `async with`."""
        assert self._state is not None, "the room is entered with `async with`"
        return self._state

    async def bid(
        self,
        price: Decimal | str | None = None,
        *,
        lines: Sequence[Decimal] = (),
        currency: str = "",
        discount_bps: int | None = None,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Offer a unit price, as a Decimal or a text ("1.4040"); tells the number of the own bid. Where a currency is
        named, another than the own one is refused.

        For a lot of several lines the total, the unit price of each line, or both, which must agree; for one that is bid
        for by discount only that, in basis points. Raises Invalid without any, and where only lines are given that
        aren't as many as the lot's.
        """
        scale, of_lot = self.state.price_scale, self.state.lines or []
        if price is None and not lines and discount_bps is None:
            raise Invalid("give a price, lines or a discount")
        if price is None:
            said = lines if discount_bps is None else prices_at(of_lot, discount_bps, scale)
            price = total_of(of_lot, said, scale)
        return await self._calls.submit_bid(
            self._lot_id,
            price=price_of(price),
            lines=lines,
            currency=currency,
            discount_bps=discount_bps,
            price_scale=scale,
            timeout_s=timeout_s,
        )

    async def bid_sealed(
        self, price: Decimal | str, *, documents: Sequence[str] | None = None, timeout_s: float | None = None
    ) -> Numbered:
        """Seal a unit price and hand it in, in place of the one before; tells how many were handed in.

        A lot with two envelopes takes a technical offer with it: documents by their SHA-256.

        Raises Invalid, before anything is sealed, where the price is off the tick or above the ceiling: once it is
        sealed the exchange can only void it.
        """
        state = self.state
        if state.sealed is None:
            raise Invalid("this lot takes open bids: use `bid`")
        price, own = price_of(price), state.own_currency
        tick = state.tick if own is None else own.tick
        ceiling = state.ceiling_price if own is None else own.at_most(state.ceiling_price)
        if price <= 0 or price % tick:
            raise Invalid(f"a bid is a multiple of {tick}")
        if price > ceiling:
            raise Invalid(f"a bid is {ceiling} or lower")
        key, bidder = state.sealed.public_key, self._bidder()
        count = wire_price(price, state.price_scale)
        envelope = sealed_bid(key, lot_id=self._lot_id, member_id=bidder, price=count)
        technical = ""
        if documents is not None:
            technical = sealed_technical(key, lot_id=self._lot_id, member_id=bidder, documents=documents)
        return await self._calls.submit_envelope(
            self._lot_id, envelope=envelope, technical=technical, timeout_s=timeout_s
        )

    async def accept(self, *, timeout_s: float | None = None) -> Numbered:
        """Accept the level that the clock was last seen to show. Raises Invalid where it shows none."""
        clock, scale = self.state.clock, self.state.price_scale
        if clock is None or clock.level_price is None:
            raise Invalid("the lot shows no level that could be accepted")
        return await self._calls.accept_level(
            self._lot_id, price=clock.level_price, price_scale=scale, timeout_s=timeout_s
        )

    def take(self, event: FeedEvent) -> None:
        """The newest state is known at once, however far the reader is."""
        if isinstance(event, Update):
            assert isinstance(event.frame, shown.Lot)
            self._state = LotState.of(event.frame)
        super().take(event)

    def _show(self, update: Update) -> Iterable[LotState]:
        assert isinstance(update.frame, shown.Lot)
        return (LotState.of(update.frame),)
