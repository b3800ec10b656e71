"""A random life of goods through the hub, against a naive twin that counts the pieces and the cents of each deal.

After every command the venue checks the books (I1-I5 and I8); at the end all terms pass, and nothing is left on its
way, in escrow or provided for.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exchange.core.deals.deal import Deal
from exchange.core.kernel import Exchange
from exchange.core.messages import (
    AcceptGoods,
    AnswerClaim,
    AnyCommand,
    ConfirmShipment,
    ContractLineSettled,
    DecideConditional,
    DispatchConsignment,
    DispatchShipment,
    FileClaim,
    ReceiveConsignment,
    ReclaimRejected,
    ResolveClaim,
    Side,
    TaxRegime,
)
from exchange.core.messages.deals import ClaimReason
from exchange.core.messages.delivery import ConsignedLine, DealRefunded, Refunding, ShippedLine
from exchange.core.messages.lifecycles import DealState
from tests.core.hub import DAY, HubVenue, inspection

QUANTITY = 40
QUANTITIES = st.sampled_from([QUANTITY, QUANTITY, QUANTITY, 39, 13, 1])


@dataclass
class NaiveDeal:
    """What was bought, and what of it was given back or paid so far."""

    amount: int
    pieces_back: int = 0
    amount_back: int = 0
    paid: int = 0
    settled: bool = False
    claimed: bool = False


class LifeOfGoods(RuleBasedStateMachine):
    @initialize(regime=st.sampled_from(TaxRegime))
    def open(self, regime: TaxRegime) -> None:
        tax_bps = 2_100 if regime is TaxRegime.OWN_NAME else 0
        self.venue = HubVenue(tax_regime=regime, goods_tax_bps=tax_bps)
        self.twin: dict[tuple[str, int], NaiveDeal] = {}
        self.seen = 0
        self.names = 0
        for price, buyer in ((350, "B1"), (7, "B1"), (77, "B2")):
            self._sell(price, buyer)

    def name(self) -> str:
        self.names += 1
        return f"id{self.names}"

    def try_out(self, member_id: str, command: AnyCommand) -> None:
        """Fine or refused; what follows of it is counted."""
        self.venue.send(member_id, command, new_id=self.name())

    def deals_in(self, *states: DealState) -> list[Deal]:
        return [deal for deal in self.venue.kernel.deals.all() if deal.state in states]

    def _sell(self, price: int, buyer: str) -> None:
        name = self.name()
        self.venue.sale(price, QUANTITY, buyer, f"S{1 + self.names % 2}", name)
        self.twin[f"B-{name}", 1] = NaiveDeal(price * QUANTITY // 10)

    @precondition(lambda self: len(self.venue.kernel.deals.dump()) < 4)
    @rule(price=st.integers(1, 60).map(lambda each: each * 7), buyer=st.sampled_from(["B1", "B2"]))
    def sell(self, price: int, buyer: str) -> None:
        self._sell(price, buyer)

    @precondition(lambda self: self.deals_in(DealState.SOLD))
    @rule(data=st.data(), quantities=st.lists(QUANTITIES, min_size=3, max_size=3))
    def dispatch(self, data: st.DataObject, quantities: list[int]) -> None:
        sold = self.deals_in(DealState.SOLD)
        seller = data.draw(st.sampled_from(sold)).sides.seller_id
        own = [deal.sides for deal in sold if deal.sides.seller_id == seller]
        chosen = data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=3))
        lines = tuple(
            ConsignedLine(sides.seller_contract_id, sides.seller_line, quantity)
            for sides, quantity in zip(chosen, quantities, strict=False)
        )
        self.try_out(seller, DispatchConsignment(instrument_id="KIT", lines=lines))

    @precondition(lambda self: self.venue.kernel.consignments.dump())
    @rule(data=st.data(), differs=st.sampled_from([0, 0, 0, 5, -1, -7, -1_000]))
    def receive(self, data: st.DataObject, differs: int) -> None:
        box = data.draw(st.sampled_from(self.venue.kernel.consignments.dump()))
        counted = max(0, box.quantity + differs)
        self.try_out("I1", ReceiveConsignment(consignment_id=box.consignment_id, counted_quantity=counted))

    @precondition(lambda self: self.venue.kernel.hub_lots.dump())
    @rule(data=st.data(), cost=st.integers(0, 5_000))
    def inspect(self, data: st.DataObject, cost: int) -> None:
        lot = data.draw(st.sampled_from(self.venue.kernel.hub_lots.dump()))
        passed = data.draw(st.just(lot.quantity) | st.integers(0, lot.quantity))
        doubted = data.draw(st.integers(0, lot.quantity - passed))
        rejected = lot.quantity - passed - doubted
        self.try_out("I1", inspection(passed, doubted, rejected, cost, lot.hub_lot_id))

    @precondition(lambda self: self.deals_in(DealState.CONDITIONAL))
    @rule(data=st.data(), take=st.booleans())
    def decide(self, data: st.DataObject, take: bool) -> None:
        sides = data.draw(st.sampled_from(self.deals_in(DealState.CONDITIONAL))).sides
        self.try_out(sides.buyer_id, DecideConditional(contract_id=sides.buyer_contract_id, take=take))

    @precondition(lambda self: self.deals_in(DealState.PASSED))
    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        passed = [deal.sides for deal in self.deals_in(DealState.PASSED)]
        chosen = data.draw(st.lists(st.sampled_from(passed), min_size=1, max_size=2))
        lines = tuple(ShippedLine(sides.buyer_contract_id, sides.buyer_line) for sides in chosen)
        self.try_out("I1", DispatchShipment(lines=lines))

    @precondition(lambda self: self.venue.kernel.shipments.dump())
    @rule(data=st.data(), lost=st.sampled_from([0, 0, 0, 1, 9, 1_000]))
    def confirm(self, data: st.DataObject, lost: int) -> None:
        box = data.draw(st.sampled_from(self.venue.kernel.shipments.dump()))
        received = max(0, box.quantity - lost)
        self.try_out(box.buyer_id, ConfirmShipment(shipment_id=box.shipment_id, received_quantity=received))

    @precondition(lambda self: self.deals_in(DealState.DELIVERED))
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        sides = data.draw(st.sampled_from(self.deals_in(DealState.DELIVERED))).sides
        self.try_out(sides.buyer_id, AcceptGoods(contract_id=sides.buyer_contract_id))

    @precondition(lambda self: self.deals_in(DealState.DELIVERED, DealState.ACCEPTED))
    @rule(data=st.data(), quantity=st.integers(0, QUANTITY), answered=st.booleans())
    def claim(self, data: st.DataObject, quantity: int, answered: bool) -> None:
        deals = self.deals_in(DealState.DELIVERED, DealState.ACCEPTED)
        sides = data.draw(st.sampled_from(deals)).sides
        command = FileClaim(
            contract_id=sides.buyer_contract_id,
            line=sides.buyer_line,
            reason=ClaimReason.DEFECTIVE,
            quantity=quantity,
        )
        self.try_out(sides.buyer_id, command)
        if answered:
            reply = AnswerClaim(contract_id=sides.seller_contract_id, line=sides.seller_line, admit=True)
            self.try_out(sides.seller_id, reply)

    @precondition(lambda self: self.venue.kernel.claims.dump())
    @rule(data=st.data(), bps=st.integers(0, 10_000), pieces=st.integers(0, QUANTITY))
    def resolve(self, data: st.DataObject, bps: int, pieces: int) -> None:
        claim_id = data.draw(st.sampled_from(self.venue.kernel.claims.dump())).claim_id
        by_pieces = ResolveClaim(claim_id=claim_id, upheld_quantity=pieces)
        by_share = ResolveClaim(claim_id=claim_id, upheld_bps=bps)
        self.try_out("operator", by_pieces if bps % 2 else by_share)

    @precondition(lambda self: self.venue.balance("rejected:S1", "KIT"))
    @rule(quantity=st.integers(1, QUANTITY), declare=st.booleans())
    def reclaim(self, quantity: int, declare: bool) -> None:
        self.try_out("S1", ReclaimRejected(instrument_id="KIT", quantity=quantity, declare=declare))

    @precondition(lambda self: self.names % 5 == 0)  # Goods move more often than terms pass.
    @rule(days=st.sampled_from([1, 1, 1, 4, 8, 30]))
    def wait(self, days: int) -> None:
        self.venue.wait(days * DAY)
        self.names += 1

    @precondition(lambda self: self.names % 4 == 0)
    @rule()
    def restart(self) -> None:
        self.names += 1
        dumped = self.venue.kernel.dump()
        self.venue.kernel = Exchange.load(dumped)
        assert self.venue.kernel.dump() == dumped

    @invariant()
    def every_deal_counts_as_its_twin(self) -> None:
        for outcome in self.venue.outcomes[self.seen :]:
            for event in outcome.events:
                if isinstance(event, DealRefunded):
                    twin = self.twin[event.sides.buyer_contract_id, event.sides.buyer_line]
                    twin.pieces_back += event.quantity
                    twin.amount_back += event.amount_minor
                    twin.claimed |= event.cause is Refunding.CLAIM
                elif isinstance(event, ContractLineSettled) and event.side is Side.BUY:
                    twin = self.twin[event.contract_id, event.line]
                    twin.paid, twin.settled = event.amount_minor, True
                    assert twin.paid + twin.amount_back == twin.amount, "all of the price went somewhere"
        self.seen = len(self.venue.outcomes)
        for deal in self.venue.kernel.deals.all():
            twin = self.twin[deal.sides.buyer_contract_id, deal.sides.buyer_line]
            share = Fraction(twin.amount * deal.left, QUANTITY)
            assert twin.claimed or deal.left_minor == floor(share + Fraction(1, 2))
            assert (deal.left, deal.left_minor) == (
                QUANTITY - twin.pieces_back,
                twin.amount - twin.amount_back,
            )

    def teardown(self) -> None:
        """Let every term pass; where the hub is late, it does its part in the end."""
        venue = self.venue
        for _ in range(4):
            for lot in venue.kernel.hub_lots.dump():
                self.try_out("I1", inspection(lot.quantity, lot=lot.hub_lot_id))
            venue.wait(40 * DAY)
            for filed in venue.kernel.claims.dump():
                self.try_out("operator", ResolveClaim(claim_id=filed.claim_id))
            for contract_id, line in sorted(self.twin):
                self.try_out("I1", DispatchShipment(lines=(ShippedLine(contract_id, line),)))
        venue.wait(200 * DAY)
        venue.wait(200 * DAY)
        self.every_deal_counts_as_its_twin()
        kernel = venue.kernel
        assert kernel.deals.dump() == kernel.contracts.dump() == []  # type: ignore[comparison-overlap]
        moving = ("escrow", "inbound", "hub", "outbound", "guarantee:provision")
        assert not [each for each in kernel.ledger.dump().accounts if each.kind in moving and each.balance]
        assert all(twin.settled for twin in self.twin.values())


TestLifeOfGoods = LifeOfGoods.TestCase
TestLifeOfGoods.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
