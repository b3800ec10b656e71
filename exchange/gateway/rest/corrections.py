"""REST of the operator's last word on a trade: it is busted, or it stands at other terms."""

from typing import Final

from msgspec import Struct

from exchange.core.messages.corrections import BustCause, BustTrade, CorrectTrade
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import Decimals, instant_of, number_of
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.rest.instruments import Pieces, instrument_of
from exchange.gateway.routes import AnyRoute, Call, NoQuery, Route, Settled


class NewBust(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the trade is taken back."""

    cause: BustCause


class NewTradeTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """At which price the trade stands, and if not all of it, at which quantity; and why."""

    price: Decimals
    cause: BustCause
    quantity: Pieces | None = None


class TradeRestated(Settled, frozen=True):
    """The trade was busted or corrected; both sides and everybody who follows the trades are told."""

    instrument_id: str
    trade_number: int


async def bust_trade(call: Call[NewBust, NoQuery]) -> TradeRestated:
    """Operator: money back to the buyer's wallet, goods back to the seller's stock, orders not."""
    instrument = instrument_of(call.views, call.id("instrument_id"))
    command = BustTrade(
        instrument_id=instrument.instrument_id, trade_number=_number(call.id("number")), cause=call.body.cause
    )
    reply = await call.settle(command)
    return TradeRestated(reply.sequence, instant_of(reply.at_us), reply.id, reply.number)


async def correct_trade(call: Call[NewTradeTerms, NoQuery]) -> TradeRestated:
    """Operator: a bust and a trade at the new terms in one."""
    instrument, body = instrument_of(call.views, call.id("instrument_id")), call.body
    scales = Scales(instrument.price_scale, instrument.currency)
    if number_of(body.price, scales.price_scale) is None:
        raise Refused(Reject(RejectCode.PRICE_OFF_TICK, instrument.tick, "price"), scales=scales)
    command = CorrectTrade(
        instrument_id=instrument.instrument_id,
        trade_number=_number(call.id("number")),
        price=price_of("price", body.price, scales.price_scale),
        quantity=body.quantity or 0,
        cause=body.cause,
    )
    reply = await call.settle(command, scales)
    return TradeRestated(reply.sequence, instant_of(reply.at_us), reply.id, reply.number)


def _number(text: str) -> int:
    """The number in the path; what is none names no trade."""
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 15) or text == "0" * len(text):
        raise Refused(Reject(RejectCode.TRADE_UNKNOWN, field="trade_number"))
    return int(text)


_ONE: Final = "/v1/instruments/{instrument_id}/trades/{number}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", f"{_ONE}/bust", "Bust a trade", bust_trade, NewBust, NoQuery, TradeRestated, BustTrade),
    Route(
        "POST", f"{_ONE}/correction", "Correct a trade", correct_trade,
        NewTradeTerms, NoQuery, TradeRestated, CorrectTrade,
    ),
)  # fmt: skip
