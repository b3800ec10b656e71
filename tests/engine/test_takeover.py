"""Two engines on one journal: the later one wins, and the other one is told that, and nothing else."""

import asyncio
from hashlib import sha256

import pytest

from exchange.core.kernel import RULES
from exchange.core.messages import RegisterMember, Role
from exchange.engine.replica import Replica
from exchange.journal.base import Fenced, Snapshot
from exchange.journal.memory import MemoryJournal, MemoryStore
from tests.engine.venue import an_engine, an_operator, ask, running

ADMIT = RegisterMember(roles=(Role.BUYER,))


async def overtake(store: MemoryStore) -> None:
    """A second engine takes the journal over, writes, and leaves a snapshot of it."""
    other = an_engine(MemoryJournal(store))
    async with running(other):
        await ask(other, "", ADMIT)
    replica = Replica()
    for batch in store.batches:
        replica.apply(batch)
    state = replica.kernel.dump()
    seq, digest = replica.next_seq - 1, replica.kernel.digest.digest
    snapshot = Snapshot(seq, RULES, replica.chain, digest, sha256(state).digest(), state)
    await MemoryJournal(store).save_snapshot(snapshot)


@pytest.mark.parametrize("at", ["quarantine", "snapshot", "read"])
async def test_an_engine_that_is_overtaken_while_it_recovers_is_fenced(at: str) -> None:
    store = MemoryStore()
    first = an_engine(MemoryJournal(store))
    async with running(first):
        await an_operator(first)
    is_overtaken = False

    async def fault(step: str) -> None:
        nonlocal is_overtaken
        if step == at and not is_overtaken:
            is_overtaken = True
            await overtake(store)

    second = an_engine(MemoryJournal(store, fault))
    await second.start()

    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(second.run(), 5)
    assert ended.group_contains(Fenced)
