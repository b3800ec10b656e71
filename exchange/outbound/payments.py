"""Payments through a folder: payouts go out as pain.001 files, statements come in as camt.053 files.

At least once: a file that was written but not yet behind the cursor is written again, with the same bytes
under the same name. `out/` is for the bank to take, `in/` for it to leave statements in.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import asyncpg
import msgspec
import structlog

from exchange.core.messages.bank import BankAccount, BookBankEntry
from exchange.database.world import WORLD
from exchange.outbound.base import POLL_S, Connection, keep_going
from exchange.outbound.camt import BYTES_MAX, StatementRefused, entries_of
from exchange.outbound.house import HouseBank
from exchange.outbound.pain import Payment, credit_transfer

PAYMENTS_PER_FILE_MAX: Final = 500
CONNECT_S_MAX: Final = 10.0
ADAPTER: Final = "pain001"

_CURSOR: Final = "select seq from outbound_positions where adapter = $1"
_MOVE: Final = """
insert into outbound_positions (adapter, seq) values ($1, $2)
on conflict (adapter) do update set seq = excluded.seq
"""
_PENDING: Final = """
select p.*, b.message_id, d.name, d.iban, d.bic
from payouts p
left join payout_batches b using (payout_id)
left join bank_details d using (details_hash)
where p.seq > $1 order by (b.message_id is null), p.seq, p.payout_id limit $2
"""
_ASSIGN: Final = "insert into payout_batches (payout_id, message_id) values ($1, $2)"
_ADD: Final = """
insert into bank_entries (entry_id, statement, command) values ($1, $2, $3) on conflict do nothing
"""

log = structlog.get_logger(__name__)


class Payments:
    """The adapter of one bank; nobody else may use its connection."""

    name = ADAPTER

    def __init__(self, connection: Connection, house: HouseBank) -> None:
        self._connection = connection
        self._house = house
        self._out, self._in = house.folder / "out", house.folder / "in"
        self._done, self._refused = house.folder / "done", house.folder / "refused"
        for folder in (self._out, self._in, self._done, self._refused):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def step(self) -> int:
        """Write the files of what was sent, and take in the statements that are there."""
        written = 0
        while await self._write_next():
            written += 1
        return written + await self._take_statements()

    # --- payouts ---------------------------------------------------------------------------------

    async def _write_next(self) -> bool:
        """One more batch, into one file; whether there was one."""
        cursor = await self._connection.fetchval(_CURSOR, ADAPTER) or 0
        rows = await self._connection.fetch(_PENDING, cursor, PAYMENTS_PER_FILE_MAX)
        if not rows:
            return False
        first = rows[0]
        batch = [row for row in rows if row["message_id"] == first["message_id"]]
        if first["message_id"] is None:
            # A run of one currency, so that the cursor can stand behind all of it.
            count = next(
                (n for n, row in enumerate(batch) if row["currency"] != first["currency"]), len(batch)
            )
            batch = batch[:count]
        message_id = first["message_id"] or f"QM-{first['seq']}-{first['currency']}"
        if first["message_id"] is None:
            async with self._connection.transaction():
                await self._connection.executemany(_ASSIGN, [(row["payout_id"], message_id) for row in batch])
        payments = [payment for row in batch if (payment := self._payment(row)) is not None]
        if payments:
            at_us, currency = batch[-1]["at_us"], first["currency"]
            document = credit_transfer(message_id, at_us, currency, self._house, payments)
            write_whole(self._out / f"{message_id}.xml", document)
            log.info("payments_written", message_id=message_id, payments=len(payments))
        await self._connection.execute(_MOVE, ADAPTER, batch[-1]["seq"])
        return True

    def _payment(self, row: Connection) -> Payment | None:
        """Where it goes; a sweep goes to the house's own account."""
        if row["source"] == "float":
            iban, name, bic = self._house.operating_iban, self._house.name, ""
        elif row["iban"] is None:
            log.error("bank_details_gone", payout_id=row["payout_id"])
            return None
        else:
            iban, name, bic = row["iban"], row["name"], row["bic"]
        return Payment(row["payout_id"], row["amount_minor"], name, iban, bic)

    # --- statements ------------------------------------------------------------------------------

    async def _take_statements(self) -> int:
        """Every file that is there whole: its entries wait for the engine, and it is put aside."""
        taken = 0
        for path in sorted(self._in.glob("*.xml")):
            await self._take(path)
            taken += 1
        return taken

    async def _take(self, path: Path) -> None:
        try:
            entries = self._read(path)
        except StatementRefused as refused:
            log.warning("statement_refused", reason=str(refused))
            write_whole(self._refused / f"{path.name}.reason", f"{path.name}: {refused}\n".encode())
            path.replace(self._refused / path.name)
            return
        await self.add(path.name, entries)
        path.replace(self._done / path.name)
        log.info("statement_taken", entries=len(entries))

    def _read(self, path: Path) -> list[BookBankEntry]:
        if path.stat().st_size > BYTES_MAX:
            raise StatementRefused(f"it has more than {BYTES_MAX} bytes")
        house = self._house
        accounts = {house.iban: BankAccount.CLIENT, house.operating_iban: BankAccount.OPERATING}
        return entries_of(path.read_bytes(), accounts)

    async def add(self, statement: str, entries: list[BookBankEntry]) -> None:
        """All entries that are not known yet, or none."""
        rows = [(entry.entry_id, statement, msgspec.msgpack.encode(entry)) for entry in entries]
        async with self._connection.transaction():
            await self._connection.executemany(_ADD, rows)


async def exchange_files(dsn: str, house: HouseBank, stopping: Callable[[], bool]) -> None:
    """Payments and statements until `stopping`, over a connection that comes again when it is lost."""
    while not stopping():
        try:
            connection = await asyncpg.connect(
                dsn, timeout=CONNECT_S_MAX, server_settings={"application_name": "exchange payments"}
            )
        except WORLD as error:
            log.warning("payments_wait", reason=type(error).__name__)
            await asyncio.sleep(POLL_S)
            continue
        await _exchange_over(connection, house, stopping)


async def _exchange_over(connection: Connection, house: HouseBank, stopping: Callable[[], bool]) -> None:
    try:
        adapter = Payments(connection, house)
        await keep_going((adapter,), lambda: stopping() or connection.is_closed())
    except OSError as error:
        log.warning("bank_folder_unusable", reason=error.strerror)
        await asyncio.sleep(POLL_S)
    finally:
        connection.terminate()


def write_whole(path: Path, content: bytes) -> None:
    """The file appears with all of its content or not at all, also after a crash."""
    aside = path.with_name(f".{path.name}.{sha256(content).hexdigest()[:8]}")
    with suppress(FileNotFoundError):
        aside.unlink()
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
