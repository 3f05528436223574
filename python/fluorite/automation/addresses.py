"""Which hosts may be asked, and at which addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts as (name, port); a port of None stands for those of https and http."""

    listed: tuple[tuple[str, int | None], ...]
    private: tuple[tuple[str, int | None], ...]
    """Those that may have an address of this machine or of a private network."""

    @classmethod
    def of(cls, listed: Iterable[str], private: Iterable[str]) -> AllowedHosts:
        """From hosts written `name` or `name:port`, all of them sound."""
        return cls(*(tuple(dict.fromkeys(map(_host_and_port, hosts))) for hosts in (listed, private)))

    def allows(self, url: str) -> bool:
        return _is_of(url, self.listed)

    def allows_private(self, url: str) -> bool:
        return _is_of(url, self.private)


def host_of(url: str) -> str | None:
    """`name` or `name:port` of an http or https URL, a default port left out; None for any other URL."""
    parts = _split(url)
    if parts is None or parts.hostname is None:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    return name if port is None or port == DEFAULT_PORTS[parts.scheme] else f"{name}:{port}"


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet: neither this machine's nor a private network's."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        inner = one.ipv4_mapped or one.sixtofour or _of_nat64(one)
        if inner is not None:
            return is_public(str(inner))
    return one.is_global and not one.is_multicast


def _of_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address in one of 64:ff9b::/96 (RFC 6052)."""
    if address not in ipaddress.IPv6Network("64:ff9b::/96"):
        return None
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _is_of(url: str, hosts: Collection[tuple[str, int | None]]) -> bool:
    host = host_of(url)
    return host is not None and _host_and_port(host) in hosts


def _host_and_port(host: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{host}")
    port = None if parts.port in DEFAULT_PORTS.values() else parts.port
    return (parts.hostname or "").rstrip("."), port


def _split(url: str) -> SplitResult | None:
    """The parts of an http or https URL without a user in it; None for any other."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts
