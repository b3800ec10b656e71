"""A venue whose goods go through the hub: B1 buys, S1 sells, I1 inspects; each step of a deal is one call."""

from collections.abc import Sequence

from exchange.core.messages import (
    SYSTEM,
    AcceptGoods,
    AnyCommand,
    AnyEvent,
    ConfirmShipment,
    DecideConditional,
    Delivery,
    DispatchConsignment,
    DispatchShipment,
    FireDeadlines,
    InspectHubLot,
    Outcome,
    PlaceOrder,
    ReceiveConsignment,
    Role,
    SetCommission,
    Side,
    TaxRegime,
    TransferPosted,
)
from exchange.core.messages.delivery import (
    Check,
    CheckMethod,
    CheckResult,
    ConsignedLine,
    SamplingPlan,
    ShippedLine,
)
from exchange.core.rejects import RejectCode
from tests.core.venue import Venue
from tests.models.invariants import check_nothing_stays_provided

DAY = 24 * 3_600 * 1_000_000
CHECKS = (Check(CheckMethod.VISUAL, CheckResult.PASSED),)
GOODS = ("brought", "stock", "reserved", "inbound", "hub", "outbound", "delivered", "rejected")


class HubVenue(Venue):
    """Prices have three decimals; the fee is 8 %, the tax on it 21 %, the guarantee 0.5 %."""

    def __init__(self, **terms: int | str) -> None:
        super().__init__()
        for member_id in ("B1", "B2"):
            self.member(member_id, Role.BUYER)
        for member_id in ("S1", "S2"):
            self.member(member_id, Role.SELLER)
        for member_id in ("I1", "I2"):
            self.member(member_id, Role.INSPECTOR)
        self.send("operator", SetCommission(rate_bps=800, tax_bps=2_100))
        given: dict[str, int | str] = {
            "price_scale": 3, "lot_multiple": 40, "delivery": Delivery.HUB, "guarantee_bps": 50,
            "tax_regime": TaxRegime.DISCLOSED_AGENT,
        }  # fmt: skip
        self.instrument("KIT", **{**given, **terms})

    def send(
        self,
        member_id: str,
        command: AnyCommand,
        *,
        new_id: str = "",
        session: int = 0,
        idempotency: str = "",
        after_us: int = 1_000,
    ) -> Outcome:
        """As the venue's, with the invariants of money and goods checked after every command."""
        outcome = super().send(
            member_id, command, new_id=new_id, session=session, idempotency=idempotency, after_us=after_us
        )
        check_books(self)
        return outcome

    def sale(
        self,
        price: int = 2_375,
        quantity: int = 1_000,
        buyer: str = "B1",
        seller: str = "S1",
        name: str = "1",
    ) -> list[AnyEvent]:
        """Stock, a sell order and a buy order that trade at once: contracts S-<name> and B-<name>."""
        first = len(self.outcomes)
        self.stock(seller, quantity, "KIT")
        self.money(buyer, -(-price * quantity // 10) * 2)
        self._order(seller, Side.SELL, price, quantity, f"S-{name}")
        self._order(buyer, Side.BUY, price, quantity, f"B-{name}")
        return [event for outcome in self.outcomes[first:] for event in outcome.events]

    def _order(self, member_id: str, side: Side, price: int, quantity: int, order_id: str) -> None:
        command = PlaceOrder(instrument_id="KIT", side=side, price=price, quantity=quantity)
        assert not self.send(member_id, command, new_id=order_id).reply.code

    def dispatch(
        self, *lines: tuple[str, int, int], seller: str = "S1", consignment: str = "C-1"
    ) -> list[AnyEvent]:
        """Contract, line and quantity of each; the whole of S-1 unless said otherwise."""
        consigned = tuple(ConsignedLine(*line) for line in lines or [("S-1", 1, 1_000)])
        return self.done(seller, DispatchConsignment(instrument_id="KIT", lines=consigned), consignment)

    def receive(self, counted: int = 1_000, consignment: str = "C-1", lot: str = "L-1") -> list[AnyEvent]:
        return self.done("I1", ReceiveConsignment(consignment_id=consignment, counted_quantity=counted), lot)

    def inspect(
        self, passed: int = 0, conditional: int = 0, rejected: int = 0, cost: int = 3_500, lot: str = "L-1"
    ) -> list[AnyEvent]:
        return self.done("I1", inspection(passed, conditional, rejected, cost, lot))

    def decide(self, *, take: bool, contract: str = "B-1", buyer: str = "B1") -> list[AnyEvent]:
        return self.done(buyer, DecideConditional(contract_id=contract, take=take))

    def ship(self, *lines: tuple[str, int], shipment: str = "P-1") -> list[AnyEvent]:
        """The first line of B-1 unless said otherwise."""
        shipped = tuple(ShippedLine(*line) for line in lines or [("B-1", 1)])
        return self.done("I1", DispatchShipment(lines=shipped), shipment)

    def confirm(self, received: int = 1_000, shipment: str = "P-1", buyer: str = "B1") -> list[AnyEvent]:
        return self.done(buyer, ConfirmShipment(shipment_id=shipment, received_quantity=received))

    def accept(self, contract: str = "B-1", buyer: str = "B1") -> list[AnyEvent]:
        return self.done(buyer, AcceptGoods(contract_id=contract))

    def wait(self, after_us: int) -> list[AnyEvent]:
        """Let the time pass, and whatever falls due happen."""
        return self.send(SYSTEM, FireDeadlines(), after_us=after_us).events

    def done(self, member_id: str, command: AnyCommand, new_id: str = "") -> list[AnyEvent]:
        """A command that must take effect."""
        outcome = self.send(member_id, command, new_id=new_id)
        assert not outcome.reply.code, RejectCode(outcome.reply.code)
        return outcome.events

    def delivered(self, quantity: int = 1_000) -> None:
        """S-1 sent, all of it passed at a cost of 35.00, and B1 has it."""
        self.dispatch()
        self.receive(quantity)
        self.inspect(quantity)
        self.ship()
        self.confirm(quantity)


def inspection(
    passed: int, conditional: int = 0, rejected: int = 0, cost: int = 0, lot: str = "L-1", sample: int = 1
) -> InspectHubLot:
    return InspectHubLot(
        hub_lot_id=lot,
        plan=SamplingPlan.FIXED_SAMPLE,
        sample_quantity=sample,
        checks=CHECKS,
        evidence_hash="e" * 64,
        passed_quantity=passed,
        conditional_quantity=conditional,
        rejected_quantity=rejected,
        cost_minor=cost,
    )


def postings(events: Sequence[AnyEvent], unit: str = "USD") -> list[tuple[str, str, int]]:
    """Debit, credit and amount of the transfers of a unit."""
    return [
        (event.debit, event.credit, event.amount)
        for event in events
        if isinstance(event, TransferPosted) and event.unit == unit
    ]


def check_books(venue: Venue) -> None:
    """I1-I5 and I8: sums, rings, limits, escrows of ended contracts; every piece is where its deal says."""
    kernel = venue.kernel
    kernel.ledger.check_invariants()
    accounts = {
        (state.kind, state.owner, state.unit): state.balance for state in kernel.ledger.dump().accounts
    }
    pieces = {"inbound": 0, "hub": 0, "outbound": 0}
    money = 0
    for deal in kernel.deals.all():
        place = PLACES[deal.state]
        if place:
            pieces[place] += deal.left
        if deal.state not in ("accepted", "closed", "void"):
            money += deal.left_minor + deal.left_tax_minor
            charge = kernel.settlement.bought.get(deal.deal_id)
            money += charge.fee_minor + charge.tax_minor if charge else 0
    for kind, counted in pieces.items():
        held = -sum(balance for (each, _, unit), balance in accounts.items() if (each, unit) == (kind, "KIT"))
        assert held == counted, f"{kind} has {held}, its deals {counted}"
    escrowed = -sum(balance for (kind, _, _), balance in accounts.items() if kind == "escrow")
    assert escrowed == money, "every escrow is what its deals still cost"
    where = sum(balance for (kind, _, unit), balance in accounts.items() if kind in GOODS and unit == "KIT")
    assert where == 0, "declared + reserved + inbound + hub + outbound + delivered + rejected = brought"
    check_nothing_stays_provided(kernel)


PLACES = {
    "sold": "inbound", "dispatched": "inbound", "at_hub": "hub", "conditional": "hub", "passed": "hub",
    "shipped": "outbound", "delivered": "", "disputed": "", "accepted": "",
}  # fmt: skip
"""The kind of account that holds a deal's pieces in each state; those that were delivered count for ever."""
