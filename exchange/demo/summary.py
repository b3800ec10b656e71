"""The end of a demo: the journal is verified, and every number comes from the audited ledger."""

from datetime import date
from pathlib import Path

from msgspec import Struct

from exchange.app import database
from exchange.config import Settings
from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.demo.books import Audited, audited
from exchange.demo.tally import Tally
from exchange.engine.audit import audit
from exchange.journal.postgres import PostgresJournal


class Verified(Struct, frozen=True):
    """What `exchange verify` says."""

    ok: bool
    commands: int
    first_bad_seq: int
    what: str


class Summary(Struct, frozen=True):
    """`orders_acked` and `bids_acked` were counted by the members; the rest is the audited journal's."""

    seconds: float
    orders_acked: int
    trades: int
    bids_acked: int
    commission_minor: dict[str, int]
    ledger_sums: dict[str, int]
    refused: dict[str, int]
    unknown: int
    verify: Verified
    books: Audited

    def as_text(self) -> str:
        """The same for people."""
        money = ", ".join(f"{amount / 100:,.2f} {unit}" for unit, amount in self.commission_minor.items())
        verdict = "verified" if self.verify.ok else f"WRONG at sequence {self.verify.first_bad_seq}"
        uneven = {unit: total for unit, total in self.ledger_sums.items() if total}
        return (
            f"\n{self.orders_acked:,} orders acknowledged, {self.trades:,} trades, {self.bids_acked:,} bids\n"
            f"commission earned: {money or 'none'}\n"
            f"ledger: {len(self.ledger_sums)} units, {uneven or 'all sum to zero'}\n"
            f"journal: {self.verify.commands:,} commands, {verdict}\n"
            f"books: {self.books.as_text()}"
        )


async def summarize(data: Path, tally: Tally, seconds: float, began: date) -> Summary:
    """Audit the journal in the folder, and its books from that day on; the exchange there has ended."""
    async with database(Settings(data=data)) as dsn:
        journal = PostgresJournal(dsn)
        verdict, kernel = await audit(journal)
        await journal.close()
        books = await audited(dsn, data, began)
    return Summary(
        seconds=round(seconds, 1),
        orders_acked=tally.orders_acked,
        trades=sum(book.trades for book in kernel.books.books.values()),
        bids_acked=tally.bids_acked,
        commission_minor=_commission(kernel),
        ledger_sums=verdict.ledger_sums,
        refused=dict(sorted(tally.refused.items())),
        unknown=tally.unknown,
        verify=Verified(verdict.ok, verdict.commands, verdict.first_bad_seq, verdict.what),
        books=books,
    )


def _commission(kernel: Exchange) -> dict[str, int]:
    """Income from commission by currency, in minor units."""
    return {
        account.unit: -account.balance
        for account in kernel.ledger.dump().accounts
        if account.kind is AccountKind.COMMISSION
    }
