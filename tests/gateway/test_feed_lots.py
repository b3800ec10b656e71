"""The channel of a lot: each viewer its own numbered picture, sent when that picture changes."""

import pytest
from msgspec import UNSET

from exchange.core.messages import (
    AwardLot,
    CreateEvent,
    EndLot,
    EndOutage,
    FireDeadlines,
    InviteSupplier,
    PublishEvent,
    Role,
    SubmitBid,
    shown,
)
from exchange.core.messages.bids import ProxyEnd, RevokeBid, SetProxy, SubmitSurrogateBid
from exchange.core.messages.changing import ChangeLot, RemoveLot
from exchange.core.messages.lot_rules import ClockRules, EventRules, LotFormat, LotRules, LotSchedule
from exchange.core.messages.shown import Subscribe, Subscribed
from exchange.core.messages.shown_bids import OwnBidRevoked, OwnProxyEnded, OwnSurrogateBid
from exchange.core.messages.sourcing import AddLot, Disclosure
from exchange.core.rejects import RejectCode
from tests.core.venue import SECOND
from tests.gateway.floor import EPOCH, Caller, Floor, codes

LOT = "lot:L"
HIDDEN = Disclosure(lead_price=False)
SHOWN = Disclosure(prices_by_alias=True)
USUAL = LotRules()


def a_draft(
    disclosure: Disclosure = HIDDEN,
    rules: LotRules = USUAL,
    *,
    quantity: int = 10,
    schedule: LotSchedule = LotSchedule.SERIAL,
) -> Floor:
    """Buyer b; suppliers s1, s2 and s3 invited, x not; an operator op."""
    floor = Floor()
    for member_id in ("b", "s1", "s2", "s3", "x"):
        floor.member(member_id)
    floor.member("op", Role.OPERATOR)
    venue = floor.venue
    opens_us = venue.at_us + 10 * SECOND
    create = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=opens_us,
        duration_us=600 * SECOND,
        disclosure=disclosure,
        rules=EventRules(schedule=schedule),
    )
    venue.send("b", create, new_id="E")
    add = AddLot(
        event_id="E", title="Bolts", quantity=quantity, ceiling_price=1_000, min_step=10, rules=rules
    )
    assert not venue.send("b", add, new_id="L").reply.code
    for supplier in ("s1", "s2", "s3"):
        venue.send("b", InviteSupplier(event_id="E", member_id=supplier))
    floor.commit()
    return floor


def an_open_lot(disclosure: Disclosure = HIDDEN, rules: LotRules = USUAL, *, quantity: int = 10) -> Floor:
    floor = a_draft(disclosure, rules, quantity=quantity)
    opened(floor)
    return floor


def opened(floor: Floor) -> None:
    """Published, and past its opening."""
    floor.venue.send("b", PublishEvent(event_id="E"))
    floor.venue.send("", FireDeadlines(), after_us=20 * SECOND)
    floor.commit()


def bid(floor: Floor, supplier: str, price: int) -> None:
    """One bid, taken, in a commit of its own."""
    assert not floor.venue.send(supplier, SubmitBid(lot_id="L", price=price)).reply.code
    floor.commit()


def lots(caller: Caller) -> list[shown.Lot]:
    """The pictures that came."""
    frames = caller.hear()
    assert all(isinstance(frame, shown.Lot) for frame in frames)
    return [frame for frame in frames if isinstance(frame, shown.Lot)]


def test_a_supplier_is_shown_the_lot_and_its_own_standing() -> None:
    floor = an_open_lot()
    caller = floor.caller("s1")

    subscribed, lot = caller.follow(LOT)

    assert subscribed == Subscribed(LOT, EPOCH, 0, recovered=False)
    assert isinstance(lot, shown.Lot)
    assert (lot.channel, lot.epoch, lot.offset, lot.state, lot.bid_max) == (LOT, EPOCH, 0, "open", 1_000)
    assert (lot.own_price, lot.lead_price, lot.participants, lot.prices) == (UNSET, UNSET, UNSET, UNSET)

    bid(floor, "s1", 900)

    (after,) = lots(caller)
    assert (after.offset, after.at_us) == (1, floor.now_us())
    assert (after.own_price, after.own_rank, after.bid_max) == (900, 1, 890)


