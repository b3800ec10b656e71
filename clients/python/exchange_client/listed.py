"""What is listed for everybody: instruments, and adverts of stock."""

from msgspec import Struct

from exchange_client.messages import Delivery, TaxRegime
from exchange_client.parts import Part


class Instrument(Struct, frozen=True, gc=False):
    """An instrument as everybody sees it."""

    instrument_id: str
    symbol: str
    currency: str
    price_scale: int
    tick: int
    lot_multiple: int
    price_min: int
    price_max: int
    delivery: Delivery = Delivery.DIRECT
    guarantee_bps: int = 0
    tax_regime: TaxRegime = TaxRegime.NONE
    goods_tax_bps: int = 0
    part: Part | None = None
    reference_price: int = 0
    text_hash: str = ""


class Advert(Struct, frozen=True, gc=False):
    """Somebody has new stock: at least `quantity_from` and less than ten times as many pieces."""

    instrument_id: str
    quantity_from: int
    lead_days: int = 0
