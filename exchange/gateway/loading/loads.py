"""Bulk loads: a spreadsheet's rows, checked as a whole and then submitted one by one.

Guarantees: with a single fault nothing is submitted; each row takes effect once however often the same file is
sent within a day, so a load that a crash cut off is finished by sending it again; at most a window of rows is in
flight, and a busy or halted exchange is waited for.
Does not survive a restart itself: what became of a load is kept in memory only.
Known limits: what others do between the check and a row's turn can still refuse that row; it is told, and the
others go on.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Final

import structlog
from msgspec import Struct

from exchange.core.goods.parts import identity_of, manufacturer_key
from exchange.core.limits import OPEN_ORDERS_PER_MEMBER_MAX
from exchange.core.messages import (
    AddLot,
    CreateInstrument,
    DeclareStock,
    MemberCommand,
    PlaceOrder,
    Reply,
    Side,
    shown,
)
from exchange.core.rejects import EXPLANATIONS, Reject, RejectCode
from exchange.engine.sequencer import Engine
from exchange.gateway.loading.columns import FAULTS_SHOWN_MAX, InstrumentRow, Reading, StockRow
from exchange.gateway.loading.sheets import Fault
from exchange.gateway.notation import decimal_of, number_of
from exchange.gateway.remedies import remedy_told
from exchange.gateway.stored import texts
from exchange.gateway.stored.records import Records, RecordsUnavailable
from exchange.views.catalogue import Catalogue

LOADS_MAX: Final = 4
"""At once, since each has rows in memory and in flight."""
KEPT_MAX: Final = 64
"""Loads whose end can still be read."""
WINDOW: Final = 128
"""Rows in flight: enough to fill commits, few enough to leave the inbox to others."""
STRETCH: Final = 256
"""Rows checked before others have their turn."""
BUSY_S: Final = 0.05
HALTED_S: Final = 0.5
PATIENCE_S_MAX: Final = 600.0
"""For one row: a longer halt ends the load."""

log = structlog.get_logger(__name__)

_WAIT: Final = {RejectCode.BUSY: BUSY_S, RejectCode.HALTED: HALTED_S}


class LoadState(StrEnum):
    """Where a load is."""

    CHECKED = "checked"  # a dry run: nothing was submitted
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # the exchange took no commands for long: send the file again later


class Load(Struct):
    """A load as far as it is; `unchanged` rows had taken effect before."""

    load_id: str
    member_id: str
    state: LoadState
    rows: int
    settled: int = 0
    made: int = 0
    unchanged: int = 0
    refused: int = 0
    faults: list[Fault] = []

    def fault(self, row: int, column: str, reject: Reject) -> None:
        """A row was refused."""
        self.refused += 1
        if len(self.faults) < FAULTS_SHOWN_MAX:
            self.faults.append(Fault(row, column, told(reject)))


class Loads:
    """All loads of this process; `close` ends them."""

    def __init__(self, engine: Engine, records: Records) -> None:
        self._engine = engine
        self._records = records
        self._kept: OrderedDict[str, Load] = OrderedDict()
        self._busy: dict[str, None] = {}
        self._tasks: dict[asyncio.Task[None], None] = {}

    async def close(self) -> None:
        """Stop all loads where they are; whoever sends the file again goes on from there."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def of(self, member_id: str, load_id: str) -> Load | None:
        """The member's load; nothing if it is another's."""
        load = self._kept.get(load_id)
        return load if load is not None and load.member_id == member_id else None

    def begin(self, member_id: str) -> Reject | None:
        """Take a place, to be given back by `end`. Checks: TOO_MANY_LOADS, of the member and of all."""
        if member_id in self._busy or len(self._busy) >= LOADS_MAX:
            return Reject(RejectCode.TOO_MANY_LOADS)
        self._busy[member_id] = None
        return None

    def end(self, member_id: str) -> None:
        """Give the place back."""
        self._busy.pop(member_id, None)

    def start(self, load: Load, reading: Reading, key: str, lots: Sequence[tuple[int, AddLot]] = ()) -> None:
        """Submit the rows of a checked reading, its lots as the commands that they became; the place is given back
        when all are settled.
        """
        self._kept[load.load_id] = load
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        task = asyncio.create_task(self._submit(load, reading, key, lots))
        self._tasks[task] = None
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()):
            log.error("load_failed", exc_info=error)

    async def check(self, reading: Reading, member_id: str) -> list[Fault]:
        """What is wrong with the rows beside what there is; nothing is changed."""
        views = self._engine.views
        faults = list[Fault]()
        for count, row in enumerate(reading.instruments):
            if count % STRETCH == 0:
                await asyncio.sleep(0)
            faults += instrument_faults(row, self._engine.views.catalogue)
        for count, line in enumerate(reading.stock):
            if count % STRETCH == 0:
                await asyncio.sleep(0)
            found = find(line, self._engine.views.catalogue)
            faults += [found] if isinstance(found, Fault) else offer_faults(line, found)
        offers = sum(bool(line.price) for line in reading.stock)
        if offers and len(views.market.orders.get(member_id, ())) + offers > OPEN_ORDERS_PER_MEMBER_MAX:
            sentence = f"{offers} offers are more than the open orders that you may still have."
            faults.append(Fault(0, "price", f"{sentence} Cancel some, or load fewer."))
        return faults

    async def _submit(
        self, load: Load, reading: Reading, key: str, lots: Sequence[tuple[int, AddLot]]
    ) -> None:
        try:
            await self._write_texts([row.description for row in reading.instruments])
            window = asyncio.Semaphore(WINDOW)
            async with asyncio.TaskGroup() as rows:
                every: list[InstrumentRow | StockRow] = [*reading.instruments, *reading.stock]
                for row in every:
                    await window.acquire()
                    task = rows.create_task(self._row(load, row, key))
                    task.add_done_callback(lambda _: window.release())
            for number, command in lots:
                await self._lot(load, number, command, key)
            load.state = LoadState.DONE
        except* (RecordsUnavailable, TimeoutError) as errors:
            log.warning(
                "load_stopped", load_id=load.load_id, settled=load.settled, reason=str(errors.exceptions[0])
            )
        finally:
            if load.state is not LoadState.DONE:
                load.state = LoadState.STOPPED
            self.end(load.member_id)

    async def _write_texts(self, descriptions: Sequence[str]) -> None:
        for first in range(0, len(descriptions), 1_000):
            await texts.write(self._records, descriptions[first : first + 1_000], self._engine.now_us())

    async def _row(self, load: Load, row: InstrumentRow | StockRow, key: str) -> None:
        async with asyncio.timeout(PATIENCE_S_MAX):
            if isinstance(row, InstrumentRow):
                await self._instrument(load, row, key)
            else:
                await self._stock(load, row, key)
        load.settled += 1

    async def _lot(self, load: Load, row: int, command: AddLot, key: str) -> None:
        """One after the other: their order is that in which lots of an event follow each other."""
        async with asyncio.timeout(PATIENCE_S_MAX):
            refused = await self._do(load.member_id, command, f"{key}:{row}")
        if refused is None:
            load.made += 1
        else:
            load.fault(row, refused.field, refused)
        load.settled += 1

    async def _instrument(self, load: Load, row: InstrumentRow, key: str) -> None:
        if is_there(row.command, self._engine.views.catalogue):
            load.unchanged += 1
            return
        refused = await self._do(load.member_id, row.command, f"{key}:{row.row}")
        if refused is None:
            load.made += 1
        elif is_there(row.command, self._engine.views.catalogue):
            load.unchanged += 1
        else:
            load.fault(row.row, refused.field, refused)

    async def _stock(self, load: Load, row: StockRow, key: str) -> None:
        instrument = find(row, self._engine.views.catalogue)
        assert not isinstance(instrument, Fault), "an instrument that was found stays"
        declare = DeclareStock(instrument_id=instrument.instrument_id, quantity=row.quantity)
        refused = await self._do(load.member_id, declare, f"{key}:{row.row}:stock")
        if refused is None and row.price:
            price = number_of(row.price, instrument.price_scale)
            assert price is not None, "it was checked"
            offer = PlaceOrder(
                instrument_id=instrument.instrument_id, side=Side.SELL, price=price, quantity=row.quantity
            )
            refused = await self._do(load.member_id, offer, f"{key}:{row.row}:offer")
        if refused is None:
            load.made += 1
        else:
            load.fault(row.row, refused.field, refused)

    async def _do(self, member_id: str, command: MemberCommand, key: str) -> Reject | None:
        """The refusal, or nothing once it took effect; what is unknown is asked again under the same key."""
        idempotency = sha256(f"{member_id}\0{key}".encode()).hexdigest()
        while True:
            answer = _Answer()
            refused = self._engine.submit(member_id, 0, command, answer, idempotency)
            said = refused or await answer.heard
            if isinstance(said, Reply):
                return Reject(RejectCode(said.code), said.bound, said.field) if said.code else None
            if said.code not in _WAIT:
                return said
            await asyncio.sleep(_WAIT[said.code])


