"""Which addresses a name on the web may lead to: public ones, and none that this machine alone can reach."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# IANA's special-purpose registries, and two metadata services that sit among ordinary addresses.
_RESERVED_V4 = {
    ip_network(network): kind
    for network, kind in {
        "0.0.0.0/8": "this machine's own",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "a carrier's own (CGNAT)",
        "127.0.0.0/8": "this machine's own (loopback)",
        "168.63.129.16/32": "a cloud's metadata service",
        "169.254.0.0/16": "link-local, where clouds keep their metadata",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "reserved for documentation",
        "192.31.196.0/24": "reserved",
        "192.52.193.0/24": "reserved",
        "192.88.99.0/24": "reserved (6to4 relays)",
        "192.168.0.0/16": "private",
        "192.175.48.0/24": "reserved",
        "198.18.0.0/15": "reserved for measurements",
        "198.51.100.0/24": "reserved for documentation",
        "203.0.113.0/24": "reserved for documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
_GLOBAL_V6 = ip_network("2000::/3")
_RESERVED_V6 = {
    ip_network(network): kind
    for network, kind in {
        "2001::/23": "reserved (Teredo and other protocols)",
        "2001:db8::/32": "reserved for documentation",
        "2002::/16": "a tunnel to an IPv4 address (6to4)",
        "2620:4f:8000::/48": "reserved",
        "3fff::/20": "reserved for documentation",
    }.items()
}
_NAMED_V6 = {
    ip_network("::1/128"): "this machine's own (loopback)",
    ip_network("fc00::/7"): "private",
    ip_network("fe80::/10"): "link-local",
    ip_network("ff00::/8"): "multicast",
}
_MAPPED = ip_network("::ffff:0:0/96")
_NAT64 = ip_network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


def why_not_public(text: str) -> str:
    """Say why an address is not one of the public internet.

    IPv6 forms that carry an IPv4 address are judged by that address.

    Parameters
    ----------
    text
        An IPv4 or IPv6 address, possibly with a zone (``fe80::1%eth0``).

    Returns
    -------
    What it is instead, such as ``private``; empty for a public address.

    References
    ----------
    IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890); RFC 6052 (NAT64), RFC 5214 (ISATAP).
    """
    address = ip_address(text)
    return _why_not_v4(address) if isinstance(address, IPv4Address) else _why_not_v6(address)


def _why_not_v4(address: IPv4Address) -> str:
    return next((kind for network, kind in _RESERVED_V4.items() if address in network), "")


def _why_not_v6(address: IPv6Address) -> str:
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    # The zone only names an interface; networks cannot be compared with it.
    plain = IPv6Address(int(address))
    if plain in _MAPPED or plain in _NAT64:
        return _why_not_v4(last)
    if plain not in _GLOBAL_V6:
        return next((kind for network, kind in _NAMED_V6.items() if plain in network), "reserved")
    if (int(plain) >> 32) & 0xFFFFFFFF in _ISATAP:
        return _why_not_v4(last)
    return next((kind for network, kind in _RESERVED_V6.items() if plain in network), "")
