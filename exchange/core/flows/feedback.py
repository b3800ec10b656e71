"""Who may rate which deal: contracts tell what is settled, members tell who stands behind a rating."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from exchange.core.deals.contract import Contracts
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.messages import (
    AmendOrder,
    AnyEvent,
    CancelOrder,
    Command,
    PlaceOrder,
    Sequenced,
    SubmitBid,
)
from exchange.core.messages.base import Side
from exchange.core.messages.deals import ContractLineSettled
from exchange.core.messages.feedback import GiveFeedback
from exchange.core.parties.feedback import Feedback
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode

SETTLES_NOTHING: Final[frozenset[type[Command]]] = frozenset({PlaceOrder, CancelOrder, AmendOrder, SubmitBid})
"""The busy commands, whose events need no look."""
_BUY: Final = Side.BUY


class Feedbacks:
    """Joins contracts, members and what they say of each other."""

    def __init__(self, members: Members, contracts: Contracts, feedback: Feedback) -> None:
        self._members = members
        self._contracts = contracts
        self._feedback = feedback

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            GiveFeedback: self.give,
        }

    def give(self, sent: Sequenced, command: GiveFeedback, events: list[AnyEvent]) -> Done | Reject:
        """Checks: nothing of the contract is open, then that it is the member's, settled, and within its term."""
        contract = self._contracts.get(command.contract_id)
        if contract is not None and contract.member_id == sent.member_id and contract.lines:
            return Reject(RejectCode.DEAL_NOT_FINISHED, field="contract_id")
        if refused := self._feedback.refusal(sent.member_id, command.contract_id, sent.at_us):
            return refused
        # Nothing below this line can fail: the rating is taken.
        owner = self._members.owner_of(sent.member_id)
        month = self._feedback.give(sent.member_id, owner, command, events)
        return Done(command.contract_id, number=month)

    def follow(self, events: Sequence[AnyEvent], at_us: int) -> None:
        """Open the deals whose lines were settled: both sides of a line are told one after the other."""
        for bought, sold in pairwise([each for each in events if type(each) is ContractLineSettled]):
            if bought.side is _BUY and sold.side is not _BUY:
                self._feedback.settled(bought.contract_id, bought.member_id, sold.member_id, at_us)
                self._feedback.settled(sold.contract_id, sold.member_id, bought.member_id, at_us)
