"""Whole lives of lots with viewers of all kinds: after every commit each sees what it would be shown if it looked anew.

The twin makes no frames: it asks `visibility` for the lot as it is by now.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exchange.core.messages import AnyCommand, InviteSupplier, Role, SetStanding, Standing, shown
from exchange.core.messages.invitations import WithdrawInvitation
from exchange.core.messages.lot_rules import EventRules, LightLimits, LotRules
from exchange.core.messages.sourcing import Disclosure
from exchange.core.visibility.lots import face_for, lot_relation, show_lot
from tests.core.venue import SECOND
from tests.gateway.floor import Floor, applied
from tests.views.test_sourcing import KINDS, STEPS, SUPPLIERS, a_venue

LOTS = ("L", "L2")
VIEWERS = ("B", "op", *SUPPLIERS)
DISCLOSURES = (
    Disclosure(),
    Disclosure(lead_price=False),
    Disclosure(participant_count=True),
    Disclosure(
        prices_by_alias=True, gap=True, light=LightLimits(100, 500), lead_visible_after_valid_bid=True
    ),
)
GUESTS = st.sampled_from(("op", "S3"))
"""Who is invited, and not invited any more: an operator who is also a supplier, and a supplier."""
INVITATIONS = st.one_of(
    st.builds(lambda who: ("operator", WithdrawInvitation(event_id="E", member_id=who)), GUESTS),
    st.builds(lambda who: ("B", InviteSupplier(event_id="E", member_id=who)), GUESTS),
    st.builds(
        lambda standing: ("operator", SetStanding(member_id="op", standing=standing)),
        st.sampled_from((Standing.GOOD, Standing.SUSPENDED)),
    ),
)
Step = tuple[tuple[str, AnyCommand], int, int]
LIVES: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        STEPS | STEPS | INVITATIONS,
        st.sampled_from((1_000, 1_000, 40 * SECOND)),
        st.integers(0, len(VIEWERS) * 2),  # 0: no commit yet; else who comes back after it
    ),
    max_size=30,
)


class Viewer:
    """A member that follows all lots it may see, and what it made of all it was told."""

    def __init__(self, floor: Floor, member_id: str) -> None:
        self.member_id = member_id
        self._floor = floor
        self._seen: dict[str, shown.Lot] = {}
        self.come_back()

    def come_back(self) -> None:
        """A new connection that begins with a snapshot of each lot."""
        self._line = self._floor.caller(self.member_id)
        self._seen.clear()
        self._line.say(*(shown.Subscribe(f"lot:{lot_id}") for lot_id in LOTS))
        self.hear()

    def hear(self) -> None:
        """What it is told: nothing is left out, and nothing is told twice."""
        for frame in self._line.line.heard():
            if isinstance(frame, shown.LotDelta):
                before = self._seen[frame.channel]
                now = applied(frame, before)
                assert replace(before, offset=now.offset, at_us=now.at_us) != now
                self._take(now)
            elif isinstance(frame, shown.Lot):
                self._take(frame)

    def _take(self, lot: shown.Lot) -> None:
        before = self._seen.get(lot.channel)
        assert before is None or lot.offset == before.offset + 1
        self._seen[lot.channel] = lot

    def check(self) -> None:
        """It sees what there is to see, and hears nothing of what it may not see."""
        views = self._floor.views
        is_operator = views.is_operator(self.member_id)
        for lot_id in LOTS:
            lot, seen = views.sourcing.lots.get(lot_id), self._seen.get(f"lot:{lot_id}")
            if lot is None or seen is None:
                continue
            event = views.sourcing.event_of(lot)
            seen_as = lot_relation(event, lot, self.member_id, is_operator=is_operator)
            if seen_as is None:
                continue
            there_is = show_lot(face_for(event, lot, self.member_id, seen_as), self.member_id)
            place = {"channel": seen.channel, "epoch": seen.epoch, "offset": seen.offset, "at_us": seen.at_us}
            assert seen == replace(there_is, **place)


def a_floor_of(kind: tuple[EventRules, LotRules], disclosure: Disclosure) -> Floor:
    venue = a_venue(*kind, disclosure)
    floor = Floor(venue=venue)
    floor.member("op", Role.OPERATOR, Role.SELLER)
    for member_id in ("B", *SUPPLIERS):
        floor.know(member_id)
    return floor


@given(kind=st.sampled_from(KINDS), disclosure=st.sampled_from(DISCLOSURES), life=LIVES)
@settings(max_examples=300, deadline=None)
def test_everybody_sees_after_every_commit_what_there_is_to_see(
    kind: tuple[EventRules, LotRules], disclosure: Disclosure, life: list[Step]
) -> None:
    floor = a_floor_of(kind, disclosure)
    viewers = [Viewer(floor, member_id) for member_id in VIEWERS]
    for (sender, command), after_us, commits in life:
        floor.venue.send(sender, command, after_us=after_us)
        if not commits:
            continue
        floor.commit()
        for viewer in viewers:
            viewer.hear()
            viewer.check()
        if commits <= len(viewers):
            viewers[commits - 1].come_back()
            viewers[commits - 1].check()
