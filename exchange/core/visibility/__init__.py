"""Who is shown what: the one door through which anything leaves the core.

Guarantees: what is built here for a viewer holds no other member's id, nor anything derived from one, but
where an award lets a buyer and a winner learn each other; swapping two members of equal standing changes no
byte for anybody else. Aliases, and whatever tells how many take part, are shown only where the event's
disclosure says so. Whoever has no relation to an event is shown nothing, as if there were none.
Does not check roles, scopes or standing (the flows and the gateway's policy do), and remembers nothing.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from exchange.core.goods.adverts import Advert
from exchange.core.goods.instruments import Instrument
from exchange.core.ledger.accounts import AccountKind
from exchange.core.messages import shown
from exchange.core.messages.awards import BondMoved, WinnerDefaulted
from exchange.core.messages.base import Event, Side
from exchange.core.messages.bids import BidMarked, BidRevoked, ProxyEnded
from exchange.core.messages.corrections import TradeBusted, TradeCorrected
from exchange.core.messages.deals import (
    BuyerFeeReturned,
    ClaimMoved,
    ContractLineAdded,
    ContractLineCharged,
    ContractLineSettled,
)
from exchange.core.messages.delivery import (
    ConsignmentMoved,
    DealMoved,
    DealRefunded,
    ShipmentMoved,
)
from exchange.core.messages.goods import (
    DealTermsSet,
    InstrumentCreated,
    PartDescribed,
    ReferencePriceSet,
    TextAttached,
)
from exchange.core.messages.ledger import TransferPosted
from exchange.core.messages.orders import (
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    OrderTermsSet,
    SelfTradePrevented,
    Traded,
)
from exchange.core.messages.phases import CallTraded
from exchange.core.messages.shown_orders import OwnTerms
from exchange.core.messages.standstill import ComplaintMoved
from exchange.core.visibility import awards, bids, calls
from exchange.core.visibility.corrections import show_busted, show_corrected
from exchange.core.visibility.deals import (
    show_claim,
    show_consignment,
    show_fee,
    show_refund,
    show_shipment,
    sides_of,
    tell_deal,
)
from exchange.core.visibility.standstill import tell_complaint

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL

# --- what happened to a member itself --------------------------------------------------------------

OWN_KINDS: Final = frozenset(
    kind.value
    for kind in (
        AccountKind.WALLET,
        AccountKind.HELD,
        AccountKind.PAYABLE,
        AccountKind.DEPOSIT,
        AccountKind.FEES_RECEIVABLE,
        AccountKind.RECOURSE,
        AccountKind.STOCK,
        AccountKind.RESERVED,
        AccountKind.REJECTED,
    )
)
"""Accounts that are shown to the member whose name they bear. All others belong to contracts or the house."""

HOUSE_ACCOUNTS: Final = (
    "bad_debt", "bank:client", "bank:operating", "bank_fees", "bond_forfeit", "clearing:payout",
    "clearing:sweep", "commission:surplus", "equity", "float:house", "guarantee", "guarantee:provision",
    "house:float", "inspection", "inspection_recovery", "success_fee", "suspense:in", "tax:input",
    "tax:output",
)  # fmt: skip
"""The exchange's own, for its operators only: what the clients' bank holds, and what the exchange earned of it."""

Members = tuple[str, ...]


def audience(event: Event) -> Members:
    """The members to whom the event itself, or a balance that it moved, is shown; each once."""
    concerned = _CONCERNED.get(type(event))
    return () if concerned is None else concerned(event)


def show(event: Event, viewer: str) -> Sequence[shown.OwnEvent]:
    """What the member is told of an event on its own channel: nothing, unless it is its own.

    Two things only where two orders of the one member met. What must be read beside the records of a sourcing event is
    told by `award_news` and `qualification.announced`.
    """
    told = _TOLD.get(type(event))
    return () if told is None else told(event, viewer)


@lru_cache(maxsize=65_536)  # Every transfer asks twice, nearly always for the same few names.
def account_shown(name: str) -> tuple[str, str]:
    """The member who may see the account's balance, and the kind it sees; two empty texts: nobody may."""
    kind, _, owner = name.rpartition(":")  # receivable:recourse:S1 is S1's
    return (owner, kind) if owner and kind in OWN_KINDS else ("", "")


