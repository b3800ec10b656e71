"""Money and quantities: top-ups, commission, and the one event that every posting is."""

from typing import Annotated

from msgspec import Meta

from exchange.core.messages.base import AmountMinor, BasisPoints, Command, Currency, Event, PublicId

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
