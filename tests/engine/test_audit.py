"""The audit says whether the journal is what it was, and if not, from which sequence on."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from exchange.engine.audit import Verdict, audit
from exchange.engine.replica import Replica
from exchange.journal.base import Batch, JournalUnavailable
from exchange.journal.memory import MemoryJournal, MemoryStore
from tests.engine.damage import CORRUPT, DIVERGED, LOG, SIZE, intact, state_of
from tests.engine.days import PARTS
from tests.engine.test_replica import applied, snapshot_of

BATCHES = -(-len(LOG) // SIZE)


async def test_an_intact_journal_is_told_with_its_figures() -> None:
    batches, told = intact(), list[int]()

    verdict, kernel = await audit(MemoryJournal(MemoryStore(batches=batches)), told.append)

    assert verdict == Verdict(
        ok=True,
        commands=len(LOG),
        batches=BATCHES,
        first_bad_seq=0,
        what="",
        ledger_sums=dict.fromkeys(("USD", *PARTS), 0),
        chain=batches[-1].chain.hex(),
    )
    assert kernel.dump() == state_of(LOG)
    assert told == [batch.last_seq for batch in batches]


async def test_an_empty_journal_is_intact() -> None:
    verdict, _ = await audit(MemoryJournal(MemoryStore()))

    assert (verdict.ok, verdict.commands, verdict.ledger_sums) == (True, 0, {})


@pytest.mark.parametrize("damage", CORRUPT | DIVERGED, ids=lambda damage: damage.__name__)
async def test_damage_is_told_with_the_first_bad_sequence(
    damage: Callable[[list[Batch]], list[Batch]],
) -> None:
    verdict, _ = await audit(MemoryJournal(MemoryStore(batches=damage(intact()))))

    assert (verdict.ok, verdict.first_bad_seq) == (False, (CORRUPT | DIVERGED)[damage])
    assert verdict.what
    assert verdict.commands < verdict.first_bad_seq


async def test_batches_missing_at_the_end_are_told_by_a_snapshot_that_knew_them() -> None:
    batches, replica = intact(), Replica()
    applied(batches, replica)
    taken = snapshot_of(replica)

    verdict, _ = await audit(MemoryJournal(MemoryStore(batches=batches[:-2], snapshots={taken.seq: taken})))

    assert (verdict.ok, verdict.first_bad_seq) == (False, batches[-2].first_seq)


async def test_a_snapshot_of_another_state_is_told() -> None:
    batches, replica = intact(), Replica()
    applied(batches[:4], replica)
    right = snapshot_of(replica)
    applied(batches[4:5], replica)
    wrong = replace(snapshot_of(replica), seq=right.seq, chain=right.chain)

    for snapshot, ok in ((right, True), (wrong, False)):
        verdict, _ = await audit(MemoryJournal(MemoryStore(batches=batches, snapshots={right.seq: snapshot})))

        assert (verdict.ok, verdict.first_bad_seq) == (ok, 0 if ok else right.seq)


async def test_a_store_that_does_not_answer_is_no_verdict() -> None:
    async def fault(step: str) -> None:
        raise JournalUnavailable(step)

    with pytest.raises(JournalUnavailable):
        await audit(MemoryJournal(MemoryStore(batches=intact()), fault))
