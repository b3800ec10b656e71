"""Who takes part in the demo's market and what is traded: admitted, funded and listed by the operator."""

import asyncio
from decimal import Decimal
from typing import Final

from msgspec import Struct

from exchange.demo.office import Office
from exchange.demo.parts import LOT_MULTIPLE, PRICE_SCALE, Part, load_parts
from exchange.demo.treasury import CURRENCY, an_iban
from exchange_client import Client
from exchange_client.messages import CreateInstrument, Delivery, TaxRegime

SELLERS: Final = 10
BUYERS: Final = 16
SUPPLIERS: Final = 6
MONEY: Final = Decimal(5_000_000)
SELLERS_MONEY: Final = Decimal(1_000)
DEPOSIT: Final = "500.00"
"""Of a seller: the laboratory's cost of goods that fail is taken from it."""
GUARANTEE_BPS: Final = 50
UNDER_WAY_MAX: Final = 64


class Member(Struct, frozen=True):
    """Somebody admitted, and a key."""

    member_id: str
    name: str
    key: str


class Market(Struct, frozen=True):
    """Parts by instrument id, and members by what they do."""

    listed: dict[str, Part]
    sellers: list[Member]
    buyers: list[Member]
    suppliers: list[Member]
    sourcer: Member
    inspector: Member


async def build(office: Office, operator: Client) -> Market:
    """Members, instruments, money and deposits."""
    sellers = [await _admit(office, f"Seller {n + 1}", "seller") for n in range(SELLERS)]
    buyers = [await _admit(office, f"Buyer {n + 1}", "buyer") for n in range(BUYERS)]
    suppliers = [await _admit(office, f"Supplier {n + 1}", "seller") for n in range(SUPPLIERS)]
    sourcer = await _admit(office, "Purchasing", "buyer")
    inspector = await _admit(office, "Hub", "inspector")
    await office.do("PUT", "/v1/hub", {"name": "Hub", "address": "Quay 3"})
    for member, amount in [(each, MONEY) for each in buyers] + [(each, SELLERS_MONEY) for each in sellers]:
        transfer_id = f"demo-{member.name}"
        await operator.top_up(member.member_id, amount, currency=CURRENCY, transfer_id=transfer_id)
    for number, seller in enumerate(sellers):
        await _settle_in(office.of(seller.key), seller, number)
    return Market(await _list(operator), sellers, buyers, suppliers, sourcer, inspector)


async def _admit(office: Office, name: str, role: str) -> Member:
    member_id, key = await office.admit(name, role)
    return Member(member_id, name, key)


async def _settle_in(office: Office, seller: Member, number: int) -> None:
    """A seller says where it is paid, and leaves a deposit."""
    await office.do("PUT", "/v1/bank-details", {"name": seller.name, "iban": an_iban(number)})
    await office.do("POST", "/v1/deposits", {"currency": CURRENCY, "amount": DEPOSIT})


async def _list(operator: Client) -> dict[str, Part]:
    """Every part; every second one goes through the hub."""
    parts, listed = load_parts(), dict[str, Part]()
    for start in range(0, len(parts), UNDER_WAY_MAX):
        some = parts[start : start + UNDER_WAY_MAX]
        commands = [_instrument(part, through_hub=place % 2 == 0) for place, part in enumerate(some)]
        acks = await asyncio.gather(*(operator.send(command) for command in commands))
        listed |= {ack.id: part for ack, part in zip(acks, some, strict=True)}
    return listed


def _instrument(part: Part, *, through_hub: bool) -> CreateInstrument:
    return CreateInstrument(
        symbol=part.part_number,
        currency=CURRENCY,
        price_scale=PRICE_SCALE,
        lot_multiple=LOT_MULTIPLE,
        delivery=Delivery.HUB if through_hub else Delivery.DIRECT,
        guarantee_bps=GUARANTEE_BPS if through_hub else 0,
        tax_regime=TaxRegime.DISCLOSED_AGENT,
    )
