"""The bare book: messages a second, events built, on one core and without journal, ledger or wire.

Five scenarios of seeded orders, in batches that are decoded just before they are played, as they come to
the engine; only the playing is timed, in time of the processor, with the collector off. The best of three
rounds counts. `ratio` is that time over the time it takes to build the same events and nothing else, so
that figures of different machines can be compared; it should stay below RATIO_MAX in every scenario.
"""

import argparse
import gc
import json
import random
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from time import process_time
from typing import Final, NamedTuple

from msgspec.msgpack import decode, encode
from msgspec.structs import astuple

from exchange.core.market.books import Books
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.orders import CancelCause, PlaceOrder

RATIO_MAX: Final = 8.0
ROUNDS: Final = 3
BATCH: Final = 512
MIDDLE: Final = 500_000
MEMBERS: Final = [f"member-{number:015d}" for number in range(100)]
REQUESTED: Final = CancelCause.REQUESTED


class Message(NamedTuple):
    """An order to place, or to cancel where there is no command."""

    order_id: str
    member_id: str
    command: PlaceOrder | None


class Scenario(NamedTuple):
    """What is there before, and what is timed."""

    before: list[Message]
    messages: list[Message]


class Author:
    """Writes seeded messages that know which orders they left resting, but not which of them have traded."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.numbers = count(1)
        self.left: list[Message] = []

    def place(self, side: Side, price: int, quantity: int, tif: TimeInForce) -> Message:
        """Remembered as left resting if it can."""
        command = PlaceOrder(
            instrument_id="part", side=side, price=price, quantity=quantity, time_in_force=tif
        )
        message = Message(f"order-{next(self.numbers):016d}", self.chance.choice(MEMBERS), command)
        if tif is TimeInForce.GTC:
            self.left.append(message)
        return message

    def rest(self, depth: int) -> Message:
        """An order up to `depth` ticks behind the middle."""
        side, behind = self.chance.choice(list(Side)), self.chance.randint(1, depth)
        price = MIDDLE - behind if side is Side.BUY else MIDDLE + behind
        return self.place(side, price, self.chance.randint(1, 100), TimeInForce.GTC)

    def take(self, depth: int, quantity: int) -> Message:
        """An order that trades through up to `depth` ticks beyond the middle."""
        side = self.chance.choice(list(Side))
        price = MIDDLE + depth if side is Side.BUY else MIDDLE - depth
        return self.place(side, price, quantity, TimeInForce.IOC)

    def cancel(self) -> Message:
        """Any of the orders that were left resting."""
        place = self.chance.randrange(len(self.left))
        self.left[place], self.left[-1] = self.left[-1], self.left[place]
        return self.left.pop()._replace(command=None)

    def mixed(self, depth: int, quantity_max: int) -> Message:
        """Of ten messages five rest, four cancel and one trades."""
        kind = self.chance.random()
        if kind < 0.5 or not self.left:
            return self.rest(depth)
        return self.cancel() if kind < 0.9 else self.take(depth, self.chance.randint(1, quantity_max))


def near(messages: int) -> Scenario:
    """Everything happens within ten ticks of the middle."""
    author = Author(1)
    return Scenario([], [author.mixed(10, 150) for _ in range(messages)])


def deep(messages: int) -> Scenario:
    """The same over 20,000 ticks: most orders open a level of their own."""
    author = Author(2)
    return Scenario([], [author.mixed(20_000, 150) for _ in range(messages)])


def resting(messages: int) -> Scenario:
    """Orders that only rest, over a thousand ticks on each side."""
    author = Author(3)
    return Scenario([], [author.rest(1_000) for _ in range(messages)])


def queue(messages: int) -> Scenario:
    """One long queue at a single price: orders join at its back and are cancelled anywhere in it."""
    author = Author(4)
    before = [author.rest(1) for _ in range(20_000)]
    return Scenario(before, [author.cancel() if odd else author.rest(1) for odd in odds(messages)])


def sweep(messages: int) -> Scenario:
    """Every other order trades, through a few levels of a thin book."""
    author = Author(5)
    return Scenario([], [author.take(50, 60) if odd else author.rest(50) for odd in odds(messages)])


def odds(messages: int) -> Iterator[bool]:
    """No, yes, no, yes …"""
    return (number % 2 == 1 for number in range(messages))


SCENARIOS: Final[dict[str, Callable[[int], Scenario]]] = {
    "near": near,
    "deep": deep,
    "resting": resting,
    "queue": queue,
    "sweep": sweep,
}


def play(books: Books, messages: list[Message], asks: bool) -> Iterator[list[AnyEvent]]:
    """Send each message to the book, with the question before the change or without it."""
    book, orders = books.books["part"], books.orders
    for order_id, member_id, command in messages:
        events: list[AnyEvent] = []
        if command is None:
            order = orders.get(order_id)
            if order is not None:
                book.cancel(order, REQUESTED, events)
        elif not asks or books.refusal(member_id, member_id, command) is None:
            book.place(order_id, member_id, member_id, command, events)
        yield events


def opened(scenario: Scenario) -> Books:
    """Books in which everything that comes before has happened."""
    books = Books()
    books.open_book("part", 1, 1, 1, 2 * MIDDLE)
    exhaust(play(books, scenario.before, asks=False))
    return books


def played(scenario: Scenario, asks: bool) -> float:
    """Seconds that a fresh book needs for all messages."""
    books, seconds = opened(scenario), 0.0
    for batch in batches(scenario.messages):
        messages = decode(encode(batch), type=list[Message])
        begun = process_time()
        exhaust(play(books, messages, asks))
        seconds += process_time() - begun
    return seconds


def rebuilt(scenario: Scenario) -> tuple[float, int]:
    """Seconds to build the events of all messages again from values at hand, and how many they are."""
    books, seconds, events = opened(scenario), 0.0, 0
    for batch in batches(scenario.messages):
        parts = [
            [(type(event), astuple(event)) for event in outcome] for outcome in play(books, batch, False)
        ]
        begun = process_time()
        exhaust([kind(*values) for kind, values in outcome] for outcome in parts)
        seconds += process_time() - begun
        events += sum(map(len, parts))
    return seconds, events


def batches(messages: list[Message]) -> Iterator[list[Message]]:
    """As many messages at a time as a commit may hold under load."""
    return (messages[first : first + BATCH] for first in range(0, len(messages), BATCH))


def exhaust(outcomes: Iterator[object]) -> None:
    """Go through all of it and keep nothing."""
    deque(outcomes, maxlen=0)


def measure(scenario: Scenario) -> dict[str, float | int]:
    """The figures of one scenario; rates are messages a second."""
    gc.collect()
    gc.disable()
    bare = min(played(scenario, False) for _ in range(ROUNDS))
    asked = min(played(scenario, True) for _ in range(ROUNDS))
    building, events = min(rebuilt(scenario) for _ in range(ROUNDS))
    gc.enable()
    messages = len(scenario.messages)
    return {
        "messages": messages,
        "events": events,
        "per_s": round(messages / bare),
        "ns": round(bare / messages * 1e9),
        "with_refusal_per_s": round(messages / asked),
        "ratio": round(bare / building, 2),
    }


def main(argv: list[str]) -> int:
    """Print the figures; 1 when a ratio is above its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks core", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--messages", type=int, default=200_000, help="per scenario")
    options = parser.parse_args(argv)
    figures = {name: measure(scenario(options.messages)) for name, scenario in SCENARIOS.items()}
    worst = max(each["ratio"] for each in figures.values())
    slowest = min(each["per_s"] for each in figures.values())
    if options.json:
        print(json.dumps({"scenarios": figures, "worst_per_s": slowest, "ratio": worst, "limit": RATIO_MAX}))
    else:
        for name, each in figures.items():
            print(f"{name:8}" + "".join(f"  {key} {value:>9,}" for key, value in each.items()))
        print(f"worst ratio {worst}, limit {RATIO_MAX}; slowest {slowest:,} messages a second")
    return int(worst > RATIO_MAX)
