"""The history tables by a naive reading: each row from a walk over everything that ever happened."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from exchange.core.messages import (
    AnyEvent,
    BidSubmitted,
    ContractLineAdded,
    ContractLineSettled,
    ContractLineTaxed,
    InvoiceIssued,
    InvoiceSides,
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderTermsSet,
    Outcome,
    SelfTradePrevented,
    Sequenced,
    Traded,
    TransferPosted,
)
from exchange.core.messages.bids import BidRevoked
from exchange.core.messages.corrections import TradeBusted, TradeCorrected
from exchange.core.messages.hub_address import HubAddressSet
from exchange.core.messages.sealed import EnvelopeSubmitted

Row = tuple[object, ...]
E = TypeVar("E")
Happened = tuple[int, int, AnyEvent]
"""Sequence and instant of a command, and one of its events."""


def everything(log: Sequence[Sequenced], outcomes: Sequence[Outcome]) -> list[Happened]:
    """One event after the other."""
    return [
        (seq, sequenced.at_us, event)
        for seq, (sequenced, outcome) in enumerate(zip(log, outcomes, strict=True), 1)
        for event in outcome.events
    ]


def tables_of(happened: list[Happened]) -> dict[str, list[Row]]:
    """Rows by table, in the order of the tables' keys, columns as in the migration."""
    sides = {e.number: [str(side) for side in e.sides] for _, _, e in _all(happened, InvoiceSides)}
    return {
        "orders": sorted(_order(seq, at_us, event, happened) for seq, at_us, event in _all(happened, OrderPlaced)),
        "order_terms": sorted(_said(e) for _, _, e in _all(happened, OrderTermsSet)),
        "trades": sorted(
            (
                e.instrument_id, e.trade_number, *_terms(e, happened), str(e.taker_side), e.maker_order_id,
                e.taker_order_id, e.maker_member_id, e.taker_member_id, seq, at_us, False, _status(e, happened),
            )
            for seq, at_us, e in _all(happened, Traded)
        ),
        "bids": sorted(
            (e.lot_id, e.bid_number, e.member_id, e.alias, e.price, seq, at_us)
            for seq, at_us, e in _all(happened, BidSubmitted)
        ),
        "envelopes": sorted(
            (e.lot_id, e.number, e.member_id, seq, at_us) for seq, at_us, e in _all(happened, EnvelopeSubmitted)
        ),
        "bid_notes": sorted(
            (e.lot_id, e.bid_number, "revoked", e.reason, e.by_operator, seq, at_us)
            for seq, at_us, e in _all(happened, BidRevoked)
        ),
        "event_steps": [
            (_subject(e), seq, place, at_us, kind, *_times(e), getattr(e, "reason", ""))
            for seq, at_us, events in _by_command(happened)
            for place, (kind, e) in enumerate(
                ((STEPS[type(e).__name__], e) for e in events if type(e).__name__ in STEPS), 1
            )
        ],
        "transfers": sorted(
            (e.number, e.unit, e.debit, e.credit, e.amount, e.reason, e.subject, e.linked, seq, at_us)
            for seq, at_us, e in _all(happened, TransferPosted)
        ),
        "hub_addresses": [(seq, at_us, e.name, e.address) for seq, at_us, e in _all(happened, HubAddressSet)],
        "contract_lines": sorted(
            (
                e.contract_id, e.line, e.member_id, str(e.side), e.instrument_id, e.trade_number, e.price,
                e.quantity, e.amount_minor, *_settlement(e, happened)[:3], at_us, _struck(e, happened),
                _goods_tax(e, happened), *_settlement(e, happened)[3:],
            )
            for seq, at_us, e in _all(happened, ContractLineAdded)
        ),
        "invoices": sorted(
            (e.number, e.payer, e.period, e.currency, seq, at_us)
            for seq, at_us, e in _all(happened, InvoiceIssued)
        ),
        "invoice_lines": sorted(
            (
                e.number, place, line.schedule_version, line.charged_period, line.base_minor, line.fee_minor,
                line.tax_minor, line.refunded_base_minor, line.refunded_fee_minor, line.refunded_tax_minor,
                line.owed_fee_minor, line.owed_tax_minor, sides.get(e.number, ["seller"] * place)[place - 1],
            )
            for _, _, e in _all(happened, InvoiceIssued)
            for place, line in enumerate(e.lines, 1)
        ),
    }  # fmt: skip


def _all(happened: list[Happened], kind: type[E]) -> Iterator[tuple[int, int, E]]:
    return ((seq, at_us, event) for seq, at_us, event in happened if isinstance(event, kind))


def _said(e: OrderTermsSet) -> Row:
    return (
        e.order_id,
        str(e.order_type),
        e.min_fill_quantity,
        e.display_quantity,
        e.budget_minor,
        str(e.post_only_mode),
        str(e.self_trade),
        e.expires_at_us,
    )


