"""What can be traded, as the channel of public notices tells it: followed from the first question on."""

import asyncio
from typing import Final

from exchange_client import shown
from exchange_client.channels import ChannelRefused, Update
from exchange_client.errors import ExchangeError, Invalid
from exchange_client.feeds import FeedEvent, Hub
from exchange_client.updates import Instrument

LOOK_S_MAX: Final = 5.0
"""How long an unknown name is looked for: an instrument may be a moment old, or the connection away."""


class Instruments:
    """All instruments, by id and by symbol."""

    channel = "notices"

    def __init__(self, hub: Hub, look_s_max: float = LOOK_S_MAX) -> None:
        self.by_id: dict[str, Instrument] = {}
        self._by_name: dict[str, Instrument] = {}
        self._hub = hub
        self._look_s_max = look_s_max
        self._attached = False
        self._changed = asyncio.Event()
        self._error: ExchangeError | None = None

    async def find(self, name: str) -> Instrument:
        """The instrument of this id or symbol. Raises Invalid (there is none), Rejected, Stopped."""
        if not self._attached:
            self._attached = True
            self._hub.attach(self)
        if name not in self._by_name:
            await self._look_for(name)
        return self._by_name[name]

    async def _look_for(self, name: str) -> None:
        try:
            async with asyncio.timeout(self._look_s_max):
                await self._named(name)
        except TimeoutError:
            raise Invalid(f"the exchange names no instrument {name!r}") from None

    async def _named(self, name: str) -> None:
        while name not in self._by_name:
            if self._error:
                raise self._error
            self._changed.clear()
            await self._changed.wait()

    def take(self, event: FeedEvent) -> None:
        """The next event of the channel."""
        if isinstance(event, Update):
            assert isinstance(event.frame, shown.Notices)
            for wire in event.frame.instruments:
                instrument = Instrument.of(wire)
                self.by_id[instrument.instrument_id] = instrument
                self._by_name[instrument.symbol] = self._by_name[instrument.instrument_id] = instrument
        elif isinstance(event, ChannelRefused):
            self._error = event.refusal
        elif isinstance(event, ExchangeError):
            self._error = event
        self._changed.set()
