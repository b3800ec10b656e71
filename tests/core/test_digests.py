"""The digest is of the outcomes in their order, however they are handed over."""

from exchange.core.digests import RunningDigest
from exchange.core.messages import Outcome, Reply
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.orders import OrderPlaced


def an_outcome(ref: int) -> Outcome:
    placed = OrderPlaced(f"order-{ref}", "m1", "bolt", Side.BUY, 100, ref, TimeInForce.GTC, False)
    return Outcome(Reply(ref, ref, 1_000 + ref, id=f"order-{ref}"), [placed])


def test_outcomes_taken_at_once_give_what_they_give_one_by_one() -> None:
    outcomes = [an_outcome(ref) for ref in range(1, 6)]
    single, whole = RunningDigest(), RunningDigest()

    crcs = [single.add(outcome) for outcome in outcomes]

    assert list(whole.add_all(outcomes)) == crcs
    assert whole.seal() == single.seal()


def test_any_other_order_or_batch_gives_another_digest() -> None:
    one, two = an_outcome(1), an_outcome(2)
    digests = []
    for batches in ([[one, two]], [[two, one]], [[one], [two]], [[one]]):
        running = RunningDigest()
        for batch in batches:
            running.add_all(batch)
            running.seal()
        digests.append(running.digest)

    assert len(set(digests)) == len(digests)
