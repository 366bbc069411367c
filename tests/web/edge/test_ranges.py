"""Addresses and the edge that they belong to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.edge.ranges import edge_of_address


@pytest.mark.parametrize(
    ("address", "edge"),
    [
        ("104.16.0.1", "Cloudflare"),
        ("172.67.1.1", "Cloudflare"),
        ("2606:4700::6810:1", "Cloudflare"),
        ("::ffff:104.16.0.1", "Cloudflare"),
        ("151.101.1.57", "Fastly"),
        ("185.199.108.153", "GitHub Pages"),
        ("2606:50c0:8003::153", "GitHub Pages"),
        ("76.76.21.21", "Vercel"),
        ("75.2.60.5", "Netlify"),
        ("23.227.38.65", "Shopify"),
    ],
)
def test_an_edge_address_names_its_edge(address: str, edge: str) -> None:
    assert edge_of_address(address) == edge


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "104.28.0.1",
        "75.2.60.6",
        "192.0.2.1",
        "2001:db8::1",
        "10.0.0.1",
        "",
        "www.example.com",
        "104.16.0.1/13",
    ],
)
def test_any_other_address_is_no_edge(address: str) -> None:
    assert edge_of_address(address) is None


def test_two_prefixes_of_one_edge_are_one_network() -> None:
    assert edge_of_address("104.16.9.9") == edge_of_address("188.114.97.3") == "Cloudflare"


@given(st.text() | st.ip_addresses().map(str))
def test_no_input_raises(text: str) -> None:
    assert edge_of_address(text) is None or edge_of_address(text)
