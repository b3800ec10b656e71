"""What must be true of every sale from stock whatever its rules, in plain words.

Guarantees: a lot's pieces are reserved, all of them and once, from its publication until it is sold, void or nobody's;
whoever owes a payment has its whole term, an outage on top, and an end of it that is kept; whoever is late loses its
bond, once, and is followed by the best bid that is left; what is paid is sold by a contract for each side.
"""

from collections.abc import Iterator, Sequence

from exchange.core.flows.lot_sale import LOT_PAYMENT
from exchange.core.kernel import Exchange
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages import AnyEvent, EndOutage, Sequenced
from exchange.core.messages.awards import BondMoved
from exchange.core.messages.lifecycles import BondState
from exchange.core.messages.lot_sales import LotSaleMoved, SaleState
from exchange.core.messages.sourcing import LotAwarded

Debtor = tuple[str, str]
"""Lot and winner."""


class SaleWatch:
    """Looks at the kernel after every command."""

    def __init__(self, kernel: Exchange) -> None:
        self._kernel = kernel
        self._bonds: dict[tuple[str, str], int] = {}  # what is placed, by event and member
        self._due: dict[Debtor, int] = {}  # of payments that are waited for
        self._late: dict[str, dict[str, None]] = {}  # by lot, who hasn't paid in time

    def objections(self, sent: Sequenced, events: Sequence[AnyEvent]) -> Iterator[str]:
        """What can't be true, each with the promise that it breaks."""
        owed = dict(self._due) if isinstance(sent.command, EndOutage) else {}
        for place, event in enumerate(events):
            match event:
                case BondMoved():
                    yield from self._bond(event)
                case LotSaleMoved(state=SaleState.WAITS):
                    yield from self._waits(sent, event)
                case LotSaleMoved(state=SaleState.DEFAULTED):
                    yield from self._defaulted(sent, event, events[place:])
                case LotSaleMoved():
                    self._due.pop((event.lot_id, event.winner_id), None)
                    yield from self._paid(event)
                case _:
                    pass
        yield from self._kept(sent, owed)
        yield from self._reserved()

    # --- goods ---------------------------------------------------------------------------------------

    def _reserved(self) -> Iterator[str]:
        holds = self._kernel.ledger.holds
        for lot in self._kernel.auctions.lots():
            if not lot.instrument_id:
                continue
            held = holds[lot.lot_id].remaining if lot.lot_id in holds else 0
            due = lot.quantity if self._on_offer(lot) else 0
            if held != due:
                yield f"P4: {held} pieces of lot {lot.lot_id} are reserved, not {due}: it is {lot.state}"

    def _on_offer(self, lot: Lot) -> bool:
        """Whether the lot could still be sold."""
        if lot.state is not LotState.AWARDED:
            return lot.state not in (LotState.DRAFT, LotState.VOID)
        sale = self._kernel.sales.get(lot.lot_id)
        return lot.awarded_alias > 0 and (sale is None or sale.state is not SaleState.PAID)

    def _paid(self, sale: LotSaleMoved) -> Iterator[str]:
        for contract_id, member_id in ((sale.contract_id, sale.winner_id), (sale.lot_id, sale.seller_id)):
            contract = self._kernel.contracts.get(contract_id)
            lines = [(line.price, line.quantity) for line in contract.lines.values()] if contract else []
            if contract is None or contract.member_id != member_id or lines != [(sale.price, sale.quantity)]:
                yield f"P3: {sale} is no contract of {member_id}: {contract}"

    # --- time ----------------------------------------------------------------------------------------

    def _waits(self, sent: Sequenced, sale: LotSaleMoved) -> Iterator[str]:
        debtor, event = (sale.lot_id, sale.winner_id), self._event(sale)
        assert event.sale is not None
        least_us = self._due.get(debtor, sent.at_us + event.sale.payment_us)
        if sale.due_us < least_us:
            yield f"P7: {sale} is due before {least_us}"
        self._due[debtor] = sale.due_us

    def _kept(self, sent: Sequenced, owed: dict[Debtor, int]) -> Iterator[str]:
        """Every payment that is waited for has its end, and an outage moves those that were `owed`."""
        if not self._due:
            return
        deadlines = self._kernel.deadlines.dump()[1]
        ends = {each.subject: each.due_us for each in deadlines if each.kind == LOT_PAYMENT}
        for (lot_id, winner_id), due_us in self._due.items():
            least_us = sent.at_us + 1
            if isinstance(sent.command, EndOutage):
                least_us = owed[lot_id, winner_id] + sent.command.down_us
            if ends.get(lot_id) != due_us or due_us < least_us:
                yield f"P7: {winner_id} has until {ends.get(lot_id)} to pay for lot {lot_id}: {due_us}, {least_us}"

    # --- who is late ---------------------------------------------------------------------------------

    def _defaulted(self, sent: Sequenced, sale: LotSaleMoved, since: Sequence[AnyEvent]) -> Iterator[str]:
        due_us = self._due.pop((sale.lot_id, sale.winner_id), 0)
        if sent.at_us < due_us:
            yield f"P7: {sale} comes before {due_us}"
        place = sale.event_id, sale.winner_id
        lost = [each for each in since if isinstance(each, BondMoved) and _place(each) == place]
        placed = place in self._bonds
        if [each.state for each in lost[:1]] != [BondState.FORFEITED] * placed:
            yield f"P3: {sale} leaves the bond where it was: {lost}"
        self._late.setdefault(sale.lot_id, {})[sale.winner_id] = None
        yield from self._followed(sale, since)

    def _followed(self, sale: LotSaleMoved, since: Sequence[AnyEvent]) -> Iterator[str]:
        event, lot = self._event(sale), self._kernel.auctions.lot_of(sale.lot_id)
        assert event.sale is not None
        late = self._late[sale.lot_id]
        left = [bid for bid in lot.board.ranking() if bid.member_id not in late]
        following = next(
            (each.winner_id for each in since if isinstance(each, LotAwarded) and each.lot_id == lot.lot_id),
            None,
        )
        due = left[0].member_id if left else ""
        waits = bool(left) and not (event.sale.award_next and left[0].price >= lot.rules.reserve_price)
        if following != (None if waits else due):
            yield f"P3: {sale} is followed by {following}, and best of the others is {due}"

    def _bond(self, moved: BondMoved) -> Iterator[str]:
        place = _place(moved)
        if moved.state is BondState.PLACED:
            self._bonds[place] = moved.amount_minor
        elif self._bonds.pop(place, None) != moved.amount_minor:
            yield f"P4: {moved} ends what has ended"

    def _event(self, sale: LotSaleMoved) -> SourcingEvent:
        return self._kernel.auctions.event_of(sale.event_id)


def _place(moved: BondMoved) -> tuple[str, str]:
    """Whose bond it is, and in which event."""
    return moved.event_id, moved.member_id
