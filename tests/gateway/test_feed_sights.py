"""Who gains and loses sight of a lot that it follows: at once, whole, and with nothing of what others did meanwhile."""

import pytest
from msgspec import UNSET

from exchange.core.messages import (
    CreateEvent,
    FireDeadlines,
    InviteSupplier,
    PublishEvent,
    Role,
    SetStanding,
    Standing,
    SubmitBid,
    shown,
)
from exchange.core.messages.changing import ChangeLot, RemoveLot
from exchange.core.messages.invitations import WithdrawInvitation
from exchange.core.messages.lot_rules import LotFormat, LotRules
from exchange.core.messages.sealed import SetLotKey
from exchange.core.messages.sourcing import AddLot, Disclosure
from exchange.core.rejects import RejectCode
from tests.core.venue import SECOND
from tests.gateway.floor import Floor, codes
from tests.gateway.test_feed_lots import (
    HIDDEN,
    LOT,
    SHOWN,
    a_draft,
    an_open_lot,
    bid,
    lots,
    opened,
)

UNREAD_BYTES = 200_000


def stand(floor: Floor, standing: Standing, member_id: str = "op") -> None:
    """Done, and not committed."""
    assert not floor.venue.send("operator", SetStanding(member_id=member_id, standing=standing)).reply.code


def disinvite(floor: Floor) -> None:
    """The supplier s3; done, and not committed."""
    assert not floor.venue.send("operator", WithdrawInvitation(event_id="E", member_id="s3")).reply.code


def with_a_guest(disclosure: Disclosure) -> Floor:
    """An open lot with two bids, to which an operator `o` is invited as a supplier; nobody follows anything."""
    floor = a_draft(disclosure)
    floor.member("o", Role.OPERATOR, Role.SELLER)
    floor.venue.send("b", InviteSupplier(event_id="E", member_id="o"))
    opened(floor)
    bid(floor, "s1", 900)
    bid(floor, "s2", 850)
    return floor


def test_an_operator_that_is_suspended_sees_no_more_of_the_lot() -> None:
    floor = an_open_lot()
    caller = floor.caller("op")
    caller.follow(LOT)
    bid(floor, "s1", 900)
    assert caller.hear()
    stand(floor, Standing.SUSPENDED)
    floor.commit()

    bid(floor, "s1", 800)

    assert caller.hear() == []
    assert codes(caller.follow(LOT)) == [("Error", RejectCode.CHANNEL_UNKNOWN, "channel")]


def test_a_supplier_whose_invitation_is_withdrawn_hears_no_more_until_it_is_invited_again() -> None:
    floor = an_open_lot(SHOWN)
    caller = floor.caller("s3")
    caller.follow(LOT)

    def heard_of_a_bid(price: int) -> list[shown.ServerFrame]:
        bid(floor, "s1", price)
        return caller.hear()

    assert heard_of_a_bid(900)
    disinvite(floor)
    assert heard_of_a_bid(800) == []
    floor.venue.send("b", InviteSupplier(event_id="E", member_id="s3"))
    (told,) = heard_of_a_bid(700)
    assert isinstance(told, shown.Lot)
    assert told.lead_price == 700


def test_whoever_is_invited_again_is_told_at_once_what_it_missed_and_nothing_less_later() -> None:
    floor = an_open_lot(SHOWN)
    caller = floor.caller("s3")
    caller.follow(LOT)
    disinvite(floor)
    bid(floor, "s1", 900)
    bid(floor, "s1", 880)
    assert caller.hear() == []

    floor.venue.send("b", InviteSupplier(event_id="E", member_id="s3"))
    floor.commit()
    (told,) = lots(caller)
    _, fresh = floor.caller("s3").follow(LOT)
    bid(floor, "s2", 850)
    (after,) = lots(caller)

    assert told == fresh
    assert (told.lead_price, told.participants) == (880, 1)
    assert (after.lead_price, after.participants, after.offset) == (850, 2, told.offset + 1)


def test_whoever_goes_on_as_one_of_another_class_is_shown_all_that_class_sees() -> None:
    floor = a_draft(SHOWN, LotRules(format=LotFormat.SEALED_FIRST_PRICE))
    floor.member("o", Role.OPERATOR, Role.SELLER)
    floor.venue.send("b", InviteSupplier(event_id="E", member_id="o"))
    floor.venue.send("b", PublishEvent(event_id="E"))
    stand(floor, Standing.SUSPENDED, "o")
    floor.commit()
    caller = floor.caller("o")
    caller.follow(LOT)

    stand(floor, Standing.GOOD, "o")
    assert not floor.venue.send("", SetLotKey(lot_id="L", public_key="ab" * 32)).reply.code
    floor.commit()
    (told,) = lots(caller)
    _, fresh = floor.caller("o").follow(LOT)

    assert told.sealed is not UNSET
    assert told == fresh


def test_an_operator_that_was_suspended_goes_on_as_a_supplier_as_soon_as_suppliers_are_shown_the_lot() -> (
    None
):
    floor = a_draft()
    floor.member("o", Role.OPERATOR, Role.SELLER)
    floor.venue.send("b", InviteSupplier(event_id="E", member_id="o"))
    floor.commit()
    caller = floor.caller("o")
    caller.follow(LOT)
    stand(floor, Standing.SUSPENDED, "o")
    floor.commit()
    floor.venue.send("b", ChangeLot(lot_id="L", quantity=7))
    floor.commit()
    assert caller.hear() == []

    floor.venue.send("b", PublishEvent(event_id="E"))
    floor.commit()

    (told,) = lots(caller)
    assert (told.state, told.quantity, told.prices, told.own_price) == ("waiting", 7, UNSET, UNSET)


