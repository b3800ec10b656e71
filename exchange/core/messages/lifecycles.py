"""The lives of deals, claims and goods in motion, as tables: (state, step) → the state after it.

Guarantees: code moves a state by `after` alone, so what is not in a table cannot happen; the diagrams in the
READMEs are drawn from the same tables.
Does not say who may take a step, nor when: the flows do.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar


class DealState(StrEnum):
    """Where the goods of one fill are, between a seller, the hub and a buyer."""

    SOLD = "sold"  # with the seller, who must dispatch them
    DISPATCHED = "dispatched"  # on their way to the hub
    AT_HUB = "at_hub"  # counted, waiting for inspection
    CONDITIONAL = "conditional"  # a part waits for the buyer's decision
    PASSED = "passed"  # inspected, waiting for their shipment
    SHIPPED = "shipped"  # on their way to the buyer
    DELIVERED = "delivered"  # with the buyer, who can still object
    DISPUTED = "disputed"  # a claim stops the acceptance
    ACCEPTED = "accepted"  # paid, and guaranteed
    CLOSED = "closed"  # the guarantee is over
    VOID = "void"  # nothing is left of it, the price is refunded


class DealStep(StrEnum):
    """What moves a deal on."""

    DISPATCH = "dispatch"
    RECEIVE = "receive"
    CLEAR = "clear"
    DOUBT = "doubt"
    DECIDE = "decide"
    SHIP = "ship"
    DELIVER = "deliver"
    DISPUTE = "dispute"
    ACCEPT = "accept"
    LAPSE = "lapse"
    VOID = "void"


class ClaimState(StrEnum):
    """Where a claim stands."""

    FILED = "filed"  # the seller is asked
    ANSWERED = "answered"  # admitted or contested; the operator decides
    UNANSWERED = "unanswered"  # the term is over; the operator decides
    REMEDIED = "remedied"  # upheld in part or whole, and paid
    DISMISSED = "dismissed"


class ClaimStep(StrEnum):
    """What moves a claim on."""

    ANSWER = "answer"
    SILENCE = "silence"
    UPHOLD = "uphold"
    DISMISS = "dismiss"


class ConsignmentState(StrEnum):
    """Where a consignment is."""

    DISPATCHED = "dispatched"
    RECEIVED = "received"  # it became a hub lot, or nothing was in it
    LOST = "lost"  # it never came


class ConsignmentStep(StrEnum):
    """What moves a consignment on."""

    RECEIVE = "receive"
    LOSE = "lose"


class QualificationState(StrEnum):
    """Where a supplier stands in an event that asks for qualification."""

    AWAITED = "awaited"  # it has not answered
    ANSWERED = "answered"  # its answers wait for the decision
    QUALIFIED = "qualified"  # for all lots or for some
    REFUSED = "refused"  # with a reason; it may answer again


class QualificationStep(StrEnum):
    """What moves a qualification on."""

    ANSWER = "answer"
    APPROVE = "approve"
    REFUSE = "refuse"


class InvitationState(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"  # its supplier hasn't said anything; it may bid
    ACCEPTED = "accepted"
    DECLINED = "declined"  # it doesn't bid, unless it accepts after all
    WITHDRAWN = "withdrawn"  # for its supplier there is no such event


class InvitationStep(StrEnum):
    """What moves an invitation on."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class HubLotState(StrEnum):
    """Where a hub lot stands."""

    WAITING = "waiting"  # for its inspection
    INSPECTED = "inspected"


class HubLotStep(StrEnum):
    """What moves a hub lot on."""

    INSPECT = "inspect"


class ShipmentState(StrEnum):
    """Where a shipment is."""

    DISPATCHED = "dispatched"
    RECEIVED = "received"


class ShipmentStep(StrEnum):
    """What moves a shipment on."""

    CONFIRM = "confirm"  # the buyer counted
    DEEM = "deem"  # the term is over: all of it


class BondState(StrEnum):
    """Where a bid bond is."""

    PLACED = "placed"  # in the deposit, and not free
    RETURNED = "returned"
    APPLIED = "applied"  # to the success fee; what was left was returned
    FORFEITED = "forfeited"


class BondStep(StrEnum):
    """What moves a bid bond on."""

    RETURN = "return"
    APPLY = "apply"
    FORFEIT = "forfeit"


