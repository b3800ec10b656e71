"""Bytes to messages and messages to bytes: the only place that knows how a WebSocket frame is written.

Guarantees: whatever bytes come in, `decode` returns a message whose every field is in range, or one `Error`
that says what is wrong, where, and what to do; it never raises. JSON is taken strictly: no duplicate keys, no
unknown fields, no NaN, no floats or booleans for integers. A text is one line, as it is in REST: the database can't
hold every control character, and mails none. What goes out is one whole unmasked text frame, made once however many
receive it.
Doesn't know who sends, or whether a command is allowed.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final, get_args

import msgspec
from msgspec import DecodeError, Struct, ValidationError
from msgspec.structs import fields

from exchange.core.limits import REF_MAX
from exchange.core.messages import MemberCommand, Reply
from exchange.core.messages.shown import Ack, ClientFrame, Error, Rejected
from exchange.core.messages.shown_base import Shown
from exchange.core.rejects import EXPLANATIONS, Reject, RejectCode
from exchange.gateway.limits import FRAME_BYTES_MAX
from exchange.gateway.notation import ONE_LINE

Incoming = ClientFrame | MemberCommand

_decode: Final[Callable[[bytes], Incoming]] = msgspec.json.Decoder(Incoming).decode
_encode: Final = msgspec.json.Encoder().encode

# --- in --------------------------------------------------------------------------------------------


def decode(frame: bytes) -> Incoming | Error:
    """The message in a text frame, or what is wrong with it."""
    if len(frame) > FRAME_BYTES_MAX:
        return error(RejectCode.TOO_LARGE, f"A frame has at most {FRAME_BYTES_MAX} bytes.")
    try:
        message = _decode(frame)
    except ValidationError as invalid:
        return _misfit(invalid, frame)
    except (DecodeError, UnicodeDecodeError) as broken:
        return error(RejectCode.MALFORMED, f"The frame is not JSON: {broken}.", ref=_ref_in(frame))
    except RecursionError:
        return error(RejectCode.TOO_LARGE, "The frame is nested too deeply.", ref=_ref_in(frame))
    if not _accounted(message, frame.count(b":")):
        key = _duplicate_key(frame)
        if key is not None:
            return error(RejectCode.DUPLICATE_KEY, field=key, ref=_ref_in(frame))
    if _may_hold_break(frame) and (field := _broken_text(message)) is not None:
        return error(RejectCode.MALFORMED, "A text is one line.", field=field, ref=_ref_in(frame))
    return message


def error(code: RejectCode, message: str = "", *, field: str = "", ref: int = 0, channel: str = "") -> Error:
    """An error frame; `message` says more than the code's own sentence, where there is more to say."""
    explanation = EXPLANATIONS[code]
    return Error(
        int(code), code.name, message or explanation.sentence, explanation.remedy, field, ref, channel
    )


def _misfit(invalid: ValidationError, frame: bytes) -> Error:
    """JSON, but no message: which field it is, and how it should be."""
    sentence, _, path = str(invalid).partition(" - at `$")
    field = path.rstrip("`").removeprefix(".")
    named = re.search(r"(unknown|required) field `(.*)`$", sentence, re.DOTALL)
    if named:
        field = f"{field}.{named[2]}" if field else named[2]
    unknown_type = field == "type" and sentence.startswith("Invalid value")
    code = RejectCode.UNKNOWN_TYPE if unknown_type else RejectCode.MALFORMED
    return error(code, f"{sentence}.", field=field, ref=_ref_in(frame))


_REF: Final = re.compile(rb'"ref"\s*:\s*([0-9]{1,16})\s*[,}]')


def _ref_in(frame: bytes) -> int:
    """The ref of a frame that can't be understood, if it surely has one; else 0."""
    found = _REF.findall(frame)
    ref = int(found[0]) if len(found) == 1 and frame.count(b'"ref"') == 1 else 0
    return ref if ref <= REF_MAX else 0


# A key costs one colon. So a message whose frame has just as many colons as it must have keys has none of
# them twice; only the others (a colon in a text, a default that was spelt out) are looked at more closely.


