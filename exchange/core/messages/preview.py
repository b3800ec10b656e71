"""When the suppliers of a published event are shown its lots."""

from exchange.core.messages.base import Event


class PreviewSet(Event, frozen=True, tag="preview_set"):
    """Not before this instant; comes after the EventCreated of its draft."""

    event_id: str
    preview_at_us: int


class LotsPreviewed(Event, frozen=True, tag="lots_previewed"):
    """From now on."""

    event_id: str


PreviewEvent = PreviewSet | LotsPreviewed
