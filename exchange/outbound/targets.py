"""Where webhooks may go: public addresses over TLS, so that nobody reaches our own network through us.

Guarantees: the address is judged where the socket is made, after the name was resolved: a name that points elsewhere
by then is refused like any other. Addresses that carry another one are judged by that too.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

URL_LENGTH_MAX: Final = 500
_NAT64: Final = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
"""All that is assigned for machines of the Internet; the rest of IPv6 leads inwards, or nowhere, or to another address
in a way of its own (IPv4-compatible, translated by a local prefix, site-local).
"""

Address = IPv4Address | IPv6Address


class TargetRefused(OSError):
    """The address is none that we send to."""


def url_refusal(url: str, *, loopback: bool) -> str:
    """Why we don't send there, for the member; empty if we do. `loopback` lets this machine itself be a target."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "It is no URL."
    if not host or any(each.isspace() or not each.isprintable() for each in url):
        return "It is no URL with a host."
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "It must have neither a user nor a fragment."
    here = _is_here(host)
    if parts.scheme != "https" and not (loopback and here and parts.scheme == "http"):
        return "It must begin with https://."
    if here and not loopback:
        return "It is this machine."
    literal = address_of(host)
    return "" if literal is None else address_refusal(literal, loopback=loopback)


def address_refusal(address: Address, *, loopback: bool) -> str:
    """Why we don't connect to the address; empty if we do."""
    inner = _carried(address)
    if inner is not None:
        return address_refusal(inner, loopback=loopback)
    if loopback and address.is_loopback:
        return ""
    outside = isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST
    kinds = {
        "this machine": address.is_loopback or address.is_unspecified,
        "a group of machines": address.is_multicast,
        "link-local": address.is_link_local,
        "private": address.is_private or not address.is_global or not outside,
    }
    return next((f"Its address is {kind}." for kind, is_it in kinds.items() if is_it), "")


def address_of(host: str) -> Address | None:
    """The address that is written there; nothing where it is a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def guarded(*, loopback: bool) -> aiohttp.TCPConnector:
    """Connections to such addresses and no others; each for one request, so that each is judged."""

    def made(info: Any) -> socket.socket:
        """The socket for a resolved address. Raises TargetRefused before anything is connected."""
        family, kind, protocol, _, where = info
        address = address_of(str(where[0]))
        refusal = "It has no address." if address is None else address_refusal(address, loopback=loopback)
        if refusal:
            raise TargetRefused(refusal)
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(socket_factory=made, use_dns_cache=False, force_close=True)


def _is_here(host: str) -> bool:
    address = address_of(host)
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost") or (address is not None and address.is_loopback)


def _carried(address: Address) -> Address | None:
    """The IPv4 address within one of IPv6, for those that lead there."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