class AwardState(StrEnum):
    """Where an award stands that is provisional at first."""

    PROVISIONAL = "provisional"  # bidders can complain
    CONTESTED = "contested"  # a complaint is open; it isn't final before that is answered
    FINAL = "final"
    WITHDRAWN = "withdrawn"  # the lot waits for another


class AwardStep(StrEnum):
    """What moves a provisional award on."""

    COMPLAIN = "complain"
    CLEAR = "clear"  # the last open complaint is rejected
    UPHOLD = "uphold"
    LAPSE = "lapse"
    DEFAULT = "default"


class ComplaintState(StrEnum):
    """Where a complaint stands."""

    FILED = "filed"
    UPHELD = "upheld"
    REJECTED = "rejected"
    MOOT = "moot"  # the award went for another reason


class ComplaintStep(StrEnum):
    """What moves a complaint on."""

    UPHOLD = "uphold"
    REJECT = "reject"
    DROP = "drop"


State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)
Lifecycle = Mapping[tuple[State, Step], State]

_D, _S = DealState, DealStep
DEAL: Final[Lifecycle[DealState, DealStep]] = {
    (_D.SOLD, _S.DISPATCH): _D.DISPATCHED,
    (_D.SOLD, _S.VOID): _D.VOID,
    (_D.DISPATCHED, _S.RECEIVE): _D.AT_HUB,
    (_D.DISPATCHED, _S.VOID): _D.VOID,
    (_D.AT_HUB, _S.CLEAR): _D.PASSED,
    (_D.AT_HUB, _S.DOUBT): _D.CONDITIONAL,
    (_D.AT_HUB, _S.VOID): _D.VOID,
    (_D.CONDITIONAL, _S.DECIDE): _D.PASSED,
    (_D.CONDITIONAL, _S.VOID): _D.VOID,
    (_D.PASSED, _S.SHIP): _D.SHIPPED,
    (_D.SHIPPED, _S.DELIVER): _D.DELIVERED,
    (_D.SHIPPED, _S.VOID): _D.VOID,
    (_D.DELIVERED, _S.ACCEPT): _D.ACCEPTED,
    (_D.DELIVERED, _S.DISPUTE): _D.DISPUTED,
    (_D.DISPUTED, _S.ACCEPT): _D.ACCEPTED,
    (_D.DISPUTED, _S.VOID): _D.VOID,
    (_D.ACCEPTED, _S.LAPSE): _D.CLOSED,
}
CLAIM: Final[Lifecycle[ClaimState, ClaimStep]] = {
    (ClaimState.FILED, ClaimStep.ANSWER): ClaimState.ANSWERED,
    (ClaimState.FILED, ClaimStep.SILENCE): ClaimState.UNANSWERED,
    (ClaimState.ANSWERED, ClaimStep.UPHOLD): ClaimState.REMEDIED,
    (ClaimState.ANSWERED, ClaimStep.DISMISS): ClaimState.DISMISSED,
    (ClaimState.UNANSWERED, ClaimStep.UPHOLD): ClaimState.REMEDIED,
    (ClaimState.UNANSWERED, ClaimStep.DISMISS): ClaimState.DISMISSED,
}
CONSIGNMENT: Final[Lifecycle[ConsignmentState, ConsignmentStep]] = {
    (ConsignmentState.DISPATCHED, ConsignmentStep.RECEIVE): ConsignmentState.RECEIVED,
    (ConsignmentState.DISPATCHED, ConsignmentStep.LOSE): ConsignmentState.LOST,
}
HUB_LOT: Final[Lifecycle[HubLotState, HubLotStep]] = {
    (HubLotState.WAITING, HubLotStep.INSPECT): HubLotState.INSPECTED,
}
SHIPMENT: Final[Lifecycle[ShipmentState, ShipmentStep]] = {
    (ShipmentState.DISPATCHED, ShipmentStep.CONFIRM): ShipmentState.RECEIVED,
    (ShipmentState.DISPATCHED, ShipmentStep.DEEM): ShipmentState.RECEIVED,
}


