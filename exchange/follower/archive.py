"""The history tables in PostgreSQL: rows and position move in one transaction, so each row comes once.

A follower that is killed anywhere goes on from its own position, whatever the engine did meanwhile.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg
from msgspec.structs import astuple

from exchange.core.goods.instruments import Instrument
from exchange.follower import event_steps, instruments, notices, order_terms
from exchange.follower.history import History
from exchange.follower.notices import Notices

ORDER_COLUMNS: Final = (
    "order_id", "member_id", "instrument_id", "side", "price", "quantity", "time_in_force", "post_only",
    "filled_quantity", "open_quantity", "status", "placed_seq", "placed_at_us", "changed_at_us",
)  # fmt: skip
TRADE_COLUMNS: Final = (
    "instrument_id", "trade_number", "price", "quantity", "taker_side", "maker_order_id",
    "taker_order_id", "maker_member_id", "taker_member_id", "seq", "at_us",
)  # fmt: skip
BID_COLUMNS: Final = ("lot_id", "bid_number", "member_id", "alias", "price", "seq", "at_us")
ENVELOPE_COLUMNS: Final = ("lot_id", "number", "member_id", "seq", "at_us")
BID_NOTE_COLUMNS: Final = ("lot_id", "bid_number", "kind", "reason", "by_operator", "seq", "at_us")
TRANSFER_COLUMNS: Final = (
    "number", "unit", "debit", "credit", "amount", "reason", "subject", "linked", "seq", "at_us",
)  # fmt: skip
LINE_COLUMNS: Final = (
    "contract_id", "line", "member_id", "side", "instrument_id", "trade_number", "price", "quantity",
    "amount_minor", "at_us", "goods_tax_minor",
)  # fmt: skip
DEAL_STEP_COLUMNS: Final = (
    "contract_id", "line", "member_id", "side", "instrument_id", "state", "quantity", "amount_minor", "seq",
    "at_us", "goods_tax_minor",
)  # fmt: skip
INSPECTION_COLUMNS: Final = (
    "hub_lot_id", "inspector_id", "plan", "sample_quantity", "checks", "evidence_hash", "passed_quantity",
    "conditional_quantity", "rejected_quantity", "cost_minor", "seq", "at_us",
)  # fmt: skip
HUB_ADDRESS_COLUMNS: Final = ("seq", "at_us", "name", "address")
RESOLVED_CLAIM_COLUMNS: Final = (
    "claim_id", "buyer_contract_id", "buyer_line", "buyer_id", "seller_contract_id", "seller_line", "seller_id",
    "instrument_id", "state", "reason", "quantity", "answer", "refund_minor", "seq", "at_us",
)  # fmt: skip

PAYOUT_COLUMNS: Final = (
    "payout_id", "source", "owner", "currency", "amount_minor", "details_hash", "seq", "at_us",
)  # fmt: skip
INVOICE_COLUMNS: Final = ("number", "payer", "period", "currency", "seq", "at_us")
INVOICE_LINE_COLUMNS: Final = (
    "number", "line", "schedule_version", "charged_period", "base_minor", "fee_minor", "tax_minor",
    "refunded_base_minor", "refunded_fee_minor", "refunded_tax_minor", "owed_fee_minor", "owed_tax_minor", "side",
)  # fmt: skip

CHANGE_ORDERS: Final = """
update orders set
    filled_quantity = filled_quantity + change.filled,
    open_quantity = change.open_quantity,
    status = change.status,
    changed_at_us = change.changed_at_us,
    price = case when change.price = 0 then orders.price else change.price end,
    quantity = case when change.quantity = 0 then orders.quantity else change.quantity end
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
    as change (order_id, filled, open_quantity, status, changed_at_us, price, quantity)
where orders.order_id = change.order_id
"""
MARK_CALLED: Final = """
update trades set in_call = true
from unnest($1::text[], $2::bigint[]) as called (instrument_id, trade_number)
where trades.instrument_id = called.instrument_id and trades.trade_number = called.trade_number
"""
SETTLE_LINES: Final = """
update contract_lines set settled = true, fee_minor = done.fee_minor, fee_tax_minor = done.fee_tax_minor,
    settled_minor = done.amount_minor, settled_seq = done.seq, settled_at_us = done.at_us
from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    as done (contract_id, line, fee_minor, fee_tax_minor, amount_minor, seq, at_us)
where contract_lines.contract_id = done.contract_id and contract_lines.line = done.line
"""
RESTATE_TRADES: Final = """
update trades set price = now.price, quantity = now.quantity, status = now.status
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
    as now (instrument_id, trade_number, price, quantity, status)
