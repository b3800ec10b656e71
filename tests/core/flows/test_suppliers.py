"""Profiles by their hash, and invitations of many: all or none, as if they came one by one."""

from hypothesis import given
from hypothesis import strategies as st

from exchange.core.kernel import Exchange
from exchange.core.messages import Role
from exchange.core.messages.sourcing import CreateEvent, InviteSupplier
from exchange.core.messages.suppliers import InviteSuppliers, SetSupplierProfile, SupplierProfileSet
from exchange.core.rejects import RejectCode
from exchange.engine.base import Released
from exchange.views.views import Views
from tests.core.venue import SECOND, Venue, refusal

EVENT = "E"
MEMBERS = ("S1", "S2", "S3", "sister of S1", "B", "X")


def a_venue() -> Venue:
    venue = Venue()
    venue.member("B", Role.BUYER)
    for supplier in ("S1", "S2", "S3"):
        venue.member(supplier, Role.SELLER)
    venue.member("sister of S1", Role.SELLER, owner="S1")
    create = CreateEvent(title="T", currency="EUR", open_at_us=venue.at_us + 600 * SECOND, duration_us=SECOND)
    venue.send("B", create, new_id=EVENT)
    return venue


def invited(venue: Venue) -> list[str]:
    return list(venue.kernel.auctions.event_of(EVENT).invited)


@given(st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=5))
def test_many_are_invited_as_one_by_one_or_not_at_all(members: list[str]) -> None:
    many, single = a_venue(), a_venue()
    codes = [single.send("B", InviteSupplier(event_id=EVENT, member_id=each)).reply.code for each in members]

    outcome = many.send("B", InviteSuppliers(event_id=EVENT, member_ids=tuple(members)))

    failed = [(code, place) for place, code in enumerate(codes, 1) if code]
    if failed:
        assert (outcome.reply.code, outcome.reply.bound) == failed[0]
        assert invited(many) == []
    else:
        assert (outcome.reply.code, outcome.reply.number) == (0, len(members))
        assert invited(many) == invited(single) == members


def test_a_profile_is_replaced_and_removed_and_survives_a_restart() -> None:
    venue = a_venue()
    for member, profile in (("S1", "a"), ("S1", "b"), ("S2", "c"), ("S2", ""), ("S2", "")):
        outcome = venue.send(member, SetSupplierProfile(profile_hash=profile))
        assert outcome.events == [SupplierProfileSet(member, profile)]

    views = Views()
    pairs = zip(venue.log, venue.outcomes, strict=True)
    views.apply([Released(seq, *pair, None) for seq, pair in enumerate(pairs, 1)])

    assert venue.kernel.supplier_profiles == views.supplier_profiles == {"S1": "b"}
    assert Exchange.load(venue.kernel.dump()).supplier_profiles == {"S1": "b"}
    assert Views.from_kernel(venue.kernel).supplier_profiles == {"S1": "b"}
    assert refusal(venue.send("B", SetSupplierProfile(profile_hash="d"))) == (RejectCode.ROLE_MISSING, 0)
