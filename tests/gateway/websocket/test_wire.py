"""Whatever comes in ends in a message or in one error that helps; what goes out is a whole frame."""

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange.core.messages import Disclosure, MemberCommand, PlaceOrder, Reply, Side, SubmitBid, TimeInForce
from exchange.core.messages.shown import Ack, ClientFrame, Error, Rejected, Subscribe, SyncTime, Time
from exchange.core.messages.sourcing import CreateEvent
from exchange.core.rejects import EXPLANATIONS, Reject, RejectCode
from exchange.gateway.limits import FRAME_BYTES_MAX
from exchange.gateway.websocket import wire
from exchange.gateway.websocket.wire import answered, decode, encode, rejected, text_frame

C = RejectCode
ORDER = '{"type":"place_order","ref":7,"instrument_id":"LM358","side":"buy","price":100,"quantity":5%s}'


def an_order(more: str = "") -> bytes:
    return (ORDER % more).encode()


def an_event(disclosure: str) -> bytes:
    fields = '"title":"Bolts: M4","currency":"EUR","open_at_us":1,"duration_us":1000000'
    return f'{{"type":"create_event","ref":7,{fields},"disclosure":{disclosure}}}'.encode()


def a_reason(text: str) -> bytes:
    return f'{{"type":"cancel_event","ref":7,"event_id":"e","reason":"Why{text}"}}'.encode()


def refusal(frame: bytes) -> tuple[RejectCode, str, int]:
    """Code, field and ref of the error that the frame gets."""
    answer = decode(frame)
    assert isinstance(answer, Error)
    assert answer.reason == C(answer.code).name
    assert answer.message
    assert answer.remedy == EXPLANATIONS[C(answer.code)].remedy
    return C(answer.code), answer.field, answer.ref


UNDERSTOOD = [
    (an_order(), PlaceOrder(ref=7, instrument_id="LM358", side=Side.BUY, price=100, quantity=5)),
    (
        an_order(',"time_in_force":"ioc"'),
        PlaceOrder(
            ref=7,
            instrument_id="LM358",
            side=Side.BUY,
            price=100,
            quantity=5,
            time_in_force=TimeInForce.IOC,
        ),
    ),
    # A default that is spelt out, blanks and escapes are JSON like any other.
    (
        an_order(',"time_in_force":"gtc","post_only":false'),
        PlaceOrder(ref=7, instrument_id="LM358", side=Side.BUY, price=100, quantity=5),
    ),
    (
        b' { "lot_id" : "l" , "price":\t9,"ref":3,\n"type":"submit_bid"} ',
        SubmitBid(ref=3, lot_id="l", price=9),
    ),
    (b'{"type":"subscribe","channel":"book:LM358"}', Subscribe("book:LM358")),
    (
        b'{"type":"subscribe","channel":"book\\u003aLM358","epoch":0,"offset":4}',
        Subscribe("book:LM358", 0, 4),
    ),
    (b'{"type":"sync_time","client_us":9007199254740991}', SyncTime(2**53 - 1)),
    (
        an_event('{"lead_price":false}'),
        CreateEvent(
            ref=7,
            title="Bolts: M4",
            currency="EUR",
            open_at_us=1,
            duration_us=1_000_000,
            disclosure=Disclosure(lead_price=False),
        ),
    ),
]


@pytest.mark.parametrize("frame,message", UNDERSTOOD)
def test_a_message_is_understood_however_it_is_written(frame: bytes, message: object) -> None:
    assert decode(frame) == message


