"""Money and quantities: top-ups, commission and its invoices, and the one event that every posting is."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import AMOUNT_MINOR_MAX, INVOICE_PERIOD_MAX, PUBLIC_ID_LENGTH_MAX, TIERS_MAX
from exchange.core.messages.base import (
    AmountMinor,
    BasisPoints,
    Command,
    Currency,
    Event,
    Instant,
    PublicId,
)

TransferId = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[^\\u0000-\\u001f\\u007f]*$")]
"""One line: the history keeps it as text, which can't hold every control character."""


class TopUp(Command, frozen=True, tag="top_up"):
    """Operator: book money that reached the client bank account to a member's wallet.

    `transfer_id` is the bank's reference. The same id with the same fields takes effect once and is
    answered alike; with other fields it is refused.
    """

    transfer_id: TransferId
    member_id: PublicId
    currency: Currency
    amount_minor: AmountMinor


class SetCommission(Command, frozen=True, tag="set_commission"):
    """Operator: a new version of the surplus market's schedule; trades before it keep theirs."""

    rate_bps: BasisPoints
    tax_bps: BasisPoints = 0  # on the commission


class CommissionSet(Event, frozen=True, tag="commission_set"):
    """Version `version` is pinned to every trade from now on."""

    version: int
    rate_bps: int
    tax_bps: int


AmountOrNone = Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)]
"""Minor units; 0 where there is none."""
Period = Annotated[int, Meta(ge=197_001, le=INVOICE_PERIOD_MAX)]
"""A calendar month (UTC), written yyyymm."""


class Payer(StrEnum):
    """Who bears a commission."""

    SELLER = "seller"
    BUYER = "buyer"
    SPLIT = "split"


class ChargedBase(StrEnum):
    """What a commission is a part of."""

    PRICE = "price"
    AWARD = "award"
    SAVINGS = "savings"


class Tier(Struct, frozen=True):
    """The rate of the base up to a bound, in minor units of the schedule's currency."""

    up_to_minor: AmountMinor
    rate_bps: BasisPoints


class PublishSchedule(Command, frozen=True, tag="publish_schedule"):
    """Operator: a new version of a commission schedule; deals before it keep theirs.

    The fee is a function of the payer's sum of bases in the invoice period: `fixed_minor`, plus the rate
    of each tier on its own part of the sum (or, with `whole`, the reached tier's rate on all of it) and
    `rate_bps` above the last tier; then at least `minimum_minor` and, unless 0, at most `cap_minor`.
    Amounts need a `currency`, for whose deals alone the schedule then is; with a `seller` it is for
    that seller's alone. With `ends_us` it is a promotion, which goes before what stands; without, it
    replaces what stands in its scope. It begins at `begins_us`, 0: now.
    """

    rate_bps: BasisPoints
    tax_bps: BasisPoints = 0
    tiers: Annotated[tuple[Tier, ...], Meta(max_length=TIERS_MAX)] = ()
    whole: bool = False
    fixed_minor: AmountOrNone = 0
    minimum_minor: AmountOrNone = 0
    cap_minor: AmountOrNone = 0
    market: Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)] = "surplus"
    seller: Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)] = ""
    currency: Annotated[str, Meta(max_length=3)] = ""
    begins_us: Instant = 0
    ends_us: Instant = 0
    payer: Payer = Payer.SELLER
    base: ChargedBase = ChargedBase.PRICE
    tax_category: Annotated[str, Meta(max_length=8, pattern="^[A-Z0-9]*$")] = ""  # UNTDID 5305
    buyer_share_bps: BasisPoints = 0  # of the fee, where the payer is split


class SchedulePublished(Event, frozen=True, tag="schedule_published"):
    """Version `version` is pinned to the deals of its scope while it applies; as in the command."""

    version: int
    rate_bps: int
    tax_bps: int
    tiers: tuple[Tier, ...]
    whole: bool
    fixed_minor: int
    minimum_minor: int
    cap_minor: int
    market: str
    seller: str
    currency: str
    begins_us: int
    ends_us: int
    payer: Payer
    base: ChargedBase
    tax_category: str


class ScheduleSplit(Event, frozen=True, tag="schedule_split"):
    """Of the version's fee the buyer bears so many basis points; comes right after its SchedulePublished."""

    version: int
    buyer_share_bps: int


class ScheduleTurned(Event, frozen=True, tag="schedule_turned"):
    """A published version began to apply, or, if it is a promotion, ended."""

    version: int
    applies: bool


class IssueInvoices(Command, frozen=True, tag="issue_invoices"):
    """Operator: number the invoices of a period that has ended; earlier periods come first.

    What the deals of a payer could not bear (a minimum above their price) becomes a receivable.
    """

    period: Period


class InvoiceLine(Struct, frozen=True, array_like=True):
    """A payer's sums under one schedule version, in minor units; the invoice says fee - refunded + owed.

    `charged_period` is an earlier month where the line only gives back charges that were invoiced then.
    """

    schedule_version: int
    charged_period: int
    base_minor: int
    fee_minor: int
    tax_minor: int
    refunded_base_minor: int
    refunded_fee_minor: int
    refunded_tax_minor: int
    owed_fee_minor: int
    owed_tax_minor: int


class InvoiceIssued(Event, frozen=True, tag="invoice_issued"):
    """Invoice `number` of the exchange, from 1 without gaps: one per payer, period and currency."""

    number: int
    payer: str
    period: int
    currency: str
    lines: tuple[InvoiceLine, ...]


class InvoiceSides(Event, frozen=True, tag="invoice_sides"):
    """Which side of its deals the payer was, line by line; comes right after an InvoiceIssued with a buyer's line."""

    number: int
    sides: tuple[Payer, ...]


class TransferPosted(Event, frozen=True, tag="transfer_posted"):
    """`amount` moved from `credit` to `debit`: the debit account's balance rose, the other's fell.

    A balance is debits minus credits. Account names are `kind:owner` within `unit`, a currency (minor
    units) or an instrument id (pieces). `number` rises by one per transfer; `linked` is the number of
    the first transfer of a linked chain (all or none), or 0.
    """

    number: int
    unit: str
    debit: str
    credit: str
    amount: int
    reason: str
    subject: str  # the order, contract or transfer id that it concerns
    linked: int


LedgerCommand = TopUp | SetCommission | PublishSchedule | IssueInvoices
LedgerEvent = (
    TransferPosted
    | CommissionSet
    | SchedulePublished
    | ScheduleTurned
    | InvoiceIssued
    | ScheduleSplit
    | InvoiceSides
)
