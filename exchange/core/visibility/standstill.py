"""What buyer and bidders are shown of a standstill and its complaints.

Guarantees: a supplier sees its own complaint, and an award that only others contest as provisional.
"""

from collections.abc import Sequence

from exchange.core.market.lots.standstill import Complaint, Standstill
from exchange.core.messages.lifecycles import AwardState
from exchange.core.messages.shown_awards import OwnComplaint
from exchange.core.messages.standstill import ComplaintMoved
from exchange.core.visibility.lots import Relation


def complaints_shown(standstill: Standstill, viewer: str, seen_as: Relation) -> list[Complaint]:
    """All of them to buyer and operators, to a supplier its own."""
    if seen_as is not Relation.SUPPLIER:
        return list(standstill.complaints)
    return [each for each in standstill.complaints if each.member_id == viewer]


def award_state_shown(standstill: Standstill, viewer: str, seen_as: Relation) -> AwardState:
    """Contested is told to those who see the open complaint."""
    contested = standstill.state is AwardState.CONTESTED
    own_open = any(each.member_id == viewer for each in standstill.open)
    if contested and seen_as is Relation.SUPPLIER and not own_open:
        return AwardState.PROVISIONAL
    return standstill.state


def tell_complaint(event: ComplaintMoved, viewer: str) -> Sequence[OwnComplaint]:
    """To who has complained."""
    return (OwnComplaint(event.lot_id, event.state),) if event.member_id == viewer else ()
