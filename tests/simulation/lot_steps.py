"""The next step of whoever has to do with a lot, from its draft to what becomes of its award.

Of what an event asks for (terms, a questionnaire) its id decides, so that every world has events of each kind.
"""

from collections.abc import Iterator
from random import Random
from typing import Final
from zlib import crc32

from exchange.core.kernel import Exchange
from exchange.core.market.lots.envelopes import Opening, SealedBids
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages import (
    AnyCommand,
    AwardLot,
    BuyNow,
    EndLot,
    ExtendLot,
    InviteSupplier,
    PauseEvent,
    PublishEvent,
    ResumeEvent,
    RevealSeed,
    Role,
    SubmitBid,
)
from exchange.core.messages.awards import (
    AwardBest,
    AwardPart,
    DeclareDefault,
    PlaceBond,
    ReturnBond,
    SplitLot,
)
from exchange.core.messages.bids import RevokeBid, SetProxy, SubmitSurrogateBid, WithdrawProxy
from exchange.core.messages.changing import ChangeEvent, ChangeLot
from exchange.core.messages.currencies import BidCurrency, ChooseCurrency, SetCurrencies
from exchange.core.messages.inquiries import Inquire
from exchange.core.messages.lifecycles import ComplaintState, QualificationState
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.lot_sales import PaySale
from exchange.core.messages.qualification import (
    AcceptTerms,
    Answer,
    AnswerQuestionnaire,
    DecideQualification,
    PublishAddendum,
    Question,
    QuestionKind,
    SetQuestionnaire,
    SetTerms,
)
from exchange.core.messages.review import ReopenLot
from exchange.core.messages.scoring import SetTransformation, SubmitDeclaration
from exchange.core.messages.sealed import (
    JudgeTechnical,
    RetryReveal,
    WithdrawEnvelope,
)
from exchange.core.messages.standstill import AnswerComplaint, FileComplaint
from tests.simulation.drafts import SEED, a_lot
from tests.simulation.fills import HASHES
from tests.simulation.safe import Safe
from tests.simulation.temper import SECOND

INVITED: Final = 3
PROXY_STEPS: Final = 20
"""How far from the lead a limit is: some bids are answered before it is spent."""
LAST_LOTS: Final = 16
"""How many of the newest lots are looked at."""


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


