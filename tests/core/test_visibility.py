"""Who is shown what of an event, an account and a lot."""

from enum import Enum
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from exchange.core.market.board import Board
from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import EVENTS, Event, Overtime, Role, Side, Standing, TimeInForce, shown
from exchange.core.messages.awards import BondMoved, WinnerDefaulted, WonPart
from exchange.core.messages.deals import (
    BuyerFeeReturned,
    ContractLineAdded,
    ContractLineCharged,
    ContractLineSettled,
    ContractPerformed,
)
from exchange.core.messages.delivery import Sides
from exchange.core.messages.goods import StockDeclared
from exchange.core.messages.ledger import TransferPosted
from exchange.core.messages.lifecycles import BondState
from exchange.core.messages.orders import (
    CancelCause,
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    SelfTradePrevented,
    Traded,
)
from exchange.core.messages.shown_awards import OwnBond, OwnDefault
from exchange.core.messages.shown_deals import OwnFee
from exchange.core.messages.sourcing import BidSubmitted, Disclosure, LotAwarded, LotClosed, SupplierInvited
from exchange.core.visibility import (
    account_shown,
    audience,
    show,
    show_account,
    show_print,
)
from exchange.core.visibility.lots import (
    Relation,
    lot_face,
    relation,
    show_invitation,
    show_lot,
)

BUY, SELL = Side.BUY, Side.SELL
TRADE = Traded("i", 9, 100, 5, BUY, "o-maker", "o-taker", "maker", "taker", 2, 0)
PREVENTED = SelfTradePrevented("i", 100, 5, SELL, "o-maker", "o-taker", "maker", "taker", 0, 3)

# --- what a member is told of its own ---------------------------------------------------------------

TOLD: list[tuple[Event, str, list[shown.OwnEvent]]] = [
    (
        OrderPlaced("o", "m", "i", BUY, 100, 5, TimeInForce.GTC, False),
        "m",
        [shown.OwnPlaced("o", "i", BUY, 100, 5)],
    ),
    (OrderRested("o", "m", "i", BUY, 100, 4), "m", [shown.OwnRested("o", 100, 4)]),
    (TRADE, "maker", [shown.OwnFill("o-maker", "i", SELL, 9, 100, 5, 2, maker=True)]),
    (TRADE, "taker", [shown.OwnFill("o-taker", "i", BUY, 9, 100, 5, 0, maker=False)]),
    (PREVENTED, "maker", [shown.OwnReduced("o-maker", 5, 0)]),
    (PREVENTED, "taker", [shown.OwnReduced("o-taker", 5, 3)]),
    (
        SelfTradePrevented("i", 100, 5, SELL, "o1", "o2", "m", "m", 0, 3),
        "m",
        [shown.OwnReduced("o1", 5, 0), shown.OwnReduced("o2", 5, 3)],
    ),
    (
        OrderCancelled("o", "m", "i", BUY, 100, 4, True, CancelCause.REQUESTED),
        "m",
        [shown.OwnCancelled("o", 4, CancelCause.REQUESTED)],
    ),
    (
        OrderAmended("o", "m", "i", BUY, 100, 4, 99, 9, 8, False),
        "m",
        [shown.OwnAmended("o", 99, 9, 8, False)],
    ),
    (
        ContractLineAdded("c", "m", BUY, "i", 1, 9, 100, 5, 500),
        "m",
        [shown.OwnContractLine("c", BUY, 1, 100, 5, 500)],
    ),
    (ContractLineSettled("c", "m", SELL, 1, 500, 40, 8), "m", [shown.OwnSettled("c", 1, 500, 40, 8)]),
    (ContractLineCharged("c", "m", 1, 2, 40, 8), "m", [OwnFee("c", 1, 40, 8)]),
    (BuyerFeeReturned("c", "m", 1, 4, 1), "m", [OwnFee("c", 1, 4, 1, returned=True)]),
    (
        BondMoved("e", "m", BondState.RETURNED, "USD", 9, "why"),
        "m",
        [OwnBond("e", BondState.RETURNED, "USD", 9, "why")],
    ),
    (WinnerDefaulted("l", "e", "m", 3, "why"), "m", [OwnDefault("l", "why")]),
]


