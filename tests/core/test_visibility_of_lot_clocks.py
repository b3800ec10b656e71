"""What the clock of a lot tells, and that it tells nobody who the others are."""

from random import Random

import msgspec
import pytest
from msgspec import UNSET

from exchange.core.messages.lot_rules import LotFormat
from exchange.core.messages.shown_lots import Lot, LotClock
from exchange.core.messages.sourcing import Disclosure
from exchange.core.visibility.lots import Relation, lot_face, show_lot
from tests.core.market.lots.clocked import COUNTED, a_clocked_lot
from tests.core.market.room import CLOSE, MINUTE, OPEN, AuctionRoom

FORMATS = (LotFormat.DUTCH, LotFormat.JAPANESE, LotFormat.ROUNDS)
HIDDEN = Disclosure(lead_price=False)
ALL = Disclosure(prices_by_alias=True)


def seen(room: AuctionRoom, viewer: str, seen_as: Relation = Relation.SUPPLIER) -> Lot:
    event, lot = room.auctions.event_of("event-1"), room.lot()
    return show_lot(lot_face(event, lot, seen_as), viewer)


def clock(room: AuctionRoom, viewer: str, seen_as: Relation = Relation.SUPPLIER) -> LotClock:
    shown = seen(room, viewer, seen_as).clock
    assert shown is not UNSET
    return shown


def test_who_has_accepted_a_level_and_who_is_out_learns_it_of_itself_alone() -> None:
    room = a_clocked_lot(LotFormat.JAPANESE, disclosure=HIDDEN)
    for bidder in ("s1", "s2"):
        room.accept(bidder, 1_000)
    room.pass_to(OPEN + MINUTE)
    before = seen(room, "s2"), seen(room, "s3")

    room.accept("s1", 970, OPEN + MINUTE)

    assert (seen(room, "s2"), seen(room, "s3")) == before
    assert [(clock(room, each).taken, clock(room, each).dropped_out) for each in ("s1", "s2", "s3")] == [
        (True, False),
        (False, False),
        (False, True),
    ]


@pytest.mark.parametrize("disclosure,told", [(HIDDEN, UNSET), (COUNTED, 2), (ALL, 2)])
def test_how_many_are_still_in_is_told_where_the_number_of_participants_is(
    disclosure: Disclosure, told: object
) -> None:
    room = a_clocked_lot(LotFormat.JAPANESE, disclosure=disclosure)
    for bidder in ("s1", "s2"):
        room.accept(bidder, 1_000)
    room.pass_to(OPEN + MINUTE)

    assert clock(room, "s1").active == told
    assert (seen(room, "s1").own_rank is UNSET) == (told is UNSET), "a rank counts those before it"
    assert clock(room, "buyer", Relation.BUYER).active == 2


@pytest.mark.parametrize("disclosure,alias", [(COUNTED, UNSET), (ALL, 2)])
def test_whose_turn_it_is_is_told_by_alias_at_most(disclosure: Disclosure, alias: object) -> None:
    room = a_clocked_lot(LotFormat.ROUNDS, disclosure=disclosure)
    room.bid("s1", 950)
    room.bid("s2", 960)
    room.pass_to(CLOSE + 5 * MINUTE)

    assert [clock(room, each).own_turn for each in ("s1", "s2")] == [False, True]
    assert clock(room, "s1").turn_alias == alias
    assert clock(room, "buyer", Relation.BUYER).turn_alias == 2


def test_first_prices_are_hidden_from_suppliers_whatever_is_disclosed() -> None:
    room = a_clocked_lot(LotFormat.ROUNDS, disclosure=ALL)
    before = seen(room, "s2")
    room.bid("s1", 950)

    assert seen(room, "s2") == before
    assert seen(room, "buyer", Relation.BUYER).lead_price == 950
    room.bid("s2", 950)
    room.pass_to(CLOSE)
    assert (seen(room, "s2").lead_price, seen(room, "s2").participants) == (950, 2)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("disclosure", [COUNTED, ALL])
def test_two_suppliers_who_change_places_look_the_same_to_all_others(
    form: LotFormat, disclosure: Disclosure
) -> None:
    swapped = {"s1": "s2", "s2": "s1"}
    for seed in range(50):
        worlds = [heard(form, disclosure, Random(seed), cast) for cast in ({}, swapped)]

        assert worlds[0] == worlds[1]


def heard(form: LotFormat, disclosure: Disclosure, random: Random, cast: dict[str, str]) -> list[bytes]:
    """All that the third supplier is shown, change by change."""
    room, at_us, told = a_clocked_lot(form, disclosure=disclosure), OPEN, []
    for _ in range(40):
        bidder = random.choice(("s1", "s2", "s3"))
        bidder = cast.get(bidder, bidder)
        own = room.board().of(bidder)
        if form is LotFormat.ROUNDS:
            room.bid(bidder, 1_000 if own is None else max(1, own.price - random.choice((30, 40))), at_us)
        elif random.random() < 0.6:
            room.accept(bidder, room.lot().hands.price, at_us)
        told.append(msgspec.json.encode(seen(room, "s3")))
        at_us += random.choice((0, 0, MINUTE // 2, MINUTE, 5 * MINUTE if form is LotFormat.ROUNDS else 0))
        room.pass_to(at_us)
    return told
