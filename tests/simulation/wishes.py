"""What the members of the wide world want: every command there is, now and then one that does not fit.

They aim by the shadow kernel, where the plain world's members only know what their channels show: so that a step of
a long life (a hub deal, a sealed lot) finds the goods, the lot or the payment that it needs.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from msgspec import ValidationError
from msgspec.structs import asdict

from exchange.core.kernel import Exchange
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import (
    MEMBER_COMMANDS,
    AddLot,
    AmendOrder,
    AnyCommand,
    AwardLot,
    BookBankEntry,
    BuyNow,
    CancelAfter,
    CancelAll,
    CancelEvent,
    CancelOrder,
    Command,
    CreateEvent,
    CreateInstrument,
    DeclareStock,
    DispatchConsignment,
    DispatchShipment,
    EndLot,
    InspectHubLot,
    InviteSupplier,
    OpenSession,
    OrderTerms,
    OrderType,
    PauseEvent,
    PlaceOrder,
    PostOnlyMode,
    PublishEvent,
    ReceiveConsignment,
    RegisterMember,
    ResumeEvent,
    Role,
    SelfTradeMode,
    SetStanding,
    Side,
    Standing,
    SubmitBid,
    TimeInForce,
    TopUp,
)
from exchange.core.messages.bids import RevokeBid, SetProxy
from exchange.core.messages.corrections import BustTrade, CorrectTrade
from exchange.core.messages.delivery import ConsignedLine, ShippedLine
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.phases import Phase, SetPhase, StartCall
from exchange.core.messages.sealed import SubmitEnvelope
from exchange.gateway import policy
from tests.simulation.drafts import some_event, some_lot
from tests.simulation.fills import HASHES, Pools, filled
from tests.simulation.lot_steps import bid_price
from tests.simulation.next_steps import NextSteps
from tests.simulation.safe import Safe
from tests.simulation.stock import StockSteps, in_stock, stock_event, stock_lot
from tests.simulation.temper import SECOND

EVENTS_MAX: Final = 20
FROM_STOCK: Final = 0.25
"""Share of events that sell, of those that could."""
ON_STOCK: Final = 0.3
"""How often who has something to do with a sale from stock goes on with it before all else."""
WEIGHTS: Final[dict[type[Command], float]] = {
    OpenSession: 0,  # each connection opens its own
    PlaceOrder: 30,
    CancelOrder: 4,
    AmendOrder: 4,
    CancelAfter: 0.3,
    CancelAll: 0.5,
    TopUp: 4,
    SetStanding: 0.3,
    RegisterMember: 0.2,
    CreateInstrument: 0.3,
    SetPhase: 0.7,
    StartCall: 2,
    CreateEvent: 8,
    AddLot: 9,
    InviteSupplier: 9,
    PublishEvent: 6,
    CancelEvent: 0.2,
    PauseEvent: 0.4,
    ResumeEvent: 2,
    EndLot: 0.3,
    SubmitBid: 8,
    AcceptLevel: 8,
    SetProxy: 4,
    SubmitEnvelope: 5,
    AwardLot: 3,
    BuyNow: 0.5,
    DispatchConsignment: 20,
    ReceiveConsignment: 12,
    InspectHubLot: 12,
    DispatchShipment: 12,
}
"""How often a command is wanted; 1 where nothing else is said."""


class Wishes:
    """`wish` draws a command for a member with these roles."""

    def __init__(
        self, kernel: Exchange, chance: Random, done: dict[type[AnyCommand], None], safe: Safe
    ) -> None:
        self.kernel = kernel
        self.chance = chance
        self._safe = safe
        self._steps = NextSteps(kernel, chance, done, safe)
        self._stock = StockSteps(kernel, chance)
        self._aims: dict[type[Command], Callable[[Pools], dict[str, Any]]] = {
            PlaceOrder: self._order,
            CreateEvent: self._event,
            AddLot: self._lot,
            PublishEvent: self._draft,
            InviteSupplier: self._draft,
            SubmitBid: self._bid,
            SetProxy: self._bid,
            AcceptLevel: self._level,
            SubmitEnvelope: self._envelope,
            RevokeBid: self._own_bid,
            AwardLot: self._closed,
            DispatchConsignment: self._consigned,
            ReceiveConsignment: self._received,
            InspectHubLot: self._inspected,
            DispatchShipment: self._shipped,
            BustTrade: lambda _pools: self._trade(BustTrade),
            CorrectTrade: lambda _pools: self._trade(CorrectTrade),
            SetPhase: self._phase,
            SetStanding: self._standing,
            BookBankEntry: self._entry,
            DeclareStock: lambda _pools: {"quantity": self.chance.randint(1, 200)},
        }

    def wish(self, member_id: str, roles: tuple[Role, ...], now_us: int) -> Any:
        """Something that a member with these roles may want; nothing if what was drawn doesn't fit together."""
        if self.chance.random() < ON_STOCK and (step := self._stock.of(member_id, now_us)) is not None:
            return step
        if self.chance.random() < 0.6 and (step := self._steps.of(member_id, now_us)) is not None:
            return step
        kinds = [kind for kind in MEMBER_COMMANDS if _may(kind, roles)]
        weights = [WEIGHTS.get(kind, 1) for kind in kinds]
        return self.drawn(self.chance.choices(kinds, weights)[0], member_id, now_us)

    def drawn(self, kind: type[Command], member_id: str, now_us: int) -> Any:
        """A command of this kind; nothing if what was drawn doesn't fit together."""
        pools = Pools(self.kernel, self.chance, member_id, now_us)
        if kind is CreateEvent and len(list(self.kernel.auctions.events())) >= EVENTS_MAX:
            return None
        aim = self._aims.get(kind)
        try:
            given = aim(pools) if aim is not None and self.chance.random() < 0.95 else {}
            return filled(kind, pools, **given)
        except (ValidationError, TypeError):
            return None

    # --- the market --------------------------------------------------------------------------------

    def _order(self, pools: Pools) -> dict[str, Any]:
        chance = self.chance
        goods = chance.choice(self.kernel.instruments.dump()[:4])
        middle = (goods.price_min + goods.price_max) // 2 // goods.tick * goods.tick
        price = max(goods.tick, middle + chance.randint(-4, 4) * goods.tick)
        quantity = chance.randint(1, 12) * goods.lot_multiple
        tif = chance.choices(
            list(TimeInForce), [8 if each is TimeInForce.GTC else 1 for each in TimeInForce]
        )[0]
        given = {
            "instrument_id": goods.instrument_id, "side": self._side(pools), "price": price,
            "quantity": quantity, "time_in_force": tif, "post_only": chance.random() < 0.05,
            "validate_only": chance.random() < 0.02,
        }  # fmt: skip
        if tif is TimeInForce.GTD:
            terms = OrderTerms(expires_at_us=pools.now_us + chance.choice((1, 5, 30, 90)) * SECOND)
        elif tif is TimeInForce.GTC and chance.random() < 0.3:
            terms = OrderTerms(
                display_quantity=max(1, quantity // (2 * goods.lot_multiple)) * goods.lot_multiple
            )
        elif chance.random() < 0.4:
            return given
        else:
            terms = _terms(chance, quantity)
            if terms.order_type is OrderType.MARKET:
                given |= {"price": 0, "time_in_force": TimeInForce.IOC}
            given["post_only"] = terms.post_only_mode is PostOnlyMode.SLIDE and tif is TimeInForce.GTC
        return given | {"terms": terms}

    def _side(self, pools: Pools) -> Side:
        member = self.kernel.members.get(pools.member_id)
        roles = member.roles if member is not None else ()
        sides = [side for side, role in ((Side.BUY, Role.BUYER), (Side.SELL, Role.SELLER)) if role in roles]
        return self.chance.choice(sides or list(Side))

    def _phase(self, pools: Pools) -> dict[str, Any]:
        return {"phase": self.chance.choice(list(Phase))}

    def _standing(self, pools: Pools) -> dict[str, Any]:
        good = self.chance.random() < 0.8
        members = self.kernel.members.dump().members
        away = [each.member_id for each in members if each.standing is not Standing.GOOD]
        chosen = self.chance.choice(away) if away else self.chance.choice(members[2:11]).member_id
        return {"member_id": chosen, "standing": Standing.GOOD if good or away else Standing.SUSPENDED}

    def _trade(self, kind: type[Command]) -> dict[str, Any]:
        contract = self.chance.choice(self.kernel.contracts.dump() or [None])
        if contract is None or not contract.lines:
            return {}
        line = self.chance.choice(contract.lines)
        named = {"instrument_id": contract.instrument_id, "trade_number": line.trade_number}
        if kind is BustTrade:
            return named
        instrument = self.kernel.instruments.get(contract.instrument_id)
        assert instrument is not None
        tick = instrument.tick
        return named | {"price": max(tick, line.price + self.chance.choice((-tick, tick))), "quantity": 0}

    def _entry(self, _pools: Pools) -> dict[str, Any]:
        payouts = self.kernel.payments.dump().payouts
        if not payouts or self.chance.random() < 0.4:
            return {"entry_id": f"entry-{self.chance.randrange(200)}"}
        payout = self.chance.choice(payouts)
        return {
            "entry_id": f"entry-{self.chance.randrange(200)}", "reference": payout.payout_id,
            "currency": payout.currency, "amount_minor": payout.amount_minor, "is_fee": False,
        }  # fmt: skip

    # --- the hub -----------------------------------------------------------------------------------

    def _consigned(self, pools: Pools) -> dict[str, Any]:
        owns = [deal for deal in self.kernel.deals.all() if deal.sides.seller_id == pools.member_id]
        sold = [deal for deal in owns if deal.state == "sold"] or owns
        if not sold:
            return {}
        deal = self.chance.choice(sold)
        quantity = max(1, deal.quantity - self.chance.choice((0, 0, 0, 1)))
        contract_id, line = deal.sides.seller_contract_id, deal.sides.seller_line
        instrument_id = deal.sides.instrument_id
        return {"instrument_id": instrument_id, "lines": (ConsignedLine(contract_id, line, quantity),)}

    def _received(self, _pools: Pools) -> dict[str, Any]:
        under_way = [each for each in self.kernel.consignments.dump() if each.state == "dispatched"]
        if not under_way:
            return {}
        chosen = self.chance.choice(under_way)
        counted = max(0, chosen.quantity + self.chance.choice((0, 0, 0, -1, 1)))
        return {"consignment_id": chosen.consignment_id, "counted_quantity": counted}

    def _inspected(self, _pools: Pools) -> dict[str, Any]:
        waiting = [each for each in self.kernel.hub_lots.dump() if each.state == "waiting"]
        if not waiting:
            return {}
        lot = self.chance.choice(waiting)
        rejected = self.chance.choice((0, 0, 1)) if lot.quantity > 1 else 0
        conditional = self.chance.choice((0, 0, 1)) if lot.quantity > 2 else 0
        passed = lot.quantity - rejected - conditional
        return {
            "hub_lot_id": lot.hub_lot_id, "passed_quantity": passed, "conditional_quantity": conditional,
            "rejected_quantity": rejected, "sample_quantity": 1, "evidence_hash": HASHES[0], "cost_minor": 0,
        }  # fmt: skip

    def _shipped(self, _pools: Pools) -> dict[str, Any]:
        passed = [deal for deal in self.kernel.deals.all() if deal.state == "passed"]
        if not passed:
            return {}
        sides = self.chance.choice(passed).sides
        return {"lines": (ShippedLine(sides.buyer_contract_id, sides.buyer_line),)}

    # --- lots --------------------------------------------------------------------------------------

    def _event(self, pools: Pools) -> dict[str, Any]:
        """A demand, or now and then a sale of something that the member has."""
        goods = in_stock(self.kernel, pools.member_id) if self.chance.random() < FROM_STOCK else []
        if goods:
            return stock_event(self.chance, pools.now_us, self.chance.choice(goods))
        return some_event(self.chance, pools.now_us)

    def _draft(self, pools: Pools) -> dict[str, Any]:
        """A draft of one's own."""
        own = [event for event in self.kernel.auctions.events() if event.buyer_id == pools.member_id]
        drafts = [event for event in own if event.state == "draft"]
        return {"event_id": pools.some([event.event_id for event in drafts or own])}

    def _lot(self, pools: Pools) -> dict[str, Any]:
        given = self._draft(pools)
        event = self.kernel.auctions.event(given["event_id"])
        if event is not None and event.from_stock:
            return given | stock_lot(self.chance, self.kernel, event)
        return given if event is None else given | some_lot(self.chance, event)

    def _live(self, pools: Pools) -> list[Lot]:
        """Open lots to which the member is invited, or whatever there is."""
        auctions = self.kernel.auctions
        lots = [lot for lot in auctions.lots() if lot.state is LotState.OPEN]
        mine = [lot for lot in lots if pools.member_id in auctions.event_of(lot.event_id).invited]
        return mine or lots

    def _bid(self, pools: Pools) -> dict[str, Any]:
        lots = [lot for lot in self._live(pools) if format_of(lot.rules).takes_bids]
        if not lots:
            return {}
        answering = [lot for lot in lots if lot.proxy is not None and lot.proxy.member_id != pools.member_id]
        lot = self.chance.choice(answering or lots)
        return {"lot_id": lot.lot_id, "price": bid_price(lot, self.chance.choice((0, 1, 2, 5)))}

    def _level(self, pools: Pools) -> dict[str, Any]:
        lots = [lot for lot in self._live(pools) if lot.hands.price]
        if not lots:
            return {}
        lot = self.chance.choice(lots)
        return {"lot_id": lot.lot_id, "price": lot.hands.price}

    def _envelope(self, pools: Pools) -> dict[str, Any]:
        lots = [lot for lot in self._live(pools) if lot.sealed is not None]
        return asdict(self._safe.envelope_for(self.chance.choice(lots), pools.member_id)) if lots else {}

    def _own_bid(self, pools: Pools) -> dict[str, Any]:
        lots = [lot for lot in self._live(pools) if lot.rules.revocable]
        return {"lot_id": self.chance.choice(lots).lot_id, "alias": 0} if lots else {}

    def _closed(self, pools: Pools) -> dict[str, Any]:
        auctions = self.kernel.auctions
        closed = [lot for lot in auctions.lots() if lot.state is LotState.CLOSED]
        own = [lot for lot in closed if auctions.event_of(lot.event_id).buyer_id == pools.member_id]
        return {"lot_id": self.chance.choice(own).lot_id} if own else {}


def _terms(chance: Random, quantity: int) -> OrderTerms:
    """One term that is not the plain one."""
    return chance.choice(
        (
            OrderTerms(min_fill_quantity=min(quantity, 3)),
            OrderTerms(budget_minor=chance.randint(1, 9_000)),
            OrderTerms(self_trade=chance.choice(list(SelfTradeMode))),
            OrderTerms(post_only_mode=PostOnlyMode.SLIDE),
            OrderTerms(order_type=OrderType.MARKET),
        )
    )


def _may(kind: type[Command], roles: tuple[Role, ...]) -> bool:
    need = policy.need_of(kind)
    return need is not None and (not need.roles or any(role in need.roles for role in roles))
