"""The exchange's own desk: money that reaches it, and what it charges."""

from exchange.core.flows.outcome import Done
from exchange.core.ledger.commission import Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages import AnyEvent, Role, Sequenced, SetCommission, TopUp
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode


class Treasury:
    """The commands of the operator's bank account and schedules."""

    def __init__(self, members: Members, ledger: Ledger, commission: Commission) -> None:
        self.members = members
        self.ledger = ledger
        self.commission = commission

    def top_up(self, sent: Sequenced, command: TopUp, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, member, then the ledger's. An equal repeat of a transfer id is answered alike."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if self.members.get(command.member_id) is None:
            return Reject(RejectCode.MEMBER_UNKNOWN, field="member_id")
        earlier = self.ledger.top_up_refusal(command)
        if isinstance(earlier, Reject):
            return earlier
        if earlier is not None:
            return Done(command.transfer_id, number=earlier.number)
        # Nothing below this line can fail.
        return Done(command.transfer_id, number=self.ledger.top_up(command, events))

    def set_commission(
        self, sent: Sequenced, command: SetCommission, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        self.commission.set_commission(command, events)
        return Done(number=self.commission.version)
