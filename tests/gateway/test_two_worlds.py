"""Two worlds that differ only in who is who among two equals look the same to everybody else, byte for byte."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from exchange.core.market.board import Board
from exchange.core.messages import (
    AmendOrder,
    AnyCommand,
    AwardLot,
    CancelOrder,
    ConfirmReceipt,
    CreateEvent,
    DeclareStock,
    FireDeadlines,
    InviteSupplier,
    PlaceOrder,
    PublishEvent,
    Role,
    Side,
    SubmitBid,
    TimeInForce,
    shown,
)
from exchange.core.messages.bids import RevokeBid, SetProxy, SubmitSurrogateBid, WithdrawProxy
from exchange.core.messages.corrections import BustTrade, CorrectTrade, TradeBusted, TradeCorrected
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.orders import Traded
from exchange.core.messages.shown_trades import Restated
from exchange.core.messages.sourcing import AddLot, Disclosure
from exchange.core.visibility.corrections import restated
from exchange.gateway.websocket.feed import Feed
from exchange.views import market
from tests.core.venue import SECOND
from tests.gateway.floor import Caller, Floor, an_order

# No other text holds them by chance, and the others' names lie between them.
SECRET = ("zzz-zebra", "aaa-quagga")
OTHERS = ("buyer", "trader", "rival")
CHANNELS = (
    "book:LM358", "orders:LM358", "phase:LM358", "trades:LM358", "ticker:LM358", "notices", "own", "lot:L",
)  # fmt: skip
Cast = Callable[[str], str]
REVOCABLE = LotRules(revocable=True, proxies=True)


class Deed(NamedTuple):
    """What somebody does, and whether a commit follows."""

    member_id: str
    command: AnyCommand
    commits: bool


ids = st.integers(1, 30).map("id-{}".format)
prices = st.integers(98, 102)
orders = st.builds(
    PlaceOrder,
    instrument_id=st.just("LM358"),
    side=st.sampled_from(Side),
    price=prices,
    quantity=st.integers(1, 20),
    time_in_force=st.sampled_from(TimeInForce),
)
afterthoughts = (
    st.builds(BustTrade, instrument_id=st.just("LM358"), trade_number=st.integers(1, 8)),
    st.builds(
        CorrectTrade,
        instrument_id=st.just("LM358"),
        trade_number=st.integers(1, 8),
        price=prices,
        quantity=st.integers(0, 5),
    ),
)
"""What an operator does, whoever is drawn to say it."""
commands: st.SearchStrategy[AnyCommand] = st.one_of(
    orders,
    orders,
    st.builds(SubmitBid, lot_id=st.just("L"), price=st.integers(80, 100).map(lambda step: step * 10)),
    st.builds(SetProxy, lot_id=st.just("L"), price=st.integers(70, 100).map(lambda step: step * 10)),
    st.builds(WithdrawProxy, lot_id=st.just("L")),
    st.builds(RevokeBid, lot_id=st.just("L"), number=st.integers(1, 3), reason=st.just("none")),
    st.builds(CancelOrder, order_id=ids),
    st.builds(AmendOrder, order_id=ids, price=st.just(0) | prices, quantity=st.integers(0, 30)),
    st.builds(ConfirmReceipt, contract_id=ids),
    *afterthoughts,
    st.builds(
        DeclareStock,
        instrument_id=st.just("LM358"),
        quantity=st.integers(1, 300),
        advertise=st.booleans(),
        lead_days=st.integers(0, 5),
    ),
)
deeds = st.builds(Deed, st.sampled_from(SECRET + OTHERS), commands, st.booleans())
flows = st.lists(deeds, min_size=30, max_size=60)
disclosures = st.builds(Disclosure, st.booleans(), st.booleans(), st.booleans())


def the_same(member_id: str) -> str:
    return member_id


def swapped(member_id: str) -> str:
    return {SECRET[0]: SECRET[1], SECRET[1]: SECRET[0]}.get(member_id, member_id)


def a_world(cast: Cast, disclosure: Disclosure, rules: LotRules = REVOCABLE) -> Floor:
    """Five traders alike; a lot of the buyer's, open for the four others."""
    floor = Floor()
    venue = floor.venue
    for member_id in SECRET + OTHERS:
        floor.member(member_id)
    venue.instrument()
    for member_id in map(cast, SECRET + OTHERS):
        venue.money(member_id, 100_000)
        venue.stock(member_id, 500)
    create = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=venue.at_us + SECOND,
        duration_us=3_600 * SECOND,
        disclosure=disclosure,
    )
    venue.send("buyer", create, new_id="E")
    add = AddLot(
        event_id="E",
        title="Bolts",
        quantity=10,
        ceiling_price=1_000,
        min_step=10,
        rules=rules,
    )
    venue.send("buyer", add, new_id="L")
    for member_id in ("trader", "rival", *map(cast, SECRET)):
        venue.send("buyer", InviteSupplier(event_id="E", member_id=member_id))
    venue.send("buyer", PublishEvent(event_id="E"))
    venue.send("", FireDeadlines(), after_us=2 * SECOND)
    floor.commit()
    return floor


