"""Deals that go through the hub: where the goods of each fill are, and how much of its price still counts.

Guarantees: a deal moves along the table `lifecycles.DEAL` alone; what counts of its price and of the tax on it is
the share of the pieces that count, rounded once from the whole, so that refunds and payment add up to what was
escrowed; each move is one DealMoved with the whole deal.
Does not move money or goods: the flows post them. A deal is forgotten once it is void or its guarantee ended.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.deals.contract import Contract
from exchange.core.deals.trades import Line
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side
from exchange.core.messages.delivery import DealMoved, Sides
from exchange.core.messages.lifecycles import DEAL, DealState, DealStep, after, allows
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import divided_half_away


class Deal(Struct, array_like=True, gc=False):
    """One fill. `quantity`, `amount_minor` and `goods_tax_minor` are those of the trade; `left…` is what counts.

    `provision_minor` is set aside for its guarantee, and `called` once a claim has used the guarantee; `due_us`
    ends the term of its state.
    """

    deal_id: str  # of the exchange itself, as the subject of deadlines: contract and line of the buyer
    sides: Sides
    currency: str
    quantity: int
    amount_minor: int
    goods_tax_minor: int
    schedule_version: int
    left: int
    left_minor: int
    left_tax_minor: int
    state: DealState = DealState.SOLD
    conditional: int = 0
    provision_minor: int = 0
    called: bool = False
    consignment_id: str = ""
    hub_lot_id: str = ""
    shipment_id: str = ""
    claim_id: str = ""
    due_us: int = 0

    def allows(self, step: DealStep) -> bool:
        """Whether the step can be taken now."""
        return allows(DEAL, self.state, step)


class Deals:
    """Deals by their ids, and by contract and line of either side."""

    def __init__(self) -> None:
        self._by_id: dict[str, Deal] = {}
        self._by_contract: dict[str, dict[int, Deal]] = {}
        self._pledged: dict[str, int] = {}

    def get(self, deal_id: str) -> Deal:
        """A deal that is known to be there."""
        return self._by_id[deal_id]

    def of_contract(self, contract_id: str) -> list[Deal]:
        """The deals of a contract of either side, by line."""
        lines = self._by_contract.get(contract_id, {})
        return [lines[line] for line in sorted(lines)]

    def named(self, member_id: str, side: Side, contract_id: str, line: int) -> Deal | None:
        """The deal behind a line of the member's own contract on that side."""
        deal = self._by_contract.get(contract_id, {}).get(line)
        return deal if deal is not None and _is_own(deal, member_id, side, contract_id) else None

    def refusal_of_lines(self, found: Sequence[Deal | None], step: DealStep) -> Reject | None:
        """Checks, line by line: LINE_UNKNOWN, LINE_TWICE, OTHER_INSTRUMENT than the first, OUT_OF_TURN."""
        seen: dict[str, Deal] = {}
        for place, deal in enumerate(found):
            code = _line_code(deal, seen, step)
            if code is not None or deal is None:
                return Reject(code or RejectCode.LINE_UNKNOWN, field=f"lines[{place}]")
            seen[deal.deal_id] = deal
        return None

    def pledged(self, currency: str) -> int:
        """What is set aside for guarantees that no claim has called: nothing else may use it."""
        return self._pledged.get(currency, 0)

    def provide(self, deal: Deal, provision_minor: int) -> int:
        """Set so much aside for a deal that was not called; how much more that is than before."""
        assert not deal.called, "a called guarantee takes nothing more"
        more = provision_minor - deal.provision_minor
        deal.provision_minor = provision_minor
        self._pledged[deal.currency] = self.pledged(deal.currency) + more
        return more

    def call(self, deal: Deal) -> None:
        """A claim used the guarantee: what is set aside may bear a recourse that the seller does not pay."""
        if not deal.called:
            self._pledged[deal.currency] = self.pledged(deal.currency) - deal.provision_minor
            deal.called = True

    def sell(
        self,
        bought: Contract,
        line: Line,
        sold: Contract,
        currency: str,
        due_us: int,
        events: list[AnyEvent],
    ) -> Deal:
        """The last line of the buyer's contract goes through the hub; the seller has until `due_us`."""
        sides = sides_of(bought, line, sold)
        deal = Deal(
            deal_id_of(bought.contract_id, line.line),
            sides,
            currency,
            line.quantity,
            line.amount_minor,
            line.goods_tax_minor,
            line.schedule_version,
            line.quantity,
            line.amount_minor,
            line.goods_tax_minor,
            due_us=due_us,
        )
        self._know(deal)
        events.append(moved(deal))
        return deal

    def reduce(self, deal: Deal, left: int) -> tuple[int, int]:
        """Fewer pieces count; the price and the tax that count no more, by difference of what is left."""
        assert 0 <= left <= deal.left, "pieces only get fewer"
        left_minor = divided_half_away(deal.amount_minor * left, deal.quantity)
        left_tax_minor = divided_half_away(deal.goods_tax_minor * left, deal.quantity) if left_minor else 0
        freed = deal.left_minor - left_minor, deal.left_tax_minor - left_tax_minor
        deal.left, deal.left_minor, deal.left_tax_minor = left, left_minor, left_tax_minor
        return freed

    def step(self, deal: Deal, step: DealStep, due_us: int, events: list[AnyEvent]) -> None:
        """Move on; the term of the new state ends at `due_us`, or never (0)."""
        deal.state, deal.due_us = after(DEAL, deal.state, step), due_us
        events.append(moved(deal))

    def forget(self, deal: Deal) -> None:
        """Its life is over: the history keeps it."""
        del self._by_id[deal.deal_id]
        sides = deal.sides
        for contract_id, line in (
            (sides.buyer_contract_id, sides.buyer_line),
            (sides.seller_contract_id, sides.seller_line),
        ):
            lines = self._by_contract[contract_id]
            del lines[line]
            if not lines:
                del self._by_contract[contract_id]

    def _know(self, deal: Deal) -> None:
        sides = deal.sides
        if not deal.called:
            self._pledged[deal.currency] = self.pledged(deal.currency) + deal.provision_minor
        self._by_id[deal.deal_id] = deal
        self._by_contract.setdefault(sides.buyer_contract_id, {})[sides.buyer_line] = deal
        self._by_contract.setdefault(sides.seller_contract_id, {})[sides.seller_line] = deal

    def all(self) -> Iterable[Deal]:
        """Every deal that is not forgotten, by its id."""
        return (self._by_id[deal_id] for deal_id in sorted(self._by_id))

    def dump(self) -> list[Deal]:
        """All deals by their ids: copies, which later steps do not change."""
        return [replace(deal) for deal in self.all()]

    @classmethod
    def load(cls, state: list[Deal]) -> "Deals":
        """The deals of a dump."""
        deals = cls()
        for deal in state:
            deals._know(replace(deal))
        return deals


