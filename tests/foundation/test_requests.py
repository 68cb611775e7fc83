"""Whose address the audit keeps, and what counts as a number that was sent."""

import pytest
from django.test import RequestFactory

from lawadvisor.foundation.requests import address_of, number_in


@pytest.mark.parametrize(("proxy", "expected"), [(False, "127.0.0.1"), (True, "10.1.2.3")])
def test_a_forwarded_address_counts_only_behind_our_proxy(
    settings, proxy: bool, expected: str
) -> None:
    settings.PROXY = proxy
    request = RequestFactory().get("/", headers={"x-forwarded-for": "10.1.2.3, 127.0.0.1"})
    assert address_of(request) == expected


def test_without_the_header_it_is_the_peer(settings) -> None:
    settings.PROXY = True
    assert address_of(RequestFactory().get("/")) == "127.0.0.1"


def test_a_number_is_its_digits_and_nothing_else() -> None:
    assert [number_in(sent) for sent in ("0", "42", "007")] == [0, 42, 7]
    assert {number_in(sent) for sent in ("", "-1", "1.5", " 1", "４", "²", "x")} == {None}
    assert [number_in(sent, digits=3) for sent in ("999", "1000")] == [999, None]