@pytest.mark.parametrize("viewer", ["x", "s1"])
def test_what_one_may_not_see_does_not_exist(viewer: str) -> None:
    floor = an_open_lot() if viewer == "x" else a_draft()
    caller = floor.caller(viewer)

    hidden, nothing = caller.follow(LOT), caller.follow("lot:nothing")

    assert codes(hidden) == codes(nothing) == [("Error", RejectCode.CHANNEL_UNKNOWN, "channel")]


def test_buyer_and_operator_follow_the_draft() -> None:
    floor = a_draft()
    buyer, operator = floor.caller("b"), floor.caller("op")
    for caller in (buyer, operator):
        assert isinstance(caller.follow(LOT)[1], shown.Lot)

    floor.venue.send("b", PublishEvent(event_id="E"))
    floor.commit()

    assert [lot.state for lot in lots(buyer)] == [lot.state for lot in lots(operator)] == ["waiting"]


def test_a_bid_that_changes_nothing_for_a_viewer_sends_it_nothing_and_takes_no_number() -> None:
    floor = an_open_lot()
    viewers = {name: floor.caller(name) for name in ("s1", "s2", "s3", "b")}
    for caller in viewers.values():
        caller.follow(LOT)
    bid(floor, "s1", 900)
    bid(floor, "s2", 950)
    heard = {name: lots(caller) for name, caller in viewers.items()}

    assert [lot.own_rank for lot in heard["s1"]] == [1]
    assert [lot.own_rank for lot in heard["s2"]] == [2]
    assert heard["s3"] == []
    assert [lot.participants for lot in heard["b"]] == [1, 2]

    bid(floor, "s1", 800)  # its rank stays, so do the others'
    assert lots(viewers["s2"]) == []
    bid(floor, "s2", 700)
    assert [(lot.offset, lot.own_rank) for lot in lots(viewers["s1"])] == [(2, 1), (3, 2)]
    assert [(lot.offset, lot.own_rank) for lot in lots(viewers["s2"])] == [(2, 1)]
    assert lots(viewers["s3"]) == []


def test_a_disclosed_lead_reaches_every_supplier() -> None:
    floor = an_open_lot(Disclosure())
    callers = [floor.caller(name) for name in ("s2", "s3")]
    for caller in callers:
        caller.follow(LOT)

    bid(floor, "s1", 900)

    first, second = (caller.line.heard_bytes() for caller in callers)
    assert first == second
    assert len(first) == 1 and b'"lead_price":900' in first[0]


def test_two_connections_of_a_member_get_the_same_bytes() -> None:
    floor = an_open_lot()
    callers = [floor.caller("s1"), floor.caller("s1")]
    for caller in callers:
        caller.follow(LOT)

    bid(floor, "s1", 900)

    first, second = (caller.line.heard_bytes() for caller in callers)
    assert first == second != []


def test_whoever_comes_back_is_told_the_lot_as_it_is() -> None:
    floor = an_open_lot()
    caller = floor.caller("s1")
    caller.follow(LOT)
    caller.session.ended()
    bid(floor, "s1", 900)
    bid(floor, "s2", 800)
    back = floor.caller("s1")

    back.say(Subscribe(LOT, EPOCH, 0))

    subscribed, whole = back.line.heard()
    assert subscribed == Subscribed(LOT, EPOCH, 2, recovered=False)
    assert isinstance(whole, shown.Lot)
    assert (whole.offset, whole.own_rank) == (2, 2)

    bid(floor, "s1", 700)
    (change,) = [frame for frame in back.line.heard() if isinstance(frame, shown.LotDelta)]
    assert change.offset == 3
    assert "title" not in change.changed, "what hasn't changed isn't told again"


