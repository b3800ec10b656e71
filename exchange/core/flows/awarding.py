"""After a close: bid bonds, awards in parts or to others than the best bid, defaults, and the success fee.

Guarantees: the fee of an award is that of the version which applies to its supplier at the award, and is a receivable
of whoever the version says; with the event's last award the losers' bonds are returned and, where the event's rules
say so, a winner's bears its fee. A bond that bore a fee is gone; any other winner's stays until its contract stands
(returned) or it defaults (forfeited, and the fee is not owed). A cancelled event returns every bond. In a practice
event no bond is asked, and an award is remembered and nothing else: no standstill, fee or default follows.

Known limits: bonds of losers are returned with the last award, so whoever comes next after a default has none; a
default of one of several winners takes the whole lot back; a lot of units goes at once to the best that are left, at
the price that follows from them.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from exchange.core.deadlines import Deadlines
from exchange.core.flows.outcome import Done, Handler, Handlers
from exchange.core.flows.settlement import FLOAT_SIDES, Leg, Pinned
from exchange.core.flows.standstill import STANDSTILL
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.bonds import Bond, Bonds
from exchange.core.ledger.commission import Charge, Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.limits import AMOUNT_MINOR_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.ending import Endings, practise
from exchange.core.market.lots.awards import Awards, close_again, unit_of, won_parts
from exchange.core.market.lots.pricing import amount_minor
from exchange.core.market.lots.standstill import Standstills, any_waits
from exchange.core.market.sourcing import EventState, Lot, SourcingEvent
from exchange.core.messages import AnyEvent, AwardLot, CancelEvent, Role, Sequenced
from exchange.core.messages.awards import (
    AwardBest,
    AwardPart,
    DeclareDefault,
    LotSplit,
    PlaceBond,
    ReturnBond,
    SplitLot,
    SuccessFeeCharged,
    SuccessFeeReturned,
    WinnerDefaulted,
    WonPart,
)
from exchange.core.messages.bids import SetProxy
from exchange.core.messages.ledger import ChargedBase, Payer
from exchange.core.messages.lifecycles import AwardState, AwardStep, BondStep
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.sealed import SubmitEnvelope
from exchange.core.messages.sourcing import BuyNow, EventCancelled, LotAwarded, SubmitBid
from exchange.core.messages.standstill import AnswerComplaint, AwardMoved
from exchange.core.messages.system import FireDeadlines
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import month_of

FOLLOWED: Final = frozenset(
    {AwardLot, AwardBest, SplitLot, DeclareDefault, AnswerComplaint, CancelEvent, FireDeadlines}
)
"""Commands after which somebody may have won, or an event may be cancelled."""
BIDS: Final = (SubmitBid, BuyNow, AcceptLevel, SetProxy, SubmitEnvelope)
"""Commands that a bond is asked for."""
_UNKNOWN: Final = Reject(RejectCode.EVENT_UNKNOWN, field="event_id")


class Parties(NamedTuple):
    """Who pays and who is paid in an award."""

    buyer: str
    seller: str


class Awarding:
    """The commands of bonds and awards; `charges` are the success fees of awards that stand, by lot, alias and side."""

    def __init__(
        self,
        members: Members,
        auctions: Auctions,
        ledger: Ledger,
        commission: Commission,
        bonds: Bonds,
        awards: Awards,
        standstills: Standstills,
        deadlines: Deadlines,
        charges: Iterable[Pinned],
    ) -> None:
        self.members = members
        self.auctions = auctions
        self.endings = Endings(auctions)
        self.ledger = ledger
        self.commission = commission
        self.bonds = bonds
        self.awards = awards
        self.standstills = standstills
        self.deadlines = deadlines
        self.charges = {pinned.deal_id: pinned.charge for pinned in charges}

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            PlaceBond: self.place_bond,
            ReturnBond: self.return_bond,
            SplitLot: self.split_lot,
            AwardBest: self.award_best,
            DeclareDefault: self.declare_default,
        }

    def asked(self, handlers: Handlers) -> Handlers:
        """The same table: bids ask for the bond first, and nobody who defaulted is awarded."""
        bids = {kind: self._bonded(handlers[kind]) for kind in BIDS}
        return handlers | bids | {AwardLot: self._unbarred(handlers[AwardLot])}

    # --- bonds -------------------------------------------------------------------------------------

    def _bonded(self, handler: Handler) -> Handler:
        def bonded(
            sent: Sequenced,
            command: SubmitBid | BuyNow | AcceptLevel | SetProxy | SubmitEnvelope,
            events: list[AnyEvent],
        ) -> Done | Reject:
            """BOND_MISSING, the bound is the bond, comes before all other checks of a bid that may be made."""
            return self._bond_refusal(sent.member_id, command.lot_id) or handler(sent, command, events)

        return bonded

    def _bond_refusal(self, member_id: str, lot_id: str) -> Reject | None:
        lot = self.auctions.lot(lot_id)
        if lot is None:
            return None
        event = self.auctions.event_of(lot.event_id)
        asked_minor = event.bond_minor
        if not asked_minor or not event.shows(lot) or member_id not in event.invited:
            return None
        if self.bonds.get(event.event_id, member_id) is not None:
            return None
        return Reject(RejectCode.BOND_MISSING, asked_minor)

    def place_bond(self, sent: Sequenced, command: PlaceBond, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, EVENT_UNKNOWN, BOND_NOT_ASKED, EVENT_ENDED, BOND_PLACED, MONEY_SHORT."""
        member_id = sent.member_id
        if refused := self.members.refusal(member_id, Role.SELLER):
            return refused
        event = self.auctions.event(command.event_id)
        if event is None or member_id not in event.invited or event.state is EventState.DRAFT:
            return _UNKNOWN
        if refused := self._placing_refusal(event, member_id):
            return refused
        amount, currency = event.bond_minor, event.currency
        wallet = self.ledger.account(AccountKind.WALLET, member_id, currency)
        if amount > (owned := self.ledger.owned(wallet)):
            return Reject(RejectCode.MONEY_SHORT, owned)
        # Nothing below this line can fail.
        deposit = self.ledger.account(AccountKind.DEPOSIT, member_id, currency)
        self.ledger.post(wallet, deposit, amount, "bond", event.event_id, events)
        self.bonds.place(Bond(event.event_id, member_id, currency, amount), events)
        return Done(event.event_id, number=amount)

    def _placing_refusal(self, event: SourcingEvent, member_id: str) -> Reject | None:
        if not event.bond_minor:
            return Reject(RejectCode.BOND_NOT_ASKED)
        if event.state is not EventState.PUBLISHED:
            return Reject(RejectCode.EVENT_ENDED)
        placed = self.bonds.get(event.event_id, member_id) is not None
        return Reject(RejectCode.BOND_PLACED) if placed else None

    def return_bond(self, sent: Sequenced, command: ReturnBond, events: list[AnyEvent]) -> Done | Reject:
        """Checks: EVENT_UNKNOWN (unless its buyer or an operator), BOND_UNKNOWN (also while the event is not over)."""
        is_operator = self.members.is_operator(sent.member_id)
        event = self.auctions.governed_event(sent.member_id, is_operator, command.event_id)
        if event is None:
            return _UNKNOWN
        bond = self.bonds.get(event.event_id, command.member_id)
        over = event.state is EventState.ENDED and not any_waits(event, self.standstills)
        if bond is None or not over:
            return Reject(RejectCode.BOND_UNKNOWN, field="member_id")
        # Nothing below this line can fail.
        self._return(bond, "contract stands", events)
        return Done(event.event_id)

    def _return(self, bond: Bond, reason: str, events: list[AnyEvent]) -> None:
        account = self.ledger.account
        deposit = account(AccountKind.DEPOSIT, bond.member_id, bond.currency)
        payable = account(AccountKind.PAYABLE, bond.member_id, bond.currency)
        self.ledger.post(deposit, payable, bond.amount_minor, "bond_returned", bond.event_id, events)
        self.bonds.end(bond, BondStep.RETURN, reason, events)

    def _apply(self, bond: Bond, fee_minor: int, events: list[AnyEvent]) -> None:
        """The bond bears the fee as far as it goes; the rest of it is the member's."""
        account, member_id, currency = self.ledger.account, bond.member_id, bond.currency
        house, mirror = (account(*float_side, currency) for float_side in FLOAT_SIDES)
        deposit = account(AccountKind.DEPOSIT, member_id, currency)
        taken, subject = min(bond.amount_minor, fee_minor), bond.event_id
        owed = account(AccountKind.FEES_RECEIVABLE, member_id, currency)
        rest = bond.amount_minor - taken
        self._post(
            [
                Leg(deposit, house, taken, "bond_fee", subject),
                Leg(
                    deposit, account(AccountKind.PAYABLE, member_id, currency), rest, "bond_returned", subject
                ),
                Leg(mirror, owed, taken, "bond_fee", subject),
            ],
            events,
        )
        self.bonds.end(bond, BondStep.APPLY, "fee", events)

    def _forfeit(self, bond: Bond, reason: str, events: list[AnyEvent]) -> None:
        account, amount, subject = self.ledger.account, bond.amount_minor, bond.event_id
        house, mirror = (account(*float_side, bond.currency) for float_side in FLOAT_SIDES)
        deposit = account(AccountKind.DEPOSIT, bond.member_id, bond.currency)
        income = account(AccountKind.BOND_FORFEIT, "", bond.currency)
        self._post(
            [
                Leg(deposit, house, amount, "forfeit", subject),
                Leg(mirror, income, amount, "forfeit", subject),
            ],
            events,
        )
        self.bonds.end(bond, BondStep.FORFEIT, reason, events)

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
        """Checks: those of an award of the whole lot to the first alias, then those of `lots.awards`."""
        whole = AwardLot(lot_id=command.lot_id, alias=command.parts[0].alias)
        if refused := self.endings.award_refusal(sent.member_id, whole):
            return refused
        lot = self.auctions.lot_of(command.lot_id)
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
        """Checks: LOT_UNKNOWN (unless its buyer or an operator), PRACTICE_ONLY, NOT_THE_WINNER."""
        lot = self.auctions.lot(command.lot_id)
        is_operator = self.members.is_operator(sent.member_id)
        if lot is None or not self.auctions.governed_event(sent.member_id, is_operator, lot.event_id):
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if self.auctions.event_of(lot.event_id).practice:
            return Reject(RejectCode.PRACTICE_ONLY)
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
            self._forfeit(bond, reason, events)

    # --- what follows ------------------------------------------------------------------------------

    def follow(self, events: list[AnyEvent], at_us: int) -> None:
        """Fees of what was awarded, and bonds of what is over."""
        for happened in tuple(events):
            if isinstance(happened, LotAwarded) and happened.winner_id:
                won = happened.alias, happened.winner_id, happened.price, happened.quantity
                self._won(happened.lot_id, (WonPart(*won, happened.amount_minor),), at_us, events)
            elif isinstance(happened, LotSplit):
                self._won(happened.lot_id, happened.parts, at_us, events)
            elif isinstance(happened, PracticeAwarded):
                self.awards.won(happened.lot_id, happened.parts)
            elif isinstance(happened, AwardMoved) and happened.state is AwardState.FINAL:
                self._final(self.auctions.lot_of(happened.lot_id), at_us, events)
            if isinstance(happened, LotAwarded | LotSplit):
                self._settle_bonds(self.auctions.event_of(happened.event_id), events)
            elif isinstance(happened, EventCancelled):
                for bond in self.bonds.of_event(happened.event_id):
                    self._return(bond, happened.reason, events)

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
        """The success fee on one part: a receivable of each side that bears any of it."""
        parties = _parties(event, part.winner_id)
        version = self.commission.schedules.version_for_award(parties.seller, event.currency)
        base = self._base(event, lot, part, version)
        if not base:
            return
        schedule = self.commission.schedule(version)
        for side, payer in ((Payer.SELLER, parties.seller), (Payer.BUYER, parties.buyer)):
            if not schedule.share_bps(side):
                continue
            charge = self.commission.charge(
                payer, version, month_of(at_us), event.currency, base, side, AMOUNT_MINOR_MAX
            )
            self.charges[_key(lot.lot_id, part.alias, side)] = charge
            self._owe(lot.lot_id, charge, events)

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
        self._post(
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
        self._post(
            [
                Leg(income, owed, fee, "success_fee", lot_id),
                Leg(output, owed, tax, "success_fee_tax", lot_id),
            ],
            events,
        )
        events.append(SuccessFeeReturned(lot_id, charge.payer, fee, tax))

    def _settle_bonds(self, event: SourcingEvent, events: list[AnyEvent]) -> None:
        """With the event's last award: winners' bonds bear fees where the rules say so, losers' are returned."""
        if event.state is not EventState.ENDED or any_waits(event, self.standstills):
            return
        winners = self.awards.winners(event)
        bonds = self.bonds.of_event(event.event_id)
        for bond in (bond for bond in bonds if bond.member_id in winners):
            if event.rules.bond_bears_fee:
                self._apply(bond, self._borne_fees(event, bond.member_id), events)
        for bond in (bond for bond in bonds if bond.member_id not in winners):
            self._return(bond, "not awarded", events)

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

    def _post(self, legs: list[Leg], events: list[AnyEvent]) -> None:
        """All legs that move something, as one chain."""
        linked = self.ledger.next_number
        for debit, credit, amount, reason, subject in legs:
            if amount:
                self.ledger.post(debit, credit, amount, reason, subject, events, linked)

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
