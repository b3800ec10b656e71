"""The end of a demo: the journal is verified, and every number comes from the audited ledger."""

from datetime import date
from pathlib import Path

from msgspec import Struct

from exchange.app import database
from exchange.config import Settings
from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.demo.books import Audited, audited
from exchange.demo.report import Report
from exchange.demo.statement import Statement
from exchange.demo.tally import Tally
from exchange.demo.treasury import CURRENCY
from exchange.engine.audit import audit
from exchange.journal.postgres import PostgresJournal


class Verified(Struct, frozen=True):
    """What `exchange verify` says."""

    ok: bool
    commands: int
    first_bad_seq: int
    what: str


class Goods(Struct, frozen=True):
    """Boxes and lots on the way through the hub, and lines accepted by their buyers, as the members counted them."""

    consigned: int
    passed: int
    in_part: int
    failed: int
    shipped: int
    accepted: int
    claims: int
    remedied: int
    refunded_minor: int

    def as_text(self) -> str:
        """For people."""
        return (
            f"{self.consigned:,} consignments; {self.passed:,} lots passed, {self.in_part:,} in part, "
            f"{self.failed:,} failed; {self.shipped:,} shipments, {self.accepted:,} lines accepted, "
            f"{self.claims:,} claims, {self.remedied:,} remedied; refunds {self.refunded_minor / 100:,.2f} {CURRENCY}"
        )


class Money(Struct, frozen=True):
    """Whose the money is at the end, in minor units of all currencies' ledger: nothing held or in escrow if all is done.

    `paid_out_minor` and `swept_minor` are what the bank booked.
    """

    held_minor: int
    escrow_minor: int
    payable_minor: int
    provision_minor: int
    payouts: int
    paid_out_minor: int
    swept_minor: int

    def as_text(self) -> str:
        """For people."""
        return (
            f"{self.payouts:,} payouts of {self.paid_out_minor / 100:,.2f}, swept {self.swept_minor / 100:,.2f}; "
            f"left: held {self.held_minor / 100:,.2f}, escrow {self.escrow_minor / 100:,.2f}, "
            f"payable {self.payable_minor / 100:,.2f}, guarantees {self.provision_minor / 100:,.2f}"
        )


class Summary(Struct, frozen=True):
    """Orders, bids, goods and payouts were counted by the members; the rest is the audited journal's."""

    seconds: float
    orders_acked: int
    trades: int
    bids_acked: int
    commission_minor: dict[str, int]
    ledger_sums: dict[str, int]
    refused: dict[str, int]
    unknown: int
    goods: Goods
    money: Money
    statement: Statement
    report: Report | None
    verify: Verified
    books: Audited

    def as_text(self) -> str:
        """The same for people."""
        money = ", ".join(f"{amount / 100:,.2f} {unit}" for unit, amount in self.commission_minor.items())
        verdict = "verified" if self.verify.ok else f"WRONG at sequence {self.verify.first_bad_seq}"
        uneven = {unit: total for unit, total in self.ledger_sums.items() if total}
        return (
            f"\n{self.orders_acked:,} orders acknowledged, {self.trades:,} trades, {self.bids_acked:,} bids\n"
            f"goods: {self.goods.as_text()}\n"
            f"money in {CURRENCY}: {self.money.as_text()}\n"
            f"commission earned: {money or 'none'}\n\n"
            f"{self.statement.as_text()}\n\n"
            f"{self.report.as_text() if self.report else 'no reverse lot was awarded'}\n\n"
            f"ledger: {len(self.ledger_sums)} units, {uneven or 'all sum to zero'}\n"
            f"journal: {self.verify.commands:,} commands, {verdict}\n"
            f"books: {self.books.as_text()}"
        )


async def summarize(
    data: Path, tally: Tally, seconds: float, began: date, statement: Statement, report: Report | None
) -> Summary:
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
        goods=_goods(tally),
        money=_money(tally, kernel),
        statement=statement,
        report=report,
        verify=Verified(verdict.ok, verdict.commands, verdict.first_bad_seq, verdict.what),
        books=books,
    )


def _goods(tally: Tally) -> Goods:
    return Goods(
        tally.consigned,
        tally.passed,
        tally.in_part,
        tally.failed,
        tally.shipped,
        tally.accepted,
        tally.claims,
        tally.remedied,
        tally.refunded_minor,
    )


def _money(tally: Tally, kernel: Exchange) -> Money:
    def owed(kind: AccountKind) -> int:
        accounts = kernel.ledger.dump().accounts
        return -sum(each.balance for each in accounts if each.kind is kind)

    return Money(
        owed(AccountKind.HELD),
        owed(AccountKind.ESCROW),
        owed(AccountKind.PAYABLE),
        owed(AccountKind.PROVISION),
        tally.payouts,
        tally.paid_out_minor,
        tally.swept_minor,
    )


def _commission(kernel: Exchange) -> dict[str, int]:
    """Income from commission by currency, in minor units."""
    return {
        account.unit: -account.balance
        for account in kernel.ledger.dump().accounts
        if account.kind is AccountKind.COMMISSION
    }