class _Answer:
    """The sink of one row."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[Reply | Reject] = asyncio.get_running_loop().create_future()

    def settled(self, reply: Reply) -> None:
        if not self.heard.done():
            self.heard.set_result(reply)

    def lost(self, reject: Reject) -> None:
        if not self.heard.done():
            self.heard.set_result(reject)


def told(reject: Reject, bound: str = "") -> str:
    """A refusal for people, with its bound as a sheet writes it where that is known."""
    explained = EXPLANATIONS[reject.code]
    remedy = remedy_told(reject.code, bound) if bound else explained.remedy
    return f"{reject.code.name}: {explained.sentence} {remedy}"


def is_there(command: CreateInstrument, catalogue: Catalogue) -> bool:
    """Whether an instrument is exactly this, so that nothing is left to do."""
    there = _same_name(command, catalogue)
    if there is None or bool(command.part) != bool(there.part):
        return False
    if command.part and there.part and identity_of(command.part) != identity_of(there.part):
        return False
    terms = "currency price_scale tick lot_multiple price_min price_max delivery guarantee_bps tax_regime"
    rest = "goods_tax_bps reference_price text_hash"
    return all(getattr(command, name) == getattr(there, name) for name in f"{terms} {rest}".split())


def instrument_faults(row: InstrumentRow, catalogue: Catalogue) -> Iterator[Fault]:
    """Part and symbol must be free, unless the instrument is there already as the row wants it."""
    if is_there(row.command, catalogue):
        return
    part = row.command.part
    if part and (there := catalogue.of_part(part)):
        yield Fault(row.row, "part_number", f"PART_TAKEN: {there.symbol} is this part, with other terms.")
    if row.command.symbol and row.command.symbol in catalogue.by_symbol:
        yield Fault(row.row, "symbol", told(Reject(RejectCode.SYMBOL_TAKEN)))


def _same_name(command: CreateInstrument, catalogue: Catalogue) -> shown.Instrument | None:
    return catalogue.of_part(command.part) if command.part else catalogue.find(command.symbol)


def find(row: StockRow, catalogue: Catalogue) -> shown.Instrument | Fault:
    """The one instrument that a row names: by id, by symbol, or by whatever it says of the part."""
    if name := row.instrument_id or row.symbol:
        column = "instrument_id" if row.instrument_id else "symbol"
        return catalogue.find(name) or Fault(row.row, column, told(Reject(RejectCode.INSTRUMENT_UNKNOWN)))
    every = [catalogue.instruments[each] for each in catalogue.by_number.get(row.number_key, ())]
    fits = [each for each in every if _fits(row, each)]
    if len(fits) == 1:
        return fits[0]
    if not fits:
        return Fault(row.row, "part_number", told(Reject(RejectCode.INSTRUMENT_UNKNOWN)))
    symbols = ", ".join(each.symbol for each in fits[:5])
    return Fault(row.row, "part_number", f"{len(fits)} instruments fit: name one by its symbol: {symbols}.")


def _fits(row: StockRow, instrument: shown.Instrument) -> bool:
    for name, wanted in row.part.items():
        has = getattr(instrument.part, name)
        if name == "manufacturer":
            fits = manufacturer_key(str(wanted)) == manufacturer_key(has)
        else:
            fits = name == "part_number" or wanted == has
        if not fits:
            return False
    return True


def offer_faults(row: StockRow, instrument: shown.Instrument) -> Iterator[Fault]:
    """An offer must be on the lot multiple, on the tick and within the band."""
    if not row.price:
        return
    scale, multiple = instrument.price_scale, instrument.lot_multiple
    if row.quantity % multiple:
        yield Fault(row.row, "quantity", f"QUANTITY_OFF_LOT: Use a multiple of {multiple}.")
    price = number_of(row.price, scale)
    if price is None or price % instrument.tick:
        yield Fault(
            row.row, "price", f"PRICE_OFF_TICK: Use a multiple of {decimal_of(instrument.tick, scale)}."
        )
    elif not instrument.price_min <= price <= instrument.price_max:
        low, high = (decimal_of(each, scale) for each in (instrument.price_min, instrument.price_max))
        yield Fault(row.row, "price", f"It is outside the price band from {low} to {high}.")
