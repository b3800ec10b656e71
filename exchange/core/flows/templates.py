"""Cloning: an event drafted after another one of its buyer's, at once and whole or not at all.

Guarantees: a clone obeys what any new draft obeys; nothing that anybody said or bid goes with it. Its hard deadline
lies as far after its opening as the template's does. Of the terms it has the first version: addenda are about the event
that they were made for. Suppliers who may not be invited any more are left out, in the order of the invitations.

Known limits: a template's invitations are cloned up to as many as can be invited at once.
"""

from msgspec.structs import replace

from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.sides import bidding_role, drafting_role, hidden_refusal
from exchange.core.limits import INSTANT_US_MAX, INVITED_AT_ONCE_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.choosing import set_currencies
from exchange.core.market.drafting import Drafts, lot_refusal
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.cloning import CloneEvent
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import Overtime
from exchange.core.messages.qualification import QuestionnaireSet, TermsSet
from exchange.core.messages.sourcing import AddLot, CreateEvent, InviteSupplier
from exchange.core.parties.members import Members
from exchange.core.parties.qualification import Qualification
from exchange.core.rejects import Reject, RejectCode


class Templates:
    """The command that clones."""

    def __init__(self, members: Members, auctions: Auctions, qualification: Qualification) -> None:
        self._members = members
        self._auctions = auctions
        self._drafts = Drafts(auctions)
        self._qualification = qualification

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {CloneEvent: self.clone}

    def clone(self, sent: Sequenced, command: CloneEvent, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, EVENT_UNKNOWN (somebody else's too), BIDDERS_HIDDEN (invitations to stock would
        be counted), TOO_MANY_SUPPLIERS to invite at once, those of a new draft, RULES_CONTRADICT (a lottery without a
        commitment, or with the template's), those of its lots.
        """
        template = self._auctions.own_event(sent.member_id, command.event_id)
        if refused := self._members.refusal(sent.member_id, drafting_role(template)):
            return refused
        if template is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if command.invitations and (hidden := hidden_refusal(template, is_operator=False)):
            return hidden
        if command.invitations and len(template.invited) > INVITED_AT_ONCE_MAX:
            return Reject(RejectCode.TOO_MANY_SUPPLIERS, INVITED_AT_ONCE_MAX, "invitations")
        create, later_us = _as_created(template, command), command.open_at_us - template.open_at_us
        lots = [_as_added(lot, sent.new_id, command, later_us) for lot in template.lots]
        if refused := self._drafts.create_refusal(create, sent.at_us) or _lots_refusal(
            template, create, lots, command
        ):
            return refused
        # Nothing below this line can fail.
        owner = self._members.owner_of(sent.member_id)
        self._drafts.create(sent.new_id, sent.member_id, owner, create, events)
        if template.currencies is not None:
            allowed = tuple(template.currencies.allowed.values())
            set_currencies(self._auctions.event_of(sent.new_id), allowed, events)
        for place, lot in enumerate(lots, 1):
            self._drafts.add_lot(f"{sent.new_id}-{place}", lot, events)
        self._ask(sent, template, events)
        invited = self._invite(sent, template, events) if command.invitations else 0
        return Done(sent.new_id, number=invited)

    def _ask(self, sent: Sequenced, template: SourcingEvent, events: list[AnyEvent]) -> None:
        """The same terms and questions."""
        asked = self._qualification.of_event(template.event_id)
        if asked is None:
            return
        told = list[TermsSet | QuestionnaireSet]()
        if asked.terms:
            told.append(TermsSet(sent.new_id, replace(asked.terms[0], at_us=sent.at_us)))
        if asked.needed or asked.questions:
            told.append(QuestionnaireSet(sent.new_id, asked.needed, asked.questions))
        followers = self._qualification.followers()
        for each in told:
            followers[type(each)](each)
            events.append(each)

    def _invite(self, sent: Sequenced, template: SourcingEvent, events: list[AnyEvent]) -> int:
        """Whoever may still be; how many."""
        invited = 0
        for member_id in template.invited:
            owner = self._members.owner_of(member_id)
            wish = InviteSupplier(event_id=sent.new_id, member_id=member_id)
            refused = self._members.refusal(member_id, bidding_role(template))
            if refused or self._drafts.invite_refusal(sent.member_id, False, wish, owner):
                continue
            self._drafts.invite(wish, owner, events)
            invited += 1
        return invited


def _as_created(template: SourcingEvent, command: CloneEvent) -> CreateEvent:
    later_us = command.open_at_us - template.open_at_us
    return CreateEvent(
        title=command.title or template.title,
        currency=template.currency,
        open_at_us=command.open_at_us,
        duration_us=template.duration_us,
        price_scale=template.price_scale,
        overtime=_moved(template.overtime, later_us),
        disclosure=template.disclosure,
        rules=template.rules,
        preview_at_us=_later(template.preview_at_us, later_us),
        practice=template.practice if command.practice is None else command.practice,
        sale=template.sale,
    )


def _moved(overtime: Overtime, by_us: int) -> Overtime:
    if not overtime.hard_deadline_us:
        return overtime
    return replace(overtime, hard_deadline_us=_later(overtime.hard_deadline_us, by_us))


def _later(instant_us: int, by_us: int) -> int:
    """An instant moved as far as instants go; 0, which stands for none, stays."""
    return instant_us and min(max(1, instant_us + by_us), INSTANT_US_MAX)


def _line_moved(line: LotLine, by_us: int) -> LotLine:
    window = _later(line.deliver_from_us, by_us), _later(line.deliver_until_us, by_us)
    return replace(line, deliver_from_us=window[0], deliver_until_us=window[1])


def _as_added(lot: Lot, event_id: str, command: CloneEvent, later_us: int) -> AddLot:
    lottery = lot.rules.lottery_sha256 and command.lottery_sha256
    return AddLot(
        event_id=event_id,
        title=lot.title,
        quantity=lot.quantity,
        ceiling_price=lot.ceiling_price,
        min_step=lot.min_step,
        tick=lot.tick,
        rules=replace(
            lot.rules,
            lottery_sha256=lottery,
            lines=[_line_moved(line, later_us) for line in lot.rules.lines],
        ),
        instrument_id=lot.instrument_id,
    )


def _lots_refusal(
    template: SourcingEvent, create: CreateEvent, lots: list[AddLot], command: CloneEvent
) -> Reject | None:
    """As of lots that are added one after the other."""
    old = [lot.rules.lottery_sha256 for lot in template.lots if lot.rules.lottery_sha256]
    if old and (not command.lottery_sha256 or command.lottery_sha256 in old):
        return Reject(RejectCode.RULES_CONTRADICT, 0, "lottery_sha256")
    draft = SourcingEvent.drafted("", template.buyer_id, template.buyer_owner, create)
    return next((refused for lot in lots if (refused := lot_refusal(draft, lot))), None)
