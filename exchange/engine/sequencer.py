"""The engine: one inbox, one order, one writer.

Commands are stamped as they enter the bounded inbox, executed as they are taken from it, and gather in
an open batch. While one batch is being committed the next one gathers; there is no timer. Only after
the commit do replies, views and feeds learn what happened.

Guarantees: nothing unflushed is ever visible; every sink hears once; a deadline is journaled before
the first command at or after its instant; a journal that cannot be written halts the engine, which then
recovers from the journal and never guesses; a command that trips an assertion is undone by recovery and
refused from then on.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from msgspec import Struct, msgpack

from exchange.core.kernel import RULES, Exchange
from exchange.core.messages import (
    DRAWS_ID,
    SYSTEM,
    AnyCommand,
    EndOutage,
    FireDeadlines,
    Outcome,
    Reply,
    Sequenced,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.engine.base import EngineState, Released, Sink
from exchange.engine.clock import EngineClock
from exchange.engine.gathering import Gathering, Poison, Waiting, fingerprint
from exchange.engine.metrics import EngineMetrics
from exchange.engine.randomness import Randomness
from exchange.engine.replica import Replica, replayed
from exchange.journal.base import Batch, Corrupt, Journal, JournalUnavailable, Tail
from exchange.journal.format import SALT_BYTES, seal
from exchange.views.views import Views

log = structlog.get_logger(__name__)
_encode: Final = msgpack.Encoder().encode

BUSY: Final = Reject(RejectCode.BUSY)
HALTED: Final = Reject(RejectCode.HALTED)
QUARANTINED: Final = Reject(RejectCode.QUARANTINED)
_SERVING: Final = EngineState.SERVING  # an enum's member by its name is slow to reach


class EngineSettings(Struct, frozen=True):
    """Bounds of the engine."""

    inbox_max: int = 16_384
    """Commands that may wait: about a tenth of a second of full load."""
    batch_max: int = 1_024
    """Commands in one commit, and events of deadlines with them; more would only make the first of them wait."""
    met_max: int = 2_560
    """Events of deadlines in one commit: of 10,000 lots that close at once a quarter is told while the next ones close."""
    follower_lag_max: int = 5_000_000
    """Commands that the follower may be behind before new ones are refused."""
    watch_us: int = 1_000_000
    """How often the engine marks that it is alive."""
    retry_first_us: int = 100_000
    """Pause before the first attempt to recover; it doubles up to `retry_last_us`."""
    retry_last_us: int = 2_000_000


class Engine:
    """Executes what `submit` queues. `start` first, then `run` until it is cancelled."""

    def __init__(
        self,
        journal: Journal,
        clock: EngineClock,
        randomness: Randomness,
        settings: EngineSettings | None = None,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self.randomness = randomness
        self.settings = settings or EngineSettings()
        self.state = EngineState.STARTING
        self.metrics = EngineMetrics()
        self.on_release: Callable[[Sequence[Released]], None] = lambda _: None
        self.on_state: Callable[[EngineState], None] = lambda _: None
        self.follower_seq: int | None = None  # where the follower stands; nothing: there is none
        self._kernel = Exchange()
        self.views = Views.from_kernel(self._kernel)
        self._tail = Tail(0)
        self._released_seq = 0
        self._inbox: deque[Waiting] = deque()
        self._open = Gathering()
        self._committing: Gathering | None = None
        self._work = asyncio.Event()
        self._awake = False
        self._timer: asyncio.TimerHandle | None = None
        self._quarantine: frozenset[bytes] = frozenset()
        self._poison: Poison | None = None
        self._next_seq = 1  # of the next command to execute
        self._last_at_us = 0  # of the last command executed
        self._is_doubtful = False  # a mark of life failed, and no commit has succeeded since
        self._away_since_us: int | None = None  # nobody was served since then, and the journal doesn't say so

    # --- what others ask -------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        """The journal's epoch; the feeds carry it."""
        return self._tail.epoch

    @property
    def seq(self) -> int:
        """The last sequence that was released."""
        return self._released_seq

    @property
    def waiting(self) -> int:
        """Commands in the inbox."""
        return len(self._inbox)

    def now_us(self) -> int:
        """The exchange's clock."""
        return self.clock.now_us()

    def submit(
        self, member_id: str, session: int, command: AnyCommand, sink: Sink | None, idempotency: str = ""
    ) -> Reject | None:
        """Queue a command; its sink will hear. Or refuse it at once, its ref unused.

        Checks: HALTED, BUSY (the inbox is full, or the follower too far behind), QUARANTINED.
        """
        if self.state is not _SERVING:
            return HALTED
        inbox, settings, follower_seq = self._inbox, self.settings, self.follower_seq
        if len(inbox) >= settings.inbox_max or (
            follower_seq is not None and self._tail.next_seq - follower_seq > settings.follower_lag_max
        ):
            self.metrics.busy += 1
            return BUSY
        if self._quarantine and self._is_quarantined(member_id, command):
            return QUARANTINED
        inbox.append(Waiting(self.clock.now_us(), member_id, session, idempotency, command, sink))
        if not self._awake:
            self._wake()
        return None

    def resolve(self, member_id: str, session: int, ref: int, sink: Sink) -> Reject | None:
        """Tell the sink what became of a ref, once everything before is on disk.

        A reply with code REF_TOO_OLD: it was never executed and never will be, or is older than what is
        remembered. NOT_FOUND: it was not executed so far. Refused at once with HALTED.
        """
        if self.state is not EngineState.SERVING:
            return HALTED
        self._inbox.append(Waiting(self.clock.now_us(), member_id, session, "", None, sink, ref))
        if not self._awake:
            self._wake()
        return None

    # --- life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take the journal over and recover. Raises what the journal raises; nothing is served before."""
        tail = await self._take_over()
        if tail.next_seq > 1:
            self._away_since_us = max(tail.last_at_us, tail.alive_us)
            self._end_outage()
        self._set_state(EngineState.SERVING)

    async def run(self) -> None:
        """Commit until cancelled. Returns or raises only when the engine has stopped for good.

        Raises `Fenced` when another engine took over, `Corrupt` or `Diverged` when the journal does not
        replay, and any other exception for a bug outside a member's command.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(self._watch())
        finally:
            self._lose_everything()
            self._set_state(EngineState.STOPPED)

    def _set_state(self, state: EngineState) -> None:
        if state is not self.state:
            self.state = state
            self.on_state(state)

    async def _watch(self) -> None:
        """Once a second: say that we live, and draw the clock toward the wall clock."""
        pause_s = self.settings.watch_us / 1e6
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time()
            await asyncio.sleep(pause_s)
            self.metrics.loop_lag_us = max(0, int((loop.time() - asked - pause_s) * 1e6))
            self.clock.slew()
            # A mark that stood before the end of an outage is journaled would hide that outage from the next start.
            if self.state is EngineState.SERVING and self._away_since_us is None:
                try:
                    await self.journal.mark_alive(self._served_us())
                except JournalUnavailable as error:
                    # The writer knows better if it is committing; if it is idle, it has to look.
                    log.warning("liveness mark failed", error=str(error))
                    self._is_doubtful = True
                    self._work.set()

    def _served_us(self) -> int:
        """Until when everything is durable: before the oldest command that waits, or until now.

        Whoever sent that one, or a later one, has no answer, and was not served if none ever comes.
        """
        for gathered in (self._committing, self._open):
            if gathered and gathered.released:
                return gathered.released[0].sequenced.at_us
        return self._inbox[0].at_us if self._inbox else self.clock.now_us()

    # --- taking commands in ----------------------------------------------------------------------

    def _wake(self) -> None:
        self._awake = True
        asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        """Execute what waits and what fell due, as far as the open batch has room: much of the latter leaves none."""
        self._awake = False
        if self.state is not EngineState.SERVING or self._broken():
            return
        inbox, gathering, batch_max = self._inbox, self._open, self.settings.batch_max
        released, deadlines = gathering.released, self._kernel.deadlines
        try:
            while inbox and self._poison is None:
                if deadlines.not_before_us <= inbox[0].at_us and not self._fire_due(inbox[0].at_us):
                    break
                if len(released) + gathering.met >= batch_max:
                    break
                self._take(inbox.popleft())
            if not inbox:
                self._fire_due(self.clock.now_us())
        finally:
            self._arm_timer()
            if released or gathering.echoes or self._broken():
                self._work.set()

    def _broken(self) -> bool:
        """The kernel's state is undefined until it is rebuilt."""
        return self._poison is not None

    def _fire_due(self, at_us: int) -> bool:
        """Journal the deadlines that fall due at or before the instant, each at its own; whether all of them are."""
        while not self._broken():
            if (due_us := self._kernel.deadlines.next_us()) is None or due_us > at_us:
                return True
            if self._open.met >= self.settings.met_max:
                break
            outcome = self._execute(Waiting(due_us, SYSTEM, 0, "", FireDeadlines(), None))
            self._open.met += max(1, len(outcome.events)) if outcome else 1
        return False

    def _arm_timer(self) -> None:
        """Wake up at the next deadline; while the open batch is full, its commit does that."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_us = self._kernel.deadlines.next_us()
        if due_us is not None and not self._inbox and self._open.met < self.settings.met_max:
            delay_s = max(0, due_us - self.clock.now_us()) / 1e6
            self._timer = asyncio.get_running_loop().call_later(min(delay_s, 3_600), self._drain)

    def _take(self, waiting: Waiting) -> None:
        """Execute a new command; answer a repeated one with its first reply."""
        command = waiting.command
        if command is None:
            self._echo(
                waiting, self._kernel.sessions.reply_to(waiting.member_id, waiting.session, waiting.ref)
            )
            return
        seen = self._kernel.seen(waiting.member_id, waiting.session, waiting.idempotency, command)
        if seen is None and self._quarantine and self._is_quarantined(waiting.member_id, command):
            waiting.lose(QUARANTINED)  # it came in before its like was expelled
        elif seen is None:
            self._execute(waiting)
        else:
            self.metrics.duplicates += 1
            self._echo(waiting, seen)

    def _echo(self, waiting: Waiting, answer: Reply | Reject) -> None:
        """Answer without executing, but not before what the answer may depend on is on disk."""
        if isinstance(answer, Reject):
            ref = waiting.command.ref if waiting.command else waiting.ref
            answer = Reply(ref, 0, waiting.at_us, int(answer.code), answer.bound, answer.field)
        if waiting.sink is not None:
            self._open.echoes.append((waiting.sink, answer))

    def _execute(self, waiting: Waiting) -> Outcome | None:
        """Give the command its place in the total order and do it. None where it tripped."""
        command = waiting.command
        assert command is not None
        new_id = self.randomness.public_id() if type(command) in DRAWS_ID else ""
        sequenced = Sequenced(
            max(waiting.at_us, self._last_at_us),
            waiting.member_id,
            waiting.session,
            new_id,
            waiting.idempotency,
            command,
        )
        try:
            outcome = self._kernel.execute(sequenced)
        except Exception as error:
            # A bug that a command found: the kernel is rebuilt without it as soon as the batch is on disk.
            log.critical("a command tripped an assertion", command=type(command).__name__, exc_info=True)
            self._poison = Poison(waiting, error)
            return None
        self._open.released.append(Released(self._next_seq, sequenced, outcome, waiting.sink))
        self._next_seq += 1
        self._last_at_us = sequenced.at_us
        return outcome

    # --- making them durable ---------------------------------------------------------------------

    async def _write(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self._commit_all()
                if self._poison:
                    await self._expel(self._poison)
                if self._is_doubtful:
                    raise JournalUnavailable("a mark of life failed")
            except JournalUnavailable as error:
                log.error("halted: the journal cannot be written", error=str(error))
                await self._recover()

    async def _commit_all(self) -> None:
        """Commit batch after batch until nothing is open."""
        while self._open.released or self._open.echoes:
            gathered, self._open = self._open, Gathering()
            self._committing = gathered
            if gathered.released:
                batch = self._sealed(gathered)
                if self._inbox or gathered.met:
                    self._wake()
                began_us = self.clock.now_us()
                await self.journal.append(batch)
                self.metrics.commit_us.add(self.clock.now_us() - began_us)
                self._is_doubtful = False
                self._away_since_us = None
                self._tail = self._tail.after(batch)
            self._committing = None
            self._release(gathered)
            if self._inbox and not self._awake:
                self._drain()

    def _sealed(self, gathered: Gathering) -> Batch:
        """The batch for the journal. Commands and outcomes never change, so they are encoded here, all at once."""
        released, digest = gathered.released, self._kernel.digest
        return seal(
            self._tail,
            [_encode(command.sequenced) for command in released],
            self.randomness.salts(SALT_BYTES * len(released)),
            digest.add_all(command.outcome for command in released),
            first_at_us=released[0].sequenced.at_us,
            last_at_us=released[-1].sequenced.at_us,
            rules=RULES,
            outcome_digest=digest.seal(),
        )

    def _release(self, gathered: Gathering) -> None:
        """The batch is on disk: now, and not before, everybody may know."""
        released = gathered.released
        if released:
            self._count(gathered)
            self._released_seq = released[-1].seq
            self.views.apply(released)
        for command in released:
            if command.sink is not None:
                command.sink.settled(command.outcome.reply)
        for sink, reply in gathered.echoes:
            sink.settled(reply)
        self.on_release(released)

    def _count(self, gathered: Gathering) -> None:
        metrics = self.metrics
        metrics.commits += 1
        metrics.commands += len(gathered.released)
        metrics.batch_sizes.add(len(gathered.released))
        metrics.ack_us.add(self.clock.now_us() - gathered.released[0].sequenced.at_us)
        for command in gathered.released:
            if code := command.outcome.reply.code:
                metrics.refused[code] = metrics.refused.get(code, 0) + 1

    # --- when it goes wrong ----------------------------------------------------------------------

    def _lose_everything(self) -> None:
        """Tell every waiting sink that its outcome is unknown."""
        sinks = [command.sink for g in (self._committing, self._open) if g for command in g.released]
        sinks += [sink for g in (self._committing, self._open) if g for sink, _ in g.echoes]
        sinks += [waiting.sink for waiting in self._inbox]
        if self._poison:
            sinks.append(self._poison.waiting.sink)
        self._committing, self._open, self._poison = None, Gathering(), None
        self._inbox.clear()
        for sink in sinks:
            if sink is not None:
                sink.lost(HALTED)

    async def _recover(self) -> None:
        """Halted until the journal can be written again; then continue from what it holds."""
        self.metrics.halts += 1
        if self._away_since_us is None:
            self._away_since_us = self._served_us()
        self._set_state(EngineState.HALTED)
        self._lose_everything()
        self.on_release(())
        pause_us, down_us = self.settings.retry_first_us, 0
        while True:
            await asyncio.sleep(pause_us / 1e6)
            pause_us = min(2 * pause_us, self.settings.retry_last_us)
            try:
                await self._take_over()
                # A journal that opens may still refuse to be written (a full disk): a first commit tells.
                down_us = self._end_outage()
                await self._commit_all()
            except JournalUnavailable as error:
                self._lose_everything()
                log.warning("still halted", error=str(error), retry_us=pause_us)
            else:
                break
        self._set_state(EngineState.SERVING)
        self._wake()  # something may have fallen due during that commit
        log.warning("serving again", down_us=down_us)

    async def _take_over(self) -> Tail:
        """Open an epoch, rebuild the kernel from the journal, and let the views catch up."""
        tail = await self.journal.open_epoch()
        self._quarantine = await self.journal.quarantined()
        starting = self.state is EngineState.STARTING
        known_seq = tail.next_seq - 1 if starting else self._released_seq
        replica = Replica(await self.journal.latest_snapshot(known_seq))
        # Another writer may take over meanwhile, and go on: that is for the next append to find out.
        async for released in replayed(self.journal, replica, tail.next_seq):
            if starting or released[-1].seq <= self._released_seq:
                continue
            # It was in doubt when we halted, and did land.
            self._released_seq = released[-1].seq
            self.views.apply(released)
            self.on_release(released)
        self._stand_on(replica, tail)
        self._released_seq = tail.next_seq - 1
        if starting:
            self.views = Views.from_kernel(self._kernel)
            self.clock.start(max(tail.last_at_us, tail.alive_us))
        return tail

    def _end_outage(self) -> int:
        """Journal the outage before any deadline that fell due in it can fire; how long it was.

        It counts from the last thing that the journal holds: the end of an outage may have been in doubt and
        have landed, and it must not be counted twice.
        """
        assert self._away_since_us is not None
        now_us = self.clock.now_us()
        down_us = max(0, now_us - max(self._away_since_us, self._last_at_us))
        self._execute(Waiting(now_us, SYSTEM, 0, "", EndOutage(down_us=down_us, after_close=True), None))
        self._work.set()
        self._arm_timer()
        return down_us

    async def _expel(self, poison: Poison) -> None:
        """Everything before the poisonous command is on disk: rebuild without it and go on."""
        waiting = poison.waiting
        if waiting.member_id == SYSTEM or waiting.command is None:
            raise poison.error  # The exchange's own command fails: nothing may pass over it.
        digest = fingerprint(waiting.member_id, waiting.command)
        await self.journal.quarantine(digest, repr(poison.error))
        replica = Replica(await self.journal.latest_snapshot(self._tail.next_seq - 1))
        async for _ in replayed(self.journal, replica, self._tail.next_seq):
            pass
        self._stand_on(replica, self._tail)
        self._quarantine |= {digest}
        self._poison = None
        self.metrics.quarantined += 1
        waiting.lose(QUARANTINED)
        self.on_release(())
        self._wake()

    def _is_quarantined(self, member_id: str, command: AnyCommand) -> bool:
        return fingerprint(member_id, command) in self._quarantine

    def _stand_on(self, replica: Replica, tail: Tail) -> None:
        """Continue from a replica that is at the journal's tail."""
        if replica.next_seq != tail.next_seq or replica.chain != tail.chain:
            raise Corrupt(replica.next_seq, "the journal ends before its tail")
        self._kernel, self._tail = replica.kernel, tail
        self._next_seq, self._last_at_us = tail.next_seq, tail.last_at_us
