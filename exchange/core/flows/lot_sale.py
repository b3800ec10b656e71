"""The sale of an awarded surplus lot: paid at once or within its term, or else its winner's default.

Guarantees: with the payment the lot is sold exactly as a trade of the surplus market is, by a contract for each side:
the seller's has the lot's id; what follows (delivery, claims, fees, papers) is that of any contract, and no success fee
is on top. At the award the winner's wallet pays, if it covers price, tax on the goods and commission; otherwise the
winner has `payment_us`, at whose end its wallet is asked once more. Whoever hasn't paid then has defaulted: its bond is
forfeited, and where the event says so the next-best bid that meets the reserve is awarded by itself, and so on. When
nobody is left, or nobody has bid, the lot is awarded to nobody and its pieces are stock again. A lot that is bought now
is awarded at once. Bonds are returned when nothing of the event can be awarded any more.

Known limits: the commission that the buyer pays is that of the payment, not that of the award. Nothing that is paid for
is taken back: a sale has no number in the book, so no operator can bust it.
"""

from typing import Final

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.bonds import BidBonds
from exchange.core.flows.holds import Holds
from exchange.core.flows.lot_stock import LotStock
from exchange.core.flows.outcome import Done, Handlers, Steps
from exchange.core.goods.instruments import Instrument
from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.market.auction import Auctions
from exchange.core.market.ending import Endings
from exchange.core.market.lots.admission import meets_reserve_at
from exchange.core.market.lots.awards import Awards, close_again
from exchange.core.market.lots.sales import LotSale, Sales, any_unpaid
from exchange.core.market.lots.standstill import Standstills, any_waits
from exchange.core.market.sourcing import EventState, Lot, LotState
from exchange.core.messages import AnyEvent, AwardLot, Sequenced, Side
from exchange.core.messages.awards import WinnerDefaulted, WonPart
from exchange.core.messages.lot_sales import LotSaleMoved, PaySale, SaleState, SaleTerms
from exchange.core.messages.sealed import BidsRevealed
from exchange.core.messages.sourcing import EventCancelled, LotAwarded, LotClosed
from exchange.core.messages.standstill import AwardWithdrawn
from exchange.core.rejects import Reject, RejectCode

LOT_PAYMENT: Final = "lot_payment"
"""Until when the winner of a surplus lot pays; its subject is the lot."""
UNPAID: Final = "Not paid in time"
_CLOSES: Final = (LotClosed, BidsRevealed, AwardWithdrawn)
_OVER: Final = (EventState.ENDED, EventState.CANCELLED)


