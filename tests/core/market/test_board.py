"""Who stands where, by the best bid of each."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from exchange.core.market.board import Board, StandingBid
from exchange.core.messages.lot_rules import LotDirection, TiePolicy

BIDS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 12)), max_size=40)


def a_board(*bids: tuple[str, int]) -> Board:
    board = Board()
    for member_id, price in bids:
        board.submit(member_id, price)
    return board


def improving(bids: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Those that improve on their bidder's own best, in order."""
    best: dict[str, int] = {}
    taken = []
    for member_id, price in bids:
        if price < best.get(member_id, price + 1):
            best[member_id] = price
            taken.append((member_id, price))
    return taken


def ranked(board: Board) -> list[str]:
    return [bid.member_id for bid in board.ranking()]


def test_an_empty_board_has_no_lead_and_no_ranks() -> None:
    board = Board()

    assert (board.lead, board.bids, board.bidders, board.rank_of("a")) == (None, 0, 0, 0)
    assert (board.of("a"), board.by_alias(0), board.by_alias(1)) == (None, None, None)


def test_the_lowest_price_leads() -> None:
    board = a_board(("a", 50), ("b", 40), ("c", 60))

    assert ranked(board) == ["b", "a", "c"]
    assert board.lead == StandingBid(price=40, bid_number=2, alias=2, bids=1, member_id="b")


def test_of_equal_prices_the_one_reached_first_ranks_first() -> None:
    assert ranked(a_board(("a", 50), ("b", 50))) == ["a", "b"]


def test_a_tie_is_decided_by_when_the_price_was_reached_not_by_the_first_bid() -> None:
    board = a_board(("a", 60), ("b", 50), ("a", 50))

    assert ranked(board) == ["b", "a"]


def test_a_later_improvement_of_a_loser_does_not_touch_who_tied_before() -> None:
    board = a_board(("a", 50), ("b", 50), ("c", 70), ("c", 60))

    assert ranked(board) == ["a", "b", "c"]


def test_an_alias_counts_bidders_by_their_first_bid_and_stays() -> None:
    board = Board()

    assert [board.submit(*bid) for bid in (("x", 9), ("a", 8), ("x", 7))] == [(1, 1), (2, 2), (1, 3)]
    assert board.by_alias(1) == board.of("x")
    assert board.by_alias(3) is None


@given(BIDS)
def test_ranks_are_those_of_sorting_everything_anew(bids: list[tuple[str, int]]) -> None:
    taken = improving(bids)
    board = a_board(*taken)

    best = {member_id: (price, number) for number, (member_id, price) in enumerate(taken)}
    expected = sorted(best, key=lambda member_id: best[member_id])
    assert ranked(board) == expected
    assert [board.rank_of(member_id) for member_id in expected] == list(range(1, len(expected) + 1))
    assert (board.lead.member_id if board.lead else None) == (expected[0] if expected else None)
    assert board.bids == len(taken)


@given(BIDS, BIDS)
def test_a_board_goes_on_from_its_dump(before: list[tuple[str, int]], after: list[tuple[str, int]]) -> None:
    taken = improving(before + after)
    board = a_board(*taken[: len(before)])
    again = Board.load(msgpack.decode(msgpack.encode(board.dump()), type=list[StandingBid]))

    for member_id, price in taken[len(before) :]:
        assert again.submit(member_id, price) == board.submit(member_id, price)

    assert again.dump() == board.dump()
    assert (again.lead, again.bids, again.bidders) == (board.lead, board.bids, board.bidders)


FORWARD = LotDirection.FORWARD


def a_forward_board(*bids: tuple[str, int]) -> Board:
    board = Board(FORWARD)
    for member_id, price in bids:
        board.submit(member_id, price)
    return board


def test_in_a_forward_lot_the_highest_price_leads_and_a_tie_goes_to_the_earlier() -> None:
    board = a_forward_board(("a", 50), ("b", 60), ("c", 60), ("a", 70), ("b", 70))

    assert ranked(board) == ["a", "b", "c"]
    assert [board.rank_of(each) for each in "abc"] == [1, 2, 3]


@pytest.mark.parametrize(
    "policy,ranks",
    [
        (TiePolicy.EARLIEST, [1, 2, 3, 4]),
        (TiePolicy.EQUAL_BEST, [1, 2, 2, 4]),
        (TiePolicy.EQUAL_WORST, [1, 3, 3, 4]),
        (TiePolicy.LOTTERY, [1, 2, 2, 4]),
        (TiePolicy.FORBID_FIRST, [1, 2, 3, 4]),
    ],
)
@pytest.mark.parametrize("direction", LotDirection)
def test_a_tie_ranks_as_its_policy_says(policy: TiePolicy, ranks: list[int], direction: LotDirection) -> None:
    prices = (10, 20, 20, 30) if direction is LotDirection.REVERSE else (30, 20, 20, 10)
    board = Board(direction, policy)
    for member_id, price in zip("abcd", prices, strict=True):
        board.submit(member_id, price)

    assert [board.rank_of(each) for each in "abcd"] == ranks
    assert ranked(board) == list("abcd")


def test_a_lottery_draws_equal_prices_by_the_seed_and_moves_nobody_else() -> None:
    orders = set()
    for seed in ("one", "two", "three", "four"):
        board = Board(tie_policy=TiePolicy.LOTTERY)
        for member_id, price in (("a", 20), ("b", 20), ("c", 10), ("d", 30), ("e", 20)):
            board.submit(member_id, price)
        board.draw(seed)
        tickets = {alias: sha256(f"{seed}:{alias}".encode()).digest() for alias in (1, 2, 5)}
        drawn = sorted(tickets, key=tickets.__getitem__)
        assert [bid.alias for bid in board.ranking()] == [3, *drawn, 4]
        assert [board.rank_of(bid.member_id) for bid in board.ranking()] == [1, 2, 3, 4, 5]
        orders.add(tuple(drawn))

    assert len(orders) > 1


def test_a_marked_bid_stands_where_it_stood_and_the_next_one_is_not_marked() -> None:
    board = a_board(("a", 50), ("b", 50))

    board.mark("b")

    assert [(bid.member_id, bid.surrogate) for bid in board.ranking()] == [("a", False), ("b", True)]
    board.submit("b", 40)
    assert board.lead is not None and not board.lead.surrogate
    board.revoke("b", 2)
    assert [(bid.member_id, bid.surrogate) for bid in board.ranking()] == [("a", False), ("b", True)]


def test_who_stands_at_a_price_is_told_of_others_only() -> None:
    board = a_board(("a", 50), ("b", 60))

    assert [board.met("a", price) for price in (50, 60, 55)] == [False, True, False]
