"""Proofs that something stands at its place in the journal, as REST tells them.

Guarantees: they hold for whoever recomputes them, as the journal's README says how; of other commands they tell no more
than how many shared the commit and between which instants it lay.
"""

from msgspec import Struct

from exchange.core.rejects import RejectCode
from exchange.gateway.problems import Refused
from exchange.journal.base import Batch, Journal, JournalUnavailable
from exchange.journal.receipt import Proof


class ProofShown(Struct, frozen=True):
    """Of one command, in hexadecimal.

    `leaf` is its salted hash; with the Merkle path (RFC 6962) it gives the root in `header`, and `chain` is the
    SHA-256 of `previous` and `header`.
    """

    sequence: int
    leaf: str
    path: list[str]
    header: str
    previous: str
    chain: str


def proof_shown(proof: Proof) -> ProofShown:
    """In words of the wire."""
    return ProofShown(
        proof.seq,
        proof.leaf.hex(),
        [step.hex() for step in proof.path],
        proof.header.to_bytes().hex(),
        proof.previous.hex(),
        proof.chain.hex(),
    )


async def batch_of(journal: Journal, seq: int) -> Batch:
    """The commit that holds a command; refused while it can't be read."""
    try:
        async for batch in journal.read(seq, 1):
            return batch
    except JournalUnavailable as error:
        raise Refused(RejectCode.RECORDS_UNAVAILABLE) from error
    raise Refused(RejectCode.RECORDS_UNAVAILABLE)
