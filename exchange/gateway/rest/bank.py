"""REST between members, operators and the bank: bank details, withdrawals, payouts, statement entries, suspense.

Guarantees: a member sees its own payouts only, and of its IBAN the last four characters; bank details go to
SQL before the command that carries their hash.
"""

from typing import Final

from msgspec import Struct

from exchange.core.ledger.payments import Payout
from exchange.core.messages import (
    BookBankEntry,
    CancelPayout,
    MatchSuspense,
    PayOut,
    SendBack,
    SetBankDetails,
    SweepFloat,
    WithdrawMoney,
)
from exchange.core.messages.bank import BankAccount, BankReference, Direction, PayoutSource, PayoutState
from exchange.core.messages.base import Currency
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT
from exchange.gateway.decoding import amount_of
from exchange.gateway.notation import Decimals, Id, ShortText, decimal_of, instant_of, scale_of_unit
from exchange.gateway.paging import Number, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored.bank_details import BankDetailsTable, checked_details

_REFUSED: Final = """
select number, entry_id, statement, code, field from bank_entries
where code <> 0 and number > $1 order by number limit $2
"""


class NewBankDetails(Struct, frozen=True, forbid_unknown_fields=True):
    """The account to pay to; spaces in the IBAN do not matter."""

    name: ShortText
    iban: ShortText
    bic: ShortText | None = None


class BankDetailsShown(Struct, frozen=True):
    """Where payouts go; of the IBAN the end only. Both are empty as long as the member has not said."""

    name: str
    iban_end: str


class NewWithdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """Own money to the own bank, out of the wallet or of what is payable."""

    currency: Currency
    amount: Decimals
    source: PayoutSource = PayoutSource.WALLET


class NewPayout(Struct, frozen=True, forbid_unknown_fields=True):
    """What is payable to a member; without an amount all of it."""

    member_id: Id
    currency: Currency
    amount: Decimals | None = None


class NewSweep(Struct, frozen=True, forbid_unknown_fields=True):
    """The house's share of the clients' bank account; without an amount all of it."""

    currency: Currency
    amount: Decimals | None = None


class PayoutTaken(Settled, frozen=True):
    """The payment is on its way to the bank."""

    payout_id: str


class PayoutShown(Struct, frozen=True):
    """A payment and what the bank has said of it; `owner` is the member, or for the operator what it is."""

    payout_id: str
    source: PayoutSource
    owner: str
    currency: str
    amount: Decimals
    state: PayoutState


class PayoutPage(Struct, frozen=True):
    """Payouts by id."""

    payouts: list[PayoutShown]
    next: str


class PayoutQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose; an operator who names no member gets all."""

    member_id: Id | None = None


class PayoutKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which payout."""

    payout_id: Id


class NewBankEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of a bank statement; `entry_id` is the bank's reference of it."""

    entry_id: ShortText
    direction: Direction
    currency: Currency
    amount: Decimals
    reference: BankReference = ""
    account: BankAccount = BankAccount.CLIENT
    bank_charge: bool = False


class BankEntryTaken(Settled, frozen=True):
    """The entry is booked; as often as it is sent, once."""

    entry_id: str


class RefusedEntry(Struct, frozen=True):
    """An entry of a statement that was read from the bank's folder and not booked, and why."""

    number: int
    entry_id: str
    statement: str
    reason: str
    field: str


class RefusedEntryPage(Struct, frozen=True):
    """In the order in which they were read."""

    entries: list[RefusedEntry]
    next: str


class RefusedEntryKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which entry."""

    number: Number


class EntryQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many."""


class SuspenseShown(Struct, frozen=True):
    """A credit that nobody expected."""

    entry_id: str
    currency: str
    amount: Decimals
    reference: str


class SuspensePage(Struct, frozen=True):
    """All that waits, the oldest first."""

    credits: list[SuspenseShown]


class NewMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose money it is."""

    entry_id: ShortText
    member_id: Id


class NewReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the money came from."""

    entry_id: ShortText
    name: ShortText
    iban: ShortText
    bic: ShortText | None = None


def _minor(currency: str, amount: str | None) -> int:
    """0 for no amount: all of it."""
    if currency not in CURRENCY_EXPONENT:
        raise Refused(Reject(RejectCode.CURRENCY_UNKNOWN, field="currency"))
    return 0 if amount is None else amount_of("amount", amount, scale_of_unit(currency))


