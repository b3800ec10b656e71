"""A room with sealed lots: an envelope is a text that says what is in it, so that a test can open it."""

from typing import Final

from exchange.core.market.judging import Judging
from exchange.core.market.lots.envelopes import SealedBids
from exchange.core.market.sealing import Sealing
from exchange.core.messages import AnyEvent
from exchange.core.messages.lot_rules import EventRules, LotFormat, LotRules
from exchange.core.messages.sealed import (
    JudgeTechnical,
    OpenedBid,
    OpenedTechnical,
    ReportUnopened,
    RetryReveal,
    RevealBids,
    RevealTechnical,
    SetLotKey,
    SubmitEnvelope,
    WithdrawEnvelope,
)
from tests.core.market.room import CLOSE, OPEN, USUAL_EVENT, AuctionRoom, Step

KEY: Final = "ab" * 32
FIRST_PRICE: Final = LotRules(format=LotFormat.SEALED_FIRST_PRICE)
SECOND_PRICE: Final = LotRules(format=LotFormat.SEALED_SECOND_PRICE)
TWO: Final = LotRules(format=LotFormat.SEALED_FIRST_PRICE, two_envelopes=True)
DOCUMENT: Final = "0d" * 32
UNREADABLE: Final = "unreadable"


def envelope(price: int, member_id: str, lot_id: str = "lot-1") -> str:
    """What a bidder would seal."""
    return f"{lot_id} {member_id} {price}"


def opened(number: int, text: str) -> OpenedBid:
    """What the port would find in it."""
    if text == UNREADABLE:
        return OpenedBid(number)
    lot_id, member_id, price = text.split()
    return OpenedBid(number, lot_id, member_id, int(price))


class SealedRoom(AuctionRoom):
    """The steps of sealed bids; `lot-1` unless a step names another."""

    @property
    def sealing(self) -> Sealing:
        return Sealing(self.auctions, self.deadlines)

    @property
    def judging(self) -> Judging:
        return Judging(self.auctions)

    def sealed(self, lot_id: str = "lot-1") -> SealedBids:
        sealed = self.lot(lot_id).sealed
        assert sealed is not None
        return sealed

    def key(self, at_us: int = 0, lot_id: str = "lot-1") -> Step:
        command, events = SetLotKey(lot_id=lot_id, public_key=KEY), list[AnyEvent]()
        if refused := self.sealing.key_refusal(command):
            return refused
        self.sealing.set_key(command, at_us, events)
        return events

    def hand_in(
        self, member_id: str, text: str, at_us: int = OPEN, lot_id: str = "lot-1", *, technical: str = ""
    ) -> Step:
        command = SubmitEnvelope(lot_id=lot_id, envelope=text, technical=technical)
        events = list[AnyEvent]()
        if refused := self.sealing.submit_refusal(member_id, command, at_us):
            return refused
        self.sealing.submit(member_id, command, at_us, events)
        return events

    def seal(self, member_id: str, price: int, at_us: int = OPEN, lot_id: str = "lot-1") -> Step:
        """Hand in what is nothing but a price."""
        return self.hand_in(member_id, envelope(price, member_id, lot_id), at_us, lot_id)

    def hand_in_two(self, member_id: str, price: int, technical: str = "offer", at_us: int = OPEN) -> Step:
        """A price and a technical offer, each a text."""
        return self.hand_in(member_id, envelope(price, member_id), at_us, technical=technical)

    def open_technical(self, *unreadable: str) -> Step:
        """All that stand, with one document each but where nothing can be read."""
        standing = self.sealed().standing.items()
        offers = [
            OpenedTechnical(each.number)
            if member_id in unreadable
            else OpenedTechnical(each.number, "lot-1", member_id, [DOCUMENT])
            for member_id, each in standing
        ]
        command, events = RevealTechnical(lot_id="lot-1", offers=offers), list[AnyEvent]()
        if refused := self.judging.reveal_refusal(command):
            return refused
        self.judging.reveal(command, events)
        return events

    def judge(self, alias: int, *, passed: bool, actor_id: str = "buyer") -> Step:
        command = JudgeTechnical(lot_id="lot-1", alias=alias, passed=passed, reason="As asked")
        events: list[AnyEvent] = []
        if refused := self.judging.judge_refusal(actor_id, command):
            return refused
        self.judging.judge(command, events)
        return events

    def withdraw(self, member_id: str, at_us: int = OPEN, lot_id: str = "lot-1") -> Step:
        command, events = WithdrawEnvelope(lot_id=lot_id), list[AnyEvent]()
        if refused := self.sealing.withdraw_refusal(member_id, command, at_us):
            return refused
        self.sealing.withdraw(member_id, command, events)
        return events

    def open_all(self, lot_id: str = "lot-1") -> Step:
        """As the port does: whatever stands."""
        sealed = self.lot(lot_id).sealed
        standing = sealed.standing.values() if sealed else ()
        return self.reveal_as([opened(each.number, each.text) for each in standing], lot_id)

    def reveal_as(self, bids: list[OpenedBid], lot_id: str = "lot-1") -> Step:
        command, events = RevealBids(lot_id=lot_id, bids=bids), list[AnyEvent]()
        if refused := self.sealing.reveal_refusal(command):
            return refused
        self.sealing.reveal(command, events)
        return events

    def report(self, lot_id: str = "lot-1") -> Step:
        command, events = ReportUnopened(lot_id=lot_id, reason="No key"), list[AnyEvent]()
        if refused := self.sealing.report_refusal(command):
            return refused
        self.sealing.report(command, events)
        return events

    def retry(self, lot_id: str = "lot-1") -> Step:
        command, events = RetryReveal(lot_id=lot_id), list[AnyEvent]()
        if refused := self.sealing.retry_refusal(command):
            return refused
        self.sealing.retry(command, events)
        return events


def a_sealed_draft(
    rules: LotRules = FIRST_PRICE, event_rules: EventRules = USUAL_EVENT, *, tick: int = 1
) -> SealedRoom:
    """Ceiling 1,000, s1 to s4 invited, without a key."""
    room = SealedRoom()
    room.create(rules=event_rules)
    room.add_lot(rules=rules, tick=tick, min_step=tick)
    for number in range(1, 5):
        room.invite(f"s{number}")
    return room


def an_open_sealed_lot(
    rules: LotRules = FIRST_PRICE, event_rules: EventRules = USUAL_EVENT, *, tick: int = 1
) -> SealedRoom:
    """The same with its key, at its opening."""
    room = a_sealed_draft(rules, event_rules, tick=tick)
    room.key()
    room.publish()
    room.pass_to(OPEN)
    return room


def a_closed_sealed_lot(rules: LotRules = FIRST_PRICE, *prices: int) -> SealedRoom:
    """s1, s2 and so on have sealed these prices, in this order; nothing is opened."""
    room = an_open_sealed_lot(rules)
    for number, price in enumerate(prices or (900, 800), 1):
        room.seal(f"s{number}", price, OPEN + number)
    room.pass_to(CLOSE)
    return room
