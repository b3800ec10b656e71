"""Where webhooks may go: what leads into our own network is refused, however it is written."""

from ipaddress import ip_address

import aiohttp
import pytest

from exchange.outbound.targets import TargetRefused, address_refusal, guarded, url_refusal
from tests.outbound.receiver import a_receiver

REFUSED = [
    ("", "It is no URL with a host."),
    ("https://", "It is no URL with a host."),
    ("https://[::1", "It is no URL."),
    ("https://example.org:99999/", "It is no URL."),
    ("https://exa mple.org/", "It is no URL with a host."),
    ("https://example.org/\n", "It is no URL with a host."),
    ("http://example.org/", "It must begin with https://."),
    ("ftp://example.org/", "It must begin with https://."),
    ("file:///etc/passwd", "It is no URL with a host."),
    ("https://me:secret@example.org/", "It must have neither a user nor a fragment."),
    ("https://example.org/#part", "It must have neither a user nor a fragment."),
    ("https://localhost/", "It is this machine."),
    ("https://LOCALHOST./", "It is this machine."),
    ("https://a.localhost/", "It is this machine."),
    ("https://127.0.0.1/", "It is this machine."),
    ("https://[::1]/", "It is this machine."),
    ("https://10.0.0.1/", "Its address is private."),
    ("https://172.16.0.1/", "Its address is private."),
    ("https://192.168.1.1/", "Its address is private."),
    ("https://100.64.0.1/", "Its address is private."),
    ("https://169.254.169.254/latest", "Its address is link-local."),
    ("https://[fe80::1%25eth0]/", "Its address is link-local."),
    ("https://[fc00::1]/", "Its address is private."),
    ("https://224.0.0.1/", "Its address is a group of machines."),
    ("https://[ff02::1]/", "Its address is a group of machines."),
    ("https://0.0.0.0/", "Its address is this machine."),
    ("https://255.255.255.255/", "Its address is private."),
    ("https://[::ffff:127.0.0.1]/", "Its address is this machine."),
    ("https://[::ffff:10.0.0.1]/", "Its address is private."),
    ("https://[64:ff9b::7f00:1]/", "Its address is this machine."),
    ("https://[2002:7f00:1::]/", "Its address is this machine."),
    ("https://[::127.0.0.1]/", "Its address is private."),
    ("https://[::ffff:0:127.0.0.1]/", "Its address is private."),
    ("https://[64:ff9b:1::7f00:1]/", "Its address is private."),
    ("https://[fec0::1]/", "Its address is private."),
    ("https://[5f00::1]/", "Its address is private."),
]
TAKEN = ["https://example.org/hooks?of=us", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/hooks"]


@pytest.mark.parametrize("url,why", REFUSED)
def test_a_url_that_leads_nowhere_or_inside_is_refused_by_name(url: str, why: str) -> None:
    assert url_refusal(url, loopback=False) == why


@pytest.mark.parametrize("url", TAKEN)
def test_a_public_url_over_tls_is_taken(url: str) -> None:
    assert url_refusal(url, loopback=False) == ""


@pytest.mark.parametrize(
    "url,taken",
    [
        ("http://127.0.0.1:80/", True),
        ("http://localhost/", True),
        ("https://[::1]/", True),
        ("http://example.org/", False),
        ("http://10.0.0.1/", False),
        ("https://10.0.0.1/", False),
        ("https://169.254.169.254/", False),
    ],
)
def test_the_setting_for_development_lets_in_this_machine_and_nothing_else(url: str, taken: bool) -> None:
    assert (url_refusal(url, loopback=True) == "") is taken


def test_every_address_of_loopback_is_refused_without_the_setting() -> None:
    for text in ("127.0.0.1", "127.255.255.254", "::1"):
        assert address_refusal(ip_address(text), loopback=False) == "Its address is this machine."
        assert address_refusal(ip_address(text), loopback=True) == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1"])
async def test_the_address_is_judged_again_when_the_connection_is_made(host: str) -> None:
    async with a_receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", host)
        async with aiohttp.ClientSession(connector=guarded(loopback=False)) as client:
            with pytest.raises(aiohttp.ClientConnectorError) as raised:
                await client.post(url)
        async with (
            aiohttp.ClientSession(connector=guarded(loopback=True)) as client,
            client.post(url) as answer,
        ):
            assert answer.status == 204

    assert isinstance(raised.value.os_error, TargetRefused)
    assert len(receiver.received) == 1
