"""A kernel with good defaults for tests: members, money, stock, and a clock that ticks by itself."""

from exchange.core.kernel import Exchange
from exchange.core.messages import (
    DRAWS_ID,
    SYSTEM,
    AnyCommand,
    AnyEvent,
    CreateInstrument,
    DeclareStock,
    Outcome,
    PlaceOrder,
    RegisterMember,
    Role,
    Sequenced,
    Side,
    TimeInForce,
    TopUp,
    TransferPosted,
)
from exchange.core.rejects import RejectCode
from tests.models import invariants

SECOND = 1_000_000
NOON = 1_767_268_800 * SECOND  # 2026-01-01T12:00Z


class Venue:
    """Executes commands one by one; `log` keeps what was executed, for replays."""

    def __init__(self) -> None:
        self.kernel = Exchange()
        self.at_us = NOON
        self.log: list[Sequenced] = []
        self.outcomes: list[Outcome] = []
        self._ids = 0
        self.send(SYSTEM, RegisterMember(roles=(Role.OPERATOR,)), new_id="operator")

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
        """Execute the command `after_us` later than the last one."""
        self.at_us += after_us
        if type(command) in DRAWS_ID and not new_id:
            self._ids += 1
            new_id = f"id-{self._ids}"
        sequenced = Sequenced(self.at_us, member_id, session, new_id, idempotency, command)
        outcome = self.kernel.execute(sequenced)
        invariants.check(self.kernel)
        self.log.append(sequenced)
        self.outcomes.append(outcome)
        return outcome

    def member(self, member_id: str, *roles: Role, owner: str = "") -> str:
        """Admit a member; a buyer and seller unless said otherwise."""
        command = RegisterMember(roles=roles or (Role.BUYER, Role.SELLER), owner=owner)
        assert not self.send("operator", command, new_id=member_id).reply.code
        return member_id

    def instrument(self, instrument_id: str = "LM358", **fields: object) -> str:
        """Two decimals of USD, whole pieces, unless said otherwise."""
        given = {"symbol": instrument_id, "currency": "USD", "price_scale": 2, **fields}
        command = CreateInstrument(**given)  # type: ignore[arg-type]
        assert not self.send("operator", command, new_id=instrument_id).reply.code
        return instrument_id

    def money(self, member_id: str, amount_minor: int, currency: str = "USD") -> None:
        """Top the wallet up."""
        command = TopUp(
            transfer_id=f"bank-{len(self.log)}",
            member_id=member_id,
            currency=currency,
            amount_minor=amount_minor,
        )
        assert not self.send("operator", command).reply.code

    def stock(self, member_id: str, quantity: int, instrument_id: str = "LM358") -> None:
        """Declare stock."""
        command = DeclareStock(instrument_id=instrument_id, quantity=quantity)
        assert not self.send(member_id, command).reply.code

    def order(
        self,
        member_id: str,
        side: Side,
        price: int,
        quantity: int,
        time_in_force: TimeInForce = TimeInForce.GTC,
        instrument_id: str = "LM358",
    ) -> Outcome:
        """Place an order."""
        command = PlaceOrder(
            instrument_id=instrument_id,
            side=side,
            price=price,
            quantity=quantity,
            time_in_force=time_in_force,
        )
        return self.send(member_id, command)

    def balance(self, account: str, unit: str = "USD") -> int:
        """Debits minus credits of the account, summed from the events alone."""
        transfers = [event for outcome in self.outcomes for event in outcome.events]
        return sum(
            event.amount * ((event.debit == account) - (event.credit == account))
            for event in transfers
            if isinstance(event, TransferPosted) and event.unit == unit
        )


def refusal(outcome: Outcome) -> tuple[RejectCode, int]:
    """Code and bound of a refused command."""
    return RejectCode(outcome.reply.code), outcome.reply.bound


def legs(events: list[AnyEvent]) -> list[tuple[str, str, int]]:
    """Debit, credit and amount of every transfer."""
    return [
        (event.debit, event.credit, event.amount) for event in events if isinstance(event, TransferPosted)
    ]
