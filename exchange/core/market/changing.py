"""How a draft changes: the event, a lot, or a lot less.

Guarantees: a changed draft obeys what a new one obeys; nothing changes that suppliers have been shown. Questions and
changes as in `auction`, whose events and lots these are.
"""

from typing import TypeVar

from exchange.core.market.auction import Auctions
from exchange.core.market.drafting import draft_refusal, lot_refusal
from exchange.core.market.lots.terms import timetable_refusal
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.changing import (
    ChangeEvent,
    ChangeLot,
    EventChanged,
    LotChanged,
    LotRemoved,
    RemoveLot,
)
from exchange.core.messages.lot_rules import LotSchedule
from exchange.core.messages.lot_sales import SaleTermsSet
from exchange.core.messages.sourcing import AddLot, CreateEvent
from exchange.core.rejects import Reject, RejectCode

T = TypeVar("T")


class Changes:
    """What happens to a draft that is not new."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions

    def event_refusal(self, member_id: str, command: ChangeEvent, at_us: int) -> Reject | None:
        """EVENT_UNKNOWN (somebody else's too), RULES_FIXED or EVENT_ENDED, NOTHING_TO_CHANGE, OPENS_IN_THE_PAST,
        TOO_MANY_LOTS for the new schedule, RULES_CONTRADICT (also another direction, while there are lots, and terms of a
        sale where lots aren't from stock).
        """
        event = self._auctions.own_event(member_id, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if refused := draft_refusal(event):
            return refused
        changed = _as_created(event, command)
        if changed == _as_created(event, ChangeEvent(event_id=event.event_id)):
            return Reject(RejectCode.NOTHING_TO_CHANGE)
        if command.open_at_us is not None and command.open_at_us < at_us:
            return Reject(RejectCode.OPENS_IN_THE_PAST, at_us, "open_at_us")
        if changed.rules.schedule is LotSchedule.SINGLE and len(event.lots) > 1:
            return Reject(RejectCode.TOO_MANY_LOTS, 1)
        if event.lots and changed.rules.direction is not event.rules.direction:
            return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.direction")
        if command.sale is not None and not event.from_stock:
            return Reject(RejectCode.RULES_CONTRADICT, 0, "sale")
        return timetable_refusal(changed)

    def change_event(self, command: ChangeEvent, events: list[AnyEvent]) -> None:
        """Put what is given in place of what was."""
        event = self._auctions.event_of(command.event_id)
        new = _as_created(event, command)
        changed = EventChanged(
            event.event_id,
            new.title,
            new.open_at_us,
            new.duration_us,
            new.overtime,
            new.disclosure,
            new.rules,
        )
        event.change(changed)
        events.append(changed)
        if new.sale is not None and new.sale != event.sale:
            event.sale = new.sale
            events.append(SaleTermsSet(event.event_id, new.sale))

    def lot_refusal(self, member_id: str, command: ChangeLot) -> Reject | None:
        """LOT_UNKNOWN (somebody else's too), RULES_FIXED or EVENT_ENDED, NOTHING_TO_CHANGE, then as of a new lot."""
        found = self._own_lot(member_id, command.lot_id)
        if isinstance(found, Reject):
            return found
        event, lot = found
        changed = as_added(lot, command)
        if changed == as_added(lot, ChangeLot(lot_id=lot.lot_id)):
            return Reject(RejectCode.NOTHING_TO_CHANGE)
        return lot_refusal(event, changed)

    def change_lot(self, command: ChangeLot, events: list[AnyEvent]) -> None:
        """Put what is given in place of what was."""
        lot = self._auctions.lot_of(command.lot_id)
        new = as_added(lot, command)
        changed = LotChanged(
            lot.lot_id, new.title, new.quantity, new.ceiling_price, new.min_step, new.tick, new.rules
        )
        lot.change(changed)
        events.append(changed)

    def remove_refusal(self, member_id: str, command: RemoveLot) -> Reject | None:
        """LOT_UNKNOWN (somebody else's too), RULES_FIXED or EVENT_ENDED."""
        found = self._own_lot(member_id, command.lot_id)
        return found if isinstance(found, Reject) else None

    def remove_lot(self, command: RemoveLot, events: list[AnyEvent]) -> None:
        """Take it out."""
        lot = self._auctions.drop_lot(command.lot_id)
        events.append(LotRemoved(lot.lot_id, lot.event_id))

    def _own_lot(self, member_id: str, lot_id: str) -> tuple[SourcingEvent, Lot] | Reject:
        lot = self._auctions.lot(lot_id)
        event = self._auctions.own_event(member_id, lot.event_id) if lot is not None else None
        if lot is None or event is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        return draft_refusal(event) or (event, lot)


def _given(new: T | None, old: T) -> T:
    return old if new is None else new


def _as_created(event: SourcingEvent, change: ChangeEvent) -> CreateEvent:
    """The command that would draft it like this."""
    return CreateEvent(
        title=_given(change.title, event.title),
        currency=event.currency,
        open_at_us=_given(change.open_at_us, event.open_at_us),
        duration_us=_given(change.duration_us, event.duration_us),
        price_scale=event.price_scale,
        overtime=_given(change.overtime, event.overtime),
        disclosure=_given(change.disclosure, event.disclosure),
        rules=_given(change.rules, event.rules),
        practice=event.practice,
        preview_at_us=event.preview_at_us,
        sale=change.sale or event.sale,
    )


def as_added(lot: Lot, change: ChangeLot) -> AddLot:
    """The command that would add the lot with this change."""
    return AddLot(
        event_id=lot.event_id,
        title=_given(change.title, lot.title),
        quantity=_given(change.quantity, lot.quantity),
        ceiling_price=_given(change.ceiling_price, lot.ceiling_price),
        min_step=_given(change.min_step, lot.min_step),
        tick=_given(change.tick, lot.tick),
        rules=_given(change.rules, lot.rules),
        instrument_id=lot.instrument_id,
    )
