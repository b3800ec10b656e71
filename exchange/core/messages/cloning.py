"""An event as the template of another."""

from exchange.core.messages.base import Command, Instant, PublicId, Symbol
from exchange.core.messages.lot_rules import Sha256


class CloneEvent(Command, frozen=True, tag="clone_event"):
    """Buyer: draft an event like one of its own: rules, lots, terms and questionnaire, with another opening.

    Whom it invited is invited again only where that is asked for. A lottery needs another seed's commitment. What it
    does is told as of any draft.
    """

    event_id: PublicId
    open_at_us: Instant
    title: Symbol | None = None  # that of the template
    invitations: bool = False
    lottery_sha256: Sha256 = ""
    practice: bool | None = None  # to train, or in earnest; None: as the template