def deal_id_of(buyer_contract_id: str, buyer_line: int) -> str:
    """How the exchange itself names a deal."""
    return f"{buyer_contract_id}/{buyer_line}"


def moved(deal: Deal) -> DealMoved:
    """The deal as it is now."""
    return DealMoved(
        deal.sides,
        deal.state,
        deal.left,
        deal.conditional,
        deal.left_minor,
        deal.left_tax_minor,
        deal.consignment_id,
        deal.hub_lot_id,
        deal.shipment_id,
        deal.due_us,
    )


def _is_own(deal: Deal, member_id: str, side: Side, contract_id: str) -> bool:
    sides = deal.sides
    if side is Side.BUY:
        return (sides.buyer_id, sides.buyer_contract_id) == (member_id, contract_id)
    return (sides.seller_id, sides.seller_contract_id) == (member_id, contract_id)


def _line_code(deal: Deal | None, seen: dict[str, Deal], step: DealStep) -> RejectCode | None:
    """What is wrong with the next line, where `seen` are those before it."""
    if deal is None:
        return RejectCode.LINE_UNKNOWN
    if deal.deal_id in seen:
        return RejectCode.LINE_TWICE
    first = next(iter(seen.values()), deal)
    if deal.sides.instrument_id != first.sides.instrument_id:
        return RejectCode.OTHER_INSTRUMENT
    return None if deal.allows(step) else RejectCode.OUT_OF_TURN


def sides_of(bought: Contract, line: Line, sold: Contract) -> Sides:
    """Both contracts of what the buyer's line stands for."""
    return Sides(
        bought.contract_id,
        line.line,
        bought.member_id,
        sold.contract_id,
        line.counter_line,
        sold.member_id,
        bought.instrument_id,
    )
