"""What comes in over REST: bodies, queries and path ids as checked Structs, or the reason why not.

Guarantees: whatever bytes come in, the end is a Struct whose every field is in range, or `Refused`; every
field that is wrong is named, not only the first. JSON is taken strictly: no duplicate keys, no NaN, no
unknown fields, no numbers for decimals.
"""

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar, get_args

import msgspec
from msgspec import Struct, ValidationError
from msgspec.structs import FieldInfo, fields

from exchange.core.limits import AMOUNT_MINOR_MAX, PRICE_MAX
from exchange.core.messages import Command
from exchange.core.rejects import RejectCode
from exchange.gateway.notation import Decimals, decimal_of, number_of
from exchange.gateway.problems import FieldError, Refused, field_refused

BODY_BYTES_MAX: Final = 64 * 1024
"""No command needs more; a larger body is refused unread."""

T = TypeVar("T", bound=Struct)
C = TypeVar("C", bound=Command)


class _DuplicateKey(Exception):
    pass


def body_of(raw: bytes, kind: type[T]) -> T:
    """A body as a Struct; no bytes at all stand for an empty object."""
    document = _document(raw) if raw else {}
    if not isinstance(document, dict):
        raise Refused(RejectCode.MALFORMED, "Send one JSON object.")
    return converted(document, kind, strict=True)


def texts_of(pairs: Iterable[tuple[str, str]], kind: type[T]) -> T:
    """A query or the ids of a path as a Struct; a name may come once."""
    document: dict[str, str] = {}
    for name, text in pairs:
        if name in document:
            raise Refused(RejectCode.DUPLICATE_KEY, errors=(FieldError(name, "It is there twice."),))
        document[name] = text
    return converted(document, kind, strict=False)


def checked(command: C, names: Mapping[str, str]) -> C:
    """The command, if every field is within its bounds; `names` are REST's names of fields that differ."""
    try:
        return msgspec.convert(msgspec.to_builtins(command), type(command))
    except ValidationError as error:
        field, detail = _place(error)
        raise _malformed([FieldError(names.get(field, field), detail)]) from error


def price_of(field: str, text: str, scale: int) -> int:
    """A price in 10^-scale; refused unless it is positive, in bounds and exact."""
    return _number(field, text, scale, PRICE_MAX)


def amount_of(field: str, text: str, scale: int) -> int:
    """An amount in minor units; refused unless it is positive, in bounds and exact."""
    return _number(field, text, scale, AMOUNT_MINOR_MAX)


def _number(field: str, text: str, scale: int, number_max: int) -> int:
    number = number_of(text, scale)
    if number is None:
        raise field_refused(field, f"It can have up to {scale} decimals.")
    if not 1 <= number <= number_max:
        raise field_refused(field, f"It must be above 0 and at most {decimal_of(number_max, scale)}.")
    return number


def _document(raw: bytes) -> Any:
    """The one place where JSON is parsed twice: msgspec for its strictness, json for its duplicate keys."""
    try:
        msgspec.json.decode(raw)
        return json.loads(raw, object_pairs_hook=_object)
    except _DuplicateKey as error:
        raise Refused(
            RejectCode.DUPLICATE_KEY, errors=(FieldError(str(error), "It is there twice."),)
        ) from error
    except RecursionError as error:
        raise Refused(RejectCode.TOO_LARGE, "The body is nested too deeply.") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise Refused(RejectCode.MALFORMED, f"The body is not JSON: {error}.", status=400) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields_of_object = dict(pairs)
    if len(fields_of_object) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateKey(next(name for name in names if names.count(name) > 1))
    return fields_of_object


def converted(document: Mapping[str, Any], kind: type[T], *, strict: bool) -> T:
    """A document as a Struct; refused with every field that is wrong."""
    try:
        return msgspec.convert(document, kind, strict=strict)
    except ValidationError as error:
        wrong = _wrong_fields(document, kind, strict=strict)
        raise _malformed(wrong or [FieldError(*_place(error))]) from error


def _wrong_fields(document: Mapping[str, Any], kind: type[Struct], *, strict: bool) -> list[FieldError]:
    """Every field that is missing, wrong or unknown, in the order of the Struct."""
    known = {field.encode_name: field for field in fields(kind)}
    wrong = [FieldError(name, "It is missing.") for name in known if _is_missing(known[name], document)]
    for name, field in known.items():
        if name in document:
            wrong += _wrong_value(field, document[name], strict=strict)
    wrong += [FieldError(name, "There is no such field.") for name in document if name not in known]
    return wrong


def _is_missing(field: FieldInfo, document: Mapping[str, Any]) -> bool:
    return field.required and field.encode_name not in document


def _wrong_value(field: FieldInfo, value: Any, *, strict: bool) -> list[FieldError]:
    if _takes_decimals(field) and isinstance(value, int | float) and not isinstance(value, bool):
        detail = 'Send decimals as a string such as "2.375": a JSON number would be rounded.'
        return [FieldError(field.encode_name, detail)]
    try:
        msgspec.convert(value, field.type, strict=strict)
    except ValidationError as error:
        below, detail = _place(error)
        choices = ", ".join(_choices(field.type)) if detail.startswith("Invalid enum value") else ""
        if choices:
            detail = f"{detail[:-1]}: send one of {choices}."
        return [FieldError(f"{field.encode_name}.{below}" if below else field.encode_name, detail)]
    return []


def _choices(kind: Any) -> list[str]:
    """The words that a field takes, where it takes no others."""
    if isinstance(kind, str):  # of a Literal
        return [kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return [choice for part in get_args(kind) for choice in _choices(part)]


def _takes_decimals(field: FieldInfo) -> bool:
    return Decimals in (field.type, *get_args(field.type))


def _place(error: ValidationError) -> tuple[str, str]:
    """The path below the top, without its "$.", and what is wrong there."""
    detail, _, path = str(error).partition(" - at `")
    return path.rstrip("`").removeprefix("$").removeprefix("."), f"{detail}."


def _malformed(wrong: list[FieldError]) -> Refused:
    detail = "; ".join(f"{each.field}: {each.detail}" for each in wrong[:3])
    return Refused(RejectCode.MALFORMED, detail, errors=tuple(wrong))