class LotSales:
    """What becomes of surplus lots after their close."""

    def __init__(
        self,
        auctions: Auctions,
        stock: LotStock,
        holds: Holds,
        bid_bonds: BidBonds,
        awards: Awards,
        standstills: Standstills,
        sales: Sales,
        deadlines: Deadlines,
    ) -> None:
        self.auctions = auctions
        self.endings = Endings(auctions)
        self.stock = stock
        self.holds = holds
        self.bid_bonds = bid_bonds
        self.awards = awards
        self.standstills = standstills
        self.sales = sales
        self.deadlines = deadlines

    def handlers(self) -> Handlers:
        """Its command."""
        return {PaySale: self.pay_sale}

    def steps(self) -> Steps:
        """Its deadline."""
        return {LOT_PAYMENT: self.meet}

    def pay_sale(self, sent: Sequenced, command: PaySale, events: list[AnyEvent]) -> Done | Reject:
        """Checks: SALE_UNKNOWN (none of the lot waits for the sender's money), MONEY_SHORT (the bound is what the wallet
        can pay). A suspended winner may pay: it has promised to. The reply's id is the contract, its number what was
        held for it.
        """
        sale = self.sales.waits(command.lot_id)
        if sale is None or sale.winner_id != sent.member_id:
            return Reject(RejectCode.SALE_UNKNOWN, field="lot_id")
        lot = self.auctions.lot_of(command.lot_id)
        need, free = self._need(lot, sale.price), self._free(lot, sale.winner_id)
        if need > free:
            return Reject(RejectCode.MONEY_SHORT, free)
        # Nothing below this line can fail.
        self.deadlines.drop(LOT_PAYMENT, lot.lot_id)
        self._sell(lot, sale, events)
        return Done(_buyers_contract(lot.lot_id), number=need)

    # --- award and payment -------------------------------------------------------------------------

    def begin(self, lot: Lot, part: WonPart, at_us: int, events: list[AnyEvent]) -> None:
        """The award of the whole lot is final."""
        need = self._need(lot, part.price)
        terms = part.price, part.quantity, part.amount_minor, need
        due_us = at_us + self._terms(lot).payment_us
        sale = LotSale(lot.lot_id, part.winner_id, part.alias, SaleState.WAITS, *terms, due_us, "")
        if need <= self._free(lot, part.winner_id):
            self._sell(lot, sale, events)
            return
        self._tell(sale, SaleState.WAITS, due_us, events)
        self.deadlines.set(LOT_PAYMENT, lot.lot_id, due_us)

    def _sell(self, lot: Lot, sale: LotSale, events: list[AnyEvent]) -> None:
        """Money and goods go where those of a trade go."""
        seller_id, contract_id = self._seller_of(lot), _buyers_contract(lot.lot_id)
        self._tell(sale, SaleState.PAID, 0, events)
        sides = contract_id, sale.winner_id, lot.lot_id, seller_id
        self.holds.sell_reserved(*sides, self._instrument(lot), sale.price, sale.quantity, events)

    def meet(self, deadline: Deadline, _: int, events: list[AnyEvent]) -> None:
        """The payment is due: what the wallet has by now counts."""
        lot = self.auctions.lot_of(deadline.subject)
        sale = self.sales.waits(lot.lot_id)
        assert sale is not None, "a deadline goes with its sale"
        if self._need(lot, sale.price) <= self._free(lot, sale.winner_id):
            self._sell(lot, sale, events)
        else:
            self._default(lot, sale, events)

    def _default(self, lot: Lot, sale: LotSale, events: list[AnyEvent]) -> None:
        """As of a declared default, and then the next."""
        event = self.auctions.event_of(lot.event_id)
        self._tell(sale, SaleState.DEFAULTED, 0, events)
        close_again(event, lot, WinnerDefaulted)
        events.append(WinnerDefaulted(lot.lot_id, event.event_id, sale.winner_id, sale.alias, UNPAID))
        bond = self.bid_bonds.bonds.get(event.event_id, sale.winner_id)
        if bond is not None:
            self.bid_bonds.forfeit(bond, UNPAID, events)
        self.awards.default(lot.lot_id, sale.alias)
        following = self.awards.best(lot)
        if not following or event.state is EventState.CANCELLED:
            self._award(lot, 0, events)
        elif self._terms(lot).award_next and meets_reserve_at(lot, following[0].price):
            self._award(lot, following[0].alias, events)

    # --- what follows ------------------------------------------------------------------------------

    def follow(self, events: list[AnyEvent], *, bought: bool) -> None:
        """Lots that nobody bids for any more; `bought`: the one that was closed was bought now."""
        for happened in tuple(events):
            if isinstance(happened, _CLOSES):
                lot = self.auctions.lot_of(happened.lot_id)
                if lot.instrument_id:
                    self._closed(lot, events, bought=bought)
            elif isinstance(happened, LotAwarded) and not happened.winner_id:
                self.stock.free(happened.lot_id, events)
            elif isinstance(happened, EventCancelled):
                for lot in self.auctions.event_of(happened.event_id).lots:
                    self._free_if_void(lot, events)

    def _closed(self, lot: Lot, events: list[AnyEvent], *, bought: bool) -> None:
        if lot.state is not LotState.CLOSED:
            return
        if lot.sealed is not None and not lot.sealed.is_open:
            return
        cancelled = self.auctions.event_of(lot.event_id).state is EventState.CANCELLED
        best = self.awards.best(lot)
        if not best or cancelled:
            self._award(lot, 0, events)
        elif bought:
            self._award(lot, best[0].alias, events)

    def _award(self, lot: Lot, alias: int, events: list[AnyEvent]) -> None:
        """To the bid of the alias, or to nobody."""
        self.endings.award(AwardLot(lot_id=lot.lot_id, alias=alias), events)
        if not alias:
            self.stock.free(lot.lot_id, events)

    def _free_if_void(self, lot: Lot, events: list[AnyEvent]) -> None:
        """What was won before its event was cancelled is still to be paid."""
        if lot.state is LotState.VOID:
            self.stock.free(lot.lot_id, events)

    def settle_bonds(self, events: list[AnyEvent]) -> None:
        """Return those of events of which nothing can be awarded any more."""
        touched = [each.event_id for each in events if type(each) in _SETTLES and isinstance(each, _SETTLING)]
        for event in map(self.auctions.event_of, dict.fromkeys(touched)):
            if not event.from_stock or event.state not in _OVER:
                continue
            if not any_waits(event, self.standstills) and not any_unpaid(event, self.sales):
                for bond in self.bid_bonds.bonds.of_event(event.event_id):
                    self.bid_bonds.give_back(bond, "over", events)

    def end_outage(self, down_us: int, at_us: int, events: list[AnyEvent]) -> None:
        """An outage takes nobody's time to pay."""
        for sale in list(self.sales.waiting()):
            due_us = max(sale.due_us + down_us, at_us + OUTAGE_NOTICE_US)
            self._tell(sale, SaleState.WAITS, due_us, events)
            self.deadlines.set(LOT_PAYMENT, sale.lot_id, due_us)

    # --- the lot's terms ---------------------------------------------------------------------------

    def _need(self, lot: Lot, price: int) -> int:
        """What the buyer pays: price, tax on the goods, and the most that its commission can be now."""
        instrument = self._instrument(lot)
        return self.holds.first_need(instrument, instrument.amount_minor(price, lot.quantity))

    def _free(self, lot: Lot, member_id: str) -> int:
        wallet, _ = self.holds.purse(member_id, Side.BUY, self._instrument(lot))
        return self.holds.ledger.available(wallet)

    def _instrument(self, lot: Lot) -> Instrument:
        return self.holds.settlement.instrument(lot.instrument_id)

    def _terms(self, lot: Lot) -> SaleTerms:
        terms = self.auctions.event_of(lot.event_id).sale
        assert terms is not None, "a lot from stock is in an event from stock"
        return terms

    def _seller_of(self, lot: Lot) -> str:
        return self.auctions.event_of(lot.event_id).buyer_id

    def _tell(self, sale: LotSale, state: SaleState, due_us: int, events: list[AnyEvent]) -> None:
        lot = self.auctions.lot_of(sale.lot_id)
        contract_id = _buyers_contract(lot.lot_id) if state is SaleState.PAID else ""
        moved = LotSaleMoved(
            lot.lot_id,
            lot.event_id,
            self._seller_of(lot),
            sale.winner_id,
            sale.alias,
            state,
            sale.price,
            sale.quantity,
            sale.amount_minor,
            sale.need_minor,
            due_us,
            contract_id,
        )
        self.sales.moved(moved)
        events.append(moved)


_SETTLING: Final = (LotAwarded, EventCancelled, LotSaleMoved)
"""After which nothing of an event may be left to award."""
_SETTLES: Final = frozenset(_SETTLING)  # asked first: among a mass of closes it costs half


def _buyers_contract(lot_id: str) -> str:
    """A lot is sold once, so its id is enough; an alias in it would tell a number."""
    return f"{lot_id}-b"
