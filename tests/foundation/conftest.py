"""Fonts cut once for the tests of the papers."""

from __future__ import annotations

import pytest

from lawadvisor.foundation import fonts


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> fonts.Places:
    """The whole cut, for tests that only read it."""
    place = fonts.Places(tmp_path_factory.mktemp("var") / "fonts")
    fonts.prepare(place, fetch=False)
    return place
