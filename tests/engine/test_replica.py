"""A replica executes the journal again and names the first sequence at which it is not what it was."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exchange.core.kernel import RULES
from exchange.engine.base import Diverged, Released
from exchange.engine.replica import Replica, replayed
from exchange.journal.base import Batch, Corrupt, Snapshot
from exchange.journal.memory import MemoryJournal, MemoryStore
from tests.engine.damage import CORRUPT, DIVERGED, LOG, SIZE, intact, state_of
from tests.engine.days import a_day, a_store


def applied(batches: list[Batch], replica: Replica) -> list[Released]:
    return [released for batch in batches for released in replica.apply(batch)]


def snapshot_of(replica: Replica) -> Snapshot:
    state = replica.kernel.dump()
    return Snapshot(
        seq=replica.next_seq - 1,
        rules=RULES,
        chain=replica.chain,
        outcome_digest=replica.kernel.digest.digest,
        digest=sha256(state).digest(),
        state=state,
    )


def test_it_does_again_what_was_done_and_numbers_it() -> None:
    day = a_day(4)
    replica = Replica()

    released = applied(intact(), replica)

    assert [(each.seq, each.sequenced, each.outcome) for each in released] == [
        (seq, sequenced, outcome)
        for seq, (sequenced, outcome) in enumerate(zip(day.log, day.outcomes, strict=True), 1)
    ]
    assert replica.kernel.dump() == state_of(LOG)
    assert (replica.next_seq, replica.chain) == (len(LOG) + 1, intact()[-1].chain)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 40), st.data())
def test_from_any_snapshot_on_it_comes_to_the_same_state(seed: int, size: int, draw: st.DataObject) -> None:
    batches = a_store(a_day(seed, 60).log, size).batches
    cut = draw.draw(st.integers(0, len(batches)))
    whole = Replica()
    applied(batches[:cut], whole)
    resumed = Replica(snapshot_of(whole)) if cut else Replica()

    rest = applied(batches[cut:], whole)

    assert applied(batches[cut:], resumed) == rest
    assert snapshot_of(resumed) == snapshot_of(whole)


async def test_it_follows_a_journal_to_its_tail_and_goes_on_from_there() -> None:
    batches, replica = intact(), Replica()
    store = MemoryStore(batches=batches[:3])

    before = [released async for released in replayed(MemoryJournal(store), replica)]
    store.batches += batches[3:]
    after = [released async for released in replayed(MemoryJournal(store), replica)]

    assert [len(released) for released in before] == [SIZE] * 3
    assert sum(len(released) for released in before + after) == len(LOG)


@pytest.mark.parametrize("damage", CORRUPT, ids=lambda damage: damage.__name__)
def test_a_batch_that_does_not_hold_together_is_named_by_its_first_sequence(
    damage: Callable[[list[Batch]], list[Batch]],
) -> None:
    with pytest.raises(Corrupt) as caught:
        applied(damage(intact()), Replica())

    assert caught.value.seq == CORRUPT[damage]


@pytest.mark.parametrize("damage", DIVERGED, ids=lambda damage: damage.__name__)
def test_an_outcome_that_comes_out_otherwise_is_named_by_its_sequence(
    damage: Callable[[list[Batch]], list[Batch]],
) -> None:
    with pytest.raises(Diverged) as caught:
        applied(damage(intact()), Replica())

    assert caught.value.seq == DIVERGED[damage]


@pytest.mark.parametrize("field", ["epoch", "last_at_us"])
def test_what_never_falls_is_not_taken_when_it_fell(field: str) -> None:
    batches, replica = intact(), Replica()
    replica.apply(batches[0])
    setattr(replica, field, 2**52)

    with pytest.raises(Corrupt) as caught:
        replica.apply(batches[1])

    assert caught.value.seq == SIZE + 1


def test_a_snapshot_of_older_rules_is_passed_over() -> None:
    whole = Replica()
    applied(intact(), whole)
    older = replace(snapshot_of(whole), rules=RULES - 1, state=b"of another form")

    replica = Replica(older)

    assert replica.next_seq == 1
    assert applied(intact(), replica)
    assert replica.kernel.dump() == whole.kernel.dump()
