"""One house for each test; the application behind it is built once for each visitor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_house import WebHouse, house


@pytest.fixture
def home(tmp_path: Path) -> Iterator[WebHouse]:
    """A French client with two open invoices; nothing is tracked."""
    found = house(tmp_path / "home")
    yield found
    found.app.close()


@pytest.fixture
def tracked(tmp_path: Path) -> Iterator[WebHouse]:
    """The same where opens and clicks are always recorded."""
    found = house(tmp_path / "home", tracking={"opens": "always", "clicks": "always", "read_receipts": "always"})
    yield found
    found.app.close()


@pytest.fixture
def with_consent(tmp_path: Path) -> Iterator[WebHouse]:
    """The same where it takes a contact's consent."""
    wanted = dict.fromkeys(("opens", "clicks", "read_receipts"), "with_consent")
    found = house(tmp_path / "home", tracking=wanted)
    yield found
    found.app.close()
