"""The chart of accounts: which kinds there are, the ring each stands in, and which can be overdrawn.

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


class AccountKind(StrEnum):
    """The first half of an account's name; the second names its owner."""

    BANK = "bank"  # bank:client
    WALLET = "wallet"  # :member
    HELD = "held"  # :member
    ESCROW = "escrow"  # :contract of the buyer
    PAYABLE = "payable"  # :member
    FLOAT = "float"  # float:house, the house's share of the clients' bank account
    HOUSE = "house"  # house:float, the same seen from the house
    COMMISSION = "commission"  # :market
    TAX = "tax"  # tax:output
    BROUGHT = "brought"  # :seller
    STOCK = "stock"  # :seller
    RESERVED = "reserved"  # :seller
    INBOUND = "inbound"  # :contract of the seller
    DELIVERED = "delivered"  # :seller


class KindRules(NamedTuple):
    """`limited`: debits must not exceed credits by more than the account's credit limit."""

    ring: Ring
    limited: bool


KINDS: Final[dict[AccountKind, KindRules]] = {
    AccountKind.BANK: KindRules(Ring.CLIENT, limited=False),
    AccountKind.WALLET: KindRules(Ring.CLIENT, limited=True),
    AccountKind.HELD: KindRules(Ring.CLIENT, limited=True),
    AccountKind.ESCROW: KindRules(Ring.CLIENT, limited=True),
    AccountKind.PAYABLE: KindRules(Ring.CLIENT, limited=False),
    AccountKind.FLOAT: KindRules(Ring.CLIENT, limited=False),
    AccountKind.HOUSE: KindRules(Ring.HOUSE, limited=False),
    AccountKind.COMMISSION: KindRules(Ring.HOUSE, limited=False),
    AccountKind.TAX: KindRules(Ring.HOUSE, limited=False),
    AccountKind.BROUGHT: KindRules(Ring.GOODS, limited=False),
    AccountKind.STOCK: KindRules(Ring.GOODS, limited=True),
    AccountKind.RESERVED: KindRules(Ring.GOODS, limited=True),
    AccountKind.INBOUND: KindRules(Ring.GOODS, limited=True),
    AccountKind.DELIVERED: KindRules(Ring.GOODS, limited=False),
}


class Account(Struct, gc=False):
    """Balance of one owner in one unit: minor units of a currency, or pieces of an instrument.

    `name` is `kind:owner`. Only the ledger writes `balance`.
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
    return Account(kind, owner, unit, f"{kind}:{owner}", rules.ring, rules.limited)
