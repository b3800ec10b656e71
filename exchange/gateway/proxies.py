"""Where a request comes from: the peer, or what a trusted proxy in front of us says.

Guarantees: only an address that the settings name is believed; of a forwarded chain, the last address that
no trusted proxy has is taken, so that a client can't invent one.
Known limits: `X-Forwarded-For` only.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from aiohttp import web

Network: TypeAlias = IPv4Network | IPv6Network
HEADER = "X-Forwarded-For"


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks (10.0.0.0/8, ::1) as the settings write them; ValueError names a wrong one."""
    return tuple(ip_network(text, strict=False) for text in texts)


def client_address(request: web.BaseRequest, trusted: tuple[Network, ...]) -> str:
    """The address that caps and logs count; the peer's where the chain is no list of addresses."""
    peer = request.remote or ""
    address = peer
    for text in reversed(",".join(request.headers.getall(HEADER, [])).split(",")):
        if not _is_in(address, trusted):
            return address
        if not _is_address(text.strip()):
            return address
        address = text.strip()
    return address


def is_local(request: web.BaseRequest) -> bool:
    """Whether the request comes from this machine itself and through no proxy."""
    return HEADER not in request.headers and is_loopback(request.remote or "")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address: 127.0.0.0/8, ::1, or localhost by name."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_in(text: str, networks: tuple[Network, ...]) -> bool:
    return _is_address(text) and any(ip_address(text) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
