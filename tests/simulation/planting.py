"""What a mutant is: functions that are replaced for as long as it is planted."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.simulation.world import World

Healthy = Callable[..., Any]


class Patch(NamedTuple):
    """Replace `name` of `owner` by what `make` makes of the healthy one."""

    owner: Any
    name: str
    make: Callable[[Healthy], Any]


class Mutant(NamedTuple):
    """What is wrong with it, which promises that breaks, how it is done, and in which world it shows."""

    what: str
    breaks: str
    patches: Sequence[Patch]
    world_of: Callable[..., World] = World
