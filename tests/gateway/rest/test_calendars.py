"""Calendar files over REST: for whoever may see the event, with a sequence that rises when its times move."""

from typing import Any

from icalendar import Calendar

from exchange.core.messages import Role
from tests.gateway.house import Answer, House
from tests.gateway.rest.test_sourcing import MINUTE, draft, published


def entry(answer: Answer) -> Any:
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.raw).walk("VEVENT")[0]


async def test_the_invited_take_an_event_into_their_calendars_and_strangers_do_not(house: House) -> None:
    market = await published(house)
    path = f"/v1/events/{market.event}/calendar"
    stranger, operator = await house.member(Role.SELLER), await house.member(Role.OPERATOR)

    files = [
        entry(await house.call(each, "GET", path)) for each in (*market.suppliers, market.buyer, operator)
    ]
    refused = await house.call(stranger, "GET", path)

    assert len({each.to_ical() for each in files}) == 1
    assert (files[0].start.isoformat(), files[0].end.isoformat()) == (
        "2026-01-01T13:00:00+00:00",
        "2026-01-01T14:00:00+00:00",
    )
    assert (files[0]["status"], files[0]["sequence"]) == ("CONFIRMED", 0)
    assert (refused.status, refused.body["reason"]) == (404, "EVENT_UNKNOWN")
    for holder in (market.buyer, *market.suppliers):
        assert holder.member_id.encode() not in files[0].to_ical()


async def test_a_file_with_other_times_has_a_higher_sequence_before_and_after_the_records_know(
    house: House,
) -> None:
    market = await published(house)
    path = f"/v1/events/{market.event}"
    await house.archive()
    sequences, starts = [], []

    async def look() -> None:
        file = entry(await house.call(market.suppliers[0], "GET", f"{path}/calendar"))
        sequences.append(int(file["sequence"]))
        starts.append(file.start.minute)

    await look()
    for _ in range(2):
        await house.call(market.buyer, "POST", f"{path}/pause", {"reason": "Fire drill"})
        house.clock.pass_us(10 * MINUTE)
        await house.call(market.buyer, "POST", f"{path}/resumption")
        await look()
        await house.archive()
        await look()

    assert (sequences, starts) == ([0, 1, 1, 2, 2], [0, 10, 10, 20, 20])


async def test_a_draft_has_no_times_and_a_cancelled_event_says_so(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    refused = await house.call(buyer, "GET", f"/v1/events/{event}/calendar")
    market = await published(house)
    path = f"/v1/events/{market.event}"
    await house.call(market.buyer, "POST", f"{path}/cancellation", {"reason": "No need"})

    assert (refused.status, refused.body["reason"]) == (409, "EVENT_NOT_PUBLISHED")
    assert entry(await house.call(market.suppliers[0], "GET", f"{path}/calendar"))["status"] == "CANCELLED"
