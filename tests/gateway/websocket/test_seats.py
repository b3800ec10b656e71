"""Nobody takes all places, and every place is given back."""

from exchange.gateway.auth import Identity, Scope
from exchange.gateway.websocket.seats import Seats
from exchange.gateway.websocket.session import Session
from tests.gateway.floor import Floor, Line


def a_session(floor: Floor, member_id: str = "m", key_id: str = "k") -> Session:
    session = Session(Line(), floor, floor, floor.feed, floor.seats)
    session.identity = Identity(member_id, key_id, frozenset(Scope))
    return session


def test_an_address_has_so_many_connections() -> None:
    seats = Seats(per_address_max=2)

    assert [seats.enter(address) for address in ("a", "a", "a", "b")] == [True, True, False, True]
    assert seats.connections == 3
    seats.leave("a")
    assert seats.enter("a")
    for address in ("a", "a", "b"):
        seats.leave(address)
    assert seats.connections == 0


def test_a_member_has_so_many_connections_whatever_its_keys() -> None:
    floor, seats = Floor(), Seats(per_member_max=2)
    sessions = [a_session(floor, key_id=key_id) for key_id in "xyz"]
    other = a_session(floor, "n")

    taken = [seats.take(session, session.identity) for session in [*sessions, other] if session.identity]
    assert taken == [True, True, False, True]

    seats.rise(sessions[2])  # had none
    seats.rise(sessions[0])
    seats.rise(sessions[0])  # gives back one place only
    assert sessions[2].identity and seats.take(sessions[2], sessions[2].identity)
    assert sessions[0].identity and not seats.take(sessions[0], sessions[0].identity)


def test_a_member_is_seated_from_its_first_connection_to_its_last() -> None:
    floor, seats = Floor(), Seats()
    sessions = [a_session(floor), a_session(floor)]
    seen = [seats.seated("m")]
    for session in sessions:
        assert session.identity and seats.take(session, session.identity)
        seen.append(seats.seated("m"))
    for session in sessions:
        seats.rise(session)
        seen.append(seats.seated("m"))

    assert seen == [False, True, True, True, False]


def test_whoever_never_said_hello_had_no_place() -> None:
    floor, seats = Floor(), Seats()
    session = Session(Line(), floor, floor, floor.feed, floor.seats)

    seats.rise(session)

    assert seats.connections == 0
