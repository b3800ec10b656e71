"""Bugs of sales from stock, planted on purpose: of their terms, bonds, goods, and of who follows whom."""

from typing import Final

from msgspec.structs import replace

from exchange.core.flows.lot_sale import LotSales
from exchange.core.flows.lot_stock import LotStock
from exchange.core.ledger.bonds import Bond, Bonds
from exchange.core.market.lots.awards import Awards
from exchange.core.market.lots.sales import LotSale
from exchange.core.market.sourcing import Lot
from exchange.core.messages import AnyEvent
from exchange.core.messages.lifecycles import BondStep
from exchange.core.messages.lot_sales import SaleTerms
from tests.simulation.planting import Healthy, Mutant, Patch
from tests.simulation.wide import WideWorld


def _halved(healthy: Healthy) -> Healthy:
    def terms(self: LotSales, lot: Lot) -> SaleTerms:
        whole: SaleTerms = healthy(self, lot)
        return replace(whole, payment_us=whole.payment_us // 2)

    return terms


def _stays_placed(healthy: Healthy) -> Healthy:
    def end(self: Bonds, bond: Bond, step: BondStep, reason: str, events: list[AnyEvent]) -> None:
        healthy(self, bond, step, reason, events)
        if step is BondStep.FORFEIT:
            self._know(bond)

    return end


def _never(_healthy: Healthy) -> Healthy:
    def nothing(*_args: object) -> None:
        return None

    return nothing


def _freed_by_the_late(healthy: Healthy) -> Healthy:
    def default(self: LotSales, lot: Lot, sale: LotSale, events: list[AnyEvent]) -> None:
        self.stock.free(lot.lot_id, events)
        healthy(self, lot, sale, events)

    return default


SALE_MUTANTS: Final[dict[str, Mutant]] = {
    "term_halved": Mutant(
        "a winner has half of the time to pay", "P7", [Patch(LotSales, "_terms", _halved)], WideWorld
    ),
    "bond_kept_placed": Mutant(
        "a bond that is forfeited can be returned or forfeited again",
        "P4",
        [Patch(Bonds, "end", _stays_placed)],
        WideWorld,
    ),
    "stock_kept": Mutant(
        "pieces that nobody buys stay reserved",
        "P4",
        [Patch(LotStock, "free", _never)],
        WideWorld,
    ),
    "stock_freed_early": Mutant(
        "pieces are free before the next best has them",
        "P4",
        [Patch(LotSales, "_default", _freed_by_the_late)],
        WideWorld,
    ),
    "late_again": Mutant(
        "who is late is awarded once more", "P3", [Patch(Awards, "default", _never)], WideWorld
    ),
}
