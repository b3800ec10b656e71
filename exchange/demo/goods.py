"""A member's goods on their way through the hub: sellers send, buyers decide, receive, accept, and claim.

What is due is learned from the channel `own`; where the feed had a gap, and before the end, it is read over REST.
"""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

import msgspec
from msgspec import Struct

from exchange.demo.office import Office
from exchange.demo.parts import LOT_MULTIPLE
from exchange.demo.tally import Tally
from exchange_client.deal_commands import (
    AcceptGoods,
    AnswerClaim,
    ConfirmShipment,
    DecideConditional,
    DispatchConsignment,
    FileClaim,
)
from exchange_client.deal_words import (
    ClaimReason,
    ClaimState,
    ConsignedLine,
    DealStage,
    ShipmentState,
)
from exchange_client.messages import AnyCommand, Side
from exchange_client.own_deals import OwnClaim, OwnDeal, OwnRefund, OwnShipment
from exchange_client.shown import Ack, AnyOwnEvent

LINES_MAX: Final = 100
"""Of a consignment."""
SHORT_SENT: Final = 0.06
TAKEN: Final = 0.6
OBJECTED: Final = 0.06
"""Before the acceptance; a claim within the guarantee is rarer."""
CLAIMED: Final = 0.03
PAID_OR_VOID: Final = frozenset({DealStage.ACCEPTED, DealStage.CLOSED, DealStage.VOID})
STAGES: Final = tuple(DealStage)
"""In the order in which a line can go through them."""

Send = Callable[[AnyCommand], Awaitable[Ack | None]]


class Line(Struct, frozen=True):
    """A line of an own contract as far as it concerns the goods."""

    contract_id: str
    line: int
    instrument_id: str
    state: DealStage
    quantity: int

    @property
    def key(self) -> tuple[str, int]:
        """Its name."""
        return self.contract_id, self.line


class Goods:
    """One member's lines and boxes. `send` gives nothing where a command was refused."""

    def __init__(self, send: Send, side: Side, random: Random, tally: Tally) -> None:
        self._send = send
        self._side = side
        self._random = random
        self._tally = tally
        self._lines: dict[tuple[str, int], Line] = {}
        self._done: set[tuple[tuple[str, int], DealStage]] = set()
        self._parcels: dict[str, int] = {}  # pieces by shipment
        self._asked: dict[tuple[str, int], None] = {}  # lines with a claim to answer
        self.contracts: set[str] = set()

    @property
    def left(self) -> int:
        """Lines of a buyer that are not yet paid or void."""
        return sum(line.state not in PAID_OR_VOID for line in self._lines.values())

    def note(self, event: AnyOwnEvent) -> None:
        """Remember what there is to do."""
        match event:
            case OwnDeal():
                line = Line(event.contract_id, event.line, event.instrument_id, event.state, event.quantity)
                self._note_line(line)
            case OwnShipment(state=ShipmentState.DISPATCHED):
                self._parcels[event.shipment_id] = event.quantity
            case OwnClaim(side=Side.SELL, state=ClaimState.FILED):
                self._asked[event.contract_id, event.line] = None
            case OwnRefund(side=Side.BUY):
                known = self._lines.get((event.contract_id, event.line))
                paid = known is not None and known.state is DealStage.ACCEPTED
                self._tally.refund(event.amount_minor, from_escrow=not paid)
            case _:
                pass

    def _note_line(self, line: Line) -> None:
        known = self._lines.get(line.key)
        if known and STAGES.index(line.state) < STAGES.index(known.state):
            return  # REST may answer later than the feed
        self._lines[line.key] = line
        self.contracts.add(line.contract_id)
        accepted = line.state is DealStage.ACCEPTED and not (known and known.state is DealStage.ACCEPTED)
        self._tally.accepted += accepted and self._side is Side.BUY

    async def catch_up(self, office: Office) -> None:
        """Read what is there."""
        async for deal in office.all("/v1/deals", "deals"):
            self._note_line(msgspec.convert(deal, Line))
        async for parcel in office.all("/v1/shipments", "shipments"):
            self._parcels[parcel["shipment_id"]] = parcel["quantity"]
        async for claim in office.all("/v1/claims", "claims"):
            if (claim["side"], claim["state"]) == (Side.SELL, ClaimState.FILED):
                self._asked[claim["contract_id"], claim["line"]] = None

    async def work(self) -> None:
        """Do everything that is due, once."""
        if self._side is Side.SELL:
            await self._dispatch()
            await self._answer()
        else:
            await self._decide()
            await self._receive()
            await self._judge()

    def _due(self, state: DealStage) -> list[Line]:
        """Lines that came to the state since it was last asked for."""
        due = [
            line
            for line in self._lines.values()
            if line.state is state and (line.key, state) not in self._done
        ]
        self._done.update((line.key, state) for line in due)
        return due

    # --- a seller ----------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        """One consignment an instrument; now and then there is less in it than was sold."""
        boxes: dict[str, list[Line]] = {}
        for line in self._due(DealStage.SOLD):
            boxes.setdefault(line.instrument_id, []).append(line)
        for instrument_id, lines in boxes.items():
            for start in range(0, len(lines), LINES_MAX):
                sent = tuple(self._consigned(line) for line in lines[start : start + LINES_MAX])
                command = DispatchConsignment(instrument_id=instrument_id, lines=sent)
                if await self._send(command):
                    self._tally.consigned += 1

    def _consigned(self, line: Line) -> ConsignedLine:
        short = LOT_MULTIPLE if line.quantity > LOT_MULTIPLE and self._random.random() < SHORT_SENT else 0
        return ConsignedLine(line.contract_id, line.line, line.quantity - short)

    async def _answer(self) -> None:
        """Admit half of the claims."""
        for contract_id, line in list(self._asked):
            del self._asked[contract_id, line]
            admit = self._random.random() < 0.5
            await self._send(AnswerClaim(contract_id=contract_id, line=line, admit=admit))

    # --- a buyer -----------------------------------------------------------------------------------

    async def _decide(self) -> None:
        """Goods that are fit for use but not as described: taken, or the price back."""
        for contract_id in dict.fromkeys(line.contract_id for line in self._due(DealStage.CONDITIONAL)):
            take = self._random.random() < TAKEN
            await self._send(DecideConditional(contract_id=contract_id, take=take))

    async def _receive(self) -> None:
        for shipment_id, quantity in list(self._parcels.items()):
            del self._parcels[shipment_id]
            command = ConfirmShipment(shipment_id=shipment_id, received_quantity=quantity)
            if await self._send(command):
                self._tally.delivered += 1

    async def _judge(self) -> None:
        """Accept what was delivered, or object to it; a few claims come within the guarantee."""
        for line in self._due(DealStage.DELIVERED):
            if self._random.random() < OBJECTED:
                await self._object(line, ClaimReason.NOT_AS_DESCRIBED)
            else:
                await self._send(AcceptGoods(contract_id=line.contract_id, line=line.line))
        for line in self._due(DealStage.ACCEPTED):
            if self._random.random() < CLAIMED and (line.key, DealStage.DISPUTED) not in self._done:
                await self._object(line, ClaimReason.DEFECTIVE)

    async def _object(self, line: Line, reason: ClaimReason) -> None:
        self._done.add((line.key, DealStage.DISPUTED))
        command = FileClaim(contract_id=line.contract_id, line=line.line, reason=reason)
        if await self._send(command):
            self._tally.claims += 1
