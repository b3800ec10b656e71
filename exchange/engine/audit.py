"""Is the journal what it was, and do the books agree? The whole of it, from the first command on.

Checks every batch (sequence, chain, Merkle root), executes every command again and compares each outcome,
compares the newest snapshot with the state that replay gives there, and asserts the ledger's invariants at the
end. It reads beside a running engine and changes nothing.

Known limits: batches that are missing at the end are noticed only if a snapshot was taken after them.
"""

from collections.abc import Callable

from msgspec import Struct

from exchange.core.kernel import RULES, Exchange
from exchange.engine.base import Diverged
from exchange.engine.collector import collect_seldom
from exchange.engine.replica import Replica
from exchange.journal.base import Corrupt, Journal, JournalUnavailable, Snapshot

INVARIANTS_EVERY: int = 50_000
"""Commands between two checks of the ledger's invariants; each costs a walk over all accounts."""


class Verdict(Struct, frozen=True):
    """What an audit found. `first_bad_seq` is 0 when nothing is wrong."""

    ok: bool
    commands: int
    batches: int
    first_bad_seq: int
    what: str
    ledger_sums: dict[str, int]
    chain: str


async def audit(
    journal: Journal, on_progress: Callable[[int], None] = lambda _: None
) -> tuple[Verdict, Exchange]:
    """Audit the journal up to its present tail; the verdict, and the kernel as far as it could be trusted.

    `on_progress` is told the last sequence after each batch. Raises `JournalUnavailable`, which is no verdict.
    """
    collect_seldom()
    replica, batches, checked_seq = Replica(), 0, 0
    bad_seq, what = 0, ""
    snapshot = await journal.latest_snapshot()  # before reading, so that what it knew must be there
    try:
        async for batch in journal.read(1):
            replica.apply(batch)
            batches += 1
            on_progress(batch.last_seq)
            if snapshot and batch.last_seq >= snapshot.seq:
                _compare(snapshot, replica)
                snapshot = None
            if batch.last_seq - checked_seq >= INVARIANTS_EVERY:
                replica.kernel.check_invariants()
                checked_seq = batch.last_seq
        if snapshot:
            raise Corrupt(replica.next_seq, f"the journal ends before its snapshot of {snapshot.seq}")
        replica.kernel.check_invariants()
    except JournalUnavailable:
        raise
    except (Corrupt, Diverged) as error:
        bad_seq, what = error.seq, error.what
    except Exception as error:
        # Whatever else replay raises, it raises at the command after the last good batch.
        bad_seq, what = replica.next_seq, f"replay fails: {error!r}"
    sums: dict[str, int] = {}
    for (unit, _), total in replica.kernel.ledger.sums().items():
        sums[unit] = sums.get(unit, 0) + total
    verdict = Verdict(
        ok=not what,
        commands=replica.next_seq - 1,
        batches=batches,
        first_bad_seq=bad_seq,
        what=what,
        ledger_sums=sums,
        chain=replica.chain.hex(),
    )
    return verdict, replica.kernel


def _compare(snapshot: Snapshot, replica: Replica) -> None:
    """Whoever recovers from the snapshot must come to the same state. Raises `Diverged`."""
    if (snapshot.seq, snapshot.chain) != (replica.next_seq - 1, replica.chain):
        raise Diverged(snapshot.seq, "the snapshot is not of this journal")
    if snapshot.rules < RULES:
        return  # nobody recovers from it any more
    # Loaded first, since a snapshot may have been written by an earlier program.
    if Exchange.load(snapshot.state).dump() != replica.kernel.dump():
        raise Diverged(snapshot.seq, "the snapshot holds another state")
