"""Between award and contract: bidders complain of an award, its buyer or an operator answers, time makes it final.

Guarantees: while an award is provisional neither its fee nor its bonds are booked; `awarding` books them when it is final.
Known limits: an award to nobody is final at once. What was upheld doesn't bar its winner from another award.
"""

from typing import Final

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.outcome import Done, Handlers, Steps
from exchange.core.flows.sides import role_in_lot
from exchange.core.market.auction import Auctions
from exchange.core.market.lots.awards import Awards, close_again
from exchange.core.market.lots.standstill import Standstills
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.lifecycles import AwardState, AwardStep, ComplaintState
from exchange.core.messages.review import ReviewBegan
from exchange.core.messages.standstill import AnswerComplaint, AwardWithdrawn, FileComplaint
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode

STANDSTILL: Final = "standstill"
"""Kind of deadline; its subject is the lot."""
_UNKNOWN: Final = Reject(RejectCode.LOT_UNKNOWN, field="lot_id")


class StandstillFlow:
    """Complaints and the end of a standstill."""

    def __init__(
        self,
        members: Members,
        auctions: Auctions,
        deadlines: Deadlines,
        awards: Awards,
        standstills: Standstills,
    ) -> None:
        self.members, self.auctions, self.deadlines = members, auctions, deadlines
        self.awards, self.standstills = awards, standstills

    def handlers(self) -> Handlers:
        """Its commands."""
        return {FileComplaint: self.file_complaint, AnswerComplaint: self.answer_complaint}

    def steps(self) -> Steps:
        """Its deadline."""
        return {STANDSTILL: self.lapse}

    def file_complaint(
        self, sent: Sequenced, command: FileComplaint, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role and standing, LOT_UNKNOWN (not invited), NO_STANDSTILL (none, or over: the bound is when it
        ended), NOT_A_BIDDER (also a winner of the lot), COMPLAINT_MADE.
        """
        member_id = sent.member_id
        role = role_in_lot(self.auctions, member_id, command.lot_id)
        if refused := self.members.refusal(member_id, role):
            return refused
        lot = self.auctions.lot(command.lot_id)
        if lot is None or not lot.published:
            return _UNKNOWN
        if member_id not in self.auctions.event_of(lot.event_id).invited:
            return _UNKNOWN
        if refused := self._file_refusal(lot, member_id, sent.at_us):
            return refused
        bid = lot.board.of(member_id)
        assert bid is not None, "asked for before"
        # Nothing below this line can fail.
        self.standstills.file(lot, bid.alias, member_id, command.text_hash, events)
        return Done(lot.lot_id)

    def _file_refusal(self, lot: Lot, member_id: str, at_us: int) -> Reject | None:
        found = self.standstills.get(lot.lot_id)
        if found is None or not found.waits or at_us >= found.until_us:
            return Reject(RejectCode.NO_STANDSTILL, found.until_us if found else 0)
        bid = lot.board.of(member_id)
        won = any(part.winner_id == member_id for part in self.awards.of(lot.lot_id).parts)
        if bid is None or won:
            return Reject(RejectCode.NOT_A_BIDDER)
        made = found.of_alias(bid.alias) is not None
        return Reject(RejectCode.COMPLAINT_MADE) if made else None

    def answer_complaint(
        self, sent: Sequenced, command: AnswerComplaint, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: LOT_UNKNOWN (unless its buyer or an operator), COMPLAINT_UNKNOWN (none of the alias is open)."""
        lot = self.auctions.lot(command.lot_id)
        is_operator = self.members.is_operator(sent.member_id)
        if lot is None or not self.auctions.governed_event(sent.member_id, is_operator, lot.event_id):
            return _UNKNOWN
        found = self.standstills.get(lot.lot_id)
        complaint = found.of_alias(command.alias) if found is not None else None
        if found is None or complaint is None or complaint.state is not ComplaintState.FILED:
            return Reject(RejectCode.COMPLAINT_UNKNOWN, field="alias")
        # Nothing below this line can fail.
        self.standstills.answer(
            lot, command.alias, uphold=command.uphold, text_hash=command.text_hash, events=events
        )
        if command.uphold:
            self._withdraw(lot, events)
        elif sent.at_us >= found.until_us:
            self._lapse(lot, events)
        return Done(lot.lot_id)

    def _withdraw(self, lot: Lot, events: list[AnyEvent]) -> None:
        self.deadlines.drop(STANDSTILL, lot.lot_id)
        close_again(self.auctions.event_of(lot.event_id), lot, AwardWithdrawn)
        self.awards.withdraw(lot.lot_id)
        events.append(AwardWithdrawn(lot.lot_id, lot.event_id))

    def lapse(self, deadline: Deadline, _: int, events: list[AnyEvent]) -> None:
        """The standstill is over; an open complaint keeps the award provisional until it is answered."""
        self._lapse(self.auctions.lot_of(deadline.subject), events)

    def end_outage(self, down_us: int, at_us: int, events: list[AnyEvent]) -> None:
        """An outage is a pause: reviews and standstills that it cut into end as much later."""
        began_us = at_us - down_us
        for lot in self.auctions.lots():
            if lot.state is LotState.CLOSED and lot.review_until_us > began_us:
                lot.review_until_us += down_us
                events.append(ReviewBegan(lot.lot_id, lot.review_until_us))
            found = self.standstills.get(lot.lot_id)
            if found is not None and found.waits and found.until_us > began_us:
                until_us = found.until_us + down_us
                self.deadlines.set(STANDSTILL, lot.lot_id, until_us)
                self.standstills.lengthen(lot, until_us, events)

    def _lapse(self, lot: Lot, events: list[AnyEvent]) -> None:
        found = self.standstills.get(lot.lot_id)
        if found is not None and found.state is AwardState.PROVISIONAL:
            self.standstills.step(lot, AwardStep.LAPSE, events)
