"""The garbage collector, set for processes that make many short-lived objects and hardly a cycle.

Resting orders, messages and events are not tracked by it at all; what it would walk is what stays.
"""

import gc
from typing import Final

THRESHOLDS: Final = (10_000, 1_000, 100)
"""New objects before the young are looked at, and how often the older ones are; the default is (700, 10, 10). Nobody is
served while it looks: at ten thousand for some 4 ms, at twenty times as many for 100.
"""


def collect_seldom() -> None:
    """At the start of a process that executes commands, before it recovers."""
    gc.set_threshold(*THRESHOLDS)


def keep_what_is_loaded() -> None:
    """After recovery: what is there now stays, so it is never walked again."""
    gc.collect()
    gc.freeze()
