"""Money that comes from and goes to the bank: deposits, payouts, sweeps, statement entries and suspense.

Nobody's bank details are here: `details_hash` stands for them.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from exchange.core.messages.base import AmountMinor, Command, Currency, Event, PublicId
from exchange.core.messages.ledger import AmountOrNone, TransferId

DetailsHash = Annotated[str, Meta(min_length=64, max_length=64, pattern="^[0-9a-f]*$")]
"""SHA-256 of a salt and the bank details, in hexadecimal."""
BankReference = Annotated[str, Meta(max_length=140, pattern="^[^\\u0000-\\u001f\\u007f]*$")]
"""What a payment says of itself: our payout id, a member's id, or anything."""


class PayoutSource(StrEnum):
    """Which account a payout is paid from."""

    WALLET = "wallet"
    PAYABLE = "payable"
    SUSPENSE = "suspense"
    FLOAT = "float"  # a sweep: the house's share of the clients' bank account


class PayoutState(StrEnum):
    """Where a payout stands: only the bank's statement books or returns it."""

    SENT = "sent"
    BOOKED = "booked"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class BankAccount(StrEnum):
    """Whose statement an entry stands on."""

    CLIENT = "client"
    OPERATING = "operating"


class Direction(StrEnum):
    """Credit: money came in; debit: it went out."""

    CREDIT = "credit"
    DEBIT = "debit"


class SetBankDetails(Command, frozen=True, tag="set_bank_details"):
    """Where the member's payouts go from now on; those that were sent already are not changed."""

    details_hash: DetailsHash


class BankDetailsSet(Event, frozen=True, tag="bank_details_set"):
    """As in the command."""

    member_id: str
    details_hash: str


class PayDeposit(Command, frozen=True, tag="pay_deposit"):
    """Move own money from the wallet to the deposit, from which costs that the member owes are taken."""

    currency: Currency
    amount_minor: AmountMinor


class TakeDepositBack(Command, frozen=True, tag="take_deposit_back"):
    """Move what is in the deposit back to the wallet."""

    currency: Currency
    amount_minor: AmountMinor


class ForfeitDeposit(Command, frozen=True, tag="forfeit_deposit"):
    """Operator: a deposit, a bid bond say, falls to the house; 0: all of it."""

    member_id: PublicId
    currency: Currency
    amount_minor: AmountOrNone = 0


class SetCreditLimit(Command, frozen=True, tag="set_credit_limit"):
    """Operator: how far the member's orders may overdraw its wallet; withdrawals never may."""

    member_id: PublicId
    currency: Currency
    limit_minor: AmountOrNone


class CreditLimitSet(Event, frozen=True, tag="credit_limit_set"):
    """As in the command."""

    member_id: str
    currency: str
    limit_minor: int


class WithdrawMoney(Command, frozen=True, tag="withdraw_money"):
    """Send own money to the member's bank; it takes effect at the bank when the bank says so."""

    currency: Currency
    amount_minor: AmountMinor
    source: PayoutSource = PayoutSource.WALLET  # or payable


class PayOut(Command, frozen=True, tag="pay_out"):
    """Operator: send what is payable to a member to its bank; 0: all of it."""

    member_id: PublicId
    currency: Currency
    amount_minor: AmountOrNone = 0


class SweepFloat(Command, frozen=True, tag="sweep_float"):
    """Operator: send the house's share of the clients' account to the operating account; 0: all of it."""

    currency: Currency
    amount_minor: AmountOrNone = 0


class CancelPayout(Command, frozen=True, tag="cancel_payout"):
    """Operator: the bank did not take the payment; the money goes back to where it was paid from."""

    payout_id: PublicId


class PayoutSent(Event, frozen=True, tag="payout_sent"):
    """`owner` is the member, the statement entry that suspense money came with, or `house`."""

    payout_id: str
    source: PayoutSource
    owner: str
    currency: str
    amount_minor: int
    details_hash: str


class PayoutSettled(Event, frozen=True, tag="payout_settled"):
    """Booked or returned by the bank, or cancelled."""

    payout_id: str
    source: PayoutSource
    owner: str
    state: PayoutState


class BookBankEntry(Command, frozen=True, tag="book_bank_entry"):
    """Operator: one entry of a bank statement; `entry_id` is the bank's reference of it.

    A debit books the payout that `reference` names, or with `is_fee` the bank's charge. A credit is a
    returned payout where `reference` names one, a top-up where it names a member, else suspense. The same
    id with the same fields takes effect once and is answered alike; with other fields it is refused.
    """

    entry_id: TransferId
    direction: Direction
    currency: Currency
    amount_minor: AmountMinor
    reference: BankReference = ""
    account: BankAccount = BankAccount.CLIENT
    is_fee: bool = False


class BankEntryBooked(Event, frozen=True, tag="bank_entry_booked"):
    """`subject` is the payout, the member or, in suspense, nothing; `number` its first transfer."""

    entry_id: str
    direction: Direction
    currency: str
    amount_minor: int
    reference: str
    account: BankAccount
    subject: str
    number: int


class MatchSuspense(Command, frozen=True, tag="match_suspense"):
    """Operator: the unexpected credit is the member's: it goes to its wallet."""

    entry_id: TransferId
    member_id: PublicId


class SendBack(Command, frozen=True, tag="send_back"):
    """Operator: the unexpected credit goes back to where it came from."""

    entry_id: TransferId
    details_hash: DetailsHash


class SuspenseSettled(Event, frozen=True, tag="suspense_settled"):
    """The credit is no longer in suspense: the member's, or sent back by the payout."""

    entry_id: str
    member_id: str
    payout_id: str


class SuspenseReopened(Event, frozen=True, tag="suspense_reopened"):
    """What was sent back is in suspense again."""

    entry_id: str


class WriteOffRecourse(Command, frozen=True, tag="write_off_recourse"):
    """Operator: give up what a seller owes; 0: all of it. `provision_minor` of it is borne by the provision."""

    member_id: PublicId
    currency: Currency
    amount_minor: AmountOrNone = 0
    provision_minor: AmountOrNone = 0


BankCommand = (
    SetBankDetails
    | PayDeposit
    | TakeDepositBack
    | ForfeitDeposit
    | SetCreditLimit
    | WithdrawMoney
    | PayOut
    | SweepFloat
    | CancelPayout
    | BookBankEntry
    | MatchSuspense
    | SendBack
    | WriteOffRecourse
)
BankEvent = (
    BankDetailsSet
    | CreditLimitSet
    | PayoutSent
    | PayoutSettled
    | BankEntryBooked
    | SuspenseSettled
    | SuspenseReopened
)
