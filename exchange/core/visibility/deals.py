"""What buyer and seller are shown of a deal between them, each through its own contract with the exchange."""

from collections.abc import Sequence
from typing import Final

from exchange.core.messages.base import Side
from exchange.core.messages.corrections import TradeBusted, TradeCorrected
from exchange.core.messages.deals import BuyerFeeReturned, ClaimMoved, ContractLineCharged
from exchange.core.messages.delivery import ConsignmentMoved, DealMoved, DealRefunded, ShipmentMoved, Sides
from exchange.core.messages.lifecycles import DealState
from exchange.core.messages.shown_deals import (
    DUE_SHOWN,
    SEEN,
    OwnClaim,
    OwnConsignment,
    OwnDeal,
    OwnFee,
    OwnRefund,
    OwnShipment,
)


def sides_of(
    event: DealMoved | DealRefunded | ClaimMoved | TradeBusted | TradeCorrected,
) -> tuple[str, ...]:
    """Both, each once."""
    sides = event.sides
    return (sides.buyer_id, sides.seller_id) if sides.buyer_id != sides.seller_id else (sides.buyer_id,)


def own_lines(sides: Sides, viewer: str) -> list[tuple[Side, str, int]]:
    """The viewer's side of a deal with its contract and line; both, were it to trade with itself."""
    own = []
    if sides.buyer_id == viewer:
        own.append((Side.BUY, sides.buyer_contract_id, sides.buyer_line))
    if sides.seller_id == viewer:
        own.append((Side.SELL, sides.seller_contract_id, sides.seller_line))
    return own


def show_deal(deal: DealMoved, viewer: str) -> Sequence[OwnDeal]:
    """Neither side learns the other's part of the way, nor the box in which its goods travelled there."""
    return [
        OwnDeal(
            contract_id,
            line,
            side,
            deal.sides.instrument_id,
            SEEN[side][deal.state],
            deal.quantity,
            deal.amount_minor,
            deal.conditional_quantity,
            deal.goods_tax_minor if side is Side.BUY else 0,
            deal.consignment_id if side is Side.SELL else "",
            deal.shipment_id if side is Side.BUY else "",
            deal.due_us if deal.state in DUE_SHOWN[side] else 0,
        )
        for side, contract_id, line in own_lines(deal.sides, viewer)
    ]


def tell_deal(event: DealMoved, viewer: str) -> Sequence[OwnDeal]:
    """A step that changes nothing for a side is not told to it."""
    return [deal for deal in show_deal(event, viewer) if event.state not in _UNSEEN[deal.side]]


_UNSEEN: Final = {
    Side.BUY: (DealState.DISPATCHED,),
    Side.SELL: (DealState.CONDITIONAL, DealState.SHIPPED, DealState.DELIVERED),
}
"""States that a side sees as the one before; a seller learns of conditional pieces by their end."""


def show_refund(event: DealRefunded, viewer: str) -> Sequence[OwnRefund]:
    """What counts no more; a tax on goods is the buyer's affair."""
    return [
        OwnRefund(
            contract_id,
            line,
            side,
            event.cause,
            event.quantity,
            event.amount_minor,
            event.goods_tax_minor if side is Side.BUY else 0,
        )
        for side, contract_id, line in own_lines(event.sides, viewer)
    ]


def show_fee(event: ContractLineCharged | BuyerFeeReturned, viewer: str) -> Sequence[OwnFee]:
    """To the buyer who bears it."""
    if event.member_id != viewer:
        return ()
    returned = isinstance(event, BuyerFeeReturned)
    return (OwnFee(event.contract_id, event.line, event.fee_minor, event.fee_tax_minor, returned),)


def show_consignment(event: ConsignmentMoved, viewer: str) -> Sequence[OwnConsignment]:
    """To its seller."""
    if event.member_id != viewer:
        return ()
    return (
        OwnConsignment(
            event.consignment_id,
            event.instrument_id,
            event.state,
            event.quantity,
            event.counted_quantity,
            event.due_us,
        ),
    )


def show_shipment(event: ShipmentMoved, viewer: str) -> Sequence[OwnShipment]:
    """To its buyer."""
    if event.member_id != viewer:
        return ()
    return (
        OwnShipment(
            event.shipment_id,
            event.instrument_id,
            event.state,
            event.quantity,
            event.received_quantity,
            event.due_us,
        ),
    )


def show_claim(event: ClaimMoved, viewer: str) -> Sequence[OwnClaim]:
    """Buyer and seller; each by its own line."""
    return [
        OwnClaim(
            contract_id,
            line,
            side,
            event.state,
            event.reason,
            event.quantity,
            event.answer,
            event.claim_id if side is Side.BUY else "",
            event.refund_minor if side is Side.BUY else 0,
            event.due_us,
        )
        for side, contract_id, line in own_lines(event.sides, viewer)
    ]
