"""One port for REST and WebSocket: TLS, caps, and an end that tells everybody to come back."""

import asyncio
import ssl
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from exchange.gateway import server
from exchange.gateway.server import UnfitSettings, refuse_to_be_overheard, tls_context
from tests.gateway.house import GatewaySettings, House, a_house

TLS = Path(__file__).with_name("tls")
"""A certificate for localhost that nobody else trusts, good for a hundred years."""
CERT, KEY = TLS / "cert.pem", TLS / "key.pem"


async def test_with_a_certificate_everything_is_encrypted(house_database_url: str) -> None:
    trusting = ssl.create_default_context(cafile=str(CERT))
    async with a_house(house_database_url, GatewaySettings(tls_cert=CERT, tls_key=KEY)) as house:
        member = await house.member()
        url = house.url.replace("127.0.0.1", "localhost")
        headers = {"Authorization": f"Bearer {member.key}"}
        async with house.client.get(f"{url}/v1/accounts", headers=headers, ssl=trusting) as response:
            status = response.status
        async with house.client.ws_connect(f"{url}/v1/ws", ssl=trusting) as socket:
            await socket.send_json({"type": "hello", "key": member.key})
            welcome = await socket.receive_json()
        with pytest.raises(aiohttp.ClientError):
            await house.client.get(url.replace("https", "http"))

    assert house.url.startswith("https://127.0.0.1:")
    assert (status, welcome["type"]) == (200, "welcome")


@pytest.mark.parametrize(
    "cert, key, told",
    [
        (CERT, None, "Give both"),
        (None, KEY, "Give both"),
        (TLS / "none.pem", KEY, "No such file"),
        (Path(__file__), KEY, "Give PEM files"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_told_with_a_remedy(
    cert: Path | None, key: Path | None, told: str
) -> None:
    with pytest.raises(UnfitSettings, match=told):
        tls_context(cert, key)

    assert tls_context(None, None) is None


async def test_a_trusted_proxy_that_is_no_address_is_told_with_a_remedy(house: House) -> None:
    settings = GatewaySettings(trusted_proxies=("proxy.example",))

    with pytest.raises(UnfitSettings, match=r"proxy\.example.*Write it like"):
        server.Gateway(house.engine, house.keys, house.records, house.engine.randomness, settings)


OVERHEARD = [
    ({"host": "0.0.0.0"}, True),
    ({"host": "::"}, True),
    ({"host": ""}, True),
    ({"host": "192.0.2.1"}, True),
    ({"host": "exchange.example"}, True),
    ({"host": "127.0.0.1"}, False),
    ({"host": "127.8.0.1"}, False),
    ({"host": "::1"}, False),
    ({"host": "localhost"}, False),
    ({"host": "0.0.0.0", "tls_cert": CERT, "tls_key": KEY}, False),
    ({"host": "0.0.0.0", "trusted_proxies": ("192.0.2.2",)}, False),
]


@pytest.mark.parametrize("fields, refused", OVERHEARD)
def test_keys_are_not_taken_in_the_clear_from_other_machines(fields: dict[str, Any], refused: bool) -> None:
    told = pytest.raises(UnfitSettings, match=r"--tls-cert.*--trusted-proxy.*127.0.0.1")

    with told if refused else nullcontext():
        refuse_to_be_overheard(GatewaySettings(**fields))


async def test_a_port_that_is_taken_is_told_with_a_remedy(house: House) -> None:
    taken = int(house.url.rpartition(":")[2])
    second = server.Gateway(
        house.engine, house.keys, house.records, house.engine.randomness, GatewaySettings(port=taken)
    )

    with pytest.raises(UnfitSettings, match=f"127.0.0.1:{taken}.*Choose another"):
        await second.listen()


async def test_a_trusted_proxy_tells_where_requests_come_from(house_database_url: str) -> None:
    async with a_house(house_database_url, GatewaySettings(trusted_proxies=("127.0.0.1",))) as house:
        with capture_logs() as logs:
            await house.call(None, "GET", "/v1/time", headers={"X-Forwarded-For": "198.51.100.1"})

    assert [line["address"] for line in logs if line["event"] == "request"] == ["198.51.100.1"]


@pytest.mark.parametrize("sent", [b"", b"GET /v1/time HTTP/1.1\r\nHost: "])
async def test_whoever_sends_nothing_or_half_a_request_is_cut_off(
    house_database_url: str, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server, "SILENCE_S_MAX", 0.05)
    async with a_house(house_database_url) as house:
        port = int(house.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)

        assert await asyncio.wait_for(reader.read(), 30) == b""
        writer.close()


async def test_at_the_end_websockets_are_told_to_come_back(house_database_url: str) -> None:
    async with a_house(house_database_url) as house:
        member = await house.member()
        socket = await house.client.ws_connect(f"{house.url}/v1/ws")
        await socket.send_json({"type": "hello", "key": member.key})
        await socket.receive_json()

        closing = asyncio.create_task(house.gateway.close())
        while not socket.closed:
            await socket.receive()
        await closing

    assert socket.close_code == 4000


async def test_while_it_runs_other_processes_keys_are_taken_over_and_orphans_swept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SWEEP_S", 0.01)
    monkeypatch.setattr("exchange.gateway.auth.RELOAD_S", 0.01)
    member = await house.member()
    await house.records.execute("update api_keys set revoked_at_us = 1")
    await house.records.execute(
        "insert into member_profiles values ('h', null, 'n', 'GB', 'c', $1, null, 1)", b"s" * 16
    )

    running = asyncio.create_task(house.gateway.run())
    async with asyncio.timeout(30):
        while house.keys.find(member.key) or await house.records.fetch("select from member_profiles"):
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