def what_is_heard(cast: Cast, disclosure: Disclosure, flow: list[Deed], alias: int) -> list[list[bytes]]:
    """Everything that each of the others hears, write by write: sizes, order and instants with it."""
    floor = a_world(cast, disclosure)
    callers = {member_id: floor.caller(member_id) for member_id in OTHERS}
    hidden = [floor.caller(cast(member_id)) for member_id in SECRET]
    for caller in [*callers.values(), *hidden]:
        caller.follow(*CHANNELS)

    for number, deed in enumerate(flow, 1):
        if isinstance(deed.command, BustTrade | CorrectTrade):
            floor.venue.send("operator", deed.command)
            continue
        caller = callers.get(deed.member_id) or hidden[SECRET.index(deed.member_id)]
        caller.say(_numbered(deed.command, number))
        if deed.commits:
            floor.commit()
    floor.commit()
    floor.venue.send("", FireDeadlines(), after_us=9_000 * SECOND)
    floor.commit()
    # Whoever wins becomes known to the buyer, so only the others are asked about the award.
    buyer_heard = list(callers.pop("buyer").line.writes)
    floor.venue.send("buyer", AwardLot(lot_id="L", alias=alias))
    floor.commit()
    floor.feed.tick()
    return [buyer_heard, *(caller.line.writes for caller in callers.values())]


def _numbered(command: AnyCommand, ref: int) -> AnyCommand:
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    return type(command)(**{**fields, "ref": ref})


@settings(max_examples=40)
@given(flows, disclosures, st.integers(0, 4))
def test_nobody_can_tell_two_sellers_apart(flow: list[Deed], disclosure: Disclosure, alias: int) -> None:
    heard = what_is_heard(the_same, disclosure, flow, alias)

    assert heard == what_is_heard(swapped, disclosure, flow, alias)
    for writes in heard:
        for member_id in SECRET:
            assert member_id.encode() not in b"".join(writes)


def a_print_that_leaks(trade: Traded, at_us: int) -> shown.Print:
    """A quantity that is odd for one of the two makers."""
    leak = trade.maker_member_id == SECRET[0]
    return shown.Print(trade.trade_number, trade.price, trade.quantity * 2 + leak, trade.taker_side, at_us)


def a_restatement_that_leaks(event: TradeBusted | TradeCorrected) -> Restated:
    """A quantity that is odd for one of the two sellers."""
    told = restated(event)
    return replace(told, quantity=told.quantity * 2 + (event.sides.seller_id == SECRET[0]))


def ranks_that_leak(board: Board) -> list[int]:
    """Ties in the order of the alphabet."""
    ranked = sorted(board.ranking(), key=lambda bid: (bid.price, bid.member_id))
    return [0, *(ranked.index(bid) + 1 for bid in sorted(ranked, key=lambda bid: bid.alias))]


