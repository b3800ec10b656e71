"""Where an order's CPU goes, in one process and without sockets: microseconds of each step of its way.

The flow is that of `e2e`. Every batch is timed at each step, in time of the processor; of all rounds, which do exactly
the same, the least time of each batch counts, so that what else the machine does hardly shows. `usual_sum_us` is what
the steps usually took beside it.

Known limits: what joins the steps (session, inbox, sequencer, connection) is not here: `e2e` has all of it.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from statistics import median
from time import process_time
from typing import Final, TypeVar

import msgspec

from benchmarks.journaling import BATCH, Author, opened_market, orders
from benchmarks.progress import bar
from benchmarks.report import Report
from exchange.core.kernel import RULES, Exchange
from exchange.core.messages import AnyCommand, Outcome, Sequenced
from exchange.engine.base import Released
from exchange.engine.collector import collect_seldom
from exchange.gateway.websocket.wire import answered, decode
from exchange.journal.base import Batch, Tail
from exchange.journal.format import SALT_BYTES, seal
from exchange.views.views import Views

SEED: Final = 7
ORDERS: Final = 20_480
MEMBERS: Final = 8
INSTRUMENTS: Final = 4
ROUNDS: Final = 5
STEPS: Final = ("decode", "execute", "journal", "views", "answer")

_pack: Final = msgspec.msgpack.Encoder().encode
_write: Final = msgspec.json.Encoder().encode
_Made = TypeVar("_Made")


async def run(*, commands: int = ORDERS, rounds: int = ROUNDS) -> Report:
    """The same orders, round by round."""
    collect_seldom()
    script = Script(SEED)
    members, instruments = opened_market(script, MEMBERS, INSTRUMENTS)
    first = len(script.sent)
    for member_id, command in islice(orders(SEED, members, instruments), commands):
        script.execute(member_id, command, session=1)
    taken: dict[tuple[str, int], list[float]] = {}
    with bar("rounds", rounds) as progress:
        for _ in range(rounds):
            way = Way(script.sent[:first], taken)
            for at in range(first, len(script.sent), BATCH):
                way.go(script.sent[at : at + BATCH])
            progress.advance(1)
    least = {key: min(seconds) for key, seconds in taken.items()}
    figures = {f"{step}_us": _per_order(least, step, commands) for step in STEPS}
    figures["sum_us"] = round(sum(figures.values()), 2)
    figures["usual_sum_us"] = round(sum(map(median, taken.values())) / commands * 1e6, 2)
    return Report("stages", figures, details={"orders": commands, "batch": BATCH, "seed": SEED})


def _per_order(least: dict[tuple[str, int], float], step: str, commands: int) -> float:
    return round(sum(seconds for (name, _), seconds in least.items() if name == step) / commands * 1e6, 2)


class Script(Author):
    """Keeps what it executes, as a sequencer would have stamped it."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.sent: list[Sequenced] = []

    def execute(self, member_id: str, command: AnyCommand, session: int = 0) -> str:
        """As any author."""
        at_us = self.at_us
        new_id = super().execute(member_id, command, session)
        self.sent.append(Sequenced(at_us, member_id, session, new_id, "", command))
        return new_id


class Way:
    """One round: a new exchange that has done what opens its market. `taken` keeps the seconds of every round by step and batch."""

    def __init__(self, opening: Sequence[Sequenced], taken: dict[tuple[str, int], list[float]]) -> None:
        self._kernel, self._views, self._tail = Exchange(), Views(), Tail(1)
        self._taken = taken
        self._batches = 0
        self._views.apply(self._released(opening, [self._kernel.execute(each) for each in opening]))

    def go(self, batch: Sequence[Sequenced]) -> None:
        """Every step of a batch, from its frames to the frames that answer them."""
        frames = [_write(each.command) for each in batch]
        self._timed("decode", lambda: [decode(frame) for frame in frames])
        outcomes = self._timed("execute", lambda: [self._kernel.execute(each) for each in batch])
        self._tail = self._tail.after(self._timed("journal", lambda: self._sealed(batch, outcomes)))
        released = self._released(batch, outcomes)
        self._timed("views", lambda: self._views.apply(released))
        self._timed("answer", lambda: [answered(outcome.reply) for outcome in outcomes])
        self._batches += 1

    def _timed(self, step: str, work: Callable[[], _Made]) -> _Made:
        began = process_time()
        made = work()
        self._taken.setdefault((step, self._batches), []).append(process_time() - began)
        return made

    def _sealed(self, batch: Sequence[Sequenced], outcomes: Sequence[Outcome]) -> Batch:
        """As the engine does it; the salts alone are no chance."""
        digest = self._kernel.digest
        return seal(
            self._tail,
            [_pack(each) for each in batch],
            bytes(SALT_BYTES * len(batch)),
            digest.add_all(outcomes),
            first_at_us=batch[0].at_us,
            last_at_us=batch[-1].at_us,
            rules=RULES,
            outcome_digest=digest.seal(),
        )

    def _released(self, batch: Sequence[Sequenced], outcomes: Sequence[Outcome]) -> list[Released]:
        pairs = zip(batch, outcomes, strict=True)
        return [Released(seq, sent, outcome, None) for seq, (sent, outcome) in enumerate(pairs, 1)]
