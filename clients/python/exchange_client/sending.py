"""What the calls of every kind stand on: how a command is sent, and how an instrument is found."""

from abc import ABC, abstractmethod

from exchange_client.errors import Rejected
from exchange_client.messages import AnyCommand
from exchange_client.money import decimal_price
from exchange_client.shown import Ack
from exchange_client.updates import Instrument


class Sending(ABC):
    """Whoever can send commands."""

    @abstractmethod
    async def send(self, command: AnyCommand, *, timeout_s: float | None = None) -> Ack:
        """Send a command and await its outcome: its Ack, or Rejected or Unknown raised."""

    @abstractmethod
    async def instrument(self, name: str) -> Instrument:
        """The instrument of this id or symbol."""

    @abstractmethod
    async def lot_scale(self, lot_id: str) -> int:
        """The scale of a lot's prices."""

    async def _send_priced(self, command: AnyCommand, price_scale: int, timeout_s: float | None) -> Ack:
        try:
            return await self.send(command, timeout_s=timeout_s)
        except Rejected as refused:
            if refused.field == "price" and refused.bound:
                step = decimal_price(refused.step, price_scale)
                refused.priced(decimal_price(refused.bound, price_scale), step)
            raise

    async def _instrument(self, instrument: str | Instrument) -> Instrument:
        return await self.instrument(instrument) if isinstance(instrument, str) else instrument
