"""Awards that are provisional: until when, where they stand, and who complains of them.

Guarantees: award and complaint move along their tables in `messages.lifecycles`; the events alone rebuild the room. A
bidder complains of an award once; an award is final no sooner than its standstill is over and no complaint is open.

Known limits: the next award of the lot forgets the complaints of the one before.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.lifecycles import (
    AWARD,
    COMPLAINT,
    AwardState,
    AwardStep,
    ComplaintState,
    ComplaintStep,
    after,
)
from exchange.core.messages.standstill import AwardMoved, ComplaintMoved

WAITS: Final = (AwardState.PROVISIONAL, AwardState.CONTESTED)
"""States in which an award is not final, and not withdrawn."""


class Complaint(Struct, frozen=True, array_like=True, gc=False):
    """What a bidder has against an award."""

    alias: int
    member_id: str
    state: ComplaintState
    text_hash: str
    answer_hash: str


class Standstill(Struct, frozen=True, array_like=True, gc=False):
    """The last award of a lot that is or was provisional, with its complaints by alias."""

    lot_id: str
    state: AwardState
    until_us: int
    complaints: tuple[Complaint, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it may still be withdrawn."""
        return self.state in WAITS

    def of_alias(self, alias: int) -> Complaint | None:
        """Its complaint, or nothing."""
        return next((each for each in self.complaints if each.alias == alias), None)

    @property
    def open(self) -> tuple[Complaint, ...]:
        """Complaints that are not answered."""
        return tuple(each for each in self.complaints if each.state is ComplaintState.FILED)


class Standstills:
    """By lot; a lot whose awards are final at once has none."""

    def __init__(self, standstills: Iterable[Standstill] = ()) -> None:
        self._by_lot = {each.lot_id: each for each in standstills}

    def get(self, lot_id: str) -> Standstill | None:
        """The last one, or nothing."""
        return self._by_lot.get(lot_id)

    def waits(self, lot_id: str) -> bool:
        """Whether the lot's award is provisional."""
        found = self._by_lot.get(lot_id)
        return found is not None and found.waits

    def begin(self, lot: Lot, until_us: int, events: list[AnyEvent]) -> None:
        """The lot is awarded, for now."""
        self._tell(AwardMoved(lot.lot_id, lot.event_id, AwardState.PROVISIONAL, until_us), events)

    def step(self, lot: Lot, step: AwardStep, events: list[AnyEvent]) -> None:
        """The award goes on; complaints that are open when it is withdrawn are moot."""
        found = self._by_lot[lot.lot_id]
        state = after(AWARD, found.state, step)
        if state is AwardState.WITHDRAWN:
            for complaint in found.open:
                self._answer(lot, complaint, ComplaintStep.DROP, "", events)
        if state is not found.state:
            self._tell(AwardMoved(lot.lot_id, lot.event_id, state, found.until_us), events)

    def lengthen(self, lot: Lot, until_us: int, events: list[AnyEvent]) -> None:
        """It ends at this instant; where it stands, it stays."""
        state = self._by_lot[lot.lot_id].state
        self._tell(AwardMoved(lot.lot_id, lot.event_id, state, until_us), events)

    def file(self, lot: Lot, alias: int, member_id: str, text_hash: str, events: list[AnyEvent]) -> None:
        """The award is contested."""
        filed = ComplaintMoved(
            lot.lot_id, lot.event_id, member_id, alias, ComplaintState.FILED, text_hash, ""
        )
        self._tell_complaint(filed, events)
        self.step(lot, AwardStep.COMPLAIN, events)

    def answer(self, lot: Lot, alias: int, *, uphold: bool, text_hash: str, events: list[AnyEvent]) -> None:
        """Upheld, the award is withdrawn; with the last rejection it is only provisional again."""
        complaint = self._by_lot[lot.lot_id].of_alias(alias)
        assert complaint is not None, "asked for before"
        step = ComplaintStep.UPHOLD if uphold else ComplaintStep.REJECT
        self._answer(lot, complaint, step, text_hash, events)
        if uphold:
            self.step(lot, AwardStep.UPHOLD, events)
        elif not self._by_lot[lot.lot_id].open:
            self.step(lot, AwardStep.CLEAR, events)

    def _answer(
        self, lot: Lot, complaint: Complaint, step: ComplaintStep, text_hash: str, events: list[AnyEvent]
    ) -> None:
        state = after(COMPLAINT, complaint.state, step)
        told = complaint.member_id, complaint.alias, state, complaint.text_hash, text_hash
        self._tell_complaint(ComplaintMoved(lot.lot_id, lot.event_id, *told), events)

    def _tell(self, event: AwardMoved, events: list[AnyEvent]) -> None:
        self.award_moved(event)
        events.append(event)

    def _tell_complaint(self, event: ComplaintMoved, events: list[AnyEvent]) -> None:
        self.complaint_moved(event)
        events.append(event)

    # --- what events do ----------------------------------------------------------------------------

    def award_moved(self, event: AwardMoved) -> None:
        """A new award begins without complaints."""
        found = self._by_lot.get(event.lot_id)
        kept = found.complaints if found is not None and found.waits else ()
        self._by_lot[event.lot_id] = Standstill(event.lot_id, event.state, event.until_us, kept)

    def complaint_moved(self, event: ComplaintMoved) -> None:
        """Filed, or answered."""
        found = self._by_lot[event.lot_id]
        told = Complaint(event.alias, event.member_id, event.state, event.text_hash, event.answer_hash)
        others = [each for each in found.complaints if each.alias != event.alias]
        complaints = tuple(sorted([*others, told], key=lambda each: each.alias))
        self._by_lot[event.lot_id] = replace(found, complaints=complaints)

    def dump(self) -> list[Standstill]:
        """By lot."""
        return [self._by_lot[lot_id] for lot_id in sorted(self._by_lot)]


def any_waits(event: SourcingEvent, standstills: Standstills) -> bool:
    """Whether an award of the event is provisional."""
    return any(standstills.waits(lot.lot_id) for lot in event.lots)
