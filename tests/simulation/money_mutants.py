"""Bugs of fees, refunds and guarantees, planted on purpose: see `mutants`."""

from typing import Any, Final

from exchange.core.deals.deal import deal_id_of
from exchange.core.flows.corrections import Corrections, Found
from exchange.core.flows.hub_deals import HubDeals
from exchange.core.flows.settlement import Leg
from exchange.core.ledger.commission import Charge, Commission
from exchange.core.messages import AnyEvent
from exchange.core.messages.lifecycles import DealState
from tests.simulation.planting import Healthy, Mutant, Patch
from tests.simulation.wide import WideWorld


def _paid_back_twice(healthy: Healthy) -> Healthy:
    def pay_back(self: HubDeals, deal: Any, pieces: int, amount: int, *rest: Any) -> None:
        healthy(self, deal, pieces, 2 * amount, *rest)

    return pay_back


def _stays_provided(healthy: Healthy) -> Healthy:
    def provide(self: HubDeals, deal: Any, provision_minor: int, reason: str, events: list[AnyEvent]) -> None:
        if reason == "lapse":
            self.deals.provide(deal, provision_minor)
        else:
            healthy(self, deal, provision_minor, reason, events)

    return provide


def _for_ever(healthy: Healthy) -> Healthy:
    def meet(self: HubDeals, deadline: Any, at_us: int, events: list[AnyEvent]) -> None:
        if self.deals.get(deadline.subject).state is not DealState.ACCEPTED:
            healthy(self, deadline, at_us, events)

    return meet


def _without_fee(healthy: Healthy) -> Healthy:
    def back(self: Corrections, found: Found, at_us: int) -> list[Leg]:
        self.settlement.bought.pop(deal_id_of(found.bought.contract_id, found.line.line), None)
        legs: list[Leg] = healthy(self, found._replace(charge=None), at_us)
        return legs

    return back


def _silent(_healthy: Healthy) -> Healthy:
    return lambda *_arguments: None


def _off_the_books(_healthy: Healthy) -> Healthy:
    def give_back(self: Commission, charge: Charge, base_left_minor: int, _period: int) -> tuple[int, int]:
        bears = self.schedule(charge.schedule_version).share_bps(charge.side)
        return self.refund(charge, base_left_minor) if bears else (0, 0)

    return give_back


MONEY_MUTANTS: Final[dict[str, Mutant]] = {
    "paid_back_twice": Mutant(
        "a refund is paid twice", "P1 P4", [Patch(HubDeals, "pay_back", _paid_back_twice)], WideWorld
    ),
    "provision_stays": Mutant(
        "what was set aside for a guarantee stays when it is over",
        "P4",
        [Patch(HubDeals, "_provide", _stays_provided)],
        WideWorld,
    ),
    "guarantee_for_ever": Mutant(
        "a guarantee does not end", "P7", [Patch(HubDeals, "meet", _for_ever)], WideWorld
    ),
    "bust_keeps_fee": Mutant(
        "the fee of a busted trade is kept, and nothing is told of it",
        "P4",
        [Patch(Corrections, "_back", _without_fee), Patch(Corrections, "_tell_of_fee", _silent)],
        WideWorld,
    ),
    "fee_untold": Mutant(
        "the fee of a busted trade comes back without a word",
        "P4",
        [Patch(Corrections, "_tell_of_fee", _silent)],
        WideWorld,
    ),
    "fee_unwritten": Mutant(
        "a fee that was given back stays in the commission's books",
        "P4",
        [Patch(Commission, "give_back", _off_the_books)],
        WideWorld,
    ),
}