publish = Feed._publish


def a_publication_that_leaks(feed: Feed) -> None:
    """A number that counts what one of the two does."""
    publish(feed)
    busy = SECRET[0] in feed.views.own.changed
    for stream in feed._streams.values():
        stream.offset += busy and stream.name.member_id == "trader"


LEAKS = [
    (market, "show_print", a_print_that_leaks),
    (market, "restated", a_restatement_that_leaks),
    (Board, "ranks", ranks_that_leak),
    (Feed, "_publish", a_publication_that_leaks),
]


@pytest.mark.parametrize("place,name,leak", LEAKS, ids=[name for _, name, _ in LEAKS])
def test_a_planted_leak_is_found(
    place: object, name: str, leak: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, leak)
    bid = SubmitBid(lot_id="L", price=900)
    flow = [
        Deed(SECRET[1], bid, True),
        Deed("trader", bid, True),
        Deed(SECRET[0], bid, True),
        Deed(SECRET[0], an_order(side=Side.SELL), True),
        Deed("rival", an_order(), True),
        Deed("trader", an_order(price=90), True),
        Deed("buyer", BustTrade(instrument_id="LM358", trade_number=1), True),
    ]

    heard = what_is_heard(the_same, Disclosure(), flow, 0)

    assert heard != what_is_heard(swapped, Disclosure(), flow, 0)


def test_a_losing_supplier_never_hears_who_won() -> None:
    floor = a_world(the_same, Disclosure(prices_by_alias=True))
    loser: Caller = floor.caller("trader")
    loser.follow("own", "lot:L")
    for supplier, price in ((SECRET[0], 900), ("trader", 950)):
        floor.venue.send(supplier, SubmitBid(lot_id="L", price=price))
    floor.venue.send("", FireDeadlines(), after_us=9_000 * SECOND)
    floor.venue.send("buyer", AwardLot(lot_id="L", alias=1))
    floor.commit()

    (lot,) = [frame for frame in loser.hear() if isinstance(frame, shown.Lot)][-1:]
    assert (lot.state, lot.awarded_alias) == ("awarded", 1)
    assert lot.winner_id is lot.buyer_id is UNSET


@pytest.mark.parametrize("limit", [600, 650, 790])
def test_how_far_a_proxy_would_go_changes_no_byte_for_anybody_else(limit: int) -> None:
    """The operator and the buyer included, as long as nobody comes near to the limit."""

    def heard(limit: int) -> list[list[bytes]]:
        floor = a_world(the_same, Disclosure(prices_by_alias=True))
        floor.member("op", Role.OPERATOR)
        floor.commit()
        callers = [floor.caller(each) for each in ("buyer", "trader", "rival", "op")]
        for caller in callers:
            caller.follow("own", "lot:L")
        floor.venue.send(SECRET[0], SetProxy(lot_id="L", price=limit))
        for price in (900, 850, 810):
            floor.commit()
            floor.venue.send("trader", SubmitBid(lot_id="L", price=price))
        floor.commit()
        return [caller.line.writes for caller in callers]

    assert heard(limit) == heard(500)


def test_for_whom_an_operator_bids_changes_no_byte_for_anybody_else() -> None:
    def heard(cast: Cast) -> list[list[bytes]]:
        floor = a_world(cast, Disclosure(prices_by_alias=True))
        callers = [floor.caller(each) for each in OTHERS]
        for caller in callers:
            caller.follow("own", "lot:L")
        for member_id, price in ((SECRET[1], 900), (SECRET[0], 850)):
            wish = SubmitSurrogateBid(lot_id="L", member_id=cast(member_id), price=price, reason="By phone")
            assert not floor.venue.send("operator", wish).reply.code
            floor.commit()
        return [caller.line.writes for caller in callers]

    assert heard(the_same) == heard(swapped)
