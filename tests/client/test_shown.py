import msgspec
import pytest

from exchange_client import shown

FILL = (
    b'{"type":"fill","order_id":"o-1","instrument_id":"i-1","side":"buy","trade_number":1,"price":5,"quantity":2,'
    b'"open_quantity":0,"maker":true}'
)


def an_own_frame(*events: bytes) -> shown.Own:
    frame = shown.decoded(
        b'{"type":"own","channel":"own","epoch":1,"offset":1,"at_us":1,"events":[%b]}' % b",".join(events)
    )
    assert isinstance(frame, shown.Own)
    return frame


def test_a_frame_of_a_type_that_is_not_known_is_ignored() -> None:
    assert shown.decoded(b'{"type":"horoscope","stars":5}') is None


def test_fields_that_are_not_known_are_ignored() -> None:
    frame = shown.decoded(b'{"type":"time","client_us":1,"server_us":2,"leap":false}')

    assert frame == shown.Time(1, 2)


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'"time"', b'{"client_us":1}', b'{"type":"time"}', b'{"type":"time","client_us":"1"}'],
)
def test_what_is_no_frame_of_this_wire_is_an_error(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        shown.decoded(text)


def test_own_events_of_a_type_that_is_not_known_are_left_out() -> None:
    events = shown.own_events(
        an_own_frame(FILL, b'{"type":"fanfare"}', b'{"type":"invited","event_id":"e-1"}')
    )

    assert [type(event) for event in events] == [shown.OwnFill, shown.OwnInvitation]


def test_a_known_own_event_with_a_missing_field_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        shown.own_events(an_own_frame(b'{"type":"invited"}'))
