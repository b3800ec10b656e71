"""The next step of what a member has begun: without it a life of many steps would hardly ever come to its end."""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from exchange.core.deals.deal import Deal
from exchange.core.kernel import Exchange
from exchange.core.market.lots.envelopes import Opening
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages import (
    AcceptGoods,
    AnswerClaim,
    ConfirmShipment,
    DecideConditional,
    FileClaim,
    GiveFeedback,
    InviteSupplier,
    PublishEvent,
    Role,
    SubmitBid,
)
from exchange.core.messages.awards import PlaceBond
from exchange.core.messages.changing import ChangeEvent
from exchange.core.messages.deals import ClaimReason
from exchange.core.messages.inquiries import AnswerInquiry, Inquire
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.qualification import (
    AcceptTerms,
    AnswerQuestionnaire,
    DecideQualification,
)
from exchange.core.messages.sealed import ENVELOPE_CHARS, OpenedBid, RevealBids, SetLotKey, SubmitEnvelope
from tests.simulation.fills import HASHES
from tests.simulation.temper import SECOND

INVITED: Final = 3


def opening_price(lot: Lot) -> int:
    """Where bids begin."""
    return (
        lot.ceiling_price
        if lot.direction is LotDirection.REVERSE
        else max(lot.tick, lot.rules.floor_price // lot.tick * lot.tick)
    )


def bid_price(lot: Lot, steps: int) -> int:
    """So many steps better than the lead."""
    lead, sign = lot.board.lead, -1 if lot.direction is LotDirection.REVERSE else 1
    return max(1, (lead.price if lead else opening_price(lot)) + sign * steps * lot.min_step)


def keys_wanted(kernel: Exchange, chance: Random) -> list[Any]:
    """What the keeper of the lots' keys has to tell: keys that are missing, and bids that are to be opened."""
    wanted: list[Any] = []
    for lot in kernel.auctions.lots():
        sealed = lot.sealed
        if sealed is None or lot.state in {LotState.DRAFT, LotState.VOID, LotState.AWARDED}:
            continue
        if not sealed.public_key:
            wanted.append(SetLotKey(lot_id=lot.lot_id, public_key=chance.choice(HASHES)))
        elif sealed.opening is Opening.DUE:
            bids = [
                OpenedBid(
                    each.number, lot.lot_id, who, chance.randint(1, lot.ceiling_price // lot.tick) * lot.tick
                )
                if chance.random() < 0.9
                else OpenedBid(each.number)
                for who, each in sealed.standing.items()
            ]
            wanted.append(RevealBids(lot_id=lot.lot_id, bids=bids))
    return wanted


class NextSteps:
    """What a member could go on with now, as the kernel has it."""

    def __init__(self, kernel: Exchange, chance: Random) -> None:
        self._kernel = kernel
        self._chance = chance

    def of(self, member_id: str, now_us: int) -> Any:
        """One of them, or nothing."""
        steps = [*self._of_drafts(member_id, now_us), *self._of_lots(member_id), *self._of_deals(member_id)]
        return self._chance.choice(steps) if steps else None

    def _of_drafts(self, member_id: str, now_us: int) -> Iterator[Any]:
        for event in self._kernel.auctions.events():
            if event.buyer_id != member_id or event.state != "draft" or not event.lots:
                continue
            if event.open_at_us < now_us + 2 * SECOND:
                yield ChangeEvent(event_id=event.event_id, open_at_us=now_us + 8 * SECOND)
            elif len(event.invited) < INVITED:
                yield InviteSupplier(event_id=event.event_id, member_id=self._somebody(event))
            else:
                yield PublishEvent(event_id=event.event_id)
        for inquiry in self._kernel.inquiries.dump().inquiries:
            if not inquiry.answer_hash:
                yield AnswerInquiry(inquiry_id=inquiry.inquiry_id, text_hash=HASHES[1])

    def _somebody(self, event: SourcingEvent) -> str:
        members = self._kernel.members.dump().members[:11]
        able = [each.member_id for each in members if Role.SELLER in each.roles]
        return self._chance.choice([each for each in able if each not in event.invited] or able)

    def _of_lots(self, member_id: str) -> Iterator[Any]:
        chance = self._chance
        for lot in self._kernel.auctions.lots():
            event = self._kernel.auctions.event_of(lot.event_id)
            if event.buyer_id == member_id and event.state == "published" and chance.random() < 0.2:
                yield DecideQualification(
                    event_id=event.event_id,
                    member_id=chance.choice([*event.invited]),
                    approve=chance.random() < 0.9,
                )
            if member_id not in event.invited or not lot.running:
                continue
            if chance.random() < 0.1:
                yield from self._to_be_admitted(event)
            if lot.state is LotState.OPEN:
                yield from self._bids(lot)

    def _to_be_admitted(self, event: SourcingEvent) -> Iterator[Any]:
        yield AcceptTerms(event_id=event.event_id, version=1)
        yield AnswerQuestionnaire(event_id=event.event_id)
        yield Inquire(event_id=event.event_id, text_hash=HASHES[0])
        yield PlaceBond(event_id=event.event_id)

    def _bids(self, lot: Lot) -> Iterator[Any]:
        if lot.sealed is not None:
            yield SubmitEnvelope(lot_id=lot.lot_id, envelope=self._chance.choice("ABC") * ENVELOPE_CHARS)
        elif lot.hands.price:
            yield AcceptLevel(lot_id=lot.lot_id, price=lot.hands.price)
        elif format_of(lot.rules).takes_bids:
            yield SubmitBid(lot_id=lot.lot_id, price=bid_price(lot, self._chance.choice((0, 1, 1, 1, 2))))

    def _of_deals(self, member_id: str) -> Iterator[Any]:
        for deal in self._kernel.deals.all():
            if deal.sides.buyer_id == member_id:
                yield from self._buyers(deal)
            elif deal.sides.seller_id == member_id and deal.state == "disputed":
                place = deal.sides.seller_contract_id, deal.sides.seller_line
                yield AnswerClaim(contract_id=place[0], line=place[1], admit=self._chance.random() < 0.5)

    def _buyers(self, deal: Deal) -> Iterator[Any]:
        contract_id, line = deal.sides.buyer_contract_id, deal.sides.buyer_line
        match deal.state.value:
            case "conditional":
                yield DecideConditional(contract_id=contract_id, take=self._chance.random() < 0.5)
            case "shipped":
                came = self._kernel.shipments.get(deal.shipment_id).quantity
                yield ConfirmShipment(shipment_id=deal.shipment_id, received_quantity=came)
            case "delivered" if self._chance.random() < 0.5:
                reason = self._chance.choice(list(ClaimReason))
                yield FileClaim(contract_id=contract_id, line=line, reason=reason, quantity=1)
            case "delivered":
                yield AcceptGoods(contract_id=contract_id, line=line)
            case "accepted":
                yield GiveFeedback(contract_id=contract_id, as_described=5, delivery=4, communication=3)
            case _:
                pass
