"""What a lost connection leaves behind: its orders, unless its hello asked for their end."""

import pytest

from exchange.core.messages.shown import Hello
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.websocket.farewells import Farewells
from tests.gateway.floor import Caller, Floor, a_floor, an_order


def a_caller(floor: Floor, *, session: int = 0, key: str = "key-m") -> Caller:
    caller = floor.connection()
    caller.ask(Hello(key, session=session, cancel_on_disconnect=True))
    return caller


def orders(floor: Floor) -> list[tuple[int, int]]:
    """Session and price of all that rest."""
    return sorted((order.session, order.price) for order in floor.venue.kernel.books.orders.values())


def lose(farewells: Farewells, lost: Caller, *others: Caller) -> None:
    lost.session.ended()
    farewells.say(lost.session, [other.session for other in others])


def test_the_orders_of_a_lost_session_are_cancelled_and_no_others() -> None:
    floor = a_floor()
    lost, other = a_caller(floor), a_caller(floor)
    lost.ask(an_order(ref=1, price=100), an_order(ref=2, price=101))
    other.ask(an_order(ref=1, price=102))

    lose(Farewells(floor), lost, other)
    floor.commit()

    assert orders(floor) == [(2, 102)]


def test_an_order_that_was_still_under_way_is_cancelled_too() -> None:
    floor = a_floor()
    lost = a_caller(floor)
    lost.say(an_order(ref=1))

    lose(Farewells(floor), lost)
    floor.commit()

    assert orders(floor) == []


def test_who_did_not_ask_for_it_keeps_its_orders() -> None:
    floor = a_floor()
    lost = floor.caller("m")
    lost.ask(an_order(ref=1))

    lose(Farewells(floor), lost)
    floor.commit()

    assert orders(floor) == [(1, 100)]


def test_a_session_in_which_another_connection_speaks_is_not_lost() -> None:
    floor = a_floor()
    first = a_caller(floor)
    first.ask(an_order(ref=1))
    second = a_caller(floor, session=1)
    farewells = Farewells(floor)

    lose(farewells, first, second)
    floor.commit()
    assert orders(floor) == [(1, 100)]
    lose(farewells, second)
    floor.commit()

    assert orders(floor) == []


def test_a_key_that_may_only_read_ends_nothing() -> None:
    floor = a_floor()
    floor.keys["reader"] = Identity("m", "reader", frozenset({Scope.READ}))
    a_caller(floor).ask(an_order(ref=1))
    reader = a_caller(floor, session=1, key="reader")

    lose(Farewells(floor), reader)
    floor.commit()

    assert orders(floor) == [(1, 100)]


@pytest.mark.parametrize("code", [RejectCode.HALTED, RejectCode.BUSY])
def test_what_the_engine_cannot_take_now_is_submitted_until_it_does(code: RejectCode) -> None:
    floor = a_floor()
    lost = a_caller(floor)
    lost.ask(an_order(ref=1))
    farewells = Farewells(floor)

    floor.refusing = Reject(code)
    lose(farewells, lost)
    farewells.retry()
    assert len(farewells.waiting) == 1
    floor.refusing = None
    farewells.retry()
    floor.commit()

    assert orders(floor) == []
    assert farewells.waiting == {}