@pytest.mark.parametrize("event,viewer,told", TOLD)
def test_a_member_is_told_its_own_side(event: Event, viewer: str, told: list[shown.OwnEvent]) -> None:
    assert list(show(event, viewer)) == told
    assert viewer in audience(event)


@pytest.mark.parametrize("event", [event for event, *_ in TOLD])
def test_nobody_else_is_told_anything(event: Event) -> None:
    for stranger in ("stranger", "", "o-maker", "i"):
        assert list(show(event, stranger)) == []
        assert stranger not in audience(event)


FOR_NOBODY: list[Event] = [
    ContractPerformed("c", "m", BUY),
    StockDeclared("m", "i", 5),
    BidSubmitted("l", "s", 90, 1, 1, 0),
    LotClosed("l", "e", 90, "s"),
    SupplierInvited("e", "s"),
    LotAwarded(
        "l", "e", "b", "w", 3, 90, 10, 900
    ),  # what an award tells reads beside its event: `award_news`
]


@pytest.mark.parametrize("event", FOR_NOBODY)
def test_some_events_are_told_to_nobody_on_its_own_channel(event: Event) -> None:
    for member_id in ("m", "b", "s", ""):
        assert list(show(event, member_id)) == []
    assert audience(event) == ()


member_ids = st.sampled_from(["member-A", "member-B", "member-C", "member-D"])
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(0, 9),
    bool: st.booleans(),
    Side: st.sampled_from(Side),
    TimeInForce: st.sampled_from(TimeInForce),
    CancelCause: st.sampled_from(CancelCause),
    Standing: st.sampled_from(Standing),
    tuple[Role, ...]: st.just((Role.SELLER,)),
    Overtime: st.just(Overtime()),
    Disclosure: st.just(Disclosure()),
    tuple[WonPart, ...]: st.lists(
        st.builds(WonPart, st.just(1), member_ids, st.just(2), st.just(3), st.just(6)), max_size=3
    ).map(tuple),
}


IDENTITIES = frozenset({"buyer_id", "seller_id", "winner_id", "inspector_id", "owner"})


def _value(name: str, kind: Any) -> st.SearchStrategy[Any]:
    """Something that fits the field; whoever it names is one of four members."""
    if name in {"debit", "credit"}:
        kinds = ["wallet", "held", "payable", "stock", "reserved", "escrow", "bank", "commission"]
        return st.builds("{}:{}".format, st.sampled_from(kinds), member_ids)
    if kind is str and (name.endswith("member_id") or name in IDENTITIES):
        return member_ids
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if kind is Sides:
        return st.builds(Sides, *[_value(field.name, field.type) for field in msgspec.structs.fields(Sides)])
    return VALUES[kind] if kind in VALUES else st.just("x")


events = st.sampled_from(EVENTS).flatmap(
    lambda kind: st.builds(kind, *[_value(field.name, field.type) for field in msgspec.structs.fields(kind)])
)


@given(events, member_ids)
def test_whatever_is_told_names_no_other_member(event: Event, viewer: str) -> None:
    told = msgspec.json.encode(list(show(event, viewer)))

    assert b"member-" not in told
    if viewer not in audience(event):
        assert told == b"[]"
    assert len(set(audience(event))) == len(audience(event))


def test_an_own_event_has_no_field_for_an_identity_but_the_awards() -> None:
    named = [
        (kind, field)
        for kind in get_args(shown.OwnEvent)
        for field in kind.__struct_fields__
        if field.endswith("_id")
        and field not in {"order_id", "instrument_id", "contract_id", "lot_id", "event_id"}
        and field not in {"consignment_id", "shipment_id", "claim_id"}  # of the viewer's own boxes and claims
        and field != "inquiry_id"  # of what all who are told of it may read, without who asked
    ]

    assert named == [(shown.OwnAward, "counterparty_id")]


def test_a_public_trade_names_neither_orders_nor_members() -> None:
    assert show_print(TRADE, 17) == shown.Print(9, 100, 5, BUY, 17)


# --- accounts ---------------------------------------------------------------------------------------

