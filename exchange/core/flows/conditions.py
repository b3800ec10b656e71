"""Commands that hold only while what they are about is as their sender has read it.

Guarantees: the version is compared in the turn in which the command takes effect, so of two that expect the same one
the first that changes anything wins and the other changes nothing. Who may not know the thing learns no version:
the command's own flow refuses it. The comparison comes before all other checks of the thing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from exchange.core.flows.outcome import Done, Handler, Handlers
from exchange.core.market.auction import Auctions
from exchange.core.market.books import Books
from exchange.core.market.ladder import Order
from exchange.core.market.versions import event_version, lot_version, order_version
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.base import Command, ConditionalCommand
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.messages.currencies import SetCurrencies
from exchange.core.messages.orders import AmendOrder, CancelOrder
from exchange.core.messages.parties import SetStanding
from exchange.core.messages.review import ReopenLot
from exchange.core.messages.sourcing import (
    AddLot,
    AwardLot,
    CancelEvent,
    InviteSupplier,
    PublishEvent,
    RevealSeed,
)
from exchange.core.messages.steering import EndLot, ExtendLot, PauseEvent, ResumeEvent
from exchange.core.messages.suppliers import InviteSuppliers
from exchange.core.parties.members import Members, standing_version
from exchange.core.rejects import Reject, RejectCode
from exchange.core.sessions import Sessions

Version = Callable[[Sequenced, Any], int]
"""Of what a command is about; 0 where its sender does not govern it."""


class Conditions:
    """Who asks for which version."""

    def __init__(self, members: Members, books: Books, auctions: Auctions, sessions: Sessions) -> None:
        self._members = members
        self._books = books
        self._auctions = auctions
        self._sessions = sessions
        self.versions: Final[Mapping[type[Command], Version]] = {
            AmendOrder: self._of_order,
            CancelOrder: self._of_order,
            SetStanding: self._of_standing,
            **dict.fromkeys(
                (
                    AddLot,
                    InviteSupplier,
                    InviteSuppliers,
                    PublishEvent,
                    CancelEvent,
                    PauseEvent,
                    ResumeEvent,
                    ChangeEvent,
                    SetCurrencies,
                ),
                self._of_event,
            ),
            **dict.fromkeys(
                (AwardLot, RevealSeed, ExtendLot, EndLot, ReopenLot, ChangeLot, RemoveLot), self._of_lot
            ),
        }

    def guarded(self, handlers: Handlers) -> Handlers:
        """The same table; whatever takes a condition asks for it first."""
        return {
            kind: self._guard(handler, self.versions[kind])
            if issubclass(kind, ConditionalCommand)
            else handler
            for kind, handler in handlers.items()
        }

    @staticmethod
    def _guard(handler: Handler, version_of: Version) -> Handler:
        def guarded(sent: Sequenced, command: ConditionalCommand, events: list[AnyEvent]) -> Done | Reject:
            if command.expected_version:
                version = version_of(sent, command)
                if version and version != command.expected_version:
                    return Reject(RejectCode.VERSION_OTHER, version, "expected_version")
            return handler(sent, command, events)

        return guarded

    def _of_order(self, sent: Sequenced, command: AmendOrder | CancelOrder) -> int:
        """Of an own resting order, by its id or by the ref that placed it."""
        order_id = command.order_id or self._sessions.order_id_of(
            sent.member_id, sent.session, command.order_ref
        )
        order = self._books.find(sent.member_id, order_id or "")
        return order_version(order.price, order.quantity, order.open) if isinstance(order, Order) else 0

    def _of_standing(self, sent: Sequenced, command: SetStanding) -> int:
        member = self._members.get(command.member_id)
        if member is None or self._members.refusal(sent.member_id, Role.OPERATOR):
            return 0
        return standing_version(member)

    def _of_event(self, sent: Sequenced, command: AddLot | CancelEvent) -> int:
        is_operator = self._members.is_operator(sent.member_id)
        event = self._auctions.governed_event(sent.member_id, is_operator, command.event_id)
        return event_version(event) if event is not None else 0

    def _of_lot(self, sent: Sequenced, command: AwardLot | EndLot) -> int:
        lot = self._auctions.lot(command.lot_id)
        if lot is None:
            return 0
        is_operator = self._members.is_operator(sent.member_id)
        event = self._auctions.governed_event(sent.member_id, is_operator, lot.event_id)
        return lot_version(event, lot) if event is not None else 0
