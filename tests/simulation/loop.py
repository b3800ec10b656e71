"""An event loop in virtual time: what may happen at one instant happens in an order that the seed decides.

Guarantees: the same seed takes the same steps; every wake-up waits for a random while, often for none at all, so
that what happens between two steps of a task is really tried; a power cut ends a host wherever it stands: nothing of
it runs any more, not even a `finally`.
Doesn't do: threads, sockets, signals, or anything else that takes real time.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from heapq import heapify, heappop, heappush
from random import Random
from typing import Any, Final

HOST: Final[ContextVar[str]] = ContextVar("host", default="")
"""The machine, or the process, that the running code belongs to; empty for the world around them."""

FOREVER_US: Final = 2**62

Entry = tuple[int, float, int, asyncio.Handle, str, bool]
"""When, a random tie, a number; what is to run, on which host, and whether it is the next step of a task."""


SPINS_MAX: Final = 50_000


class Spinning(Exception):
    """Something goes on for ever without letting time pass."""


class SimLoop(asyncio.AbstractEventLoop):
    """`now_us` is the virtual time since the beginning. `dawdle` is the share of wake-ups that take a while."""

    def __init__(self, chance: Random, dawdle: float = 0.0, dawdle_us_max: int = 0) -> None:
        self.now_us = 0
        self.steps = 0
        self._chance = chance
        self._dawdle = dawdle
        self._dawdle_us_max = dawdle_us_max
        self._heap: list[Entry] = []
        self._number = 0
        self._dead: set[str] = set()
        self._stopped: list[Entry] = []  # the next steps of tasks on dead hosts
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._contexts: dict[str, Context] = {}
        self._over = False
        self._spinning_since = 0

    # --- hosts -----------------------------------------------------------------------------------

    def context_of(self, host: str) -> Context:
        """Whatever is called in it belongs to the host, and so does all that comes of it."""
        context = self._contexts.get(host)
        if context is None:
            context = self._contexts[host] = Context()
            context.run(HOST.set, host)
        return context

    def spawn(self, host: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin a task on a host. An exception that leaves it ends the run."""
        task: asyncio.Task[None] = self.create_task(work, context=self.context_of(host))
        task.add_done_callback(_raise_what_it_raised, context=self.context_of(""))
        return task

    def is_dead(self, host: str) -> bool:
        """Whether its power was cut."""
        return host in self._dead

    def cut_power(self, host: str) -> None:
        """Nothing of the host ever runs again."""
        self._dead.add(host)
        gone = [entry for entry in self._heap if entry[4] == host]
        self._stopped += [entry for entry in gone if entry[5]]
        self._heap = [entry for entry in self._heap if entry[4] != host]
        heapify(self._heap)

    def bury(self) -> None:
        """The run is over: end every task, so that none is left half done. What they do now reaches nobody."""
        self._over = True
        self._spinning_since = 2**62
        self._dead.clear()
        self._heap = [entry for entry in self._heap if entry[5]] + self._stopped
        heapify(self._heap)
        for task in self._tasks:
            task.cancel()
        self.run_until(FOREVER_US)

    # --- running ---------------------------------------------------------------------------------

    def run_until(self, until_us: int) -> None:
        """Let virtual time pass up to an instant. Raises what a task or a callback raised."""
        asyncio._set_running_loop(self)
        try:
            while self._heap and self._heap[0][0] <= until_us:
                self._step()
        finally:
            asyncio._set_running_loop(None)
        if until_us < FOREVER_US:
            self.now_us = max(self.now_us, until_us)

    def _step(self) -> None:
        when_us, _, _, handle, _, _ = heappop(self._heap)
        if handle.cancelled():
            return
        if when_us > self.now_us:
            self.now_us = when_us
            self._spinning_since = self.steps
        self.steps += 1
        if self.steps - self._spinning_since > SPINS_MAX:
            raise Spinning(f"{SPINS_MAX} steps and no time has passed: {handle}")
        handle._run()

    def _push(self, when_us: int, handle: asyncio.Handle, callback: object, context: Context) -> None:
        self._number += 1
        host = context.get(HOST, "")
        is_step = isinstance(getattr(callback, "__self__", None), asyncio.Task)
        entry = (when_us, self._chance.random(), self._number, handle, host, is_step)
        if host not in self._dead:
            heappush(self._heap, entry)
        elif is_step:
            self._stopped.append(entry)

    # --- what asyncio asks of a loop -------------------------------------------------------------

    def time(self) -> float:
        return self.now_us / 1e6

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        context = context or copy_context()
        handle = asyncio.Handle(callback, args, self, context)
        pause_us = 0
        if self._chance.random() < self._dawdle:
            pause_us = int(self._chance.random() * self._dawdle_us_max)
        self._push(self.now_us + pause_us, handle, callback, context)
        return handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at_us(round(when * 1e6), callback, *args, context=context)

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at_us(self.now_us + max(0, round(delay * 1e6)), callback, *args, context=context)

    def call_at_us(
        self, when_us: int, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As `call_at`, exactly."""
        context = context or copy_context()
        handle = asyncio.TimerHandle(when_us / 1e6, callback, args, self, context)
        if not self._over:
            self._push(when_us, handle, callback, context)
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays where it is, and is passed over."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: Context | None = None,
        **_options: object,
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self._tasks[task] = None
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self._over:
            raise context.get("exception") or AssertionError(context["message"])


def _raise_what_it_raised(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