def _optional_fields(kind: type[Struct]) -> list[tuple[str, object]]:
    """Names and defaults; a command's ref, which is nearly always there, comes first."""
    return [(field.name, field.default) for field in reversed(fields(kind)) if not field.required]


_KINDS: Final = get_args(ClientFrame) + get_args(MemberCommand)
_OPTIONAL: Final = {kind: _optional_fields(kind) for kind in _KINDS}
_REQUIRED: Final = {kind: 1 + sum(field.required for field in fields(kind)) for kind in _KINDS}
"""Keys that a message of the type always has, `type` included."""


def _accounted(message: Incoming, colons: int) -> bool:
    """Whether the keys that must have been sent to make this message use up all colons of its frame."""
    kind = type(message)
    left = colons - _REQUIRED[kind]
    for name, default in _OPTIONAL[kind]:
        if not left:
            break
        if getattr(message, name) != default:
            left -= 1
    return not left


class _Twice(Exception):
    """A key that an object has twice."""


def _duplicate_key(frame: bytes) -> str | None:
    """The first key that occurs twice in one object of a frame that is known to be JSON."""
    try:
        json.loads(frame, object_pairs_hook=_once)
    except _Twice as twice:
        return str(twice)
    return None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    known = dict(pairs)
    if len(known) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return known


_ESCAPE: Final = ord("\\")
_DELETE: Final = 0x7F
_one_line: Final[Callable[[str], object]] = re.compile(ONE_LINE).search


def _may_hold_break(frame: bytes) -> bool:
    """In ASCII only an escape can, or the one control character that JSON takes as it is."""
    return _ESCAPE in frame or _DELETE in frame or not frame.isascii()


def _broken_text(message: Incoming) -> str | None:
    """The field of the first text that is not one line."""
    texts = _texts_in(msgspec.to_builtins(message), "")
    return next((field for field, text in texts if not _one_line(text)), None)


def _texts_in(value: object, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts_in(inner, f"{field}.{name}" if field else name)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _texts_in(inner, f"{field}[{place}]")


# --- out -------------------------------------------------------------------------------------------

_TEXT: Final = 0x81
"""The first byte of a text frame that is whole."""


def _header(length: int) -> bytes:
    if length < 126:
        return bytes((_TEXT, length))
    if length < 65_536:
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")


_HEADERS: Final = tuple(map(_header, range(1_024)))
"""Of the lengths that nearly all frames have."""


def text_frame(payload: bytes) -> bytes:
    """The payload as one whole, unmasked, uncompressed text frame (RFC 6455, 5.2)."""
    length = len(payload)
    return (_HEADERS[length] if length < 1_024 else _header(length)) + payload


def encode(message: Shown) -> bytes:
    """The message as a frame."""
    return text_frame(_encode(message))


def answered(reply: Reply, step: int = 0, remedy: str = "") -> bytes:
    """What the sender of a command is told: its ack, or its refusal with the step that it should have known, and with a
    remedy that names the bound where there is one.
    """
    if reply.code:
        reject = Reject(RejectCode(reply.code), reply.bound, reply.field)
        return encode(rejected(reply.ref, reject, reply.sequence, reply.at_us, step, remedy))
    ack = Ack(
        reply.ref,
        reply.sequence,
        reply.at_us,
        reply.id,
        reply.filled_quantity,
        reply.open_quantity,
        reply.number,
    )
    return text_frame(_encode(ack))


def rejected(
    ref: int, reject: Reject, sequence: int = 0, at_us: int = 0, step: int = 0, remedy: str = ""
) -> Rejected:
    """A refusal in full; `sequence` is 0 where the command was not sequenced."""
    explanation = EXPLANATIONS[reject.code]
    return Rejected(
        ref,
        int(reject.code),
        reject.code.name,
        explanation.advice.value,
        explanation.sentence,
        remedy or explanation.remedy,
        sequence,
        at_us,
        reject.bound,
        reject.field,
        step,
    )
