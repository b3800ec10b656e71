"""Bid bonds: placed before the first bid, returned, forfeited, or used for a winner's success fee.

Guarantees: where an event asks for a bond nobody bids before it is placed; a bond ends once, and its money goes where
its end says. Does not decide when a bond ends: awards, defaults and sales do.
"""

from typing import Final

from exchange.core.flows.outcome import Done, Handler, Handlers
from exchange.core.flows.settlement import FLOAT_SIDES, Leg, post_chain
from exchange.core.flows.sides import role_in_event
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.bonds import Bond, Bonds
from exchange.core.ledger.ledger import Ledger
from exchange.core.market.auction import Auctions
from exchange.core.market.lots.standstill import Standstills, any_waits
from exchange.core.market.sourcing import EventState, SourcingEvent
from exchange.core.messages import AnyEvent, Sequenced
from exchange.core.messages.awards import PlaceBond, ReturnBond
from exchange.core.messages.bids import SetProxy
from exchange.core.messages.lifecycles import BondStep
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.sealed import SubmitEnvelope
from exchange.core.messages.sourcing import BuyNow, SubmitBid
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode

BIDS: Final = (SubmitBid, BuyNow, AcceptLevel, SetProxy, SubmitEnvelope)
"""Commands that a bond is asked for."""
_UNKNOWN: Final = Reject(RejectCode.EVENT_UNKNOWN, field="event_id")


class BidBonds:
    """The commands of bonds, and what becomes of their money."""

    def __init__(
        self,
        members: Members,
        auctions: Auctions,
        ledger: Ledger,
        bonds: Bonds,
        standstills: Standstills,
    ) -> None:
        self.members = members
        self.auctions = auctions
        self.ledger = ledger
        self.bonds = bonds
        self.standstills = standstills

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            PlaceBond: self.place_bond,
            ReturnBond: self.return_bond,
        }

    def asked(self, handlers: Handlers) -> Handlers:
        """The same table: bids ask for the bond first."""
        return handlers | {kind: self._bonded(handlers[kind]) for kind in BIDS}

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
        role = role_in_event(self.auctions, member_id, command.event_id)
        if refused := self.members.refusal(member_id, role):
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
        """Checks: EVENT_UNKNOWN (unless its buyer or an operator), BOND_UNKNOWN (also while the event is not over, and in
        one from stock, whose bonds return by themselves: an attempt would tell its seller who bids).
        """
        is_operator = self.members.is_operator(sent.member_id)
        event = self.auctions.governed_event(sent.member_id, is_operator, command.event_id)
        if event is None:
            return _UNKNOWN
        bond = self.bonds.get(event.event_id, command.member_id)
        over = event.state is EventState.ENDED and not any_waits(event, self.standstills)
        if bond is None or not over or event.from_stock:
            return Reject(RejectCode.BOND_UNKNOWN, field="member_id")
        # Nothing below this line can fail.
        self.give_back(bond, "contract stands", events)
        return Done(event.event_id)

    def give_back(self, bond: Bond, reason: str, events: list[AnyEvent]) -> None:
        """The bond is its member's again, to be paid out."""
        account = self.ledger.account
        deposit = account(AccountKind.DEPOSIT, bond.member_id, bond.currency)
        payable = account(AccountKind.PAYABLE, bond.member_id, bond.currency)
        self.ledger.post(deposit, payable, bond.amount_minor, "bond_returned", bond.event_id, events)
        self.bonds.end(bond, BondStep.RETURN, reason, events)

    def apply(self, bond: Bond, fee_minor: int, events: list[AnyEvent]) -> None:
        """The bond bears the fee as far as it goes; the rest of it is the member's."""
        account, member_id, currency = self.ledger.account, bond.member_id, bond.currency
        house, mirror = (account(*float_side, currency) for float_side in FLOAT_SIDES)
        deposit = account(AccountKind.DEPOSIT, member_id, currency)
        taken, subject = min(bond.amount_minor, fee_minor), bond.event_id
        owed = account(AccountKind.FEES_RECEIVABLE, member_id, currency)
        rest = bond.amount_minor - taken
        post_chain(
            self.ledger,
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

    def forfeit(self, bond: Bond, reason: str, events: list[AnyEvent]) -> None:
        """The bond is the house's."""
        account, amount, subject = self.ledger.account, bond.amount_minor, bond.event_id
        house, mirror = (account(*float_side, bond.currency) for float_side in FLOAT_SIDES)
        deposit = account(AccountKind.DEPOSIT, bond.member_id, bond.currency)
        income = account(AccountKind.BOND_FORFEIT, "", bond.currency)
        post_chain(
            self.ledger,
            [
                Leg(deposit, house, amount, "forfeit", subject),
                Leg(mirror, income, amount, "forfeit", subject),
            ],
            events,
        )
        self.bonds.end(bond, BondStep.FORFEIT, reason, events)