ACCOUNTS = [
    ("wallet:m", ("m", "wallet")),
    ("held:m", ("m", "held")),
    ("payable:m", ("m", "payable")),
    ("stock:m", ("m", "stock")),
    ("reserved:m", ("m", "reserved")),
    ("escrow:m", ("", "")),
    ("inbound:m", ("", "")),
    ("brought:m", ("", "")),
    ("delivered:m", ("", "")),
    ("bank:client", ("", "")),
    ("float:house", ("", "")),
    ("house:float", ("", "")),
    ("commission:surplus", ("", "")),
    ("tax:output", ("", "")),
    ("wallet", ("", "")),
    ("", ("", "")),
]


@pytest.mark.parametrize("name,seen", ACCOUNTS)
def test_a_member_sees_what_it_has_and_nothing_of_contracts_or_the_house(
    name: str, seen: tuple[str, str]
) -> None:
    assert account_shown(name) == seen


def test_what_is_owed_to_a_member_is_what_it_has() -> None:
    assert show_account("wallet", "USD", -500) == shown.AccountState("wallet", "USD", 500)


MOVED = [
    ("wallet:m", "held:m", ("m",)),
    ("wallet:m", "bank:client", ("m",)),
    ("escrow:c", "payable:m", ("m",)),
    ("wallet:m", "wallet:n", ("m", "n")),
    ("escrow:c", "float:house", ()),
]


@pytest.mark.parametrize("debit,credit,members", MOVED)
def test_a_transfer_concerns_whoever_sees_one_of_its_accounts(
    debit: str, credit: str, members: tuple[str, ...]
) -> None:
    event = TransferPosted(1, "USD", debit, credit, 5, "hold", "o", 0)

    assert audience(event) == members
    assert list(show(event, "m")) == []  # the balance is shown, not the transfer


# --- sourcing events --------------------------------------------------------------------------------

HIDDEN = Disclosure(lead_price=False)
LEAD = Disclosure()
COUNTED = Disclosure(lead_price=False, participant_count=True)
OPEN_BOOK = Disclosure(lead_price=False, prices_by_alias=True)


def an_event(
    disclosure: Disclosure = HIDDEN, state: LotState = LotState.OPEN, awarded: int = 0
) -> tuple[SourcingEvent, Lot]:
    """s1 bid 900 and then 850, s2 bid 800, s3 nothing; the least step is 10."""
    board = Board()
    for supplier, price in (("s1", 900), ("s2", 800), ("s1", 850)):
        board.submit(supplier, price)
    drafted = state is LotState.DRAFT
    lot = Lot(
        "l", "e", "Bolts", 10, 1_000, 10, 5,
        state=state, open_at_us=0 if drafted else 100, close_at_us=0 if drafted else 200, overtime_us=0,
        awarded_alias=awarded, board=board,
    )  # fmt: skip
    event_state = EventState.DRAFT if drafted else EventState.PUBLISHED
    event = SourcingEvent(
        "e", "buyer", "", "Fasteners", "EUR", 2, 100, 100, Overtime(), disclosure,
        state=event_state, invited=dict.fromkeys(("s1", "s2", "s3"), ""), lots=[lot], owners=set(),
    )  # fmt: skip
    return event, lot


RELATIONS = [
    ("buyer", False, LotState.DRAFT, Relation.BUYER),
    ("op", True, LotState.DRAFT, Relation.OPERATOR),
    ("s1", False, LotState.DRAFT, None),
    ("s1", False, LotState.WAITING, Relation.SUPPLIER),
    ("s3", False, LotState.AWARDED, Relation.SUPPLIER),
    ("buyer", True, LotState.OPEN, Relation.OPERATOR),
    ("stranger", False, LotState.OPEN, None),
    ("", False, LotState.OPEN, None),
]


@pytest.mark.parametrize("viewer,is_operator,state,seen_as", RELATIONS)
def test_an_event_exists_for_those_who_take_part_once_it_is_published(
    viewer: str, is_operator: bool, state: LotState, seen_as: Relation | None
) -> None:
    event, _ = an_event(state=state)

    assert relation(event, viewer, is_operator=is_operator) is seen_as