def test_whoever_is_invited_again_hears_the_same_whatever_others_did_that_it_may_not_know() -> None:
    worlds = []
    for price in (900, 5_000):  # the second is above the ceiling, and refused
        floor = an_open_lot(HIDDEN)
        caller = floor.caller("s3")
        caller.follow(LOT)
        disinvite(floor)
        floor.commit()
        floor.venue.send("s1", SubmitBid(lot_id="L", price=price))
        floor.commit()
        floor.venue.send("b", InviteSupplier(event_id="E", member_id="s3"))
        floor.commit()
        worlds.append(caller.line.heard_bytes())

    assert worlds[0] == worlds[1]
    assert len(worlds[0]) == 1


def test_a_lot_begun_anew_tells_when_it_was_and_not_when_it_was_seen_before() -> None:
    floor = an_open_lot(HIDDEN)
    caller = floor.caller("s3")
    caller.follow(LOT)
    disinvite(floor)
    floor.commit()
    floor.venue.send("b", InviteSupplier(event_id="E", member_id="s3"))
    floor.commit()

    (anew,) = lots(caller)

    assert (anew.offset, anew.at_us) == (1, floor.now_us())


@pytest.mark.parametrize("after", [False, True], ids=["before_it_is_removed", "after_it_is_removed"])
def test_a_lot_that_was_removed_is_told_to_no_operator_again(*, after: bool) -> None:
    floor = a_draft()
    operator, buyer = floor.caller("op"), floor.caller("b")
    for caller in (operator, buyer):
        caller.follow(LOT)
    stand(floor, Standing.SUSPENDED)
    floor.commit()
    assert not floor.venue.send("b", ChangeLot(lot_id="L", quantity=7)).reply.code
    assert not floor.venue.send("b", RemoveLot(lot_id="L")).reply.code
    if after:
        floor.commit()

    stand(floor, Standing.GOOD)
    floor.commit()

    assert operator.line.heard() == buyer.line.heard() == []


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.GOOD])
def test_who_begins_or_ceases_to_operate_is_told_so_by_the_first_commit_that_anybody_hears(
    standing: Standing,
) -> None:
    floor = with_a_guest(SHOWN)
    if standing is Standing.GOOD:
        stand(floor, Standing.SUSPENDED, "o")
        floor.commit()
    caller = floor.caller("o")
    caller.follow(LOT)

    stand(floor, standing, "o")
    floor.commit()

    (told,) = lots(caller)
    assert told == floor.caller("o").follow(LOT)[1]
    assert (told.bid_max is UNSET) == (standing is Standing.GOOD)
    bid(floor, "s1", 800)
    assert not floor.views.recast, "it is looked up once"


def test_an_operator_that_was_suspended_asks_anew_and_reads_what_a_supplier_may() -> None:
    floor = with_a_guest(HIDDEN)
    floor.caller("o").follow(LOT)
    stand(floor, Standing.SUSPENDED, "o")
    floor.commit()

    _, seen = floor.caller("o").follow(LOT)

    assert isinstance(seen, shown.Lot)
    assert (seen.prices, seen.lead_price, seen.participants) == (UNSET, UNSET, UNSET)


@pytest.mark.parametrize("goes_on", [False, True], ids=["nothing_more_happens", "others_go_on"])
def test_a_slow_reader_that_may_not_see_the_lot_any_more_is_given_no_snapshot(*, goes_on: bool) -> None:
    floor = an_open_lot(SHOWN)
    caller = floor.caller("s3")
    caller.follow(LOT)
    caller.line.reads, caller.line.stuck_bytes = False, UNREAD_BYTES
    bid(floor, "s1", 900)
    bid(floor, "s1", 880)
    caller.line.heard()
    disinvite(floor)
    floor.commit()
    if goes_on:
        bid(floor, "s1", 870)

    caller.line.reads, caller.line.stuck_bytes = True, 0
    floor.feed.tick()

    assert caller.line.heard() == []


def test_an_operator_that_was_suspended_is_shown_the_lot_as_a_supplier_from_the_preview_on() -> None:
    floor = Floor()
    floor.member("b")
    floor.member("o", Role.OPERATOR, Role.SELLER)
    opens_us = floor.venue.at_us + 100 * SECOND
    draft = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=opens_us,
        duration_us=600 * SECOND,
        preview_at_us=opens_us - 50 * SECOND,
    )
    floor.venue.send("b", draft, new_id="E")
    add = AddLot(event_id="E", title="Bolts", quantity=1, ceiling_price=1_000, min_step=10)
    floor.venue.send("b", add, new_id="L")
    floor.venue.send("b", InviteSupplier(event_id="E", member_id="o"))
    assert not floor.venue.send("b", PublishEvent(event_id="E")).reply.code
    floor.commit()
    caller = floor.caller("o")
    caller.follow(LOT)
    stand(floor, Standing.SUSPENDED, "o")
    floor.commit()
    assert caller.hear() == []

    floor.venue.send("", FireDeadlines(), after_us=60 * SECOND)
    floor.commit()

    (told,) = lots(caller)
    assert told.state == "waiting"
