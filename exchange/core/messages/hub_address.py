"""Where sellers send goods to: the hub's name and address, in the journal as they were said.

They are the exchange's own, so there is nobody to protect by a hash, and a paper of any year finds what counted then.
"""

from typing import Annotated

from msgspec import Meta

from exchange.core.limits import HUB_TEXT_LENGTH_MAX
from exchange.core.messages.base import Command, Event

HubText = Annotated[str, Meta(min_length=1, max_length=HUB_TEXT_LENGTH_MAX)]


class SetHubAddress(Command, frozen=True, tag="set_hub_address"):
    """Operator: where sellers send to from now on."""

    name: HubText
    address: HubText


class HubAddressSet(Event, frozen=True, tag="hub_address_set"):
    """It counts for whatever is sent from now on."""

    name: str
    address: str
