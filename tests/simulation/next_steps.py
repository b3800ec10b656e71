"""The next step of what a member has begun: without it a life of many steps would hardly ever come to its end.

Each kind of step is as likely as every other one, however many there are of it. Half of the time what nobody has done
yet in this world comes first, so that in a few worlds everything is done.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from exchange.core.deals.deal import Deal
from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.core.market.phases import Stage
from exchange.core.messages import (
    AcceptGoods,
    AnswerClaim,
    AnyCommand,
    ConfirmShipment,
    DecideConditional,
    FileClaim,
    ForfeitDeposit,
    GiveFeedback,
    MatchSuspense,
    PayOut,
    ReclaimRejected,
    ReleaseClaimText,
    ResolveClaim,
    SendBack,
    SweepFloat,
    WriteOffRecourse,
)
from exchange.core.messages.deals import ClaimReason, ClaimText
from exchange.core.messages.inquiries import AnswerInquiry
from exchange.core.messages.ledger import Payer, PublishSchedule
from exchange.core.messages.phases import Phase, SetPhase, StartCall
from tests.simulation.fills import HASHES
from tests.simulation.lot_steps import LotSteps
from tests.simulation.safe import Safe
from tests.simulation.temper import SECOND

FRESH: Final = 0.5
"""How often what nobody has done yet goes first."""
CLAIMED: Final = 0.25
"""How often a buyer objects to what it got."""
MONEY: Final[dict[AccountKind, tuple[int, Callable[[str, str], AnyCommand]]]] = {
    AccountKind.PAYABLE: (-1, lambda owner, unit: PayOut(member_id=owner, currency=unit)),
    AccountKind.DEPOSIT: (-1, lambda owner, unit: ForfeitDeposit(member_id=owner, currency=unit)),
    AccountKind.FLOAT: (-1, lambda _, unit: SweepFloat(currency=unit)),
    AccountKind.RECOURSE: (1, lambda owner, unit: WriteOffRecourse(member_id=owner, currency=unit)),
}
"""What an operator does with what is on an account, and on which side of zero that is."""
SHARES: Final = {Payer.BUYER: 0, Payer.SPLIT: 4_000}
"""What a buyer bears of a commission that is split."""


class NextSteps:
    """What a member could go on with now, as the kernel has it; `done` are the kinds that were done already."""

    def __init__(
        self, kernel: Exchange, chance: Random, done: dict[type[AnyCommand], None], safe: Safe
    ) -> None:
        self._kernel = kernel
        self._chance = chance
        self._done = done
        self._lots = LotSteps(kernel, chance, safe)

    def of(self, member_id: str, now_us: int) -> Any:
        """One of them, or nothing."""
        steps = [*self._lots.of(member_id, now_us), *self._of_deals(member_id), *self._left(member_id)]
        steps += self._answers()
        if self._kernel.members.is_operator(member_id):
            steps += self._operators()
        kinds = list(dict.fromkeys(type(step) for step in steps))
        fresh = [kind for kind in kinds if kind not in self._done]
        if not kinds:
            return None
        chosen = self._chance.choice(fresh if fresh and self._chance.random() < FRESH else kinds)
        return self._chance.choice([step for step in steps if type(step) is chosen])

    def _answers(self) -> Iterator[AnyCommand]:
        for inquiry in self._kernel.inquiries.dump().inquiries:
            if not inquiry.answer_hash:
                yield AnswerInquiry(inquiry_id=inquiry.inquiry_id, text_hash=HASHES[1])

    # --- deals -------------------------------------------------------------------------------------

    def _of_deals(self, member_id: str) -> Iterator[AnyCommand]:
        for deal in self._kernel.deals.all():
            if deal.sides.buyer_id == member_id:
                yield from self._buyers(deal)
            elif deal.sides.seller_id == member_id and deal.claim_id:
                place = deal.sides.seller_contract_id, deal.sides.seller_line
                yield AnswerClaim(
                    contract_id=place[0],
                    line=place[1],
                    admit=self._chance.random() < 0.5,
                    text_hash=HASHES[0],
                )

    def _buyers(self, deal: Deal) -> Iterator[AnyCommand]:
        contract_id, line = deal.sides.buyer_contract_id, deal.sides.buyer_line
        match deal.state.value:
            case "conditional":
                yield DecideConditional(contract_id=contract_id, take=self._chance.random() < 0.5)
            case "shipped":
                came = self._kernel.shipments.get(deal.shipment_id).quantity
                yield ConfirmShipment(shipment_id=deal.shipment_id, received_quantity=came)
            case "delivered" if self._chance.random() < CLAIMED:
                reason = self._chance.choice(list(ClaimReason))
                yield FileClaim(
                    contract_id=contract_id, line=line, reason=reason, quantity=1, text_hash=HASHES[1]
                )
            case "delivered":
                yield AcceptGoods(contract_id=contract_id, line=line)
            case "accepted" if self._chance.random() < CLAIMED:
                yield FileClaim(contract_id=contract_id, line=line, reason=ClaimReason.DEFECTIVE, quantity=1)
            case "accepted":
                yield GiveFeedback(contract_id=contract_id, as_described=5, delivery=4, communication=3)
            case _:
                pass

    def _left(self, member_id: str) -> Iterator[AnyCommand]:
        """Pieces that were not taken go back to their seller."""
        for account in self._kernel.ledger.accounts():
            if account.kind is AccountKind.REJECTED and account.owner == member_id and account.balance < 0:
                yield ReclaimRejected(instrument_id=account.unit, quantity=-account.balance)

    # --- the operator's desk -----------------------------------------------------------------------

    def _operators(self) -> Iterator[AnyCommand]:
        for claim in self._kernel.claims.dump():
            if claim.claim_hash and not claim.claim_released:
                yield ReleaseClaimText(claim_id=claim.claim_id, text=ClaimText.CLAIM)
            if claim.state == "answered":
                yield ResolveClaim(claim_id=claim.claim_id, upheld_bps=self._chance.choice((500, 10_000)))
        for account in self._kernel.ledger.accounts():
            sign, done_with = MONEY.get(account.kind, (0, None))
            if done_with is not None and sign * account.balance > 0 and self._chance.random() < 0.2:
                yield done_with(account.owner, account.unit)
        for entry_id in self._kernel.payments.suspense:
            somebody = self._chance.choice(self._kernel.members.dump().members).member_id
            yield MatchSuspense(entry_id=entry_id, member_id=somebody)
            yield SendBack(entry_id=entry_id, details_hash=HASHES[2])
        commission = self._kernel.commission
        if commission.version and commission.schedule(commission.version).payer is Payer.SELLER:
            payer = self._chance.choice((Payer.BUYER, Payer.SPLIT))
            yield PublishSchedule(rate_bps=800, tax_bps=1_900, payer=payer, buyer_share_bps=SHARES[payer])
        for instrument_id, book in self._kernel.books.books.items():
            yield from self._phase(instrument_id, book.stage)

    def _phase(self, instrument_id: str, stage: Stage) -> Iterator[AnyCommand]:
        """A market that stands still goes on."""
        if stage.phase in {Phase.HALTED, Phase.CLOSED}:
            yield SetPhase(instrument_id=instrument_id, phase=Phase.PRE_OPEN)
            yield StartCall(instrument_id=instrument_id, duration_us=2 * SECOND)
        elif stage.phase is Phase.PRE_OPEN:
            yield StartCall(instrument_id=instrument_id, duration_us=2 * SECOND)
        elif self._chance.random() < 0.01:
            yield SetPhase(instrument_id=instrument_id, phase=Phase.HALTED)
