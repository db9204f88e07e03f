import unittest
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

from hypothesis import given
from hypothesis import strategies as st

from ..lib.networks import allows, parse

V4 = st.integers(0, 2**32 - 1)


class TestNetworks(unittest.TestCase):
    def test_networks_are_told_by_lines_and_commas_with_remarks(self):
        text = "192.0.2.0/24, 198.51.100.7\n# the old office\n2001:db8::/32 # new\n\n"
        self.assertEqual(
            [str(network) for network in parse(text)],
            ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"],
        )

    def test_who_may_send(self):
        text = "192.0.2.0/24\n2001:db8::/32\n198.51.100.7"
        for address, may in (
            ("192.0.2.0", True), ("192.0.2.255", True), ("192.0.3.0", False),
            ("198.51.100.7", True), ("198.51.100.8", False), ("2001:db8::1", True),
            ("2001:db9::1", False), ("::ffff:192.0.2.9", True), ("::ffff:10.0.0.1", False),
            ("fe80::1%eth0", False), ("", False), ("unknown", False),
            ("192.0.2.1, 10.0.0.1", False),
        ):  # fmt: skip
            self.assertEqual(allows(text, address), may, address)

    def test_no_networks_allow_everybody(self):
        for text in ("", "  \n", "# nobody yet\n"):
            self.assertTrue(allows(text, "203.0.113.9"), text)
            self.assertTrue(allows(text, ""), text)

    def test_what_cannot_be_read_allows_nobody(self):
        for text in ("everywhere", "192.0.2.1/24", "10.0.0.0/33", "192.0.2.0/24\nx"):
            self.assertFalse(allows(text, "192.0.2.1"), text)
            with self.assertRaises(ValueError):
                parse(text)

    @given(V4, st.integers(0, 32), V4)
    def test_ipv4_is_judged_by_its_leading_bits(self, base, prefix, address):
        network = ip_network((base >> (32 - prefix) << (32 - prefix), prefix))
        expected = base >> (32 - prefix) == address >> (32 - prefix)
        for shown in (str(IPv4Address(address)), f"::ffff:{IPv4Address(address)}"):
            self.assertEqual(allows(str(network), shown), expected)

    @given(st.integers(0, 2**128 - 1), st.integers(1, 128))
    def test_a_network_allows_its_own_address(self, base, prefix):
        network = IPv6Network((base >> (128 - prefix) << (128 - prefix), prefix))
        first = IPv6Address(int(network.network_address))
        if first.ipv4_mapped is None:
            self.assertTrue(allows(str(network), str(first)))