def test_a_change_tells_what_is_gone_and_a_bystander_of_hidden_prices_nothing() -> None:
    floor = an_open_lot(rules=LotRules(revocable=True))
    bidder, bystander = floor.caller("s1"), floor.caller("s3")
    for caller in (bidder, bystander):
        caller.follow(LOT)
    bid(floor, "s1", 900)
    bidder.hear()

    floor.venue.send("s1", RevokeBid(lot_id="L", number=1, reason="A slip"))
    floor.commit()

    (change,) = [frame for frame in bidder.line.heard() if isinstance(frame, shown.LotDelta)]
    assert (change.changed["own_price"], change.changed["own_rank"]) == (None, None)
    assert bystander.hear() == []


def test_asking_again_tells_nothing_of_what_others_did() -> None:
    floor = an_open_lot()
    caller = floor.caller("s3")
    (_, before) = caller.follow(LOT)
    bid(floor, "s1", 900)

    (_, after) = caller.follow(LOT)

    assert after == before


def test_the_close_and_the_award_are_told_as_far_as_one_may_know() -> None:
    floor = an_open_lot()
    viewers = {name: floor.caller(name) for name in ("s1", "s2", "b", "op")}
    for caller in viewers.values():
        caller.follow(LOT)
    bid(floor, "s1", 900)
    bid(floor, "s2", 800)
    for caller in viewers.values():
        caller.hear()

    floor.venue.send("", FireDeadlines(), after_us=700 * SECOND)
    floor.commit()
    assert {name: [lot.state for lot in lots(caller)] for name, caller in viewers.items()} == {
        name: ["closed"] for name in viewers
    }
    floor.venue.send("b", AwardLot(lot_id="L", alias=2))
    floor.commit()

    told = {name: lots(caller)[0] for name, caller in viewers.items()}
    assert {name: lot.state for name, lot in told.items()} == dict.fromkeys(viewers, "awarded")
    assert {name: lot.winner_id for name, lot in told.items()} == {
        "s1": UNSET, "s2": UNSET, "b": "s2", "op": "s2",
    }  # fmt: skip
    assert {name: lot.buyer_id for name, lot in told.items()} == {
        "s1": UNSET, "s2": "b", "b": UNSET, "op": "b",
    }  # fmt: skip


def test_a_bidder_is_told_why_its_bid_was_taken_back_and_a_rival_only_what_its_lot_shows() -> None:
    floor = an_open_lot()
    bidder, rival = floor.caller("s1"), floor.caller("s2")
    for supplier, price in (("s1", 900), ("s1", 800), ("s2", 850)):
        bid(floor, supplier, price)
    for caller in (bidder, rival):
        caller.follow(LOT, "own")

    revoke = RevokeBid(lot_id="L", number=2, reason="A slip", alias=1)
    assert not floor.venue.send("op", revoke).reply.code
    floor.commit()

    told = [frame for frame in bidder.hear() if isinstance(frame, shown.Own)]
    assert [list(frame.events) for frame in told] == [
        [OwnBidRevoked("L", 2, 800, "A slip", by_operator=True)]
    ]
    (seen,) = rival.hear()
    assert isinstance(seen, shown.Lot) and (seen.own_rank, seen.own_price) == (1, 850)


def test_a_supplier_is_told_of_a_bid_that_an_operator_made_for_it_and_a_proxy_answers_it() -> None:
    floor = an_open_lot(rules=LotRules(proxies=True))
    assert not floor.venue.send("s1", SetProxy(lot_id="L", price=730)).reply.code
    floor.commit()
    supplier, rival = floor.caller("s2"), floor.caller("s1")
    for caller in (supplier, rival):
        caller.follow(LOT, "own")
        caller.hear()

    wish = SubmitSurrogateBid(lot_id="L", member_id="s2", price=900, reason="By phone")
    assert not floor.venue.send("op", wish).reply.code
    floor.commit()

    news = [event for frame in supplier.hear() if isinstance(frame, shown.Own) for event in frame.events]
    assert news == [OwnSurrogateBid("L", 1, 900, "By phone")]
    (seen,) = rival.hear()
    assert isinstance(seen, shown.Lot) and (seen.own_rank, seen.own_price) == (1, 890)