def _order(seq: int, at_us: int, placed: OrderPlaced, happened: list[Happened]) -> Row:
    price, quantity, filled, left, status, changed_at_us = (
        placed.price,
        placed.quantity,
        0,
        placed.quantity,
        "open",
        at_us,
    )
    name = placed.order_id
    for _, later_us, event in happened:
        match event:
            case Traded(maker_order_id=maker, taker_order_id=taker) if name in {maker, taker}:
                filled += event.quantity
                left = event.maker_open if name == maker else event.taker_open
                status = "open" if left else "filled"
            case SelfTradePrevented(maker_order_id=maker, taker_order_id=taker) if name in {maker, taker}:
                left = event.maker_open if name == maker else event.taker_open
                status = "open" if left else "cancelled"
            case OrderCancelled(order_id=cancelled) if cancelled == name:
                left, status = 0, "cancelled"
            case OrderAmended(order_id=amended) if amended == name:
                price, quantity, left = event.price, event.quantity, event.open_quantity
            case _:
                continue
        changed_at_us = later_us
    return (
        name, placed.member_id, placed.instrument_id, str(placed.side), price, quantity,
        str(placed.time_in_force), placed.post_only, filled, left, status, seq, at_us, changed_at_us,
    )  # fmt: skip


def _restatements(trade: Traded, happened: list[Happened]) -> list[TradeBusted | TradeCorrected]:
    """Those of a trade, in their order."""
    return [
        event
        for _, _, event in happened
        if isinstance(event, TradeBusted | TradeCorrected)
        and (event.sides.instrument_id, event.trade_number) == (trade.instrument_id, trade.trade_number)
    ]


def _terms(trade: Traded, happened: list[Happened]) -> tuple[int, int]:
    last = [(trade.price, trade.quantity)]
    last += [(event.price, event.quantity) for event in _restatements(trade, happened)]
    return last[-1]


def _status(trade: Traded, happened: list[Happened]) -> str:
    changes = _restatements(trade, happened)
    if not changes:
        return "standing"
    return "busted" if isinstance(changes[-1], TradeBusted) else "corrected"


def _struck(line: ContractLineAdded, happened: list[Happened]) -> str:
    """How its trade ended, if it is one of the lines that a bust or a correction names."""
    for _, _, event in happened:
        if isinstance(event, TradeBusted | TradeCorrected):
            sides = event.sides
            named = [
                (sides.buyer_contract_id, sides.buyer_line),
                (sides.seller_contract_id, sides.seller_line),
            ]
            if (line.contract_id, line.line) in named:
                return "busted" if isinstance(event, TradeBusted) else "corrected"
    return ""


def _goods_tax(line: ContractLineAdded, happened: list[Happened]) -> int:
    """That of the trade, which only the buyer's line is told of."""
    trade = line.instrument_id, line.trade_number
    taxes = {(e.contract_id, e.line): e.goods_tax_minor for _, _, e in _all(happened, ContractLineTaxed)}
    sides = [
        (e.contract_id, e.line)
        for _, _, e in _all(happened, ContractLineAdded)
        if (e.instrument_id, e.trade_number) == trade
    ]
    return sum(taxes.get(side, 0) for side in sides)


def _settlement(line: ContractLineAdded, happened: list[Happened]) -> tuple[bool, int, int, int, int, int]:
    for seq, at_us, event in happened:
        if isinstance(event, ContractLineSettled) and (event.contract_id, event.line) == (
            line.contract_id,
            line.line,
        ):
            return True, event.fee_minor, event.fee_tax_minor, event.amount_minor, seq, at_us
    return False, 0, 0, 0, 0, 0


STEPS = {
    "EventPublished": "published", "EventPaused": "paused", "EventResumed": "resumed",
    "EventCancelled": "cancelled", "LotOpened": "opened", "LotPostponed": "postponed",
    "CloseExtended": "overtime", "LotExtended": "extended", "LotMoved": "moved", "LotShifted": "outage",
    "LotEnded": "ended", "LotClosed": "closed", "SeedRevealed": "ties_drawn", "LotAwarded": "awarded",
    "LotSplit": "awarded", "LotReopened": "reopened", "AwardReasoned": "award_reasoned", "WinnerDefaulted": "defaulted",
}  # fmt: skip


def _by_command(happened: list[Happened]) -> Iterator[tuple[int, int, list[AnyEvent]]]:
    for (seq, at_us), group in groupby(happened, key=lambda each: each[:2]):
        yield seq, at_us, [event for _, _, event in group]


def _subject(event: AnyEvent) -> str:
    return str(getattr(event, "lot_id", "") or getattr(event, "event_id", ""))


def _times(event: AnyEvent) -> tuple[int, int, int]:
    by = (getattr(event, name, 0) for name in ("overtime_us", "paused_us", "by_us"))
    return getattr(event, "open_at_us", 0), getattr(event, "close_at_us", 0), next(filter(None, by), 0)
