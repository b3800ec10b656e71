"""Claims: what a buyer objects to, what the seller answers, and what the operator made of it.

Guarantees: a claim moves along the table `lifecycles.CLAIM` alone, and each move is one ClaimMoved with the whole
claim. The words of both sides are unknown here: hashes stand for them, and whether the other side may read them.
Does not move money: the flow does. A claim that is remedied or dismissed is forgotten and kept by the history.
"""

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.messages import AnyEvent
from exchange.core.messages.deals import ClaimAnswer, ClaimMoved, ClaimReason, ClaimText
from exchange.core.messages.delivery import Sides
from exchange.core.messages.lifecycles import CLAIM, ClaimState, ClaimStep, after, allows
from exchange.core.rejects import Reject, RejectCode


class Claim(Struct, array_like=True, gc=False):
    """A claim on one deal; the seller may answer until `due_us`."""

    claim_id: str
    deal_id: str
    sides: Sides
    reason: ClaimReason
    quantity: int
    claim_hash: str
    due_us: int
    state: ClaimState = ClaimState.FILED
    answer: ClaimAnswer = ClaimAnswer.NONE
    answer_hash: str = ""
    claim_released: bool = False
    answer_released: bool = False
    refund_minor: int = 0


class Claims:
    """Open claims by their ids."""

    def __init__(self) -> None:
        self._by_id: dict[str, Claim] = {}

    def get(self, claim_id: str) -> Claim:
        """A claim that is known to be open."""
        return self._by_id[claim_id]

    def find(self, claim_id: str) -> Claim | Reject:
        """The claim; CLAIM_UNKNOWN if none is open under this id."""
        return self._by_id.get(claim_id) or Reject(RejectCode.CLAIM_UNKNOWN, field="claim_id")

    def file(self, claim: Claim, events: list[AnyEvent]) -> None:
        """The seller is asked."""
        self._by_id[claim.claim_id] = claim
        events.append(moved(claim))

    def answer(self, claim: Claim, answer: ClaimAnswer, text_hash: str, events: list[AnyEvent]) -> None:
        """The seller has spoken, or by NONE let the term pass."""
        step = ClaimStep.SILENCE if answer is ClaimAnswer.NONE else ClaimStep.ANSWER
        claim.state = after(CLAIM, claim.state, step)
        claim.answer, claim.answer_hash, claim.due_us = answer, text_hash, 0
        events.append(moved(claim))

    def resolution_refusal(self, claim: Claim) -> Reject | None:
        """CLAIM_NOT_ANSWERED; the bound is the instant at which the seller's term ends."""
        if allows(CLAIM, claim.state, ClaimStep.UPHOLD):
            return None
        return Reject(RejectCode.CLAIM_NOT_ANSWERED, claim.due_us, "claim_id")

    def resolve(self, claim: Claim, step: ClaimStep, refund_minor: int, events: list[AnyEvent]) -> None:
        """It is over."""
        claim.state, claim.refund_minor = after(CLAIM, claim.state, step), refund_minor
        del self._by_id[claim.claim_id]
        events.append(moved(claim))

    def release_refusal(self, claim: Claim, text: ClaimText) -> Reject | None:
        """NOTHING_TO_RELEASE: there are no such words, or the other side may read them already."""
        of_claim = text is ClaimText.CLAIM
        written = claim.claim_hash if of_claim else claim.answer_hash
        released = claim.claim_released if of_claim else claim.answer_released
        return Reject(RejectCode.NOTHING_TO_RELEASE, field="text") if released or not written else None

    def release(self, claim: Claim, text: ClaimText, events: list[AnyEvent]) -> None:
        """The other side may read the words."""
        if text is ClaimText.CLAIM:
            claim.claim_released = True
        else:
            claim.answer_released = True
        events.append(moved(claim))

    def dump(self) -> list[Claim]:
        """Open claims by their ids."""
        return [replace(self._by_id[claim_id]) for claim_id in sorted(self._by_id)]

    @classmethod
    def load(cls, state: list[Claim]) -> "Claims":
        """The claims of a dump."""
        claims = cls()
        claims._by_id = {claim.claim_id: replace(claim) for claim in state}
        return claims


def moved(claim: Claim) -> ClaimMoved:
    """The claim as it is now."""
    return ClaimMoved(
        claim.claim_id,
        claim.sides,
        claim.state,
        claim.reason,
        claim.quantity,
        claim.answer,
        claim.claim_hash,
        claim.answer_hash,
        claim.claim_released,
        claim.answer_released,
        claim.refund_minor,
        claim.due_us,
    )
