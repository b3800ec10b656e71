"""Adapters are kept going through errors of the world, and a bug of ours is not hidden."""

import pytest

from exchange.outbound.base import keep_going


class Scripted:
    """Each step is the next of the script: an error to raise, or how much was done."""

    name = "scripted"

    def __init__(self, *script: int | Exception) -> None:
        self.script = list(script)

    async def step(self) -> int:
        says = self.script.pop(0)
        if isinstance(says, Exception):
            raise says
        return says


async def test_an_error_of_the_world_is_tried_again() -> None:
    adapter = Scripted(OSError("disk full"), 3, 1)

    await keep_going((adapter,), lambda: not adapter.script)

    assert adapter.script == []


async def test_a_bug_ends_it() -> None:
    with pytest.raises(KeyError):
        await keep_going((Scripted(KeyError("ours")),), lambda: False)


async def test_asked_to_stop_it_does_nothing_more() -> None:
    adapter = Scripted(1)

    await keep_going((adapter,), lambda: True)

    assert adapter.script == [1]