where trades.instrument_id = now.instrument_id and trades.trade_number = now.trade_number
"""
STRIKE_LINES: Final = """
update contract_lines set struck = gone.struck
from unnest($1::text[], $2::integer[], $3::text[]) as gone (contract_id, line, struck)
where contract_lines.contract_id = gone.contract_id and contract_lines.line = gone.line
"""
MOVE: Final = """
update follower_position set seq = $2, at_us = $3 where shard = $1 and seq = $4
"""


class Overtaken(Exception):
    """Another follower wrote this stretch: two must not run on one shard."""


class Archive:
    """Writes stretches of history over one connection."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", shard: int = 0) -> None:
        self._connection = connection
        self._shard = shard
        self.seq = 0

    async def open(self) -> int:
        """The last sequence whose rows are in the tables; 0 at first."""
        await self._connection.execute(
            "insert into follower_position (shard, seq, at_us) values ($1, 0, 0) on conflict do nothing",
            self._shard,
        )
        self.seq = await self._connection.fetchval(
            "select seq from follower_position where shard = $1", self._shard
        )
        return self.seq

    async def listening(self) -> Notices:
        """Those whom the next stretch is told to."""
        return await notices.listening(self._connection)

    async def write(self, history: History, told: Notices | None = None) -> None:
        """Add the rows and move the position, all or nothing. Raises `Overtaken`."""
        connection = self._connection
        async with connection.transaction():
            moved = await connection.execute(MOVE, self._shard, history.seq, history.at_us, self.seq)
            if moved != "UPDATE 1":
                raise Overtaken(f"the history of shard {self._shard} is not at sequence {self.seq}")
            if history.instruments:
                await instruments.insert(connection, list(history.instruments.values()))
            await self._copy("orders", ORDER_COLUMNS, [astuple(row) for row in history.placed.values()])
            await self._copy("order_terms", order_terms.COLUMNS, history.order_terms)
            await self._copy("trades", TRADE_COLUMNS, history.trades)
            await self._copy("bids", BID_COLUMNS, history.bids)
            await self._copy("envelopes", ENVELOPE_COLUMNS, history.envelopes)
            await self._copy("bid_notes", BID_NOTE_COLUMNS, history.bid_notes)
            await self._copy("event_steps", event_steps.COLUMNS, history.event_steps.rows)
            await self._copy("transfers", TRANSFER_COLUMNS, history.transfers)
            await self._copy("contract_lines", LINE_COLUMNS, history.lines)
            await self._copy("deal_steps", DEAL_STEP_COLUMNS, history.deal_steps)
            await self._copy("inspections", INSPECTION_COLUMNS, history.inspections)
            await self._copy("hub_addresses", HUB_ADDRESS_COLUMNS, history.hub_addresses)
            await self._copy("deal_text_uses", ("text_hash", "subject", "at_us"), history.text_uses)
            await self._copy("resolved_claims", RESOLVED_CLAIM_COLUMNS, history.resolved_claims)
            await self._copy("payouts", PAYOUT_COLUMNS, history.payouts)
            await self._copy("invoices", INVOICE_COLUMNS, history.invoices)
            await self._copy("invoice_lines", INVOICE_LINE_COLUMNS, history.invoice_lines)
            if history.changed:
                columns = zip(*(astuple(change) for change in history.changed.values()), strict=True)
                await connection.execute(CHANGE_ORDERS, *(list(column) for column in columns))
            if history.called:
                columns = zip(*history.called, strict=True)
                await connection.execute(MARK_CALLED, *(list(column) for column in columns))
            if history.settled:
                columns = zip(*history.settled, strict=True)
                await connection.execute(SETTLE_LINES, *(list(column) for column in columns))
            if history.restated:
                await self._restate(history)
            if told is not None:
                await notices.write(connection, told)
        self.seq = history.seq

    async def _restate(self, history: History) -> None:
        trades = zip(*((*key, *now) for key, now in history.restated.items()), strict=True)
        await self._connection.execute(RESTATE_TRADES, *(list(column) for column in trades))
        lines = zip(*history.struck, strict=True)
        await self._connection.execute(STRIKE_LINES, *(list(column) for column in lines))

    async def keep_instruments(self, every: Sequence[Instrument]) -> bool:
        """See that all instruments at the position can be searched; whether rows were missing."""
        return await instruments.make_whole(self._connection, every)

    async def _copy(self, table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
        if rows:
            await self._connection.copy_records_to_table(table, records=rows, columns=columns)