INVITATION: Final[Lifecycle[InvitationState, InvitationStep]] = {
    (InvitationState.INVITED, InvitationStep.ACCEPT): InvitationState.ACCEPTED,
    (InvitationState.INVITED, InvitationStep.DECLINE): InvitationState.DECLINED,
    (InvitationState.INVITED, InvitationStep.WITHDRAW): InvitationState.WITHDRAWN,
    (InvitationState.ACCEPTED, InvitationStep.DECLINE): InvitationState.DECLINED,
    (InvitationState.ACCEPTED, InvitationStep.WITHDRAW): InvitationState.WITHDRAWN,
    (InvitationState.DECLINED, InvitationStep.ACCEPT): InvitationState.ACCEPTED,
    (InvitationState.DECLINED, InvitationStep.WITHDRAW): InvitationState.WITHDRAWN,
}


BOND: Final[Lifecycle[BondState, BondStep]] = {
    (BondState.PLACED, BondStep.RETURN): BondState.RETURNED,
    (BondState.PLACED, BondStep.APPLY): BondState.APPLIED,
    (BondState.PLACED, BondStep.FORFEIT): BondState.FORFEITED,
}
AWARD: Final[Lifecycle[AwardState, AwardStep]] = {
    (AwardState.PROVISIONAL, AwardStep.COMPLAIN): AwardState.CONTESTED,
    (AwardState.PROVISIONAL, AwardStep.LAPSE): AwardState.FINAL,
    (AwardState.PROVISIONAL, AwardStep.DEFAULT): AwardState.WITHDRAWN,
    (AwardState.CONTESTED, AwardStep.COMPLAIN): AwardState.CONTESTED,
    (AwardState.CONTESTED, AwardStep.CLEAR): AwardState.PROVISIONAL,
    (AwardState.CONTESTED, AwardStep.UPHOLD): AwardState.WITHDRAWN,
    (AwardState.CONTESTED, AwardStep.DEFAULT): AwardState.WITHDRAWN,
}
COMPLAINT: Final[Lifecycle[ComplaintState, ComplaintStep]] = {
    (ComplaintState.FILED, ComplaintStep.UPHOLD): ComplaintState.UPHELD,
    (ComplaintState.FILED, ComplaintStep.REJECT): ComplaintState.REJECTED,
    (ComplaintState.FILED, ComplaintStep.DROP): ComplaintState.MOOT,
}
QUALIFICATION: Final[Lifecycle[QualificationState, QualificationStep]] = {
    (QualificationState.AWAITED, QualificationStep.ANSWER): QualificationState.ANSWERED,
    (QualificationState.AWAITED, QualificationStep.APPROVE): QualificationState.QUALIFIED,
    (QualificationState.AWAITED, QualificationStep.REFUSE): QualificationState.REFUSED,
    (QualificationState.ANSWERED, QualificationStep.ANSWER): QualificationState.ANSWERED,
    (QualificationState.ANSWERED, QualificationStep.APPROVE): QualificationState.QUALIFIED,
    (QualificationState.ANSWERED, QualificationStep.REFUSE): QualificationState.REFUSED,
    (QualificationState.REFUSED, QualificationStep.ANSWER): QualificationState.ANSWERED,
    (QualificationState.REFUSED, QualificationStep.APPROVE): QualificationState.QUALIFIED,
    (QualificationState.REFUSED, QualificationStep.REFUSE): QualificationState.REFUSED,
    (QualificationState.QUALIFIED, QualificationStep.APPROVE): QualificationState.QUALIFIED,
    (QualificationState.QUALIFIED, QualificationStep.REFUSE): QualificationState.REFUSED,
}


def after(table: Lifecycle[State, Step], state: State, step: Step) -> State:
    """The state that a step leads to; the step was asked for with `allows`."""
    assert (state, step) in table, f"{state} has no step {step}"
    return table[state, step]


def allows(table: Lifecycle[State, Step], state: State, step: Step) -> bool:
    """Whether the step can be taken from this state."""
    return (state, step) in table


def diagram(table: Lifecycle[State, Step]) -> str:
    """The table as a Mermaid state diagram: begins with the first row's state, ends where nothing follows."""
    begins = {state: None for state, _ in table}
    ends = {state: None for state in table.values() if state not in begins}
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {next(iter(begins))}"]
    lines += [f"    {state} --> {following}: {step}" for (state, step), following in table.items()]
    lines += [f"    {state} --> [*]" for state in ends]
    return "\n".join([*lines, "```"])
