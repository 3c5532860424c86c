"""Where a price request may go: addresses are resolved here, checked, and connected to as checked.

A name that is harmless when it is looked up and private when it is connected to (DNS rebinding)
gains nothing: the connection is made to the very address that was checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

import httpcore
import httpx

FIRST_ADDRESS_SECONDS = 3.0
"""Patience with one address while another is left to try (a broken IPv6 route)."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Origin = tuple[str, int]
"""(host name in lower case, port)."""


class AddressRefused(Exception):
    """The name leads to an address that no public feed has; the message is one readable line."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, IPv4 hidden in IPv6 included."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip.sixtofour is not None:
            ip = ip.sixtofour
        elif ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, and to the origins an operator set himself."""

    def __init__(self, trusted: Iterable[Origin] = ()) -> None:
        self.trusted = set(trusted)
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the signature is the library's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if (host.lower(), port) in self.trusted:
            return await self._plain.connect_tcp(host, port, timeout, local_address, socket_options)
        addresses = await _public_addresses(host, port)
        for address in addresses[:-1]:
            brief = min(timeout or FIRST_ADDRESS_SECONDS, FIRST_ADDRESS_SECONDS)
            try:
                return await self._plain.connect_tcp(
                    address, port, brief, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._plain.connect_tcp(
            addresses[-1], port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused(f"{path}: no feed is a local socket")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _public_addresses(host: str, port: int) -> list[str]:
    """The public addresses of a name, in the order the system prefers them."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise httpcore.ConnectError(f"{host} cannot be found") from fault
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    public = [address for address in addresses if is_public(address)]
    if not public:
        raise AddressRefused(f"leads to a private address ({', '.join(addresses[:2])}); refused")
    return public


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport with connections made by a GuardedBackend."""

    def __init__(self, backend: GuardedBackend, *, connections: int) -> None:
        super().__init__()
        # httpx hands no network backend down; the pool is httpcore's public class all the same,
        # and a test sees a private address refused through it.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=30,
            http1=True,
            http2=True,
            network_backend=backend,
        )
