"""After a close: awards in parts or to others than the best bid, defaults, bonds of what is over, and the success fee.

Guarantees: the fee of an award is that of the version which applies to its supplier at the award, and is a receivable
of whoever the version says; with the event's last award the losers' bonds are returned and, where the event's rules
say so, a winner's bears its fee. A bond that bore a fee is gone; any other winner's stays until its contract stands
(returned) or it defaults (forfeited, and the fee is not owed). A cancelled event returns every bond. In a practice
event no bond is asked, and an award is remembered and nothing else: no standstill, fee or default follows.

What a fee's accounts can't hold is charged with the payer's next award, so that no award is too large to become final.

Known limits: bonds of losers are returned with the last award, so whoever comes next after a default has none; a
default of one of several winners takes the whole lot back; a lot of units goes at once to the best that are left, at
the price that follows from them. A lot from stock is awarded whole; `lot_sale` has what follows.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from exchange.core.deadlines import Deadlines
from exchange.core.flows.bonds import BidBonds
from exchange.core.flows.lot_sale import LotSales
from exchange.core.flows.outcome import Done, Handler, Handlers
from exchange.core.flows.settlement import Leg, Pinned, post_chain
from exchange.core.flows.standstill import STANDSTILL
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.commission import Charge, Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.limits import AMOUNT_MINOR_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.ending import Endings, practise
from exchange.core.market.lots.awards import Awards, close_again, unit_of, won_parts
from exchange.core.market.lots.pricing import amount_minor
from exchange.core.market.lots.standstill import Standstills, any_waits
from exchange.core.market.sourcing import EventState, Lot, SourcingEvent
from exchange.core.messages import AnyEvent, AwardLot, CancelEvent, Sequenced
from exchange.core.messages.awards import (
    AwardBest,
    AwardPart,
    DeclareDefault,
    LotSplit,
    SplitLot,
    SuccessFeeCharged,
    SuccessFeeReturned,
    WinnerDefaulted,
    WonPart,
)
from exchange.core.messages.ledger import ChargedBase, Payer
from exchange.core.messages.lifecycles import AwardState, AwardStep
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.lot_sales import PaySale
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.sealed import RevealBids
from exchange.core.messages.sourcing import BuyNow, EventCancelled, LotAwarded
from exchange.core.messages.standstill import AnswerComplaint, AwardMoved
from exchange.core.messages.steering import EndLot
from exchange.core.messages.system import FireDeadlines
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import month_of

_AWARDS: Final = (LotAwarded, LotSplit)
_MEANT: Final = frozenset({*_AWARDS, PracticeAwarded, AwardMoved, EventCancelled})
"""What something follows, among many events that nothing does: a mass of closes, say."""
FOLLOWED: Final = frozenset(
    {
        AwardLot,
        AwardBest,
        SplitLot,
        DeclareDefault,
        AnswerComplaint,
        CancelEvent,
        FireDeadlines,
        BuyNow,
        EndLot,
        RevealBids,
        PaySale,
    }
)
"""Commands after which somebody may have won, a lot may be closed or paid for, or an event cancelled."""


class Parties(NamedTuple):
    """Who pays and who is paid in an award."""

    buyer: str
    seller: str


class Awarding:
    """The commands of awards; `charges` are the success fees of awards that stand, by lot, alias and side."""

    def __init__(
        self,
        members: Members,
        auctions: Auctions,
        ledger: Ledger,
        commission: Commission,
        bid_bonds: BidBonds,
        awards: Awards,
        standstills: Standstills,
        deadlines: Deadlines,
        lot_sales: LotSales,
        charges: Iterable[Pinned],
    ) -> None:
        self.members = members
        self.auctions = auctions
        self.endings = Endings(auctions)
        self.ledger = ledger
        self.commission = commission
        self.bid_bonds = bid_bonds
        self.bonds = bid_bonds.bonds
        self.awards = awards
        self.standstills = standstills
        self.deadlines = deadlines
        self.lot_sales = lot_sales
        self.charges = {pinned.deal_id: pinned.charge for pinned in charges}

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            SplitLot: self.split_lot,
            AwardBest: self.award_best,
            DeclareDefault: self.declare_default,
        }

    def asked(self, handlers: Handlers) -> Handlers:
        """The same table: nobody who defaulted is awarded."""
        return handlers | {AwardLot: self._unbarred(handlers[AwardLot])}

    # --- awards ------------------------------------------------------------------------------------

    def _unbarred(self, handler: Handler) -> Handler:
        def unbarred(sent: Sequenced, command: AwardLot, events: list[AnyEvent]) -> Done | Reject:
            """LOT_IN_UNITS, ALIAS_BARRED, AWARD_UNREASONED where only that is left to refuse: strangers are told that there is no lot."""
            lot = self.auctions.lot(command.lot_id)
            refused = None if lot is None else self._choice_refusal(lot, command)
            if refused is not None:
                return self.endings.award_refusal(sent.member_id, command) or refused
            return handler(sent, command, events)

        return unbarred

    def _choice_refusal(self, lot: Lot, command: AwardLot) -> Reject | None:
        """Why this alias; nobody is never the best where somebody has bid."""
        if command.alias and lot.rules.winners > 1:
            return Reject(RejectCode.LOT_IN_UNITS, unit_of(lot), "alias")
        if command.alias in self.awards.of(lot.lot_id).barred:
            return Reject(RejectCode.ALIAS_BARRED, field="alias")
        if command.reason or not self.auctions.event_of(lot.event_id).rules.reasons_asked:
            return None
        best = self.awards.best(lot)
        is_best = command.alias == (best[0].alias if best else 0)
        return None if is_best else Reject(RejectCode.AWARD_UNREASONED, field="reason")

    def split_lot(self, sent: Sequenced, command: SplitLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: those of an award of the whole lot to the first alias, SOLD_WHOLE, then those of `lots.awards`."""
        whole = AwardLot(lot_id=command.lot_id, alias=command.parts[0].alias)
        if refused := self.endings.award_refusal(sent.member_id, whole):
            return refused
        lot = self.auctions.lot_of(command.lot_id)
        if lot.instrument_id:
            return Reject(RejectCode.SOLD_WHOLE, field="parts")
        if refused := self.awards.refusal(lot, command):
            return refused
        # Nothing below this line can fail.
        self._split(lot, command.parts, command.reason, events)
        return Done(lot.lot_id, number=len(command.parts))

    def award_best(self, sent: Sequenced, command: AwardBest, events: list[AnyEvent]) -> Done | Reject:
        """Checks: those of an award of the lot to nobody."""
        nobody = AwardLot(lot_id=command.lot_id, alias=0)
        if refused := self.endings.award_refusal(sent.member_id, nobody):
            return refused
        # Nothing below this line can fail.
        lot = self.auctions.lot_of(command.lot_id)
        return Done(lot.lot_id, number=self._award_best(lot, events))

    def _award_best(self, lot: Lot, events: list[AnyEvent]) -> int:
        """How many of the best win it now."""
        parts = self.awards.best_parts(lot)
        if lot.rules.winners > 1 and parts:
            self._split(lot, parts, "", events)
        else:
            alias = parts[0].alias if parts else 0
            self.endings.award(AwardLot(lot_id=lot.lot_id, alias=alias), events)
        return len(parts)

    def _split(self, lot: Lot, given: tuple[AwardPart, ...], reason: str, events: list[AnyEvent]) -> None:
        event = self.auctions.event_of(lot.event_id)
        parts = won_parts(event, lot, given)
        if event.practice:
            practise(event, lot, 0, parts, reason, events)
            return
        event.award(lot, 0, LotSplit)
        events.append(LotSplit(lot.lot_id, event.event_id, event.buyer_id, parts, reason))

    def declare_default(
        self, sent: Sequenced, command: DeclareDefault, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: LOT_UNKNOWN (unless its buyer or an operator), PRACTICE_ONLY, DEFAULT_BY_DEADLINE (from stock),
        NOT_THE_WINNER.
        """
        lot = self.auctions.lot(command.lot_id)
        is_operator = self.members.is_operator(sent.member_id)
        if lot is None or not self.auctions.governed_event(sent.member_id, is_operator, lot.event_id):
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if self.auctions.event_of(lot.event_id).practice:
            return Reject(RejectCode.PRACTICE_ONLY)
        if lot.instrument_id:
            return Reject(RejectCode.DEFAULT_BY_DEADLINE)
        parts = self.awards.of(lot.lot_id).parts
        part = next((part for part in parts if part.alias == command.alias), None)
        if part is None:
            return Reject(RejectCode.NOT_THE_WINNER, field="alias")
        # Nothing below this line can fail.
        event = self.auctions.event_of(lot.event_id)
        winner = part.winner_id
        close_again(event, lot, WinnerDefaulted)
        if self.standstills.waits(lot.lot_id):
            self.deadlines.drop(STANDSTILL, lot.lot_id)
            self.standstills.step(lot, AwardStep.DEFAULT, events)
        events.append(WinnerDefaulted(lot.lot_id, event.event_id, winner, command.alias, command.reason))
        self._take_back(event, lot, parts, winner, command.reason, sent.at_us, events)
        self.awards.default(lot.lot_id, command.alias)
        goes_on = command.award_next and (len(parts) == 1 or lot.rules.winners > 1)
        following = self.awards.best(lot) if goes_on else []
        if following:
            self._award_best(lot, events)
        return Done(lot.lot_id, number=following[0].alias if following else 0)

    def _take_back(
        self,
        event: SourcingEvent,
        lot: Lot,
        parts: tuple[WonPart, ...],
        defaulter: str,
        reason: str,
        at_us: int,
        events: list[AnyEvent],
    ) -> None:
        """No fee is owed for the lot any more, but one that a bond has borne; the defaulter's bond is forfeited."""
        for part in parts:
            for side in (Payer.SELLER, Payer.BUYER):
                charge = self.charges.pop(_key(lot.lot_id, part.alias, side), None)
                if charge is not None:
                    self._waive(lot.lot_id, charge, at_us, events)
        bond = self.bonds.get(event.event_id, defaulter)
        if bond is not None:
            self.bid_bonds.forfeit(bond, reason, events)

    # --- what follows ------------------------------------------------------------------------------

    def follow(self, events: list[AnyEvent], at_us: int) -> None:
        """Fees of what was awarded, and bonds of what is over."""
        for happened in [each for each in events if type(each) in _MEANT]:
            if isinstance(happened, LotAwarded) and happened.winner_id:
                won = happened.alias, happened.winner_id, happened.price, happened.quantity
                self._won(happened.lot_id, (WonPart(*won, happened.amount_minor),), at_us, events)
            elif isinstance(happened, LotSplit):
                self._won(happened.lot_id, happened.parts, at_us, events)
            elif isinstance(happened, PracticeAwarded):
                self.awards.won(happened.lot_id, happened.parts)
            elif isinstance(happened, AwardMoved) and happened.state is AwardState.FINAL:
                self._final(self.auctions.lot_of(happened.lot_id), at_us, events)
            if isinstance(happened, _AWARDS):
                self._settle_bonds(self.auctions.event_of(happened.event_id), events)
            elif isinstance(happened, EventCancelled) and not self._sells(happened.event_id):
                for bond in self.bonds.of_event(happened.event_id):
                    self.bid_bonds.give_back(bond, happened.reason, events)

    def _won(self, lot_id: str, parts: tuple[WonPart, ...], at_us: int, events: list[AnyEvent]) -> None:
        self.awards.won(lot_id, parts)
        lot = self.auctions.lot_of(lot_id)
        event = self.auctions.event_of(lot.event_id)
        if event.rules.standstill_us:
            until_us = at_us + event.rules.standstill_us
            self.deadlines.set(STANDSTILL, lot_id, until_us)
            self.standstills.begin(lot, until_us, events)
            return
        for part in parts:
            self._charge(event, lot, part, at_us, events)

    def _final(self, lot: Lot, at_us: int, events: list[AnyEvent]) -> None:
        event = self.auctions.event_of(lot.event_id)
        for part in self.awards.of(lot.lot_id).parts:
            self._charge(event, lot, part, at_us, events)
        self._settle_bonds(event, events)

    def _charge(
        self, event: SourcingEvent, lot: Lot, part: WonPart, at_us: int, events: list[AnyEvent]
    ) -> None:
        """The success fee on one part: a receivable of each side that bears any of it; a surplus lot is sold instead."""
        if lot.instrument_id:
            self.lot_sales.begin(lot, part, at_us, events)
            return
        parties = _parties(event, part.winner_id)
        version = self.commission.schedules.version_for_award(parties.seller, event.currency)
        base = self._base(event, lot, part, version)
        if not base:
            return
        schedule = self.commission.schedule(version)
        for side, payer in ((Payer.SELLER, parties.seller), (Payer.BUYER, parties.buyer)):
            if not schedule.share_bps(side):
                continue
            bookable = self._bookable(payer, event.currency)
            charge = self.commission.charge(
                payer, version, month_of(at_us), event.currency, base, side, bookable
            )
            self.charges[_key(lot.lot_id, part.alias, side)] = charge
            self._owe(lot.lot_id, charge, events)

    def _bookable(self, payer: str, currency: str) -> int:
        """How much of a fee its accounts take: no money covers it, and many awards may come to more than can be booked."""
        account = self.ledger.account
        owed = account(AccountKind.FEES_RECEIVABLE, payer, currency)
        income = account(AccountKind.SUCCESS_FEE, "", currency)
        output = account(AccountKind.TAX, "output", currency)
        return min(self.ledger.available(owed), min(income.balance, output.balance) + AMOUNT_MINOR_MAX)

    def _base(self, event: SourcingEvent, lot: Lot, part: WonPart, version: int) -> int:
        """What the version charges upon: the award, or what it saves against the historic price; 0: nothing."""
        if not version:
            return 0
        if self.commission.schedule(version).base is ChargedBase.AWARD:
            return part.amount_minor
        historic = lot.rules.historic_price
        saved = amount_minor(event, historic, part.quantity) - part.amount_minor if historic else 0
        return max(0, saved if lot.direction is LotDirection.REVERSE or not historic else -saved)

    def _owe(self, lot_id: str, charge: Charge, events: list[AnyEvent]) -> None:
        account, currency = self.ledger.account, charge.currency
        owed = account(AccountKind.FEES_RECEIVABLE, charge.payer, currency)
        income = account(AccountKind.SUCCESS_FEE, "", currency)
        output = account(AccountKind.TAX, "output", currency)
        fee, tax = charge.fee_minor, charge.tax_minor
        post_chain(
            self.ledger,
            [
                Leg(owed, income, fee, "success_fee", lot_id),
                Leg(owed, output, tax, "success_fee_tax", lot_id),
            ],
            events,
        )
        told = charge.payer, charge.side, charge.schedule_version, charge.base_minor, fee, tax
        events.append(SuccessFeeCharged(lot_id, *told))

    def _waive(self, lot_id: str, charge: Charge, at_us: int, events: list[AnyEvent]) -> None:
        """The fee of an award that is no more."""
        account, currency = self.ledger.account, charge.currency
        fee, tax = self.commission.give_back(charge, 0, month_of(at_us))
        owed = account(AccountKind.FEES_RECEIVABLE, charge.payer, currency)
        income = account(AccountKind.SUCCESS_FEE, "", currency)
        output = account(AccountKind.TAX, "output", currency)
        post_chain(
            self.ledger,
            [
                Leg(income, owed, fee, "success_fee", lot_id),
                Leg(output, owed, tax, "success_fee_tax", lot_id),
            ],
            events,
        )
        events.append(SuccessFeeReturned(lot_id, charge.payer, fee, tax))

    def _settle_bonds(self, event: SourcingEvent, events: list[AnyEvent]) -> None:
        """With the event's last award: winners' bonds bear fees where the rules say so, losers' are returned. Bonds of
        an event from stock wait for its payments.
        """
        if event.state is not EventState.ENDED or any_waits(event, self.standstills) or event.from_stock:
            return
        winners = self.awards.winners(event)
        bonds = self.bonds.of_event(event.event_id)
        for bond in (bond for bond in bonds if bond.member_id in winners):
            if event.rules.bond_bears_fee:
                self.bid_bonds.apply(bond, self._borne_fees(event, bond.member_id), events)
        for bond in (bond for bond in bonds if bond.member_id not in winners):
            self.bid_bonds.give_back(bond, "not awarded", events)

    def _sells(self, event_id: str) -> bool:
        return self.auctions.event_of(event_id).from_stock

    def _borne_fees(self, event: SourcingEvent, member_id: str) -> int:
        """Fees and tax that the member owes for what it has won of the event; they are final now."""
        keys = [
            _key(lot.lot_id, part.alias, side)
            for lot in event.lots
            for part in self.awards.of(lot.lot_id).parts
            for side in (Payer.SELLER, Payer.BUYER)
        ]
        own = [key for key in keys if key in self.charges and self.charges[key].payer == member_id]
        return sum(charge.fee_minor + charge.tax_minor for charge in map(self.charges.pop, own))

    def dump_charges(self) -> list[Pinned]:
        """By lot, alias and side."""
        return [Pinned(key, self.charges[key]) for key in sorted(self.charges)]


def _key(lot_id: str, alias: int, side: Payer) -> str:
    return f"{lot_id}/{alias}/{side}"


def _parties(event: SourcingEvent, winner_id: str) -> Parties:
    """In a forward event the lot's owner sells and the winner buys."""
    if event.rules.direction is LotDirection.FORWARD:
        return Parties(winner_id, event.buyer_id)
    return Parties(event.buyer_id, winner_id)