def test_a_draft_that_is_cancelled_is_never_shown_to_its_suppliers() -> None:
    event, lot = an_event(state=LotState.DRAFT)
    event.state, lot.state = EventState.CANCELLED, LotState.VOID

    assert relation(event, "s1", is_operator=False) is None


def test_an_invitation_is_shown_while_the_event_is_published() -> None:
    draft, _ = an_event(state=LotState.DRAFT)
    published, _ = an_event()

    assert show_invitation(draft, "s1") is None
    assert show_invitation(published, "s1") == shown.OwnInvitation("e")
    assert show_invitation(published, "stranger") is None


OPTIONAL = (
    "own_price", "own_rank", "own_alias", "bid_max", "lead_price", "participants", "prices",
    "awarded_alias", "winner_id", "buyer_id",
)  # fmt: skip
BOOK = [shown.AliasPrice(2, 800), shown.AliasPrice(1, 850)]
INSIGHT = {"lead_price": 800, "participants": 2, "prices": BOOK}


def seen(
    viewer: str, disclosure: Disclosure, state: LotState = LotState.OPEN, awarded: int = 0
) -> dict[str, Any]:
    """The optional fields that the viewer is shown."""
    event, lot = an_event(disclosure, state, awarded)
    seen_as = relation(event, viewer, is_operator=viewer == "op")
    assert seen_as is not None
    told = show_lot(lot_face(event, lot, seen_as), viewer)
    return {name: value for name in OPTIONAL if (value := getattr(told, name)) is not UNSET}


SEEN: list[tuple[str, Disclosure, dict[str, Any]]] = [
    ("s1", HIDDEN, {"own_price": 850, "own_rank": 2, "bid_max": 840}),
    ("s2", HIDDEN, {"own_price": 800, "own_rank": 1, "bid_max": 790}),
    ("s3", HIDDEN, {"bid_max": 1_000}),
    ("s1", LEAD, {"own_price": 850, "own_rank": 2, "bid_max": 840, "lead_price": 800}),
    ("s3", LEAD, {"bid_max": 1_000, "lead_price": 800}),
    ("s1", COUNTED, {"own_price": 850, "own_rank": 2, "own_alias": 1, "bid_max": 840, "participants": 2}),
    ("s3", COUNTED, {"bid_max": 1_000, "participants": 2}),
    ("s2", OPEN_BOOK, {"own_price": 800, "own_rank": 1, "own_alias": 2, "bid_max": 790, **INSIGHT}),
    ("buyer", HIDDEN, INSIGHT),
    ("op", HIDDEN, INSIGHT),
]


@pytest.mark.parametrize("viewer,disclosure,fields", SEEN)
def test_each_viewer_of_an_open_lot_sees_what_the_event_discloses(
    viewer: str, disclosure: Disclosure, fields: dict[str, Any]
) -> None:
    assert seen(viewer, disclosure) == fields


AWARDED: list[tuple[str, Disclosure, int, dict[str, Any]]] = [
    ("s1", HIDDEN, 1, {"own_price": 850, "own_rank": 2, "buyer_id": "buyer"}),
    ("s2", HIDDEN, 1, {"own_price": 800, "own_rank": 1}),
    ("s3", LEAD, 1, {"lead_price": 800}),
    (
        "s1",
        COUNTED,
        1,
        {
            "own_price": 850,
            "own_rank": 2,
            "own_alias": 1,
            "participants": 2,
            "awarded_alias": 1,
            "buyer_id": "buyer",
        },
    ),
    ("s2", OPEN_BOOK, 1, {"own_price": 800, "own_rank": 1, "own_alias": 2, "awarded_alias": 1, **INSIGHT}),
    ("buyer", HIDDEN, 1, {**INSIGHT, "awarded_alias": 1, "winner_id": "s1"}),
    ("op", HIDDEN, 1, {**INSIGHT, "awarded_alias": 1, "winner_id": "s1", "buyer_id": "buyer"}),
    ("s1", HIDDEN, 0, {"own_price": 850, "own_rank": 2}),
    ("buyer", HIDDEN, 0, {**INSIGHT, "awarded_alias": 0}),
    ("op", HIDDEN, 0, {**INSIGHT, "awarded_alias": 0}),
]


