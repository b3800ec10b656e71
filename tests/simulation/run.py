"""One seed, from the beginning to the verdict."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import NOTSET
from typing import Any, Final, NoReturn

import structlog
from msgspec import Struct

from exchange.core.flows.treasury import Treasury
from exchange.core.messages import Command, SetCommission
from exchange.engine.base import Diverged
from exchange.journal.base import Batch, Corrupt
from tests.simulation.loop import Spinning
from tests.simulation.traders import POISON_BPS
from tests.simulation.truth import POISON, Broken, Told, Truth
from tests.simulation.verdict import judge, judge_pictures
from tests.simulation.world import World

BREAKS: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((Corrupt, Diverged), "P1"),
    ((Spinning,), "P10"),
)
"""What it says of the promises when the program itself notices that something is wrong."""


class Course(Struct, frozen=True):
    """What came of a seed. `failure` names the broken promise, empty if all were kept."""

    seed: int
    digest: str
    failure: str
    last: list[str]
    virtual_us: int
    crashes: int
    crashes_at: dict[str, int]
    acked: int
    commands: int
    trades: int
    bids: int
    steps: int
    cpu_s: float
    journal: list[Batch]
    done: dict[str, int]  # commands that were not refused, by their tags


def run_seed(seed: int, *, world_of: Callable[..., World] = World, **options: Any) -> Course:
    """Live one seed through."""
    began = time.process_time()
    world = world_of(seed, **options)
    failure = ""
    gc.disable()  # what a dead host leaves behind must not be tidied up at a time that no seed decides
    try:
        with _quiet(world.overhear), _poisonable():
            try:
                _live(world)
            except Exception as error:  # whatever leaves a run is what the run found
                failure = _told(world.truth.broken or error)
            finally:
                world.loop.bury()
    finally:
        gc.enable()
    truth = world.truth
    return Course(
        seed,
        world.digest,
        failure,
        [f"{at_us / 1e6:12.6f} s  {what}" for at_us, what in world.last],
        world.loop.now_us,
        world.crashes,
        dict(sorted(world.faults.crashes_at.items())),
        sum(hasattr(claim.outcome, "sequence") and claim.outcome.sequence > 0 for claim in world.claims),
        truth.seq,
        sum(map(len, truth.prints.values())),
        truth.oracle.bids(),
        world.loop.steps,
        time.process_time() - began,
        world.store.batches,
        _done(truth),
    )


def tag_of(kind: type[Command]) -> str:
    """As the wire and the journal name it."""
    return str(kind.__struct_config__.tag)


def _done(truth: Truth) -> dict[str, int]:
    told = zip(truth.commands, truth.foretold, strict=True)
    return Counter(tag_of(type(sent.command)) for sent, foretold in told if not foretold.reply.code)


def _live(world: World) -> None:
    world.found()
    world.storm()
    world.settle()
    world.quieten()
    judge_pictures(world)
    world.close_lots()
    world.quieten()
    judge_pictures(world)
    world.pass_terms()
    judge(world)


def _told(error: BaseException) -> str:
    """The innermost reason, with the promise that it breaks."""
    while isinstance(error, BaseExceptionGroup):
        error = next((each for each in error.exceptions if _is_broken(each)), error.exceptions[0])
    if isinstance(error, Broken):
        return str(error)
    promise = next((f"{name}: " for kinds, name in BREAKS if isinstance(error, kinds)), "")
    return f"{promise}{type(error).__name__}: {error}"


def _is_broken(error: BaseException) -> bool:
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return isinstance(error, Broken) or any(map(_is_broken, inner))


@contextmanager
def _quiet(overhear: Told) -> Iterator[None]:
    """Write no log, where in a storm every line would be a warning; only let it be overheard."""

    def drop(_logger: object, _method: str, line: object) -> NoReturn:
        overhear("a line of the log", repr(line).encode())
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[drop], wrapper_class=structlog.make_filtering_bound_logger(NOTSET))
    try:
        yield
    finally:
        structlog.configure(**before)


@contextmanager
def _poisonable() -> Iterator[None]:
    """Plant the assertion that the poison trips: what a bug in a handler would do."""
    healthy = Treasury.set_commission

    def trips(self: Treasury, sent: Any, command: SetCommission, events: Any) -> Any:
        assert command.rate_bps != POISON_BPS, POISON
        return healthy(self, sent, command, events)

    Treasury.set_commission = trips  # type: ignore[method-assign]
    try:
        yield
    finally:
        Treasury.set_commission = healthy  # type: ignore[method-assign]
