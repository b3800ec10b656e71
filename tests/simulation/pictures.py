"""What a client has come to believe of the exchange by following its channels, to be compared with the truth.

Guarantees: a frame that does not continue the one before it is a broken promise, unless the gap was announced.
"""

from exchange_client import shown
from exchange_client.channels import Resynced, Update
from exchange_client.corrections import TradeStatus
from exchange_client.shown import FeedFrame, own_events
from tests.simulation.truth import Broken


class Pictures:
    """By channel where it stands; what the member owns; every lot as it was shown last."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[int, int]] = {}
        self.announced: dict[str, str] = {}  # gaps, with their reasons
        self.orders: dict[str, int] = {}
        self.accounts: dict[tuple[str, str], int] = {}
        self.lots: dict[str, shown.Lot] = {}
        self.tickers: dict[str, shown.Ticker] = {}
        self.trades: dict[str, int] = {}  # the last number

    def resynced(self, event: Resynced) -> None:
        """A gap is announced; but a book that no longer fits its checksum was sent wrong."""
        if event.why == "checksum":
            raise Broken("P5", f"a client's copy of {event.channel} does not have the exchange's checksum")
        self.announced[event.channel] = event.why

    def update(self, event: Update) -> None:
        """A frame in its place."""
        self._check_place(event.channel, event.frame)
        match event.frame:
            case shown.OwnSnapshot() as whole:
                self.orders = {order.order_id: order.open_quantity for order in whole.orders}
                self.accounts = {(each.kind, each.unit): each.available for each in whole.accounts}
            case shown.Own() as news:
                self._own(news)
            case shown.Lot() as lot:
                self.lots[lot.lot_id] = lot
            case shown.Ticker() as ticker:
                self.tickers[event.channel] = ticker
            case shown.Trades() as trades:
                self._traded(trades)
            case _:
                pass

    def _check_place(self, channel: str, frame: FeedFrame) -> None:
        epoch, offset = self.places.get(channel, (0, 0))
        announced = self.announced.pop(channel, "")
        if (
            epoch
            and not announced
            and (frame.epoch, frame.offset) not in {(epoch, offset), (epoch, offset + 1)}
        ):
            raise Broken(
                "P5", f"a client of {channel} stood at {epoch}, {offset} and was silently given {frame}"
            )
        self.places[channel] = frame.epoch, frame.offset

    def _traded(self, frame: shown.Trades) -> None:
        """Numbers go on without a gap; an earlier trade comes again only where it was restated."""
        last = self.trades.get(frame.channel, 0)
        again = [each for each in frame.trades if each.trade_number <= last]
        numbers = [each.trade_number for each in frame.trades if each.trade_number > last]
        if not frame.snapshot and last:
            if numbers and numbers[0] != last + 1:
                raise Broken("P5", f"trade {numbers[0]} of {frame.channel} came after trade {last}")
            if any(each.status is TradeStatus.STANDING for each in again):
                raise Broken("P5", f"{again} of {frame.channel} came again after trade {last}")
        if frame.snapshot:
            numbers = [each.trade_number for each in frame.trades]
        if numbers or frame.snapshot:
            self.trades[frame.channel] = numbers[-1] if numbers else 0  # 0: whatever comes is the first

    def _own(self, frame: shown.Own) -> None:
        for account in frame.accounts:
            self.accounts[account.kind, account.unit] = account.available
        for event in own_events(frame):
            match event:
                case shown.OwnPlaced():
                    self.orders[event.order_id] = event.quantity
                case shown.OwnRested() | shown.OwnFill() | shown.OwnReduced() | shown.OwnAmended():
                    self.orders[event.order_id] = event.open_quantity
                case shown.OwnCancelled():
                    self.orders[event.order_id] = 0
                case _:
                    pass

    def open_orders(self) -> dict[str, int]:
        """Open quantities by order."""
        return {order_id: left for order_id, left in self.orders.items() if left}

    def balances(self) -> dict[tuple[str, str], int]:
        """What is available, by kind and unit, where it isn't zero."""
        return {key: available for key, available in self.accounts.items() if available}
