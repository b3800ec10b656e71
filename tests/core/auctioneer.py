"""A venue with one sourcing event of a buyer: suppliers place bonds and bid, the lots close, and awards follow."""

from msgspec.structs import replace

from exchange.core.messages import (
    SYSTEM,
    AddLot,
    AnyCommand,
    AwardLot,
    CreateEvent,
    FireDeadlines,
    InviteSupplier,
    Outcome,
    PublishEvent,
    Role,
    SubmitBid,
)
from exchange.core.messages.awards import PlaceBond
from exchange.core.messages.lot_rules import EventRules, LotRules, LotSchedule
from exchange.core.rejects import RejectCode
from tests.core.venue import SECOND, Venue

MINUTE = 60 * SECOND
CEILING = 200_000_00
USUAL_EVENT, USUAL_LOT = EventRules(), LotRules()


class Hall(Venue):
    """A venue with a sourcing event of `owner_id`, whose first lot `L1` opens within two minutes."""

    owner_id: str

    def done(self, member_id: str, command: AnyCommand, new_id: str = "") -> Outcome:
        """A command that must take effect."""
        outcome = self.send(member_id, command, new_id=new_id)
        assert not outcome.reply.code, RejectCode(outcome.reply.code)
        return outcome

    def open(self) -> None:
        self.wait(2 * MINUTE)

    def bid(self, supplier: str, price: int, lot: str = "L1") -> Outcome:
        return self.done(supplier, SubmitBid(lot_id=lot, price=price))

    def close(self) -> None:
        """With whatever overtime there is."""
        self.wait(180 * MINUTE)

    def award(self, alias: int, lot: str = "L1") -> Outcome:
        return self.done(self.owner_id, AwardLot(lot_id=lot, alias=alias))

    def wait(self, after_us: int) -> list[Outcome]:
        """What falls due meanwhile, in turn."""
        end_us, fired = self.at_us + after_us, list[Outcome]()
        while (due_us := self.kernel.deadlines.next_us()) is not None and due_us <= end_us:
            self.at_us = max(self.at_us, due_us)
            fired.append(self.send(SYSTEM, FireDeadlines(), after_us=0))
        self.at_us = end_us
        return fired


class Auctioneer(Hall):
    """`E` of `BUY` in USD with two decimals; suppliers are invited and have money. Lots are `L1`, `L2` …"""

    owner_id = "BUY"

    def __init__(
        self,
        suppliers: tuple[str, ...] = ("SUP1", "SUP2"),
        rules: EventRules = USUAL_EVENT,
        lot_rules: LotRules = USUAL_LOT,
        *,
        quantity: int = 1,
        lots: int = 1,
        money: int = 10_000_00,
        practice: bool = False,
    ) -> None:
        super().__init__()
        self.member("BUY", Role.BUYER)
        if lots > 1:
            rules = replace(rules, schedule=LotSchedule.PARALLEL)
        event = CreateEvent(
            title="Housings", currency="USD", price_scale=2, open_at_us=self.at_us + MINUTE,
            duration_us=60 * MINUTE, rules=rules, practice=practice,
        )  # fmt: skip
        self.done("BUY", event, "E")
        for number in range(1, lots + 1):
            lot = AddLot(
                event_id="E", title=f"Lot {number}", quantity=quantity, ceiling_price=CEILING, min_step=1,
                rules=lot_rules,
            )  # fmt: skip
            self.done("BUY", lot, f"L{number}")
        for supplier in suppliers:
            self.member(supplier, Role.SELLER)
            self.money(supplier, money)
            self.done("BUY", InviteSupplier(event_id="E", member_id=supplier))
        self.done("BUY", PublishEvent(event_id="E"))

    def bonds(self, *suppliers: str) -> None:
        for supplier in suppliers:
            self.done(supplier, PlaceBond(event_id="E"))
