"""The instruments as everybody sees them, and how people find one: by id, by symbol, by what part it is.

Guarantees: what a new view makes of a kernel's instruments equals what this view became by that kernel's
events. `fresh` has those that the last commit made or described, `fresh_adverts` what it made known
of new stock.
"""

from collections.abc import Iterator

from sortedcontainers import SortedDict

from exchange.core.goods.adverts import Adverts
from exchange.core.goods.instruments import Instruments
from exchange.core.goods.parts import Identity, identity_of
from exchange.core.messages import shown
from exchange.core.messages.goods import (
    DealTermsSet,
    InstrumentCreated,
    Part,
    PartDescribed,
    ReferencePriceSet,
    StockAdvertised,
    TextAttached,
)
from exchange.core.visibility import show_advert, show_created, show_described, show_instrument, show_terms


class Catalogue:
    """`instruments` are sorted by id; `by_number` has the ids of all parts with one normalised number."""

    def __init__(self) -> None:
        self.instruments: SortedDict[str, shown.Instrument] = SortedDict()
        self.by_symbol: dict[str, str] = {}
        self.by_number: dict[str, list[str]] = {}
        self.adverts = Adverts()
        self.fresh_adverts: list[shown.Advert] = []
        self.fresh: dict[str, shown.Instrument] = {}
        self._by_part: dict[Identity, str] = {}

    @classmethod
    def from_kernel(cls, instruments: Instruments, adverts: Adverts) -> "Catalogue":
        """What a kernel holds."""
        catalogue = cls()
        catalogue.adverts = Adverts(adverts.dump())
        for instrument in instruments.dump():
            catalogue._show(show_instrument(instrument))
            if instrument.part:
                catalogue._is_part(instrument.instrument_id, instrument.part)
        catalogue.begin()
        return catalogue

    def find(self, name: str) -> shown.Instrument | None:
        """The instrument of this id or symbol."""
        return self.instruments.get(name) or self.instruments.get(self.by_symbol.get(name, ""))

    def of_part(self, part: Part) -> shown.Instrument | None:
        """The instrument that is this part, however maker and number are written."""
        identity = identity_of(part)
        instrument_id = self._by_part.get(identity) if identity else None
        return self.instruments[instrument_id] if instrument_id else None

    def after(self, instrument_id: str | None) -> Iterator[str]:
        """Ids in their order, behind one."""
        return self.instruments.irange(instrument_id, inclusive=(False, True))

    def begin(self) -> None:
        """A new commit."""
        self.fresh.clear()
        self.fresh_adverts.clear()

    def created(self, event: InstrumentCreated) -> None:
        """It is found by id and symbol."""
        self._show(show_created(event))

    def terms_set(self, event: DealTermsSet) -> None:
        """Its deals differ."""
        self._show(show_terms(self.instruments[event.instrument_id], event))

    def part_described(self, event: PartDescribed) -> None:
        """It is found by its part, too."""
        self._show(show_described(self.instruments[event.instrument_id], event))
        self._is_part(event.instrument_id, event.part)

    def described(self, event: ReferencePriceSet | TextAttached) -> None:
        """One thing more is known of it."""
        self._show(show_described(self.instruments[event.instrument_id], event))

    def advertised(self, event: StockAdvertised, at_us: int) -> None:
        """Somebody has new stock."""
        self.fresh_adverts.append(show_advert(self.adverts.add(event, at_us)))

    def current_adverts(self, at_us: int) -> list[shown.Advert]:
        """Those of the last week, newest first."""
        return [show_advert(advert) for advert in self.adverts.current(at_us)]

    def _show(self, instrument: shown.Instrument) -> None:
        instrument_id = instrument.instrument_id
        self.instruments[instrument_id] = self.fresh[instrument_id] = instrument
        self.by_symbol[instrument.symbol] = instrument_id

    def _is_part(self, instrument_id: str, part: Part) -> None:
        identity = identity_of(part)
        assert identity is not None, "what can't be read is refused"
        self._by_part[identity] = instrument_id
        self.by_number.setdefault(identity[1], []).append(instrument_id)
