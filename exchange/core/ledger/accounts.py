"""The chart of accounts: which kinds there are, the ring and the nature of each, and which can be overdrawn.

A balance is debits minus credits, so what an account owns or owes to its owner is negative. A new
kind of account is a row here and nowhere else.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct


class Ring(StrEnum):
    """A part of the chart that sums to zero by itself, since no transfer leaves it."""

    CLIENT = "client"  # safeguarded money, and to whom it belongs
    HOUSE = "house"  # the exchange's own money
    GOODS = "goods"  # quantities of an instrument


class Nature(StrEnum):
    """Where an account stands in a balance sheet or an income statement."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    EQUITY = "equity"


class AccountKind(StrEnum):
    """The first part of an account's name; the rest names its owner, where it has one."""

    BANK = "bank"  # bank:client
    WALLET = "wallet"  # :member
    HELD = "held"  # :member
    ESCROW = "escrow"  # :contract of the buyer
    PAYABLE = "payable"  # :member
    DEPOSIT = "deposit"  # :member
    CLEARING = "clearing"  # clearing:payout and clearing:sweep, sent and not yet booked by the bank
    SUSPENSE = "suspense"  # suspense:in, credits that nobody expected
    FLOAT = "float"  # float:house, the house's share of the clients' bank account

    OPERATING = "bank:operating"
    HOUSE = "house"  # house:float, the same seen from the house
    FEES_RECEIVABLE = "receivable:fees"  # :member
    RECOURSE = "receivable:recourse"  # :member
    TAX = "tax"  # tax:input and tax:output
    PROVISION = "guarantee:provision"
    COMMISSION = "commission"  # :market
    SUCCESS_FEE = "success_fee"
    INSPECTION_RECOVERY = "inspection_recovery"
    BOND_FORFEIT = "bond_forfeit"
    INSPECTION = "inspection"
    GUARANTEE = "guarantee"
    BAD_DEBT = "bad_debt"
    BANK_FEES = "bank_fees"
    EQUITY = "equity"

    BROUGHT = "brought"  # :seller
    STOCK = "stock"  # :seller
    RESERVED = "reserved"  # :seller
    INBOUND = "inbound"  # :contract of the seller, then :consignment
    HUB = "hub"  # :hub lot
    OUTBOUND = "outbound"  # :shipment
    DELIVERED = "delivered"  # :seller
    REJECTED = "rejected"  # :seller


class KindRules(NamedTuple):
    """`limited`: debits must not exceed credits by more than the account's credit limit."""

    ring: Ring
    nature: Nature
    limited: bool = False


_CLIENT, _HOUSE, _GOODS = Ring.CLIENT, Ring.HOUSE, Ring.GOODS

KINDS: Final[dict[AccountKind, KindRules]] = {
    AccountKind.BANK: KindRules(_CLIENT, Nature.ASSET),
    AccountKind.WALLET: KindRules(_CLIENT, Nature.LIABILITY, limited=True),
    AccountKind.HELD: KindRules(_CLIENT, Nature.LIABILITY, limited=True),
    AccountKind.ESCROW: KindRules(_CLIENT, Nature.LIABILITY, limited=True),
    AccountKind.PAYABLE: KindRules(_CLIENT, Nature.LIABILITY),
    AccountKind.DEPOSIT: KindRules(_CLIENT, Nature.LIABILITY, limited=True),
    AccountKind.CLEARING: KindRules(_CLIENT, Nature.LIABILITY),
    AccountKind.SUSPENSE: KindRules(_CLIENT, Nature.LIABILITY, limited=True),
    AccountKind.FLOAT: KindRules(_CLIENT, Nature.LIABILITY),
    AccountKind.OPERATING: KindRules(_HOUSE, Nature.ASSET),
    AccountKind.HOUSE: KindRules(_HOUSE, Nature.ASSET),
    AccountKind.FEES_RECEIVABLE: KindRules(_HOUSE, Nature.ASSET),
    AccountKind.RECOURSE: KindRules(_HOUSE, Nature.ASSET),
    AccountKind.TAX: KindRules(_HOUSE, Nature.LIABILITY),
    AccountKind.PROVISION: KindRules(_HOUSE, Nature.LIABILITY, limited=True),
    AccountKind.COMMISSION: KindRules(_HOUSE, Nature.INCOME),
    AccountKind.SUCCESS_FEE: KindRules(_HOUSE, Nature.INCOME),
    AccountKind.INSPECTION_RECOVERY: KindRules(_HOUSE, Nature.INCOME),
    AccountKind.BOND_FORFEIT: KindRules(_HOUSE, Nature.INCOME),
    AccountKind.INSPECTION: KindRules(_HOUSE, Nature.EXPENSE),
    AccountKind.GUARANTEE: KindRules(_HOUSE, Nature.EXPENSE),
    AccountKind.BAD_DEBT: KindRules(_HOUSE, Nature.EXPENSE),
    AccountKind.BANK_FEES: KindRules(_HOUSE, Nature.EXPENSE),
    AccountKind.EQUITY: KindRules(_HOUSE, Nature.EQUITY),
    AccountKind.BROUGHT: KindRules(_GOODS, Nature.EQUITY),
    AccountKind.STOCK: KindRules(_GOODS, Nature.LIABILITY, limited=True),
    AccountKind.RESERVED: KindRules(_GOODS, Nature.LIABILITY, limited=True),
    AccountKind.INBOUND: KindRules(_GOODS, Nature.LIABILITY, limited=True),
    AccountKind.HUB: KindRules(_GOODS, Nature.LIABILITY, limited=True),
    AccountKind.OUTBOUND: KindRules(_GOODS, Nature.LIABILITY, limited=True),
    AccountKind.DELIVERED: KindRules(_GOODS, Nature.LIABILITY),
    AccountKind.REJECTED: KindRules(_GOODS, Nature.LIABILITY, limited=True),
}


class Account(Struct, gc=False):
    """Balance of one owner in one unit: minor units of a currency, or pieces of an instrument.

    `name` is `kind:owner`, or the kind alone where there is no owner. Only the ledger writes `balance`.
    """

    kind: AccountKind
    owner: str
    unit: str
    name: str
    ring: Ring
    limited: bool
    credit_limit: int = 0
    balance: int = 0


def opened(kind: AccountKind, owner: str, unit: str) -> Account:
    """A new account of the chart, without a credit limit."""
    rules = KINDS[kind]
    return Account(kind, owner, unit, account_name(kind, owner), rules.ring, rules.limited)


def account_name(kind: AccountKind, owner: str) -> str:
    """`kind:owner`, or the kind alone where there is no owner."""
    return f"{kind}:{owner}" if owner else kind.value
