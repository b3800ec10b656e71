"""The client's own messages are the exchange's: tag by tag, field by field, default by default.

The client checks no bounds, so bounds may differ. Where it is looser on purpose, LOOSER says so.
"""

from collections.abc import Iterable
from typing import Any, get_args

import msgspec
import pytest
from msgspec import NODEFAULT, Struct
from msgspec.inspect import (
    EnumType,
    Field,
    ListType,
    StructType,
    TupleType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from exchange.core.limits import SESSION_OUTCOMES_KEPT
from exchange.core.messages import MEMBER_COMMANDS, Command, OpenSession
from exchange.core.messages import shown as server
from exchange.core.rejects import RejectCode
from exchange.core.values import CURRENCY_EXPONENT
from exchange.gateway.limits import FRAME_BYTES_MAX, IN_FLIGHT_MAX
from exchange_client import frames, inflight, messages, money, resolving, session, shown

NUMBERED_BY_THE_SESSION = "ref"
OPENED_BY_HELLO = {OpenSession}
LOOSER = {
    ("own", "events"): "events of types that come later are left out one by one",
    ("order_cancelled", "cause"): "causes that come later are let through",
}


def shape(kind: Type) -> Any:
    """What of a type is seen on the wire."""
    match kind:
        case StructType():
            fields = [(each.encode_name, _field(each)) for each in kind.fields if _is_strict(kind, each)]
            return kind.tag, fields if kind.array_like else dict(fields)
        case ListType(item_type=part) | VarTupleType(item_type=part):
            return "list", shape(part)
        case TupleType(item_types=parts):
            return [shape(part) for part in parts]
        case EnumType(cls=values):
            return sorted(values)
        case UnionType(types=parts):
            return sorted((shape(part) for part in parts), key=repr)
        case _:
            return type(kind).__name__


def _field(field: Field) -> Any:
    if field.required:
        return shape(field.type)
    default = field.default if field.default_factory is NODEFAULT else field.default_factory()
    return shape(field.type), "absent" if default is NODEFAULT else msgspec.to_builtins(default)


def _is_strict(kind: StructType, field: Field) -> bool:
    return field.encode_name != NUMBERED_BY_THE_SESSION or not issubclass(kind.cls, Command)


def by_tag(kinds: Iterable[type[Struct]]) -> dict[str, Any]:
    """The shapes of messages, without the fields in which the client is looser."""
    shapes = {}
    for kind in kinds:
        tag, fields = shape(type_info(kind))
        shapes[tag] = {name: each for name, each in fields.items() if (tag, name) not in LOOSER}
    return shapes


@pytest.mark.parametrize(
    "ours,theirs",
    [
        (messages.AnyCommand, [each for each in MEMBER_COMMANDS if each not in OPENED_BY_HELLO]),
        (frames.AnySessionFrame, get_args(server.ClientFrame)),
        (shown.AnyShown, get_args(server.ServerFrame)),
        (shown.AnyOwnEvent, get_args(server.OwnEvent)),
    ],
    ids=["commands", "session frames", "shown", "own events"],
)
def test_the_client_knows_every_message_as_the_exchange_does(ours: Any, theirs: Any) -> None:
    assert by_tag(get_args(ours)) == by_tag(theirs)


def test_being_looser_is_still_needed() -> None:
    exact = {
        kind.__struct_config__.tag: kind for kind in get_args(server.ServerFrame) + get_args(server.OwnEvent)
    }

    assert all(name in exact[tag].__struct_fields__ for tag, name in LOOSER)


@pytest.mark.parametrize(
    "ours,name",
    [
        (inflight.BUSY, "BUSY"),
        (inflight.HALTED, "HALTED"),
        (inflight.SESSION_UNKNOWN, "SESSION_UNKNOWN"),
        (inflight.REF_TOO_OLD, "REF_TOO_OLD"),
        (resolving.NOT_FOUND, "NOT_FOUND"),
        (session.TOO_MANY_CONNECTIONS, "TOO_MANY_CONNECTIONS"),
    ],
)
def test_the_codes_that_the_client_acts_on_are_the_exchanges(ours: int, name: str) -> None:
    assert ours == RejectCode[name]


def test_the_client_stays_within_the_bounds_of_the_exchange() -> None:
    assert inflight.WINDOW_REFS <= SESSION_OUTCOMES_KEPT
    assert inflight.OPEN_MAX < IN_FLIGHT_MAX
    assert inflight.COMMAND_BYTES_MAX < FRAME_BYTES_MAX


def test_currencies_have_the_same_minor_units() -> None:
    assert money.CURRENCY_EXPONENT == CURRENCY_EXPONENT
