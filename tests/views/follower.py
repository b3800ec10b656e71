"""Views that follow a venue commit by commit."""

from exchange.engine.base import Released
from exchange.views.views import Views
from tests.core.venue import Venue


class Follower:
    """Everything that the venue did since the last `catch_up` is one commit."""

    def __init__(self, venue: Venue, views: Views | None = None) -> None:
        self.venue = venue
        self.views = views or Views()
        self._seen = len(venue.log) if views else 0

    def catch_up(self) -> None:
        pairs = zip(self.venue.log[self._seen :], self.venue.outcomes[self._seen :], strict=True)
        self.views.apply(
            [Released(seq, sequenced, outcome, None) for seq, (sequenced, outcome) in enumerate(pairs, 1)]
        )
        self._seen = len(self.venue.log)
