"""A house for each test, with one sandbox for all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_house import House, write_settings

from mailbot.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    child = Sandbox(25_000_000, 20.0, 1_500_000_000)
    yield child
    child.close()


@pytest.fixture
def house(tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    found = House(write_settings(tmp_path / "house"), sandbox)
    yield found
    found.close()