def _table(
    call: Call[NewBankDetails, NoQuery] | Call[NewReturn, NoQuery] | Call[NoBody, NoQuery],
) -> BankDetailsTable:
    return call.ports.bank_details


async def set_bank_details(call: Call[NewBankDetails, NoQuery]) -> Settled:
    """Where the member's payouts go from now on."""
    details = checked_details(call.body.name, call.body.iban, call.body.bic or "")
    details_hash = await _table(call).write(call.member_id, details, call.ports.engine.now_us())
    reply = await call.settle(SetBankDetails(details_hash=details_hash))
    return Settled(reply.sequence, instant_of(reply.at_us))


async def get_bank_details(call: Call[NoBody, NoQuery]) -> BankDetailsShown:
    """Where the member's payouts go."""
    details_hash = call.views.payments.details.get(call.member_id, "")
    details = await _table(call).read(details_hash) if details_hash else None
    if details is None:
        return BankDetailsShown("", "")
    return BankDetailsShown(details.name, details.iban[-4:])


async def withdraw_money(call: Call[NewWithdrawal, NoQuery]) -> PayoutTaken:
    """Send own money to the own bank."""
    body = call.body
    amount_minor = _minor(body.currency, body.amount)
    command = WithdrawMoney(currency=body.currency, amount_minor=amount_minor, source=body.source)
    return await _taken(call, command, body.currency)


async def pay_out(call: Call[NewPayout, NoQuery]) -> PayoutTaken:
    """Operator: send what is payable to a member."""
    body = call.body
    amount_minor = _minor(body.currency, body.amount)
    command = PayOut(member_id=body.member_id, currency=body.currency, amount_minor=amount_minor)
    return await _taken(call, command, body.currency)


async def sweep_float(call: Call[NewSweep, NoQuery]) -> PayoutTaken:
    """Operator: send the house's share to the operating account."""
    amount_minor = _minor(call.body.currency, call.body.amount)
    command = SweepFloat(currency=call.body.currency, amount_minor=amount_minor)
    return await _taken(call, command, call.body.currency)


async def cancel_payout(call: Call[NoBody, NoQuery]) -> PayoutTaken:
    """Operator: the bank did not take the payment."""
    return await _taken(call, CancelPayout(payout_id=call.id("payout_id")), "")


async def _taken(
    call: Call[NewWithdrawal, NoQuery]
    | Call[NewPayout, NoQuery]
    | Call[NewSweep, NoQuery]
    | Call[NoBody, NoQuery],
    command: WithdrawMoney | PayOut | SweepFloat | CancelPayout,
    currency: str,
) -> PayoutTaken:
    scales = Scales(currency=currency) if currency else Scales()
    reply = await call.settle(command, scales, {"amount_minor": "amount"})
    return PayoutTaken(reply.sequence, instant_of(reply.at_us), reply.id)


async def list_withdrawals(call: Call[NoBody, PayoutQuery]) -> PayoutPage:
    """The member's payouts, by id."""
    subject = call.subject(call.query.member_id)
    return _page(call, [each for each in _payouts(call) if each.owner == subject])


async def list_payouts(call: Call[NoBody, PayoutQuery]) -> PayoutPage:
    """Operator: all payouts and sweeps, or those of a member, by id."""
    asked = call.query.member_id
    return _page(call, [each for each in _payouts(call) if asked in (None, each.owner)])


def _payouts(call: Call[NoBody, PayoutQuery]) -> list[Payout]:
    payouts = call.views.payments.payouts
    return [payouts[payout_id] for payout_id in sorted(payouts)]


def _page(call: Call[NoBody, PayoutQuery], payouts: list[Payout]) -> PayoutPage:
    key = key_of(call.query.cursor, PayoutKey)
    rest = [each for each in payouts if key is None or each.payout_id > key.payout_id]
    page, following = page_of(rest, call.query.limit, lambda each: (each.payout_id,))
    return PayoutPage([_shown(each) for each in page], following)


def _shown(payout: Payout) -> PayoutShown:
    return PayoutShown(
        payout.payout_id,
        payout.source,
        payout.owner,
        payout.currency,
        decimal_of(payout.amount_minor, scale_of_unit(payout.currency)),
        payout.state,
    )


