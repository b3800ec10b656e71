"""The address that counts is the peer's, unless a trusted proxy says otherwise."""

import pytest
from aiohttp.test_utils import make_mocked_request

from exchange.gateway.proxies import client_address, is_local, networks_of

TRUSTED = networks_of(["127.0.0.1", "10.0.0.0/8"])


class Transport:
    """Tells the peer, as aiohttp asks for it."""

    def __init__(self, peer: str) -> None:
        self.peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self.peer, 1) if name == "peername" else default


@pytest.mark.parametrize(
    "peer, forwarded, address",
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not trusted: its word counts nothing
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the client invented the first one
        ("127.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("10.1.2.3", "10.4.4.4", "10.4.4.4"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str | None, address: str) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("GET", "/", headers=headers, transport=Transport(peer))

    assert client_address(request, TRUSTED) == address


@pytest.mark.parametrize(
    "peer, headers, local",
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("203.0.113.9", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
    ],
)
def test_only_this_machine_itself_is_local(peer: str, headers: dict[str, str], local: bool) -> None:
    request = make_mocked_request("GET", "/", headers=headers, transport=Transport(peer))

    assert is_local(request) is local


def test_a_wrong_network_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        networks_of(["10.0.0.0/99"])
