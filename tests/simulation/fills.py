"""Any command at all, with fields that mean something: drawn from what there is, by the name and type of each field.

A new command or field needs nothing here to be sent; `wishes` aims better at what few would hit by chance.
"""

from collections.abc import Callable
from enum import Enum
from hashlib import sha256
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct, convert, to_builtins
from msgspec.structs import fields

from exchange.core.kernel import Exchange
from exchange.core.messages import Command
from tests.simulation.temper import MINUTE, SECOND

DEFAULTS_KEPT: Final = 0.7
"""Share of optional fields that stay as they are."""
HASHES: Final = tuple(sha256(bytes([number])).hexdigest() for number in range(4))


class Pools:
    """What there is, as the kernel has it now, for one member."""

    def __init__(self, kernel: Exchange, chance: Random, member_id: str, now_us: int) -> None:
        self.kernel = kernel
        self.chance = chance
        self.member_id = member_id
        self.now_us = now_us

    def some(self, ids: list[str]) -> str:
        """One of them, the newer ones more often."""
        if not ids or self.chance.random() < 0.01:
            return "nothing"
        return self.chance.choice(ids[-8:] if self.chance.random() < 0.8 else ids)

    def named(self, name: str) -> Callable[[], Any] | None:
        """How a field of this name is filled, where the name says more than the type."""
        kernel, chance, some = self.kernel, self.chance, self.some
        payments = kernel.payments.dump()
        entries = [entry.entry_id for entry in payments.entries]
        owns = [order.order_id for order in kernel.books.orders.values() if order.member_id == self.member_id]
        pools: dict[str, Callable[[], Any]] = {
            "instrument_id": lambda: some([each.instrument_id for each in kernel.instruments.dump()[:4]]),
            "event_id": lambda: some([event.event_id for event in kernel.auctions.events()]),
            "lot_id": lambda: some([lot.lot_id for lot in kernel.auctions.lots()]),
            "member_id": lambda: chance.choice(kernel.members.dump().members[:11]).member_id,
            "order_id": lambda: some(owns),
            "contract_id": lambda: some(
                [
                    contract.contract_id
                    for contract in kernel.contracts.dump()
                    if contract.member_id == self.member_id
                ]
            ),
            "payout_id": lambda: some([payout.payout_id for payout in payments.payouts]),
            "transfer_id": lambda: f"{self.member_id}-{chance.randrange(10**6)}",
            "entry_id": lambda: some([*payments.suspense, *entries[-2:], f"entry-{chance.randrange(200)}"]),
            "reference": lambda: some(["", "unknown", *[each.payout_id for each in payments.payouts]]),
            "claim_id": lambda: some([claim.claim_id for claim in kernel.claims.dump()]),
            "consignment_id": lambda: some([each.consignment_id for each in kernel.consignments.dump()]),
            "hub_lot_id": lambda: some([each.hub_lot_id for each in kernel.hub_lots.dump()]),
            "shipment_id": lambda: some([each.shipment_id for each in kernel.shipments.dump()]),
            "inquiry_id": lambda: some([each.inquiry_id for each in kernel.inquiries.dump().inquiries]),
            "symbol": lambda: f"S{chance.randrange(20)}",
            "seller": lambda: "",
            "market": lambda: "",
            "lots": lambda: (),
            "currency": lambda: chance.choice(("USD", "EUR", "EUR", "JPY")),
            "expected_version": lambda: chance.choice((0,) * 12 + (1, 2)),
            "open_at_us": lambda: self.now_us + chance.choice((-1, 2, 20)) * SECOND,
            "close_at_us": lambda: self.now_us + chance.randint(1, 90) * SECOND,
            "begins_us": lambda: chance.choice((0, self.now_us + chance.randint(-5, 30) * SECOND)),
            "ends_us": lambda: chance.choice((0, 0, self.now_us + MINUTE)),
            "expires_at_us": lambda: 0,
            "hard_deadline_us": lambda: 0,
            "period": lambda: chance.choice((202512, 202601, 202602, 202612)),
            "placed_in": lambda: 0,
            "after_us": lambda: chance.choice((0, SECOND, 5 * SECOND, MINUTE)),
            "trade_number": lambda: chance.randint(1, 9),
            "owner": lambda: "",
        }
        return pools.get(name)


def filled(command: type[Command], pools: Pools, **given: Any) -> Any:
    """A command of the type, whose other fields are `given`. Raises ValidationError where they don't fit."""
    drawn = {**_fields(command, pools, skipped={"ref", *given}), **given}
    made = command(**drawn)
    return convert(to_builtins(made), command)


def _fields(of: type[Struct], pools: Pools, skipped: set[str]) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    for field in fields(of):
        optional = field.default is not NODEFAULT or field.default_factory is not NODEFAULT
        if field.name in skipped or (optional and pools.chance.random() < DEFAULTS_KEPT):
            continue
        pool = pools.named(field.name)
        drawn[field.name] = pool() if pool else _value(field.name, field.type, pools)
    return drawn


def _value(name: str, of: Any, pools: Pools) -> Any:
    meta, chance = Meta(), pools.chance
    if get_origin(of) is Annotated:
        of, meta = get_args(of)[:2]
    origin = get_origin(of)
    if origin in {Union, UnionType}:
        kinds = [kind for kind in get_args(of) if kind is not NoneType]
        return _value(name, chance.choice(kinds), pools)
    if origin in {tuple, list}:
        count = max(meta.min_length or 0, chance.randrange(3))
        made = [_value(name.removesuffix("s"), get_args(of)[0], pools) for _ in range(count)]
        return tuple(made) if origin is tuple else made
    if isinstance(of, type) and issubclass(of, Enum):
        return chance.choice(list(of))
    if isinstance(of, type) and issubclass(of, Struct):
        return of(**_fields(of, pools, skipped=set()))
    if of is bool:
        return chance.random() < 0.5
    return _text(name, meta, pools) if of is str else _number(name, meta, pools)


def _text(name: str, meta: Meta, pools: Pools) -> str:
    pool = pools.named(name)
    if pool:
        return str(pool())
    if "hash" in name or meta.pattern:
        length = meta.min_length or len(HASHES[0])
        return (pools.chance.choice(HASHES) * length)[:length]
    return "because"[: meta.max_length or 9]


def _number(name: str, meta: Meta, pools: Pools) -> int:
    chance = pools.chance
    low, high = int(meta.ge or 0), int(meta.le or 10**6)
    if name.endswith("_us"):
        return min(high, max(low, chance.choice((1, 2, 5, 30)) * SECOND))
    if name.endswith("_bps"):
        return chance.choice((0, 0, 50, 800))
    if name.endswith("_minor"):
        return max(low, chance.choice((0, 1, chance.randint(1, 3_000))))
    most = 200 if "price" in name else 12 if "quantity" in name else 4
    return max(low, min(high, chance.randint(low, low + most)))
