"""What a scrape tells is what happened."""

from prometheus_client.parser import text_string_to_metric_families

from exchange.core.messages import Role
from tests.gateway.house import House


async def scraped(house: House) -> dict[str, float]:
    """Samples by name and labels."""
    answer = await house.call(None, "GET", "/metrics")
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.raw.decode())
        for sample in family.samples
    }


async def test_commands_commits_and_refusals_are_counted(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    before = await scraped(house)
    for rate_bps in (100, 200):
        await house.call(operator, "PUT", "/v1/commission", {"rate_bps": rate_bps})
    body = {"symbol": "A", "currency": "ZZZ"}
    await house.call(operator, "POST", "/v1/instruments", body)

    after = await scraped(house)

    grown = {name: value - before.get(name, 0) for name, value in after.items()}
    assert grown["exchange_commands_total"] == grown["exchange_commits_total"] == 3
    assert grown["exchange_refused_total reason=CURRENCY_UNKNOWN"] == 1
    assert grown["exchange_batch_commands_count"] == grown["exchange_commit_seconds_count"] == 3
    assert grown["exchange_requests_total status=200"] == 3  # the earlier scrape is one of them
    assert grown["exchange_requests_total status=422"] == 1


async def test_histograms_rise_up_to_all(house: House) -> None:
    await house.member()

    samples = await scraped(house)

    for name in ("batch_commands", "commit_seconds", "ack_seconds"):
        buckets = [value for key, value in samples.items() if key.startswith(f"exchange_{name}_bucket")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == samples[f"exchange_{name}_count"] > 0


async def test_states_connections_and_the_followers_lag_are_told(house: House) -> None:
    member = await house.member()
    before = await scraped(house)
    house.engine.follower_seq = 0
    async with house.client.ws_connect(f"{house.url}/v1/ws") as socket:
        await socket.send_json({"type": "hello", "key": member.key})
        await socket.receive_json()
        during = await scraped(house)

    assert "exchange_follower_lag_commands" not in before
    assert during["exchange_follower_lag_commands"] == house.engine.seq
    assert (before["exchange_connections"], during["exchange_connections"]) == (0, 1)
    assert during["exchange_frames_total"] == 1
    assert during["exchange_requests_waiting"] == 1
    states = {key: value for key, value in during.items() if key.startswith("exchange_state")}
    assert states == {
        f"exchange_state state={state}": float(state == "serving")
        for state in ("starting", "serving", "halted", "stopped")
    }
