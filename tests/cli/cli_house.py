"""`mailbot` as its users start it: a process of its own, on real servers."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from mailbot.testing.bot import install
from mailbot.testing.servers import MailWorld

MAILBOX = "factures@atelier-martin.example"
OWNER = "claire@atelier-martin.example"
IBAN = "FR7630006000011234567890189"


@dataclass(frozen=True)
class Result:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


def mailbot(*words: str, folder: Path, stdin: str = "", environment: Mapping[str, str] | None = None) -> Result:
    """Run a command in a folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAILBOT_")}
    done = subprocess.run(
        [sys.executable, "-m", "mailbot", *words], cwd=folder, input=stdin, capture_output=True, text=True,
        timeout=120, env={**clean, **(environment or {})}, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Result(done.returncode, done.stdout, done.stderr)


def house(folder: Path, world: MailWorld, **settings: object) -> Path:
    """An installation on the servers of a test."""
    business = {"name": "Atelier Martin", "owners": [OWNER], "iban": IBAN, "language": "en"}
    return install(
        folder, imap=world.imap, smtp=world.smtp, user=MAILBOX, password=world.imap.users[MAILBOX],
        business=business, settings=settings,
    )  # fmt: skip


def change(path: Path, section: str, **values: object) -> None:
    """Change keys of a section of mailbot.yaml; None takes one out."""
    tree = yaml.safe_load(path.read_text())
    for key, value in values.items():
        if value is None:
            tree[section].pop(key, None)
        else:
            tree[section][key] = value
    path.write_text(yaml.safe_dump(tree, sort_keys=False))


_MOST_TIMES = 15
"""That something is typed again: five minutes."""


def _on_a_terminal() -> None:
    """Its keys reach the process; Ctrl-C, too, which whoever starts tests in the background lets them ignore."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def typed(*words: str, keys: str, folder: Path) -> tuple[int, str]:
    """Run a command on a terminal and type; its exit status and all that the screen showed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "mailbot", *words], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=_on_a_terminal,
    ) as process:  # fmt: skip
        os.close(theirs)
        screen = ""
        left, last, again = keys.splitlines(keepends=True), b"", _MOST_TIMES
        while True:
            # On a busy machine the terminal may throw away what came while a question was being set up: type it again.
            while last and not select.select([ours], [], [], 20)[0]:
                if not again:
                    process.kill()
                    break
                again -= 1
                os.write(ours, last)
            try:
                screen += os.read(ours, 4096).decode(errors="replace")
            except OSError:
                break
            # A question ends with ": "; what is typed before it is asked may be thrown away by the terminal.
            if left and screen.endswith(": "):
                last = left.pop(0).encode()
                os.write(ours, last)
                screen += " "
        os.close(ours)
    return process.returncode, screen