async def book_bank_entry(call: Call[NewBankEntry, NoQuery]) -> BankEntryTaken:
    """Operator: book one entry of a statement. The same id with the same fields takes effect once."""
    body = call.body
    command = BookBankEntry(
        entry_id=body.entry_id,
        direction=body.direction,
        currency=body.currency,
        amount_minor=_minor(body.currency, body.amount),
        reference=body.reference,
        account=body.account,
        is_fee=body.bank_charge,
    )
    names = {"amount_minor": "amount", "is_fee": "bank_charge"}
    reply = await call.settle(command, Scales(currency=body.currency), names)
    return BankEntryTaken(reply.sequence, instant_of(reply.at_us), body.entry_id)


async def list_refused_entries(call: Call[NoBody, EntryQuery]) -> RefusedEntryPage:
    """Operator: what the statements said and the exchange could not book; book it by hand once it can be."""
    key = key_of(call.query.cursor, RefusedEntryKey)
    rows = await call.ports.records.fetch(_REFUSED, key.number if key else 0, call.query.limit + 1)
    page, following = page_of(rows, call.query.limit, lambda row: (row["number"],))
    return RefusedEntryPage(
        [
            RefusedEntry(
                row["number"], row["entry_id"], row["statement"], RejectCode(row["code"]).name, row["field"]
            )
            for row in page
        ],
        following,
    )


async def list_suspense(call: Call[NoBody, NoQuery]) -> SuspensePage:
    """Operator: credits that nobody expected."""
    view = call.views.payments
    return SuspensePage(
        [
            SuspenseShown(
                entry_id,
                view.credits[entry_id].currency,
                decimal_of(
                    view.credits[entry_id].amount_minor, scale_of_unit(view.credits[entry_id].currency)
                ),
                view.credits[entry_id].reference,
            )
            for entry_id in sorted(view.suspense)
        ]
    )


async def match_suspense(call: Call[NewMatch, NoQuery]) -> BankEntryTaken:
    """Operator: the money is the member's."""
    reply = await call.settle(MatchSuspense(entry_id=call.body.entry_id, member_id=call.body.member_id))
    return BankEntryTaken(reply.sequence, instant_of(reply.at_us), call.body.entry_id)


async def send_back(call: Call[NewReturn, NoQuery]) -> PayoutTaken:
    """Operator: send the money back to where it came from."""
    body = call.body
    details = checked_details(body.name, body.iban, body.bic or "")
    details_hash = await _table(call).write("", details, call.ports.engine.now_us())
    reply = await call.settle(SendBack(entry_id=body.entry_id, details_hash=details_hash))
    return PayoutTaken(reply.sequence, instant_of(reply.at_us), reply.id)


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("PUT", "/v1/bank-details", "Give bank details", set_bank_details, NewBankDetails, NoQuery, Settled, SetBankDetails),
    Route("GET", "/v1/bank-details", "Read bank details", get_bank_details, NoBody, NoQuery, BankDetailsShown),
    Route("POST", "/v1/withdrawals", "Withdraw money", withdraw_money, NewWithdrawal, NoQuery, PayoutTaken, WithdrawMoney, 201),
    Route("GET", "/v1/withdrawals", "List own payouts", list_withdrawals, NoBody, PayoutQuery, PayoutPage),
    Route("POST", "/v1/payouts", "Pay a member out", pay_out, NewPayout, NoQuery, PayoutTaken, PayOut, 201),
    Route("GET", "/v1/payouts", "List all payouts", list_payouts, NoBody, PayoutQuery, PayoutPage),
    Route(
        "POST", "/v1/payouts/{payout_id}/cancellation", "Cancel a payout", cancel_payout,
        NoBody, NoQuery, PayoutTaken, CancelPayout,
    ),
    Route("POST", "/v1/sweeps", "Sweep the float", sweep_float, NewSweep, NoQuery, PayoutTaken, SweepFloat, 201),
    Route(
        "POST", "/v1/bank-entries", "Book a statement entry", book_bank_entry,
        NewBankEntry, NoQuery, BankEntryTaken, BookBankEntry, 201,
    ),
    Route("GET", "/v1/bank-entries", "List refused entries", list_refused_entries, NoBody, EntryQuery, RefusedEntryPage),
    Route("GET", "/v1/suspense", "List suspense", list_suspense, NoBody, NoQuery, SuspensePage),
    Route("POST", "/v1/suspense/matches", "Match suspense", match_suspense, NewMatch, NoQuery, BankEntryTaken, MatchSuspense),
    Route("POST", "/v1/suspense/returns", "Send suspense back", send_back, NewReturn, NoQuery, PayoutTaken, SendBack, 201),
)  # fmt: skip