REFUSED = [
    ("nothing", b"", C.MALFORMED, "", 0),
    ("no JSON", b"hello", C.MALFORMED, "", 0),
    ("cut off", an_order()[:-1], C.MALFORMED, "", 7),
    ("two values", an_order() + b"{}", C.MALFORMED, "", 7),
    ("a list", b'[{"type":"sync_time"}]', C.MALFORMED, "", 0),
    ("a number", b"1", C.MALFORMED, "", 0),
    ("no type", b'{"ref":7,"price":1}', C.MALFORMED, "type", 7),
    ("a type that is no text", b'{"type":5,"ref":7}', C.MALFORMED, "type", 7),
    ("an unknown type", b'{"type":"sell_all","ref":7}', C.UNKNOWN_TYPE, "type", 7),
    ("a type of ours alone", b'{"type":"fire_deadlines","ref":7}', C.UNKNOWN_TYPE, "type", 7),
    ("an answer of ours", b'{"type":"ack","ref":7,"sequence":1,"at_us":1}', C.UNKNOWN_TYPE, "type", 7),
    ("an unknown field", an_order(',"prize":1'), C.MALFORMED, "prize", 7),
    (
        "an unknown field within",
        an_event('{"names":true}'),
        C.MALFORMED,
        "disclosure.names",
        7,
    ),
    ("a missing field", b'{"type":"submit_bid","ref":7,"lot_id":"l"}', C.MALFORMED, "price", 7),
    ("the acting member", an_order(',"member_id":"m"'), C.MALFORMED, "member_id", 7),
    ("a float", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":1.0}', C.MALFORMED, "price", 7),
    ("an exponent", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":1e2}', C.MALFORMED, "price", 7),
    ("a boolean", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":true}', C.MALFORMED, "price", 7),
    ("a text", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":"1"}', C.MALFORMED, "price", 7),
    ("null", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":null}', C.MALFORMED, "price", 7),
    ("NaN", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":NaN}', C.MALFORMED, "", 7),
    ("Infinity", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":-Infinity}', C.MALFORMED, "", 7),
    ("zero", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":0}', C.MALFORMED, "price", 7),
    ("less", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":-1}', C.MALFORMED, "price", 7),
    ("2^64", b'{"type":"submit_bid","ref":7,"lot_id":"l","price":18446744073709551616}', C.MALFORMED, "price", 7),
    (
        "five thousand digits",
        b'{"type":"submit_bid","ref":7,"lot_id":"l","price":' + b"9" * 5_000 + b"}",
        C.MALFORMED,
        "price",
        7,
    ),
    ("a ref beyond 2^53", b'{"type":"submit_bid","ref":9007199254740992,"lot_id":"l","price":1}', C.MALFORMED, "ref", 0),
    ("no UTF-8", b'{"type":"submit_bid","ref":7,"lot_id":"\xff","price":1}', C.MALFORMED, "", 7),
    ("half a surrogate", b'{"type":"submit_bid","ref":7,"lot_id":"\\ud800","price":1}', C.MALFORMED, "", 7),
    ("a byte order mark", b"\xef\xbb\xbf" + an_order(), C.MALFORMED, "", 7),
    ("an empty id", b'{"type":"submit_bid","ref":7,"lot_id":"","price":1}', C.MALFORMED, "lot_id", 7),
    ("a long id", b'{"type":"submit_bid","ref":7,"lot_id":"%b","price":1}' % (b"l" * 33), C.MALFORMED, "lot_id", 7),
    ("a NUL, which the records can't hold", a_reason("\\u0000"), C.MALFORMED, "reason", 7),
    ("a line break at the end", a_reason("\\n"), C.MALFORMED, "reason", 7),
    ("a raw control character", a_reason("\x7f"), C.MALFORMED, "reason", 7),
    ("a line separator", a_reason("\u2028"), C.MALFORMED, "reason", 7),
    (
        "a NUL within",
        b'{"type":"set_terms","ref":7,"event_id":"e","documents":[{"name":"a\\u0000","sha256":"%b"}]}' % (b"0" * 64),
        C.MALFORMED,
        "documents[0].name",
        7,
    ),
    ("a wrong side", an_order().replace(b"buy", b"BUY"), C.MALFORMED, "side", 7),
    ("a key twice", an_order(',"price":100'), C.DUPLICATE_KEY, "price", 7),
    ("a key twice, another value", an_order(',"price":99'), C.DUPLICATE_KEY, "price", 7),
    ("a key twice, once escaped", an_order(',"pr\\u0069ce":99'), C.DUPLICATE_KEY, "price", 7),
    ("a default twice", an_order(',"post_only":false,"post_only":false'), C.DUPLICATE_KEY, "post_only", 7),
    ("the type twice", an_order(',"type":"place_order"'), C.DUPLICATE_KEY, "type", 7),
    ("the ref twice", an_order(',"ref":8'), C.DUPLICATE_KEY, "ref", 0),
    (
        "a key twice within",
        an_event('{"lead_price":false,"lead_price":true}'),
        C.DUPLICATE_KEY,
        "lead_price",
        7,
    ),
    ("depth", b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b',"ref":7}', C.TOO_LARGE, "", 7),
    ("size", an_order(" " * FRAME_BYTES_MAX), C.TOO_LARGE, "", 0),
]  # fmt: skip


@pytest.mark.parametrize("case,frame,code,field,ref", REFUSED, ids=[case for case, *_ in REFUSED])
def test_what_is_no_message_gets_one_error_that_says_where(
    case: str, frame: bytes, code: RejectCode, field: str, ref: int
) -> None:
    assert refusal(frame) == (code, field, ref)


def test_the_largest_frame_is_still_read() -> None:
    assert decode(an_order(" " * (FRAME_BYTES_MAX - len(an_order())))) == decode(an_order())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
types = st.sampled_from([kind.__struct_config__.tag for kind in get_args(ClientFrame | MemberCommand)])
near_messages = st.builds(
    lambda kind, fields: json.dumps({"type": kind, **fields}).encode(errors="surrogatepass"),
    types,
    st.dictionaries(
        st.sampled_from(["ref", "price", "quantity", "side", "instrument_id", "channel", "roles", "overtime"])
        | st.text(),
        json_values,
    ),
)


@given(st.binary(max_size=300) | near_messages)
@example(b'{"ref":' + b"9" * 40)
@example(b'{"type":"hello","key":"\\ud83d"}')
def test_no_bytes_raise(frame: bytes) -> None:
    answer = decode(frame)

    if isinstance(answer, Error):
        assert json.loads(encode(answer)[2 if len(encode(answer)) < 128 else 4 :])["remedy"]


@given(near_messages, st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_no_damage_to_a_message_raises(frame: bytes, place: int, damage: bytes) -> None:
    decode(frame[:place] + damage + frame[place + 1 :])


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """What the standard library's parser says about keys."""
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


fields_of_an_order = {
    "type": st.just('"place_order"'),
    "ref": st.integers(0, 99).map(str),
    "instrument_id": st.sampled_from(['"LM358"', '"a:b"', '":"']),
    "side": st.sampled_from(['"buy"', '"sell"']),
    "price": st.integers(1, 99).map(str),
    "quantity": st.integers(1, 99).map(str),
    "time_in_force": st.sampled_from(['"gtc"', '"ioc"']),
    "post_only": st.sampled_from(["true", "false"]),
}


@st.composite
def orders_with_repeated_keys(draw: st.DrawFn) -> bytes:
    names = draw(st.lists(st.sampled_from(sorted(fields_of_an_order)), max_size=2))
    names += ["type", "instrument_id", "side", "price", "quantity"]
    written = [f'"{name}":{draw(fields_of_an_order[name])}' for name in draw(st.permutations(names))]
    return ("{" + ",".join(written) + "}").encode()


@given(orders_with_repeated_keys())
def test_a_key_that_is_there_twice_is_always_seen_and_no_other_is_blamed(frame: bytes) -> None:
    try:
        json.loads(frame, object_pairs_hook=once)
    except AssertionError:
        twice = True
    else:
        twice = False

    answer = decode(frame)

    assert (isinstance(answer, Error) and answer.code == C.DUPLICATE_KEY) == twice
    assert isinstance(answer, PlaceOrder) != twice


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_a_frame_is_whole_unmasked_text(length: int) -> None:
    frame = text_frame(b"x" * length)

    short = frame[1] if frame[1] < 126 else None
    header = 2 if short is not None else 4 if frame[1] == 126 else 10
    assert frame[0] == 0x81
    assert (short if short is not None else int.from_bytes(frame[2:header], "big")) == length
    assert frame[header:] == b"x" * length


def test_what_is_shown_reads_back() -> None:
    frame = encode(Time(client_us=1, server_us=2))

    assert msgspec.json.decode(frame[2:], type=Time) == Time(1, 2)


def test_a_command_that_took_effect_is_acknowledged() -> None:
    reply = Reply(7, 3, 1_000, id="order", filled_quantity=2, open_quantity=5, number=1)

    assert msgspec.json.decode(answered(reply)[2:], type=Ack) == Ack(7, 3, 1_000, "order", 2, 5, 1)


def test_a_refusal_says_what_to_do() -> None:
    reply = Reply(7, 3, 1_000, int(C.PRICE_BELOW_BAND), 95, "price")

    told = msgspec.json.decode(answered(reply)[4:], type=Rejected)

    assert told == Rejected(
        7,
        301,
        "PRICE_BELOW_BAND",
        "fix",
        "The price is below the band.",
        "Raise it to the bound.",
        3,
        1_000,
        95,
        "price",
    )
    assert rejected(7, Reject(C.BUSY)).sequence == 0


def test_every_type_of_message_is_counted_for_duplicate_keys() -> None:
    assert set(get_args(wire.Incoming)) == set(wire._REQUIRED) == set(wire._OPTIONAL)