def show_account(kind: str, unit: str, balance: int) -> shown.AccountState:
    """What its owner has; a balance is debits minus credits, so what is owed to a member is negative."""
    return shown.AccountState(kind, unit, -balance)


def _its_member(
    event: OrderPlaced | OrderTermsSet | OrderRested | OrderCancelled | OrderAmended,
) -> Members:
    return (event.member_id,)


def _both(one: str, other: str) -> Members:
    return (one, other) if one != other else (one,)


def _both_sides(event: Traded | SelfTradePrevented) -> Members:
    return _both(event.maker_member_id, event.taker_member_id)


def _both_accounts(event: TransferPosted) -> Members:
    debit, credit = account_shown(event.debit)[0], account_shown(event.credit)[0]
    owner = debit or credit
    return _both(debit or owner, credit or owner) if owner else ()


def _placed(event: OrderPlaced, viewer: str) -> Sequence[shown.OwnEvent]:
    if event.member_id != viewer:
        return ()
    return (shown.OwnPlaced(event.order_id, event.instrument_id, event.side, event.price, event.quantity),)


def _terms_set(event: OrderTermsSet, viewer: str) -> Sequence[shown.OwnEvent]:
    if event.member_id != viewer:
        return ()
    return (
        OwnTerms(
            event.order_id,
            event.order_type,
            event.min_fill_quantity,
            event.display_quantity,
            event.budget_minor,
            event.post_only_mode,
            event.self_trade,
            event.expires_at_us,
        ),
    )


def _rested(event: OrderRested, viewer: str) -> Sequence[shown.OwnEvent]:
    if event.member_id != viewer:
        return ()
    return (shown.OwnRested(event.order_id, event.price, event.open_quantity),)


def _cancelled(event: OrderCancelled, viewer: str) -> Sequence[shown.OwnEvent]:
    if event.member_id != viewer:
        return ()
    return (shown.OwnCancelled(event.order_id, event.open_quantity, event.cause),)


def _amended(event: OrderAmended, viewer: str) -> Sequence[shown.OwnEvent]:
    if event.member_id != viewer:
        return ()
    return (
        shown.OwnAmended(event.order_id, event.price, event.quantity, event.open_quantity, event.kept_place),
    )


def _filled(event: Traded, viewer: str) -> Sequence[shown.OwnEvent]:
    """The viewer's side of the match: one, since nobody trades with itself."""
    if event.maker_member_id == viewer:
        maker = True
        order_id, open_quantity = event.maker_order_id, event.maker_open
        side = _SELL if event.taker_side is _BUY else _BUY
    elif event.taker_member_id == viewer:
        maker = False
        order_id, open_quantity, side = event.taker_order_id, event.taker_open, event.taker_side
    else:
        return ()
    return (
        shown.OwnFill(
            order_id,
            event.instrument_id,
            side,
            event.trade_number,
            event.price,
            event.quantity,
            open_quantity,
            maker,
        ),
    )


def _reduced(event: SelfTradePrevented, viewer: str) -> Sequence[shown.OwnEvent]:
    """Members of one owner may differ: each is told of its own order only."""
    told = []
    if event.maker_member_id == viewer:
        told.append(shown.OwnReduced(event.maker_order_id, event.quantity, event.maker_open))
    if event.taker_member_id == viewer:
        told.append(shown.OwnReduced(event.taker_order_id, event.quantity, event.taker_open))
    return told


def _line_added(event: ContractLineAdded, viewer: str) -> Sequence[shown.OwnEvent]:
    if event.member_id != viewer:
        return ()
    return (
        shown.OwnContractLine(
            event.contract_id, event.side, event.line, event.price, event.quantity, event.amount_minor
        ),
    )


def _line_settled(event: ContractLineSettled, viewer: str) -> Sequence[shown.OwnEvent]:
    if event.member_id != viewer:
        return ()
    return (
        shown.OwnSettled(
            event.contract_id, event.line, event.amount_minor, event.fee_minor, event.fee_tax_minor
        ),
    )


