"""The flow is a market's: it stays the same for a seed, and its book stays alive."""

from collections import Counter
from itertools import islice

from benchmarks.flow import commands
from benchmarks.journaling import Author, opened_market, orders
from exchange.core.messages import CancelOrder, PlaceOrder, Side, TimeInForce

INSTRUMENTS = ["one", "two"]


def test_a_seed_gives_the_same_commands_and_refs_rise_by_one() -> None:
    first, again = (list(islice(commands(5, 2, INSTRUMENTS), 500)) for _ in range(2))

    assert first == again
    assert [command.ref for command in first] == list(range(1, 501))


def test_a_cancel_names_an_order_of_the_same_member_that_rests_and_each_once() -> None:
    placed, named = set[int](), list[int]()
    for command in islice(commands(5, 0, INSTRUMENTS), 5_000):
        if isinstance(command, CancelOrder):
            assert command.order_ref in placed
            named.append(command.order_ref)
        elif command.time_in_force is TimeInForce.GTC:
            placed.add(command.ref)

    assert len(named) == len(set(named)) > 1_500


def test_half_of_it_rests_a_few_take_and_hardly_a_cancel_comes_too_late() -> None:
    author = Author(5)
    members, instruments = opened_market(author, 4, 2)
    kinds = Counter[str]()
    for member_id, command in islice(orders(5, members, instruments), 8_000):
        before = (
            author.kernel.books.books[instruments[0]].trades
            + author.kernel.books.books[instruments[1]].trades
        )
        author.execute(member_id, command, session=1)
        after = sum(book.trades for book in author.kernel.books.books.values())
        kinds["trades"] += after - before
        kinds[_kind(command)] += 1

    books = author.kernel.books.books.values()
    assert 0.4 < kinds["rests"] / 8_000 < 0.6
    assert 0.05 < kinds["trades"] / 8_000 < 0.25
    assert all(20 < sum(n for *_, n in book.levels(side, 10_000)) < 2_000 for book in books for side in Side)


def _kind(command: object) -> str:
    if isinstance(command, PlaceOrder):
        return "takes" if command.time_in_force is TimeInForce.IOC else "rests"
    return "cancels"
