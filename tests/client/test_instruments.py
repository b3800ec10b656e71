import asyncio

import pytest

from exchange_client import shown
from exchange_client.channels import ChannelRefused, Update
from exchange_client.errors import Closed, ExchangeError, Invalid, Rejected
from exchange_client.feeds import FeedEvent
from exchange_client.instruments import Instruments
from tests.client.frames import an_error
from tests.client.test_feeds import Desk


def a_notice(*symbols: str) -> Update:
    wires = [shown.Instrument(f"i-{symbol}", symbol, "EUR", 2, 1, 1, 1, 9) for symbol in symbols]
    return Update("notices", shown.Notices("notices", 1, 0, wires))


async def test_an_instrument_is_found_by_id_and_by_symbol() -> None:
    desk = Desk()
    instruments = Instruments(desk)
    instruments.take(a_notice("NE555P", "BC547"))

    assert (await instruments.find("BC547")).instrument_id == "i-BC547"
    assert await instruments.find("i-BC547") is await instruments.find("BC547")
    assert desk.readers == [instruments]


async def test_an_instrument_that_is_a_moment_old_is_waited_for() -> None:
    instruments = Instruments(Desk())
    finding = [asyncio.ensure_future(instruments.find("NE555P")) for _ in range(2)]
    await asyncio.wait(finding, timeout=0)

    instruments.take(a_notice("BC547"))
    instruments.take(a_notice("NE555P"))

    assert [found.symbol for found in await asyncio.gather(*finding)] == ["NE555P", "NE555P"]


async def test_a_name_that_nobody_knows_is_refused_after_a_while() -> None:
    instruments = Instruments(Desk(), look_s_max=0.01)
    instruments.take(a_notice("NE555P"))

    with pytest.raises(Invalid, match="no instrument 'BC547'"):
        await instruments.find("BC547")


@pytest.mark.parametrize(
    "end,raised",
    [(Closed("done"), Closed), (ChannelRefused("notices", Rejected.of(an_error(204))), Rejected)],
)
async def test_who_looks_is_told_when_no_answer_can_come(end: FeedEvent, raised: type[ExchangeError]) -> None:
    instruments = Instruments(Desk())
    finding = asyncio.ensure_future(instruments.find("NE555P"))
    await asyncio.wait([finding], timeout=0)

    instruments.take(end)

    with pytest.raises(raised):
        await finding
