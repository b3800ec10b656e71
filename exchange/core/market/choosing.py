"""Which currencies an event may be bid in, and which of them a supplier chooses.

Guarantees: the currency of a supplier never changes once it has bid in a lot of the event, or handed an envelope in;
rates never once the event is published. Questions and changes as in `auction`, whose events these are.
"""

from collections.abc import Iterator

from exchange.core.market.auction import Auctions
from exchange.core.market.drafting import draft_refusal
from exchange.core.market.lots.terms import one_priced, unpriceable
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.currencies import (
    BidCurrency,
    ChooseCurrency,
    CurrenciesSet,
    CurrencyChosen,
    SetCurrencies,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT


class Choices:
    """The currencies of all events and suppliers."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions

    def set_refusal(self, member_id: str, command: SetCurrencies) -> Reject | None:
        """EVENT_UNKNOWN (somebody else's too), RULES_FIXED or EVENT_ENDED, CURRENCY_UNKNOWN, RULES_CONTRADICT (one is
        named twice, or is the event's own; its lots are from stock, which is paid for in one; or a lot has a rule that
        asks for one, or that is no price in one of them).
        """
        event = self._auctions.own_event(member_id, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if refused := draft_refusal(event):
            return refused
        named = [each.currency for each in command.currencies]
        if any(each not in CURRENCY_EXPONENT for each in named):
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currencies")
        twice = len(dict.fromkeys([event.currency, *named])) <= len(named)
        if twice or (named and event.sale is not None):
            return Reject(RejectCode.RULES_CONTRADICT, 0, "currencies")
        if not named:
            return None
        spoilt = (name for lot in event.lots for name in _spoilt(lot, command.currencies))
        return next((Reject(RejectCode.RULES_CONTRADICT, 0, name) for name in spoilt), None)

    def set(self, command: SetCurrencies, events: list[AnyEvent]) -> None:
        """Put these in place of those that were."""
        set_currencies(self._auctions.event_of(command.event_id), command.currencies, events)

    def refusal(self, member_id: str, command: ChooseCurrency) -> Reject | None:
        """EVENT_UNKNOWN (not invited, or a draft), OWN_EVENT, EVENT_ENDED (nothing in it can be bid for any more),
        CURRENCY_NOT_ALLOWED, CURRENCY_FINAL.
        """
        event = self._auctions.event(command.event_id)
        if event is not None and event.buyer_id == member_id:
            return Reject(RejectCode.OWN_EVENT)
        if event is None or member_id not in event.invited or not any(lot.published for lot in event.lots):
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if not any(lot.running for lot in event.lots):
            return Reject(RejectCode.EVENT_ENDED)
        allowed = event.currencies.allowed if event.currencies else {}
        if command.currency != event.currency and command.currency not in allowed:
            return Reject(RejectCode.CURRENCY_NOT_ALLOWED, field="currency")
        if any(_has_bid(lot, member_id) for lot in event.lots):
            return Reject(RejectCode.CURRENCY_FINAL)
        return None

    def choose(self, member_id: str, command: ChooseCurrency, events: list[AnyEvent]) -> None:
        """Take the choice in place of an earlier one."""
        event = self._auctions.event_of(command.event_id)
        if event.currencies is not None:
            event.choose(member_id, command.currency)
            events.append(CurrencyChosen(event.event_id, member_id, command.currency))


def set_currencies(event: SourcingEvent, allowed: tuple[BidCurrency, ...], events: list[AnyEvent]) -> None:
    """Let a draft be bid in these beside its own."""
    event.set_currencies(allowed)
    events.append(CurrenciesSet(event.event_id, allowed))


def _spoilt(lot: Lot, currencies: tuple[BidCurrency, ...]) -> Iterator[str]:
    yield from one_priced(lot.rules)
    yield from unpriceable(lot, currencies)


def _has_bid(lot: Lot, member_id: str) -> bool:
    handed_in = lot.sealed is not None and member_id in lot.sealed.sent
    return handed_in or lot.board.has_bid(member_id)
