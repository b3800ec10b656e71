"""Whole runs of a session against a naive exchange: whatever the net and the exchange do, every command ends
once with an outcome that is true, takes effect at most once, and the local book is the exchange's.
"""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exchange_client.inflight import NEVER
from tests.client.world import SECOND, World

PATIENCE_US = st.sampled_from([SECOND, 5 * SECOND, NEVER])


class SessionRuns(RuleBasedStateMachine):
    """Hypothesis chooses what happens, and shows the shortest run that goes wrong."""

    @initialize(draws=st.randoms(use_true_random=False), resend=st.booleans())
    def begin(self, draws: Random, resend: bool) -> None:
        self.world = World(draws.randrange, resend=resend)
        self.world.connect()
        self.world.deliver(9, 9)

    @rule(up=st.integers(0, 9), down=st.integers(0, 9))
    def deliver(self, up: int, down: int) -> None:
        self.world.connect()
        self.world.deliver(up, down)

    @rule(commands=st.integers(1, 5), patience_us=PATIENCE_US)
    def post(self, commands: int, patience_us: int) -> None:
        self.world.post(commands, patience_us)

    @rule(pause_us=st.sampled_from([1_000, 50_000, SECOND, 20 * SECOND]))
    def wait(self, pause_us: int) -> None:
        self.world.wait(pause_us)

    @rule(code=st.sampled_from([0, 1001, 4000, 4499]))
    def cut(self, code: int) -> None:
        self.world.cut(code)

    @rule()
    def deliver_late(self) -> None:
        self.world.deliver_late()

    @rule()
    def resolve(self) -> None:
        self.world.resolve()

    @rule(busy=st.booleans(), halted=st.booleans(), losing=st.booleans(), keeps_history=st.booleans())
    def trouble(self, busy: bool, halted: bool, losing: bool, keeps_history: bool) -> None:
        self.world.trouble(busy=busy, halted=halted, losing=losing, keeps_history=keeps_history)

    @rule(
        side=st.sampled_from(["bids", "asks"]),
        price=st.integers(1, 10),
        quantity=st.integers(0, 3),
        fault=st.sampled_from(["", "lost", "spoilt"]),
    )
    def move(self, side: str, price: int, quantity: int, fault: str) -> None:
        self.world.move(side, price, quantity, fault)

    @rule(what=st.sampled_from(["beat", "refresh", "come_back", "lose_late", "restart", "forget"]))
    def happen(self, what: str) -> None:
        getattr(self.world, what)()

    @invariant()
    def nothing_happens_twice(self) -> None:
        if hasattr(self, "world"):
            self.world.check_so_far()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.settle()
            self.world.check_end()


TestSessionRuns = SessionRuns.TestCase
TestSessionRuns.settings = settings(max_examples=40, stateful_step_count=40)


@pytest.mark.parametrize("seed", range(300))
def test_a_random_run_ends_in_the_truth(seed: int) -> None:
    """Longer runs than hypothesis likes; every seed has its own temper."""
    chance = Random(seed)
    world = World(chance.randrange, resend=chance.random() < 0.8)
    temper = {name: chance.choice([0, 1, 5]) for name in STEPS}
    temper["deliver"] = 20

    for name in chance.choices(list(temper), weights=list(temper.values()), k=300):
        STEPS[name](world, chance)
        world.check_so_far()
    world.settle()

    world.check_end()


def _deliver(world: World, chance: Random) -> None:
    world.connect()
    world.deliver(chance.randrange(10), chance.randrange(10))


def _trouble(world: World, chance: Random) -> None:
    busy, halted, losing, keeps_history = (chance.random() < 0.3 for _ in range(4))
    world.trouble(busy=busy, halted=halted, losing=losing, keeps_history=keeps_history)


def _move(world: World, chance: Random) -> None:
    fault = chance.choice(["", "", "", "lost", "spoilt"])
    world.move(chance.choice(["bids", "asks"]), chance.randint(1, 10), chance.randrange(4), fault)


def _restart(world: World, chance: Random) -> None:
    if chance.random() < 0.1:
        world.restart()


def _forget(world: World, chance: Random) -> None:
    if chance.random() < 0.05:
        world.forget()


STEPS: dict[str, Callable[[World, Random], None]] = {
    "deliver": _deliver,
    "deliver_late": lambda world, _: world.deliver_late(),
    "lose_late": lambda world, _: world.lose_late(),
    "cut": lambda world, chance: world.cut(chance.choice([0, 1001, 4000, 4499])),
    "post": lambda world, chance: world.post(
        chance.randint(1, 5), chance.choice([SECOND, 5 * SECOND, NEVER])
    ),
    "wait": lambda world, chance: world.wait(chance.choice([1_000, 50_000, SECOND, 20 * SECOND])),
    "resolve": lambda world, _: world.resolve(),
    "trouble": _trouble,
    "move": _move,
    "beat": lambda world, _: world.beat(),
    "refresh": lambda world, _: world.refresh(),
    "come_back": lambda world, _: world.come_back(),
    "restart": _restart,
    "forget": _forget,
}
