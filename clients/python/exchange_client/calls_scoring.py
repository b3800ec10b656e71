"""Calls for scored lots: a supplier declares what its bids stand for, a buyer sets how a price compares."""

from collections.abc import Sequence
from decimal import Decimal

from exchange_client import scoring as wire
from exchange_client.errors import Invalid
from exchange_client.results import Done
from exchange_client.sending import Sending

_ONE = Decimal(1)
_NONE = Decimal(0)
_FACTOR_SCALE = 6


class ScoringCalls(Sending):
    """Before the first bid, and before the opening."""

    async def submit_declaration(
        self,
        lot_id: str,
        *,
        options: Sequence[int] = (),
        amounts: Sequence[int] = (),
        timeout_s: float | None = None,
    ) -> Done:
        """The number of an option, from 1, for each feature in order; how much for each cost in order."""
        command = wire.SubmitDeclaration(lot_id=lot_id, options=tuple(options), amounts=tuple(amounts))
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def set_transformation(
        self,
        lot_id: str,
        member_id: str,
        *,
        price_scale: int,
        factor: Decimal = _ONE,
        addend: Decimal = _NONE,
        timeout_s: float | None = None,
    ) -> Done:
        """Compare a supplier's price as factor x price + addend; the factor has up to six decimals."""
        command = wire.SetTransformation(
            lot_id=lot_id,
            member_id=member_id,
            factor_ppm=_whole(factor, _FACTOR_SCALE, "factor"),
            addend=_whole(addend, price_scale, "addend"),
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))


def _whole(number: Decimal, scale: int, name: str) -> int:
    shifted = number.scaleb(scale) if number.is_finite() else None
    if shifted is None or shifted != shifted.to_integral_value():
        raise Invalid(f"{name} has up to {scale} decimals")
    return int(shifted)