class LotSteps:
    """What a member could go on with now, as the kernel has it."""

    def __init__(self, kernel: Exchange, chance: Random, safe: Safe) -> None:
        self._kernel = kernel
        self._chance = chance
        self._safe = safe

    def of(self, member_id: str, now_us: int) -> Iterator[AnyCommand]:
        """As buyer, supplier or operator."""
        for event in self._kernel.auctions.events():
            if event.buyer_id == member_id:
                yield from self._drafts(event, now_us) if event.state == "draft" else self._runs(event)
            elif member_id in event.invited:
                yield from self._asked(event, member_id)
        is_operator = self._kernel.members.is_operator(member_id)
        for lot in list(self._kernel.auctions.lots())[-LAST_LOTS:]:
            event = self._kernel.auctions.event_of(lot.event_id)
            if is_operator:
                yield from self._operated(event, lot)
            elif event.buyer_id == member_id:
                yield from self._bought(event, lot, now_us)
            elif member_id in event.invited and lot.published:
                yield from self._supplied(lot, member_id)

    def _seldom(self, share: float) -> bool:
        return self._chance.random() < share

    # --- events ------------------------------------------------------------------------------------

    def _drafts(self, event: SourcingEvent, now_us: int) -> Iterator[AnyCommand]:
        """Of a demand; what is sold from stock is drafted in `stock`."""
        if event.from_stock:
            return
        event_id, kind = event.event_id, crc32(event.event_id.encode()) % 4
        asked = self._kernel.qualification.of_event(event_id)
        if not event.lots:
            yield a_lot(self._chance, event)
        elif kind == 0 and not (asked and asked.terms):
            yield SetTerms(event_id=event_id, text_hash=HASHES[2])
        elif kind < 2 and not (asked and asked.needed):
            question = Question(QuestionKind.YES_NO, HASHES[3])
            yield SetQuestionnaire(event_id=event_id, questions=(question,))
        elif kind == 3 and event.currencies is None and self._seldom(0.3):
            yield SetCurrencies(event_id=event_id, currencies=(BidCurrency("USD", 1_100_000_000),))
        elif self._seldom(0.1):
            yield ChangeLot(lot_id=event.lots[0].lot_id, quantity=4)
        elif len(event.invited) < INVITED:
            yield InviteSupplier(event_id=event_id, member_id=self._somebody(event))
        elif event.open_at_us < now_us + 2 * SECOND:
            yield ChangeEvent(event_id=event_id, open_at_us=now_us + 8 * SECOND)
        else:
            yield PublishEvent(event_id=event_id)

    def _somebody(self, event: SourcingEvent) -> str:
        members = self._kernel.members.dump().members[:11]
        able = [each.member_id for each in members if Role.SELLER in each.roles]
        return self._chance.choice([each for each in able if each not in event.invited] or able)

    def _runs(self, event: SourcingEvent) -> Iterator[AnyCommand]:
        """What its buyer decides."""
        event_id = event.event_id
        asked = self._kernel.qualification.of_event(event_id)
        if event.paused_at_us:
            yield ResumeEvent(event_id=event_id)
        elif self._seldom(0.05):
            yield PauseEvent(event_id=event_id, reason="A question")
        if asked and asked.terms and asked.version < 3 and self._seldom(0.05):
            yield PublishAddendum(event_id=event_id, text_hash=HASHES[3])
        for member_id in event.invited if asked and asked.needed else ():
            if asked and asked.of(member_id).state is QualificationState.ANSWERED:
                yield DecideQualification(
                    event_id=event_id,
                    member_id=member_id,
                    approve=not self._seldom(0.1),
                    reason_hash=HASHES[0],
                )
        for bond in self._kernel.bonds.of_event(event_id):
            if event.state == "ended":
                yield ReturnBond(event_id=event_id, member_id=bond.member_id)

    def _asked(self, event: SourcingEvent, member_id: str) -> Iterator[AnyCommand]:
        """What a supplier does before it bids."""
        event_id = event.event_id
        if event.state != "published" or not any(lot.running for lot in event.lots):
            return
        asked = self._kernel.qualification.of_event(event_id)
        if asked and asked.terms and asked.of(member_id).accepted < asked.version:
            yield AcceptTerms(event_id=event_id, version=asked.version)
        if asked and asked.needed and asked.of(member_id).state is QualificationState.AWAITED:
            answers = tuple(Answer(place, 1) for place in range(1, len(asked.questions) + 1))
            yield AnswerQuestionnaire(event_id=event_id, answers=answers)
        if event.currencies is not None and self._seldom(0.5):
            chosen = self._chance.choice([*event.currencies.allowed])
            yield ChooseCurrency(event_id=event_id, currency=chosen)
        if event.rules.bid_bond_minor and self._kernel.bonds.get(event_id, member_id) is None:
            yield PlaceBond(event_id=event_id)
        if self._seldom(0.02):
            yield Inquire(event_id=event_id, text_hash=HASHES[0])

    # --- lots --------------------------------------------------------------------------------------

    def _operated(self, event: SourcingEvent, lot: Lot) -> Iterator[AnyCommand]:
        if lot.state is LotState.OPEN and format_of(lot.rules).takes_bids and self._seldom(0.2):
            bidder = self._chance.choice([*event.invited])
            yield SubmitSurrogateBid(
                lot_id=lot.lot_id, member_id=bidder, price=bid_price(lot, 1), reason="Its line is down"
            )
        if lot.sealed is not None and lot.sealed.opening is Opening.STUCK:
            yield RetryReveal(lot_id=lot.lot_id)

    def _bought(self, event: SourcingEvent, lot: Lot, now_us: int) -> Iterator[AnyCommand]:
        lot_id, chance = lot.lot_id, self._chance
        if lot.state is LotState.WAITING and lot.rules.scoring is not None and lot.rules.scoring.transformed:
            supplier = chance.choice([*event.invited])
            yield SetTransformation(lot_id=lot_id, member_id=supplier, factor_ppm=1_050_000, addend=1)
        if lot.state is LotState.OPEN and self._seldom(0.1):
            yield ExtendLot(lot_id=lot_id, close_at_us=lot.close_at_us + 5 * SECOND)
            yield EndLot(lot_id=lot_id, reason="Good enough")
        if lot.state is LotState.CLOSED:
            yield from self._closed(lot, now_us)
        if lot.state is LotState.AWARDED:
            yield from self._awarded(lot)

    def _closed(self, lot: Lot, now_us: int) -> Iterator[AnyCommand]:
        lot_id, aliases = lot.lot_id, [bid.alias for bid in lot.board.ranking()]
        if lot.sealed is not None and lot.sealed.opening is Opening.JUDGING:
            yield JudgeTechnical(
                lot_id=lot_id, alias=_unjudged(lot.sealed), passed=not self._seldom(0.2), reason="As read"
            )
            return
        if lot.rules.lottery_sha256 and not lot.board.seed:
            yield RevealSeed(lot_id=lot_id, seed=SEED)
            return
        if lot.review_until_us > now_us and format_of(lot.rules).reopens:
            yield ReopenLot(lot_id=lot_id, close_at_us=now_us + 10 * SECOND, reason="Once more")
        if len(aliases) > 1:
            halves = tuple(AwardPart(alias=alias, share_bps=5_000) for alias in aliases[:2])
            yield SplitLot(lot_id=lot_id, parts=halves, reason="Two are safer")
        yield AwardLot(lot_id=lot_id, alias=aliases[0] if aliases else 0)
        yield AwardBest(lot_id=lot_id)

    def _awarded(self, lot: Lot) -> Iterator[AnyCommand]:
        standstill = self._kernel.standstills.get(lot.lot_id)
        for complaint in standstill.complaints if standstill else ():
            if complaint.state is ComplaintState.FILED:
                yield AnswerComplaint(
                    lot_id=lot.lot_id, alias=complaint.alias, uphold=self._seldom(0.5), text_hash=HASHES[1]
                )
        parts = self._kernel.awards.of(lot.lot_id).parts
        if parts and self._seldom(0.05):
            yield DeclareDefault(lot_id=lot.lot_id, alias=parts[0].alias, reason="Went away")

    def _supplied(self, lot: Lot, member_id: str) -> Iterator[AnyCommand]:
        lot_id, board = lot.lot_id, lot.board
        if lot.running and board.scores is not None and not board.scores.ready(member_id):
            assert lot.rules.scoring is not None
            options = tuple(1 for _ in lot.rules.scoring.features)
            yield SubmitDeclaration(
                lot_id=lot_id, options=options, amounts=tuple(2 for _ in lot.rules.scoring.costs)
            )
        if lot.state is LotState.OPEN:
            yield from self._bids(lot, member_id)
            yield from self._taken_back(lot, member_id)
        sale = self._kernel.sales.waits(lot_id)
        if sale is not None and sale.winner_id == member_id:
            yield PaySale(lot_id=lot_id)
        standstill = self._kernel.standstills.get(lot_id)
        lost = all(part.winner_id != member_id for part in self._kernel.awards.of(lot_id).parts)
        own = board.of(member_id)
        if standstill and standstill.waits and lost and own and not standstill.of_alias(own.alias):
            yield FileComplaint(lot_id=lot_id, text_hash=HASHES[0])

    def _bids(self, lot: Lot, member_id: str) -> Iterator[AnyCommand]:
        lot_id = lot.lot_id
        if lot.sealed is not None:
            yield self._safe.envelope_for(lot, member_id)
        elif lot.hands.price:
            yield AcceptLevel(lot_id=lot_id, price=lot.hands.price)
        elif lot.rules.buy_now_price and lot.board.lead is None and self._seldom(0.7):
            yield BuyNow(lot_id=lot_id, price=lot.rules.buy_now_price)
        elif format_of(lot.rules).takes_bids:
            if lot.rules.proxies and lot.proxy is None:
                yield SetProxy(lot_id=lot_id, price=bid_price(lot, PROXY_STEPS))
            yield SubmitBid(lot_id=lot_id, price=bid_price(lot, self._chance.choice((0, 1, 1, 1, 2))))

    def _taken_back(self, lot: Lot, member_id: str) -> Iterator[AnyCommand]:
        if not self._seldom(0.3):
            return
        if lot.sealed is not None and member_id in lot.sealed.standing:
            yield WithdrawEnvelope(lot_id=lot.lot_id)
        if lot.proxy is not None and lot.proxy.member_id == member_id:
            yield WithdrawProxy(lot_id=lot.lot_id)
        own = lot.board.of(member_id)
        if lot.rules.revocable and own is not None:
            yield RevokeBid(lot_id=lot.lot_id, number=own.bids, reason="A slip")


def _unjudged(sealed: SealedBids) -> int:
    """The alias of an offer without a verdict."""
    return next(offer.alias for offer in sealed.offers.values() if offer.passed is None)
