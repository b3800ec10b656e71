"""One member's statement of account as it stands at the end, summed up by what happened."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from exchange.demo.office import Office
from exchange.demo.treasury import CURRENCY

ARCHIVED_S_MAX: Final = 60.0
"""For the records to hold all that happened."""
ASKED_EVERY_S: Final = 0.3
PAGE: Final = 500
ROW: Final = "  {:<22}{:<18}{:>8}{:>18}"


class Sum(Struct, frozen=True):
    """All movements of one kind on one account."""

    term: str
    movements: int
    amount: Decimal


class Account(Struct, frozen=True):
    """What the member had, what happened, and what it has; the first and the second make the third."""

    kind: str
    opening: Decimal
    sums: list[Sum]
    closing: Decimal


class Statement(Struct, frozen=True):
    """A member's money; `agrees` says whether the closing balances are those of its live accounts."""

    member: str
    currency: str
    first: date
    end: date
    agrees: bool
    accounts: list[Account]

    def as_text(self) -> str:
        """A small table."""
        rows = [f"statement of {self.member}, {self.currency}, from {self.first} until before {self.end}"]
        for account in self.accounts:
            rows.append(ROW.format(account.kind, "opening", "", f"{account.opening:,.2f}"))
            rows += [
                ROW.format("", each.term, f"{each.movements:,}", f"{each.amount:+,.2f}")
                for each in account.sums
            ]
            rows.append(ROW.format("", "closing", "", f"{account.closing:,.2f}"))
        agrees = "agrees" if self.agrees else "DOES NOT AGREE"
        return "\n".join([*rows, f"  it {agrees} with the member's accounts"])


async def read_statement(office: Office, member: str, first: date, end: date) -> Statement:
    """The member's own statement over its own key, once the records have everything of it."""
    live = {
        each["kind"]: Decimal(each["available"])
        async for each in office.all("/v1/accounts", "accounts")
        if each["unit"] == CURRENCY
    }
    days = {"from": str(first), "to": str(end)}
    page = await office.get("/v1/statements", limit=1, **days)
    until = asyncio.get_running_loop().time() + ARCHIVED_S_MAX
    while not _agrees(page, live) and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(ASKED_EVERY_S)
        page = await office.get("/v1/statements", limit=1, **days)
    movements = [each async for each in office.all("/v1/statements", "movements", limit=PAGE, **days)]
    accounts = [_account(each, movements) for each in page["accounts"] if each["unit"] == CURRENCY]
    return Statement(member, CURRENCY, first, end, _agrees(page, live), accounts)


def _agrees(page: dict[str, Any], live: dict[str, Decimal]) -> bool:
    """Whether the closing balances are those of the live accounts; what is zero counts for nothing."""
    closing = {
        each["kind"]: Decimal(each["closing"]) for each in page["accounts"] if each["unit"] == CURRENCY
    }
    return all(closing.get(kind, 0) == live.get(kind, 0) for kind in closing | live)


def _account(account: dict[str, Any], movements: list[dict[str, Any]]) -> Account:
    amounts: dict[str, list[Decimal]] = {}
    for each in movements:
        if (each["kind"], each["unit"]) == (account["kind"], CURRENCY):
            amounts.setdefault(each["term"], []).append(Decimal(each["amount"]))
    sums = [Sum(term, len(each), sum(each, Decimal(0))) for term, each in amounts.items()]
    return Account(account["kind"], Decimal(account["opening"]), sums, Decimal(account["closing"]))
