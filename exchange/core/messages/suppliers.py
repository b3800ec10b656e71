"""How suppliers are found: what they say of themselves, and an invitation to many at once."""

from typing import Annotated

from msgspec import Meta

from exchange.core.limits import INVITED_AT_ONCE_MAX
from exchange.core.messages.base import Command, ConditionalCommand, Event, PublicId


class SetSupplierProfile(Command, frozen=True, tag="set_supplier_profile"):
    """Supplier: be found by buyers by this profile, whose words stay outside; empty: by none."""

    profile_hash: Annotated[str, Meta(max_length=64)] = ""


class SupplierProfileSet(Event, frozen=True, tag="supplier_profile_set"):
    """In place of the one before."""

    member_id: str
    profile_hash: str


class InviteSuppliers(ConditionalCommand, frozen=True, tag="invite_suppliers"):
    """Buyer or operator: admit all of these members or none; a refusal's bound is the place of the first that can't be."""

    event_id: PublicId
    member_ids: Annotated[tuple[PublicId, ...], Meta(min_length=1, max_length=INVITED_AT_ONCE_MAX)]


SupplierCommand = SetSupplierProfile | InviteSuppliers
