"""What is shown of busts and corrections: each side its own line, everybody the trade's number and terms."""

from collections.abc import Sequence

from exchange.core.messages.base import Side
from exchange.core.messages.corrections import TradeBusted, TradeCorrected, TradeStatus
from exchange.core.messages.shown_trades import OwnBusted, OwnCorrected, Restated
from exchange.core.visibility.deals import own_lines


def show_busted(event: TradeBusted, viewer: str) -> Sequence[OwnBusted]:
    """A tax on goods is the buyer's affair."""
    return [
        OwnBusted(
            contract_id,
            line,
            side,
            event.sides.instrument_id,
            event.trade_number,
            event.price,
            event.quantity,
            event.amount_minor,
            event.cause,
            event.goods_tax_minor if side is Side.BUY else 0,
        )
        for side, contract_id, line in own_lines(event.sides, viewer)
    ]


def show_corrected(event: TradeCorrected, viewer: str) -> Sequence[OwnCorrected]:
    """The same, with the line that takes the old one's place."""
    return [
        OwnCorrected(
            contract_id,
            line,
            event.buyer_line if side is Side.BUY else event.seller_line,
            side,
            event.sides.instrument_id,
            event.trade_number,
            event.old_price,
            event.old_quantity,
            event.price,
            event.quantity,
            event.amount_minor,
            event.cause,
            event.goods_tax_minor if side is Side.BUY else 0,
        )
        for side, contract_id, line in own_lines(event.sides, viewer)
    ]


def restated(event: TradeBusted | TradeCorrected) -> Restated:
    """To everybody."""
    status = TradeStatus.BUSTED if isinstance(event, TradeBusted) else TradeStatus.CORRECTED
    return Restated(event.trade_number, status, event.price, event.quantity)
