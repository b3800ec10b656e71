"""The ground of the simulation: virtual time, chance by a seed, and power cuts that leave nothing running."""

import asyncio
from collections.abc import Iterator
from random import Random

import pytest

from tests.simulation.loop import SimLoop, Spinning

SECOND = 1_000_000
LOOPS: list[SimLoop] = []


@pytest.fixture(autouse=True)
def burial() -> Iterator[None]:
    """No task of a test is left half done."""
    yield
    while LOOPS:
        LOOPS.pop().bury()


class Diary:
    """Tasks that write down what they do, and when."""

    def __init__(self, seed: int = 1, dawdle: float = 0.0) -> None:
        self.loop = SimLoop(Random(seed), dawdle, 1_000)  # type: ignore[abstract]  # what it lacks nobody asks for
        LOOPS.append(self.loop)
        self.lines: list[tuple[int, str]] = []

    def write(self, what: str) -> None:
        self.lines.append((self.loop.now_us, what))

    async def walk(self, name: str, steps: int = 3) -> None:
        try:
            for step in range(steps):
                await asyncio.sleep(1)
                self.write(f"{name}{step}")
        finally:
            self.write(f"{name} ends")

    def said(self) -> list[str]:
        return [what for _, what in self.lines]


def test_time_passes_only_from_one_thing_that_happens_to_the_next() -> None:
    diary = Diary()
    _ = diary.loop.spawn("a", diary.walk("a"))

    diary.loop.run_until(10 * SECOND)

    assert diary.lines == [(SECOND, "a0"), (2 * SECOND, "a1"), (3 * SECOND, "a2"), (3 * SECOND, "a ends")]
    assert diary.loop.now_us == 10 * SECOND


def test_a_seed_decides_in_which_order_things_happen_at_one_instant() -> None:
    orders = set()
    for seed in range(20):
        diary = Diary(seed)
        for name in "abc":
            _ = diary.loop.spawn(name, diary.walk(name, 1))
        diary.loop.run_until(2 * SECOND)
        orders.add(tuple(diary.said()))

    assert len(orders) > 3


@pytest.mark.parametrize("dawdle", [0.0, 0.5])
def test_equal_seeds_take_equal_steps(dawdle: float) -> None:
    runs = []
    for _ in range(2):
        diary = Diary(7, dawdle)
        for name in "abc":
            _ = diary.loop.spawn(name, diary.walk(name))
        diary.loop.run_until(5 * SECOND)
        runs.append((diary.lines, diary.loop.steps))

    assert runs[0] == runs[1]


def test_wake_ups_take_a_while() -> None:
    diary = Diary(dawdle=1.0)
    _ = diary.loop.spawn("a", diary.walk("a"))

    diary.loop.run_until(5 * SECOND)

    assert all(at_us % SECOND for at_us, _ in diary.lines)


def test_a_power_cut_ends_a_host_in_the_middle_and_runs_no_finally() -> None:
    diary = Diary()
    _ = diary.loop.spawn("a", diary.walk("a"))
    _ = diary.loop.spawn("b", diary.walk("b"))
    diary.loop.run_until(SECOND + 1)

    diary.loop.cut_power("a")
    diary.loop.run_until(10 * SECOND)

    assert [what for what in diary.said() if what.startswith("a")] == ["a0"]
    assert diary.said()[-1] == "b ends"


def test_what_a_host_began_dies_with_it_and_what_others_do_to_it_is_lost() -> None:
    diary = Diary()
    called: list[str] = []

    async def begin() -> None:
        asyncio.get_running_loop().call_later(1, called.append, "timer")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(diary.walk("child"))

    _ = diary.loop.spawn("a", begin())
    diary.loop.run_until(SECOND // 2)
    diary.loop.cut_power("a")
    diary.loop.call_soon(called.append, "knock", context=diary.loop.context_of("a"))
    diary.loop.run_until(10 * SECOND)

    assert called == [] and diary.lines == []
    assert diary.loop.is_dead("a") and not diary.loop.is_dead("b")


def test_what_a_task_raises_ends_the_run() -> None:
    diary = Diary()

    async def fail() -> None:
        await asyncio.sleep(1)
        raise ValueError("broken")

    _ = diary.loop.spawn("a", fail())

    with pytest.raises(ValueError, match="broken"):
        diary.loop.run_until(2 * SECOND)


def test_going_round_without_letting_time_pass_is_noticed() -> None:
    diary = Diary()

    def again() -> None:
        diary.loop.call_soon(again)

    diary.loop.call_soon(again)

    with pytest.raises(Spinning):
        diary.loop.run_until(SECOND)


def test_at_the_end_every_task_is_ended_the_dead_ones_too() -> None:
    diary = Diary()
    tasks = [diary.loop.spawn(host, diary.walk(host)) for host in "ab"]
    diary.loop.run_until(SECOND)
    diary.loop.cut_power("a")

    diary.loop.bury()

    assert all(task.cancelled() for task in tasks)
