"""REST of finding suppliers: their profiles, a shortlist by requirements, and an invitation to all on it.

Guarantees: who publishes a profile lets buyers and operators find it, and nobody else; what a supplier bids stays
under its alias all the same. Whoever is suspended is not found. A profile is on disk before the command that
carries its hash.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import INVITED_AT_ONCE_MAX
from exchange.core.messages import Role, Standing
from exchange.core.messages.suppliers import InviteSuppliers, SetSupplierProfile
from exchange.gateway.notation import (
    END,
    Id,
    InstantInput,
    InstantText,
    ShortText,
    instant_of,
    microseconds_of,
)
from exchange.gateway.rest.sourcing import EventSettled
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored.supplier_profiles import Certificate, Found, Requirements, SupplierProfile
from exchange.views.views import Views

NAMED_MAX: Final = 64
"""Categories, capabilities or certificates of one profile."""
WANTED_MAX: Final = 16
"""Requirements of one kind."""

Region = Annotated[str, Meta(pattern="^[A-Za-z]{2}" + END, description="ISO 3166 alpha-2.")]
Names = Annotated[list[ShortText], Meta(max_length=NAMED_MAX)]
Wanted = Annotated[list[ShortText], Meta(max_length=WANTED_MAX)]


class NewCertificate(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that the supplier shows on request; null: without an end."""

    name: ShortText
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}" + END)]
    valid_until: InstantInput | None = None


class NewSupplierProfile(Struct, frozen=True, forbid_unknown_fields=True):
    """By what buyers find the supplier; in place of the profile before."""

    name: ShortText
    categories: Names = []
    regions: Annotated[list[Region], Meta(max_length=300)] = []
    capabilities: Names = []
    certificates: Annotated[list[NewCertificate], Meta(max_length=NAMED_MAX)] = []


class CertificateShown(Struct, frozen=True):
    """`valid_until` is null where it has no end."""

    name: str
    sha256: str
    valid_until: InstantText | None


class SupplierProfileShown(Struct, frozen=True):
    """As its supplier gave it."""

    name: str
    categories: list[str]
    regions: list[str]
    capabilities: list[str]
    certificates: list[CertificateShown]


class Search(Struct, frozen=True, forbid_unknown_fields=True):
    """Who meets any of these is on the shortlist, who meets most comes first."""

    categories: Wanted = []
    regions: Annotated[list[Region], Meta(max_length=WANTED_MAX)] = []
    capabilities: Wanted = []
    certificates: Wanted = []
    limit: Annotated[int, Meta(ge=1, le=INVITED_AT_ONCE_MAX)] = 20


class Met(Struct, frozen=True):
    """Requirements by their kind, as they were asked."""

    categories: list[str]
    regions: list[str]
    capabilities: list[str]
    certificates: list[str]


class FoundSupplier(Struct, frozen=True):
    """A supplier with what it meets and what it lacks."""

    member_id: str
    score: int
    met: Met
    missing: Met
    profile: SupplierProfileShown


class Shortlist(Struct, frozen=True):
    """Who meets most comes first; among equals by name."""

    suppliers: list[FoundSupplier]


class ProfileSettled(Settled, frozen=True):
    """It is what buyers find from now on."""

    member_id: str


class BulkInvitation(Struct, frozen=True, forbid_unknown_fields=True):
    """Members with the role seller."""

    member_ids: Annotated[list[Id], Meta(min_length=1, max_length=INVITED_AT_ONCE_MAX)]


async def set_profile(call: Call[NewSupplierProfile, NoQuery]) -> ProfileSettled:
    """Supplier: be found by this profile."""
    body, now_us = call.body, call.ports.engine.now_us()
    certificates = [
        Certificate(each.name, each.sha256, microseconds_of(each.valid_until) if each.valid_until else 0)
        for each in body.certificates
    ]
    profile = SupplierProfile(body.name, body.categories, body.regions, body.capabilities, certificates)
    written = await call.ports.supplier_profiles.write(call.member_id, profile, call.idempotency, now_us)
    reply = await call.settle(SetSupplierProfile(profile_hash=written))
    return ProfileSettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def remove_profile(call: Call[NoBody, NoQuery]) -> ProfileSettled:
    """Supplier: be found no more; the profile is erased within two hours."""
    reply = await call.settle(SetSupplierProfile())
    return ProfileSettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def get_profile(call: Call[NoBody, NoQuery]) -> SupplierProfileShown:
    """The own profile; an empty one where there is none."""
    current = call.views.supplier_profiles.get(call.member_id, "")
    profile = await call.ports.supplier_profiles.read(current) if current else None
    return _profile(profile or SupplierProfile("", [], [], [], []))


async def search_suppliers(call: Call[Search, NoQuery]) -> Shortlist:
    """Buyer or operator: suppliers by how many requirements they meet."""
    body, views = call.body, call.views
    wanted = Requirements(body.categories, body.regions, body.capabilities, body.certificates)
    current = [
        profile_hash
        for member_id, profile_hash in views.supplier_profiles.items()
        if _may_supply(views, member_id)
    ]
    now_us = call.ports.engine.now_us()
    found = await call.ports.supplier_profiles.find(current, wanted, now_us, body.limit)
    return Shortlist([_found(each, wanted) for each in found])


async def invite_suppliers(call: Call[BulkInvitation, NoQuery]) -> EventSettled:
    """Buyer or operator: invite all of these or none; a refusal's bound is the place of the first that can't be."""
    command = InviteSuppliers(event_id=call.id("event_id"), member_ids=tuple(call.body.member_ids))
    return EventSettled.of(await call.settle(command))


def _may_supply(views: Views, member_id: str) -> bool:
    member = views.members[member_id]
    return member.standing is Standing.GOOD and Role.SELLER in member.roles


def _profile(profile: SupplierProfile) -> SupplierProfileShown:
    return SupplierProfileShown(
        profile.name,
        profile.categories,
        profile.regions,
        profile.capabilities,
        [
            CertificateShown(
                each.name, each.sha256, instant_of(each.valid_until_us) if each.valid_until_us else None
            )
            for each in profile.certificates
        ],
    )


def _found(found: Found, wanted: Requirements) -> FoundSupplier:
    kinds = Met.__struct_fields__
    met = {kind: list(getattr(found.met, kind)) for kind in kinds}
    lower = {kind: {each.lower() for each in met[kind]} for kind in kinds}
    missing = {
        kind: [each for each in getattr(wanted, kind) if each.lower() not in lower[kind]] for kind in kinds
    }
    score = sum(len(each) for each in met.values())
    return FoundSupplier(found.member_id, score, Met(**met), Met(**missing), _profile(found.profile))


_OWN: Final = "/v1/supplier-profile"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "PUT", _OWN, "Set the own supplier profile", set_profile,
        NewSupplierProfile, NoQuery, ProfileSettled, SetSupplierProfile,
    ),
    Route("GET", _OWN, "Read the own supplier profile", get_profile, NoBody, NoQuery, SupplierProfileShown),
    Route(
        "DELETE", _OWN, "Remove the own supplier profile", remove_profile,
        NoBody, NoQuery, ProfileSettled,
    ),
    Route("POST", "/v1/suppliers/search", "Search for suppliers", search_suppliers, Search, NoQuery, Shortlist),
    Route(
        "POST", "/v1/events/{event_id}/invitations/bulk", "Invite many suppliers", invite_suppliers,
        BulkInvitation, NoQuery, EventSettled, InviteSuppliers,
    ),
)  # fmt: skip
