"""Promises: contracts that trades and awards leave behind, until they are performed.

By novation the exchange is seller to the buyer and buyer to the seller. A contract has the public id of
the order that made it: one contract per order and side, fills as its lines.
"""

from exchange.core.messages.base import Command, Event, PublicId, Side


class ContractLineAdded(Event, frozen=True, tag="contract_line_added"):
    """A fill became a line of the order's contract; the first one brings the contract in force.

    `line` counts from 1 within the contract. Two such events come of each trade, one per side.
    """

    contract_id: str
    member_id: str
    side: Side
    instrument_id: str
    line: int
    trade_number: int
    price: int
    quantity: int
    amount_minor: int


class ConfirmReceipt(Command, frozen=True, tag="confirm_receipt"):
    """Buyer: the goods of all lines that are still open have arrived; their price is released to the sellers."""

    contract_id: PublicId


class ContractLineSettled(Event, frozen=True, tag="contract_line_settled"):
    """The line's money is out of escrow. Both sides' contracts get one; fee and tax are 0 on the buyer's."""

    contract_id: str
    member_id: str
    side: Side
    line: int
    amount_minor: int
    fee_minor: int
    fee_tax_minor: int


class ContractPerformed(Event, frozen=True, tag="contract_performed"):
    """The order is closed, all its lines are settled and its escrow is zero."""

    contract_id: str
    member_id: str
    side: Side
