"""REST of the hub's address: said by an operator, kept by the journal, and read as it counted at any instant."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import HUB_TEXT_LENGTH_MAX
from exchange.core.messages.hub_address import SetHubAddress
from exchange.gateway.notation import ONE_LINE, InstantInput, InstantText, instant_of, microseconds_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled

HubText = Annotated[str, Meta(pattern=ONE_LINE, min_length=1, max_length=HUB_TEXT_LENGTH_MAX)]

_AS_OF: Final = """
select name, address, at_us from hub_addresses where $1::bigint is null or at_us <= $1 order by seq desc limit 1
"""


class NewHubAddress(Struct, frozen=True, forbid_unknown_fields=True):
    """Where sellers send to from now on."""

    name: HubText
    address: HubText


class HubAddressSettled(Settled, frozen=True):
    """It counts for whatever is sent from now on."""

    name: str
    address: str


class HubQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """As of which instant: that of a contract or a shipping paper; without one, now."""

    at: InstantInput | None = None


class HubAddress(Struct, frozen=True):
    """Where sellers send, or sent, to; both are empty before the operator has said it. `since` when it counted."""

    name: str
    address: str
    since: InstantText | UnsetType = UNSET


async def set_hub_address(call: Call[NewHubAddress, NoQuery]) -> HubAddressSettled:
    """Operator: where sellers send to from now on."""
    body = call.body
    reply = await call.settle(SetHubAddress(name=body.name, address=body.address))
    return HubAddressSettled(reply.sequence, instant_of(reply.at_us), body.name, body.address)


async def get_hub_address(call: Call[NoBody, HubQuery]) -> HubAddress:
    """Where sellers send to, from the records; with `at`, where they sent to then."""
    at_us = None if call.query.at is None else microseconds_of(call.query.at)
    row = await call.ports.records.fetch_row(_AS_OF, at_us)
    if row is None:
        return HubAddress("", "")
    return HubAddress(row["name"], row["address"], instant_of(row["at_us"]) if row["at_us"] else UNSET)


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/hub", "Read the hub's address", get_hub_address, NoBody, HubQuery, HubAddress
    ),
    Route(
        "PUT", "/v1/hub", "Set the hub's address", set_hub_address,
        NewHubAddress, NoQuery, HubAddressSettled, SetHubAddress,
    ),
)  # fmt: skip
