"""An installation on the small mail servers, for the commands that need one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_house import house

from mailbot.app import App, open_app
from mailbot.testing.servers import MailWorld


@pytest.fixture
def home(tmp_path: Path, mail_world: MailWorld) -> Path:
    """The folder of its mailbot.yaml."""
    return house(tmp_path / "bot", mail_world).parent


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    """The same, opened in this process."""
    opened = open_app(home / "mailbot.yaml", {})
    yield opened
    opened.close()
