"""REST of money: accounts and postings, top-ups and the commission.

Guarantees: a member sees the accounts that bear its own name, the operator those of the member it asks for,
or the house's; of a posting, whatever is another's is left out, and its place in the ledger too, since that counts what all do.
"""

from typing import Final

from msgspec import Struct

from exchange.core.messages import SetCommission, TopUp
from exchange.core.messages.base import BasisPoints, Currency
from exchange.core.messages.ledger import Payer
from exchange.core.messages.shown import AccountState
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT
from exchange.gateway import policy
from exchange.gateway.decoding import amount_of
from exchange.gateway.notation import (
    Decimals,
    Id,
    InstantInput,
    InstantText,
    ShortText,
    SignedDecimals,
    decimal_of,
    instant_of,
    microseconds_of,
    scale_of_unit,
)
from exchange.gateway.paging import Number, PageQuery, cursor_of, key_of, page_of
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored import history
from exchange.gateway.stored.records import Row


class AccountQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose accounts; only the operator may name another member, and without one it gets the house's."""

    member_id: Id | None = None


class Account(Struct, frozen=True):
    """What the member has of a unit, a currency or an instrument: `kind` says in which state.

    Of the house's accounts `kind` is the full name: `commission:surplus` is what the exchange earned, `tax:output`
    the tax on it, `float:house` both. What others keep for it (`bank:client`, `house:float`) is below zero.
    """

    kind: str
    unit: str
    available: SignedDecimals


class AccountPage(Struct, frozen=True):
    """Balances that are not zero, by kind and unit."""

    accounts: list[Account]
    next: str


class AccountKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which account."""

    kind: ShortText
    unit: Id


class PostingQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which postings: from an instant on, of one unit, of which member."""

    member_id: Id | None = None
    unit: Id | None = None
    since: InstantInput | None = None


class Posting(Struct, frozen=True):
    """One side of a transfer: `amount` is what the account's owner gained or, below zero, gave.

    `counter_kind` names the own account on the other side and `subject` the own order or the bank's reference;
    they are empty where the other side or the subject is not the member's.
    """

    kind: str
    unit: str
    amount: SignedDecimals
    reason: str
    subject: str
    counter_kind: str
    at: InstantText


class PostingPage(Struct, frozen=True):
    """Postings in their order."""

    postings: list[Posting]
    next: str


class PostingKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """From an instant on, behind so many of its postings."""

    at_us: Number
    skipped: Number


class NewTopUp(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that reached the client bank account; `transfer_id` is the bank's reference."""

    transfer_id: ShortText
    member_id: Id
    currency: Currency
    amount: Decimals


class TopUpBooked(Settled, frozen=True):
    """The money is in the member's wallet."""

    transfer_id: str


class NewCommission(Struct, frozen=True, forbid_unknown_fields=True):
    """Basis points of the price, and of the commission as tax on it."""

    rate_bps: BasisPoints
    tax_bps: BasisPoints = 0


class CommissionTaken(Settled, frozen=True):
    """The version that is pinned to every trade from now on."""

    version: int


class CommissionShown(Struct, frozen=True, omit_defaults=True):
    """What a trade made now would be charged."""

    version: int
    rate_bps: int
    tax_bps: int
    payer: Payer = Payer.SELLER


async def list_accounts(call: Call[NoBody, AccountQuery]) -> AccountPage:
    """Balances after the last commit; for an operator who names no member, those of the house."""
    key = key_of(call.query.cursor, AccountKey)
    accounts = [
        each for each in _accounts(call) if key is None or (each.kind, each.unit) > (key.kind, key.unit)
    ]
    page, following = page_of(accounts, call.query.limit, lambda each: (each.kind, each.unit))
    return AccountPage(
        [
            Account(each.kind, each.unit, decimal_of(each.available, scale_of_unit(each.unit)))
            for each in page
        ],
        following,
    )


def _accounts(call: Call[NoBody, AccountQuery]) -> list[AccountState]:
    if call.query.member_id is None and policy.operates(call.identity, call.views.members):
        return call.views.accounts.of_house()
    return call.views.accounts.of_member(call.subject(call.query.member_id))


async def list_postings(call: Call[NoBody, PostingQuery]) -> PostingPage:
    """Every posting on the member's accounts, from the records, the oldest first."""
    query = call.query
    since_us = max(0, microseconds_of(query.since)) if query.since else 0
    key = key_of(query.cursor, PostingKey) or PostingKey(since_us, 0)
    rows = await history.postings(
        call.ports.records,
        call.subject(query.member_id),
        query.unit or "",
        key.at_us,
        key.skipped,
        query.limit + 1,
    )
    page = rows[: query.limit]
    following = _behind(page, key) if len(rows) > query.limit else ""
    return PostingPage([_posting(row) for row in page], following)


async def top_up(call: Call[NewTopUp, NoQuery]) -> TopUpBooked:
    """Operator: book money to a wallet. The same transfer id with the same fields takes effect once."""
    body = call.body
    if body.currency not in CURRENCY_EXPONENT:
        raise Refused(Reject(RejectCode.CURRENCY_UNKNOWN, field="currency"))
    amount_minor = amount_of("amount", body.amount, scale_of_unit(body.currency))
    command = TopUp(
        transfer_id=body.transfer_id,
        member_id=body.member_id,
        currency=body.currency,
        amount_minor=amount_minor,
    )
    reply = await call.settle(command, Scales(currency=body.currency), {"amount_minor": "amount"})
    return TopUpBooked(reply.sequence, instant_of(reply.at_us), body.transfer_id)


async def get_commission(call: Call[NoBody, NoQuery]) -> CommissionShown:
    """Everybody's schedule of the surplus market, and who pays it."""
    schedule = call.views.commission
    return CommissionShown(schedule.version, schedule.rate_bps, schedule.tax_bps, schedule.payer)


async def set_commission(call: Call[NewCommission, NoQuery]) -> CommissionTaken:
    """Operator: a new version; trades before it keep theirs."""
    reply = await call.settle(SetCommission(rate_bps=call.body.rate_bps, tax_bps=call.body.tax_bps))
    return CommissionTaken(reply.sequence, instant_of(reply.at_us), reply.number)


def _behind(page: list[Row], key: PostingKey) -> str:
    last_us: int = page[-1]["at_us"]
    shown_of_it = sum(row["at_us"] == last_us for row in page)
    return cursor_of(last_us, shown_of_it + (key.skipped if last_us == key.at_us else 0))


def _posting(row: Row) -> Posting:
    return Posting(
        row["account"].rpartition(":")[0],
        row["unit"],
        decimal_of(-row["amount"], scale_of_unit(row["unit"])),
        row["reason"],
        row["subject"],
        row["counter_account"].rpartition(":")[0],
        instant_of(row["at_us"]),
    )


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", "/v1/accounts", "List balances", list_accounts, NoBody, AccountQuery, AccountPage),
    Route("GET", "/v1/postings", "List own postings", list_postings, NoBody, PostingQuery, PostingPage),
    Route("POST", "/v1/top-ups", "Book a top-up", top_up, NewTopUp, NoQuery, TopUpBooked, TopUp, 201),
    Route("GET", "/v1/commission", "Read the commission", get_commission, NoBody, NoQuery, CommissionShown),
    Route(
        "PUT", "/v1/commission", "Set the commission", set_commission,
        NewCommission, NoQuery, CommissionTaken, SetCommission,
    ),
)  # fmt: skip