def test_a_bidder_is_told_that_its_proxy_is_spent_and_by_nothing_else_of_whom() -> None:
    floor = an_open_lot(rules=LotRules(proxies=True))
    owner, buyer, operator = (floor.caller(name) for name in ("s1", "b", "op"))
    assert not floor.venue.send("s1", SetProxy(lot_id="L", price=730)).reply.code
    floor.commit()
    for caller in (owner, buyer, operator):
        caller.follow(LOT, "own")
        caller.hear()

    bid(floor, "s2", 600)

    frames = owner.hear()
    news = [event for frame in frames if isinstance(frame, shown.Own) for event in frame.events]
    assert news == [OwnProxyEnded("L", ProxyEnd.SPENT)]
    (lot,) = [frame for frame in frames if isinstance(frame, shown.Lot)]
    assert (lot.own_price, lot.own_rank, lot.own_limit) == (730, 2, UNSET)
    for caller in (buyer, operator):
        assert {type(frame) for frame in caller.hear()} == {shown.Lot}


def test_an_outage_moves_the_close_for_everybody() -> None:
    floor = an_open_lot()
    caller = floor.caller("s3")
    (_, before) = caller.follow(LOT)

    floor.venue.send("", EndOutage(down_us=30 * SECOND))
    floor.commit()

    (after,) = lots(caller)
    assert isinstance(before, shown.Lot)
    assert after.close_at_us == before.close_at_us + 30 * SECOND


def test_lots_that_close_in_one_commit_are_told_each_as_itself() -> None:
    floor = a_draft(schedule=LotSchedule.PARALLEL)
    add = AddLot(event_id="E", title="Nuts", quantity=5, ceiling_price=1_000, min_step=10)
    floor.venue.send("b", add, new_id="M")
    opened(floor)
    viewers = {viewer: floor.caller(viewer) for viewer in ("s1", "b")}
    for caller in viewers.values():
        caller.follow(LOT, "lot:M")

    floor.venue.send("", FireDeadlines(), after_us=700 * SECOND)
    floor.commit()

    for viewer, caller in viewers.items():
        told = lots(caller)
        assert [(lot.lot_id, lot.state, lot.bid_max) for lot in told] == [
            ("L", "closed", UNSET),
            ("M", "closed", UNSET),
        ]
        assert told == [floor.caller(viewer).follow(f"lot:{lot.lot_id}")[1] for lot in told]


def test_a_lot_that_is_taken_out_of_a_draft_ends_for_who_follows_it() -> None:
    floor = a_draft()
    buyer = floor.caller("b")
    buyer.follow(LOT)

    changed = floor.venue.send("b", ChangeLot(lot_id="L", quantity=7))
    floor.commit()
    pictures = lots(buyer)
    removed = floor.venue.send("b", RemoveLot(lot_id="L"))
    floor.commit()

    assert not changed.reply.code and not removed.reply.code
    assert [lot.quantity for lot in pictures] == [7]
    assert buyer.hear() == []
    assert codes(floor.caller("b").follow(LOT)) == [("Error", RejectCode.CHANNEL_UNKNOWN, "channel")]


def test_a_buyer_who_followed_the_draft_sees_the_clock_that_a_change_of_it_brought_come_and_go() -> None:
    floor = a_draft()
    buyer = floor.caller("b")
    buyer.follow(LOT)
    dutch = LotRules(format=LotFormat.DUTCH, floor_price=860, clock=ClockRules(level_us=SECOND))
    assert not floor.venue.send("b", ChangeLot(lot_id="L", rules=dutch)).reply.code

    opened(floor)

    *_, opens = lots(buyer)
    floor.venue.send("b", EndLot(lot_id="L", reason="enough"))
    floor.commit()
    *_, closes = lots(buyer)
    assert (opens.state, opens.clock is UNSET) == ("open", False)
    assert (closes.state, closes.clock is UNSET) == ("closed", True)
