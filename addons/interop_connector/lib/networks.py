"""From where a partner may send: networks in CIDR notation (RFC 4632, RFC 4291 section 2.3)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=1024)
def parse(text: str) -> tuple[Network, ...]:
    """Networks and single addresses, one a line or separated by commas; a # begins a remark.

    Raises ValueError with the entry that is none. A network with bits set behind its prefix is
    none either: somebody meant something else.
    """
    found = []
    for line in text.splitlines():
        for entry in line.partition("#")[0].replace(",", " ").split():
            try:
                network = ip_network(entry)
            except ValueError:
                raise ValueError(entry) from None
            found.append(network)
    return tuple(found)


def allows(text: str, address: str) -> bool:
    """Whether a delivery may come from `address`: no networks at all allow everything.

    What cannot be read allows nothing. An IPv4 address that comes as IPv6 (RFC 4291 section
    2.5.5.2) is judged as the IPv4 address that it is.
    """
    try:
        networks = parse(text)
        if not networks:
            return not text.strip() or _only_comments(text)
        here = ip_address(address.strip())
    except ValueError:
        return False
    if isinstance(here, IPv6Address):
        if here.scope_id is not None:
            return False
        here = here.ipv4_mapped or here
    return any(here in network for network in networks)


def _only_comments(text: str) -> bool:
    return not any(line.partition("#")[0].strip(" ,\t") for line in text.splitlines())
