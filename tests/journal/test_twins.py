"""Memory and PostgreSQL answer alike, whatever two writers do in whatever order."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.journal.base import Batch, Fenced, Journal, JournalUnavailable, Tail
from tests.journal.backends import Backend, MemoryBackend, PostgresBackend
from tests.journal.builders import a_batch, a_snapshot

Move: TypeAlias = tuple[str, int, int]
"""What, by which of two writers, and a number whose meaning is the move's own."""

MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["open", "append", "append", "append", "again", "mark", "read", "save", "load", "close"]
        ),
        st.integers(0, 1),
        st.integers(1, 8),
    ),
    max_size=25,
)


class Writer:
    """A journal and the tail that its owner believes in."""

    def __init__(self, journal: Journal, shard: int) -> None:
        self.journal = journal
        self.tail = Tail(epoch=0)
        self.shard = shard
        self.last: Batch | None = None

    async def make(self, move: str, number: int) -> object:
        """Make the move and tell its outcome, refusals included."""
        try:
            return await self._moves()[move](number)
        except (Fenced, JournalUnavailable):
            # PostgreSQL cuts a deposed writer off, so it may learn of either.
            return "refused"

    def _moves(self) -> dict[str, Callable[[int], Awaitable[object]]]:
        return {
            "open": self._open,
            "append": self._append,
            "again": self._append_again,
            "mark": self.journal.mark_alive,
            "read": self._read,
            "save": lambda number: self.journal.save_snapshot(a_snapshot(number)),
            "load": self.journal.latest_snapshot,
            "close": lambda _: self.journal.close(),
        }

    async def _open(self, _: int) -> Tail:
        self.tail = await self.journal.open_epoch()
        return self.tail

    async def _append(self, count: int) -> int:
        self.last = a_batch(self.tail, count, shard=self.shard)
        await self.journal.append(self.last)
        self.tail = self.tail.after(self.last)
        return self.last.last_seq

    async def _append_again(self, _: int) -> None:
        if self.last:
            await self.journal.append(self.last)

    async def _read(self, from_seq: int) -> list[int]:
        return [batch.first_seq async for batch in self.journal.read(from_seq)]


async def outcomes(backend: Backend, moves: list[Move], shard: int) -> list[object]:
    writers = [Writer(backend.journal(), shard) for _ in range(2)]
    told: list[object] = [await writers[who].make(move, number) for move, who, number in moves]
    told.append([batch async for batch in backend.journal().read(1)])
    told.append(await backend.journal().open_epoch())
    return told


@settings(max_examples=60)
@given(moves=MOVES)
async def test_the_twins_answer_alike(
    new_postgres: Callable[[], Awaitable[PostgresBackend]], moves: list[Move]
) -> None:
    postgres = await new_postgres()
    try:
        expected = await outcomes(MemoryBackend(), moves, postgres.shard)

        assert await outcomes(postgres, moves, postgres.shard) == expected
    finally:
        await postgres.close()