_CONCERNED: Final[dict[type[Event], Callable[..., Members]]] = {
    OrderPlaced: _its_member,
    OrderTermsSet: _its_member,
    OrderRested: _its_member,
    OrderCancelled: _its_member,
    OrderAmended: _its_member,
    Traded: _both_sides,
    SelfTradePrevented: _both_sides,
    CallTraded: calls.both_sides,
    TransferPosted: _both_accounts,
    ContractLineAdded: _its_member,
    ContractLineSettled: _its_member,
    ContractLineCharged: _its_member,
    BuyerFeeReturned: _its_member,
    BondMoved: _its_member,
    WinnerDefaulted: _its_member,
    ComplaintMoved: _its_member,
    DealMoved: sides_of,
    DealRefunded: sides_of,
    ClaimMoved: sides_of,
    ConsignmentMoved: _its_member,
    ShipmentMoved: _its_member,
    BidRevoked: bids.bidder,
    TradeBusted: sides_of,
    TradeCorrected: sides_of,
    ProxyEnded: bids.bidder,
    BidMarked: bids.bidder,
}
_TOLD: Final[dict[type[Event], Callable[..., Sequence[shown.OwnEvent]]]] = {
    OrderPlaced: _placed,
    OrderTermsSet: _terms_set,
    OrderRested: _rested,
    OrderCancelled: _cancelled,
    OrderAmended: _amended,
    Traded: _filled,
    SelfTradePrevented: _reduced,
    CallTraded: calls.filled,
    ContractLineAdded: _line_added,
    ContractLineSettled: _line_settled,
    ContractLineCharged: show_fee,
    BuyerFeeReturned: show_fee,
    BondMoved: awards.show_bond,
    WinnerDefaulted: awards.show_default,
    ComplaintMoved: tell_complaint,
    DealMoved: tell_deal,
    DealRefunded: show_refund,
    ClaimMoved: show_claim,
    ConsignmentMoved: show_consignment,
    ShipmentMoved: show_shipment,
    BidRevoked: bids.tell_revoked,
    TradeBusted: show_busted,
    TradeCorrected: show_corrected,
    ProxyEnded: bids.tell_ended,
    BidMarked: bids.tell_marked,
}

# --- what everybody is shown -----------------------------------------------------------------------


def show_print(trade: Traded, at_us: int) -> shown.Print:
    """A trade without its orders and members."""
    return shown.Print(trade.trade_number, trade.price, trade.quantity, trade.taker_side, at_us)


def show_created(made: InstrumentCreated) -> shown.Instrument:
    """A new instrument, whose deals are direct and without tax unless `show_terms` says more."""
    return shown.Instrument(
        made.instrument_id,
        made.symbol,
        made.currency,
        made.price_scale,
        made.tick,
        made.lot_multiple,
        made.price_min,
        made.price_max,
    )


def show_terms(instrument: shown.Instrument, terms: DealTermsSet) -> shown.Instrument:
    """The instrument with the terms of its deals, which are as public as itself."""
    return replace(
        instrument,
        delivery=terms.delivery,
        guarantee_bps=terms.guarantee_bps,
        tax_regime=terms.tax_regime,
        goods_tax_bps=terms.goods_tax_bps,
    )


def show_advert(advert: Advert) -> shown.Advert:
    """News of stock, without its seller and instant."""
    return shown.Advert(advert.instrument_id, advert.quantity_from, advert.lead_days)


def show_described(
    instrument: shown.Instrument, event: PartDescribed | ReferencePriceSet | TextAttached
) -> shown.Instrument:
    """The instrument with one thing more that is public about it."""
    match event:
        case PartDescribed():
            return replace(instrument, part=event.part)
        case ReferencePriceSet():
            return replace(instrument, reference_price=event.price)
        case TextAttached():
            return replace(instrument, text_hash=event.text_hash)


def show_instrument(made: Instrument) -> shown.Instrument:
    """An instrument is public."""
    return shown.Instrument(
        made.instrument_id,
        made.symbol,
        made.currency,
        made.price_scale,
        made.tick,
        made.lot_multiple,
        made.price_min,
        made.price_max,
        made.delivery,
        made.guarantee_bps,
        made.tax_regime,
        made.goods_tax_bps,
        made.part,
        made.reference_price,
        made.text_hash,
    )