@pytest.mark.parametrize("viewer,disclosure,awarded,fields", AWARDED)
def test_an_award_makes_only_buyer_and_winner_known_to_each_other(
    viewer: str, disclosure: Disclosure, awarded: int, fields: dict[str, Any]
) -> None:
    assert seen(viewer, disclosure, LotState.AWARDED, awarded) == fields


@pytest.mark.parametrize("state", [LotState.WAITING, LotState.CLOSED, LotState.VOID])
def test_no_bid_would_be_taken_unless_the_lot_is_open(state: LotState) -> None:
    assert "bid_max" not in seen("s3", LEAD, state)


def test_the_highest_bid_respects_the_lead_only_where_it_is_disclosed() -> None:
    for disclosure, bid_max in ((LEAD, 790), (HIDDEN, 795)):
        event, lot = an_event(disclosure)
        lot.board.submit("s1", 805)
        told = show_lot(lot_face(event, lot, Relation.SUPPLIER), "s1")
        assert told.bid_max == bid_max


def test_where_no_bid_is_possible_the_highest_is_zero() -> None:
    event, lot = an_event(HIDDEN)
    lot.board.submit("s2", 5)

    told = show_lot(lot_face(event, lot, Relation.SUPPLIER), "s2")

    assert told.bid_max == 0


def test_a_lead_that_does_not_exist_is_shown_as_zero() -> None:
    event, lot = an_event(LEAD)
    lot.board = Board()

    supplier, buyer = (lot_face(event, lot, relation).lot for relation in (Relation.SUPPLIER, Relation.BUYER))
    assert (supplier.lead_price, supplier.participants, supplier.prices) == (0, UNSET, UNSET)
    assert (buyer.lead_price, buyer.participants, buyer.prices) == (0, 0, [])


def test_everybody_sees_the_terms_of_the_lot() -> None:
    event, lot = an_event()

    told = show_lot(lot_face(event, lot, Relation.SUPPLIER), "s3", channel="c", epoch=3, at_us=7)

    assert told == shown.Lot(
        "c", 3, 0, "l", "e", "Bolts", "open", "EUR", 2, 10, 1_000, 10, 5, 100, 200, 0, 7, bid_max=1_000
    )  # fmt: skip


prices = st.integers(1, 199).map(lambda step: step * 5)


@given(
    st.lists(st.tuples(st.sampled_from(["s1", "s2", "s3", "s4"]), prices), max_size=12),
    st.builds(Disclosure, st.booleans(), st.booleans(), st.booleans()),
    st.sampled_from([LotState.OPEN, LotState.CLOSED, LotState.AWARDED]),
    st.integers(0, 4),
)
def test_swapping_two_suppliers_changes_nothing_for_a_third(
    bids: list[tuple[str, int]], disclosure: Disclosure, state: LotState, awarded: int
) -> None:
    worlds = []
    for swap in ({}, {"s1": "s2", "s2": "s1"}):
        event, lot = an_event(disclosure, state)
        event.invited = dict.fromkeys(("s1", "s2", "s3", "s4"), "")
        lot.board = Board()
        for supplier, price in bids:
            bidder = swap.get(supplier, supplier)
            own = lot.board.of(bidder)
            if own is None or price < own.price:
                lot.board.submit(bidder, price)
        lot.awarded_alias = awarded if state is LotState.AWARDED and awarded <= lot.board.bidders else 0
        face = lot_face(event, lot, Relation.SUPPLIER)
        told = [show_lot(face, viewer) for viewer in ("s3", "s4")]
        told.append(show_lot(lot_face(event, lot, Relation.BUYER), "buyer"))
        worlds.append(told)

    awarded_to_them = worlds[0][2].winner_id in {"s1", "s2"}
    for before, after in zip(*worlds, strict=True):
        same = msgspec.json.encode(before) == msgspec.json.encode(after)
        assert same or (awarded_to_them and before is worlds[0][2])
        if before is not worlds[0][2]:
            assert b'"s1"' not in msgspec.json.encode(before) and b'"s2"' not in msgspec.json.encode(before)
