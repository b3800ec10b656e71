"""REST of bulk loads: instruments by the operator, stock and offers by a seller, as CSV or XLSX; what lots share with
them.

Guarantees: a file with a fault changes nothing, and a dry run never does; every fault that is shown names row,
column and remedy.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.messages import AddLot, Role, Standing
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.loading.columns import FAULTS_SHOWN_MAX, Reading
from exchange.gateway.loading.loads import Load, LoadState
from exchange.gateway.loading.reading import INSTRUMENTS, STOCK, read
from exchange.gateway.loading.sheets import MEDIA, Fault, Unreadable
from exchange.gateway.notation import ONE_LINE, Id
from exchange.gateway.problems import FieldError, Refused
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route

LOAD_BYTES_MAX: Final = 16 * 1024 * 1024
"""A hundred thousand rows of a hundred and sixty characters."""


class LoadQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How to load."""

    dry_run: Annotated[bool, Meta(description="Check only: tell every fault and change nothing.")] = False
    batch: Annotated[
        str,
        Meta(
            pattern=ONE_LINE,
            max_length=64,
            description="The same file takes effect once a day; under another name it counts anew.",
        ),
    ] = ""


class LotLoadQuery(LoadQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to load, and into which draft."""

    event_id: Id


class LoadFault(Struct, frozen=True):
    """What is wrong with one cell; row 0 stands for the whole file."""

    row: int
    column: str
    detail: str


class LoadReport(Struct, frozen=True):
    """A load as far as it is. `rows` will be settled: `made`, `unchanged` since they were there, or `refused`."""

    load_id: str
    state: LoadState
    rows: int
    settled: int
    made: int
    unchanged: int
    refused: int
    faults: list[LoadFault]
    fault_count: int


AnyLoad = Call[NoBody, LoadQuery] | Call[NoBody, LotLoadQuery]
Lots = list[tuple[int, AddLot]]
"""Rows with the commands that they became."""
Check = Callable[[Reading], Awaitable[tuple[list[Fault], Lots]]]


async def load_instruments(call: Call[NoBody, LoadQuery]) -> LoadReport:
    """Operator: create the instruments of a spreadsheet. 202: ask for the load until it is done."""
    return await load_sheet(call, INSTRUMENTS, Role.OPERATOR, INSTRUMENTS, _checked(call))


async def load_stock(call: Call[NoBody, LoadQuery]) -> LoadReport:
    """Seller: declare the stock of a spreadsheet, and offer what has a price. 202: ask for the load until it is done."""
    return await load_sheet(call, STOCK, Role.SELLER, STOCK, _checked(call))


async def get_load(call: Call[NoBody, NoQuery]) -> LoadReport:
    """How far one of your loads is."""
    load = call.ports.loads.of(call.member_id, call.id("load_id"))
    if load is None:
        raise Refused(Reject(RejectCode.LOAD_UNKNOWN, field="load_id"))
    return _report(load, load.faults, load.refused)


def _checked(call: Call[NoBody, LoadQuery]) -> Check:
    async def check(reading: Reading) -> tuple[list[Fault], Lots]:
        return await call.ports.loads.check(reading, call.member_id), []

    return check


async def load_sheet(call: AnyLoad, kind: str, role: Role, subject: str, check: Check) -> LoadReport:
    """Read a sheet of a member with this role, check it, and start what it asks for; the same sheet for the same subject counts once a day."""
    loads, member_id = call.ports.loads, call.member_id
    if refused := _standing_refusal(call, role) or loads.begin(member_id):
        raise Refused(refused)
    started = False
    try:
        reading = await _read(call, kind)
        faults, count, lots = reading.faults, reading.fault_count, list[tuple[int, AddLot]]()
        if not count:
            found, lots = await check(reading)
            count, faults = len(found), [_titled(each, reading) for each in found[:FAULTS_SHOWN_MAX]]
        key = f"{subject}\0{call.query.batch}\0{sha256(call.raw).hexdigest()}"
        load_id = sha256(f"{member_id}\0{key}".encode()).hexdigest()[:32]
        rows = len(reading.instruments) + len(reading.stock) + len(reading.lots)
        if call.query.dry_run:
            call.status = 200
            return _report(Load(load_id, member_id, LoadState.CHECKED, rows), faults, count)
        if count:
            raise _refused(faults, count)
        load = Load(load_id, member_id, LoadState.RUNNING, rows, faults=[])
        loads.start(load, reading, key, lots)
        started = True
        call.headers["Location"] = f"/v1/loads/{load_id}"
        return _report(load, [], 0)
    finally:
        if not started:
            loads.end(member_id)


async def _read(call: AnyLoad, kind: str) -> Reading:
    try:
        return await read(kind, call.raw, call.request.content_type)
    except Unreadable as unreadable:
        raise Refused(RejectCode.SHEET_UNREADABLE, str(unreadable)) from unreadable


def _titled(fault: Fault, reading: Reading) -> Fault:
    """The fault with the column as the sheet calls it."""
    return Fault(fault.row, reading.titles.get(fault.column, fault.column), fault.detail)


def _standing_refusal(call: AnyLoad, role: Role) -> Reject | None:
    """A suspended member would be refused row by row."""
    member = call.views.members.get(call.member_id)
    if member is None or role not in member.roles:
        return Reject(RejectCode.ROLE_MISSING)
    return Reject(RejectCode.MEMBER_SUSPENDED) if member.standing is not Standing.GOOD else None


def _refused(faults: list[Fault], count: int) -> Refused:
    more = f" The first {len(faults)} are shown." if count > len(faults) else ""
    detail = f"{count} cells are wrong, and nothing was loaded.{more}"
    errors = tuple(FieldError(f"row {each.row}, {each.column}", each.detail) for each in faults)
    return Refused(RejectCode.SHEET_WRONG, detail, errors=errors)


def _report(load: Load, faults: list[Fault], count: int) -> LoadReport:
    return LoadReport(
        load.load_id,
        load.state,
        load.rows,
        load.settled,
        load.made,
        load.unchanged,
        load.refused,
        [LoadFault(each.row, each.column, each.detail) for each in faults],
        count,
    )


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/instruments/bulk", "Load instruments from a spreadsheet", load_instruments,
        NoBody, LoadQuery, LoadReport, status=202, takes=MEDIA, bytes_max=LOAD_BYTES_MAX,
    ),
    Route(
        "POST", "/v1/stock/bulk", "Load stock and offers from a spreadsheet", load_stock,
        NoBody, LoadQuery, LoadReport, status=202, takes=MEDIA, bytes_max=LOAD_BYTES_MAX,
    ),
    Route("GET", "/v1/loads/{load_id}", "Read a load", get_load, NoBody, NoQuery, LoadReport),
)  # fmt: skip
