"""An endpoint hears the kinds that it chose, from when it was there."""

import pytest

from exchange.core.messages.shown import OwnInvitation
from exchange.core.visibility.notices import Notice
from exchange.follower.notices import Endpoint

NOTICE = Notice("m", "own.invited", OwnInvitation("e"), 100)


@pytest.mark.parametrize(
    "kinds,since_us,hears",
    [
        ((), 100, True),
        (("own.invited", "lot.closed"), 100, True),
        (("lot.closed",), 0, False),
        ((), 101, False),
    ],
)
def test_an_endpoint_hears_what_it_chose_and_nothing_of_the_past(
    kinds: tuple[str, ...], since_us: int, hears: bool
) -> None:
    assert Endpoint("w", frozenset(kinds), since_us).hears(NOTICE) is hears
