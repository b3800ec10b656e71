"""Sealed bidding: the exchange draws a lot's key, suppliers hand envelopes in, the exchange opens them.

The market's room owns the rules; this flow adds who the actors are.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.sides import role_in_lot
from exchange.core.market.auction import Auctions
from exchange.core.market.judging import Judging
from exchange.core.market.sealing import Sealing
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.sealed import (
    JudgeTechnical,
    ReportUnopened,
    RetryReveal,
    RevealBids,
    RevealTechnical,
    SetLotKey,
    SubmitEnvelope,
    WithdrawEnvelope,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject


class SealedBidding:
    """The commands of sealed lots."""

    def __init__(self, members: Members, auctions: Auctions, deadlines: Deadlines) -> None:
        self.members = members
        self.auctions = auctions
        self.sealing = Sealing(auctions, deadlines)
        self.judging = Judging(auctions)

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            SetLotKey: self.set_lot_key,
            SubmitEnvelope: self.submit_envelope,
            WithdrawEnvelope: self.withdraw_envelope,
            RevealBids: self.reveal_bids,
            ReportUnopened: self.report_unopened,
            RetryReveal: self.retry_reveal,
            RevealTechnical: self.reveal_technical,
            JudgeTechnical: self.judge_technical,
        }

    def set_lot_key(self, sent: Sequenced, command: SetLotKey, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the lot's."""
        if refused := self.sealing.key_refusal(command):
            return refused
        self.sealing.set_key(command, sent.at_us, events)
        return Done(command.lot_id)

    def submit_envelope(
        self, sent: Sequenced, command: SubmitEnvelope, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, then the lot's."""
        role = role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if refused := self.sealing.submit_refusal(sent.member_id, command, sent.at_us):
            return refused
        return Done(command.lot_id, number=self.sealing.submit(sent.member_id, command, sent.at_us, events))

    def withdraw_envelope(
        self, sent: Sequenced, command: WithdrawEnvelope, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, then the lot's."""
        role = role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if refused := self.sealing.withdraw_refusal(sent.member_id, command, sent.at_us):
            return refused
        self.sealing.withdraw(sent.member_id, command, events)
        return Done(command.lot_id)

    def reveal_bids(self, sent: Sequenced, command: RevealBids, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the lot's."""
        del sent
        if refused := self.sealing.reveal_refusal(command):
            return refused
        self.sealing.reveal(command, events)
        return Done(command.lot_id)

    def reveal_technical(
        self, sent: Sequenced, command: RevealTechnical, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the lot's."""
        del sent
        if refused := self.judging.reveal_refusal(command):
            return refused
        self.judging.reveal(command, events)
        return Done(command.lot_id)

    def judge_technical(
        self, sent: Sequenced, command: JudgeTechnical, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the lot's. Only its buyer judges."""
        if refused := self.judging.judge_refusal(sent.member_id, command):
            return refused
        self.judging.judge(command, events)
        return Done(command.lot_id)

    def report_unopened(
        self, sent: Sequenced, command: ReportUnopened, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the lot's."""
        del sent
        if refused := self.sealing.report_refusal(command):
            return refused
        self.sealing.report(command, events)
        return Done(command.lot_id)

    def retry_reveal(self, sent: Sequenced, command: RetryReveal, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the operator's role, then the lot's."""
        refused = self.members.refusal(sent.member_id, Role.OPERATOR) or self.sealing.retry_refusal(command)
        if refused:
            return refused
        self.sealing.retry(command, events)
        return Done(command.lot_id)
