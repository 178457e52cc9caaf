"""The bot as a process of its own that lives one instant after the other, as told: for tests and the demo."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml

from mailbot.errors import MailbotError
from mailbot.testing.mail import ImapServer, MailServer


class BotDiedError(MailbotError):
    """The bot's process ended; the message is the end of what it said."""


def install(
    folder: Path, *, imap: ImapServer, smtp: MailServer, user: str, password: str, business: Mapping[str, object],
    settings: Mapping[str, object] | None = None,
) -> Path:  # fmt: skip
    """Write a mailbot.yaml with its secrets, as `mailbot init` would, for servers on loopback."""
    keep = folder / "secrets"
    keep.mkdir(parents=True, exist_ok=True)
    for name, text in (("imap", password), ("smtp", password), ("key", secrets.token_hex(32))):
        if not (keep / name).exists():
            (keep / name).write_text(text)
            (keep / name).chmod(0o600)
    tree = {
        "business": dict(business),
        "mailbox": {"imap": imap.url(user), "password_file": "secrets/imap", "authserv_id": smtp.authserv_id},
        "smtp": {"url": smtp.url(user), "password_file": "secrets/smtp"},
        "mode": "live",
        **(settings or {}),
    }
    path = folder / "mailbot.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))
    return path


class Bot:
    """`mailbot run --turns` of one installation. `live` returns when everything due at that instant is done."""

    def __init__(self, settings: Path, environment: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._environment = {**os.environ, **(environment or {})}
        self._log = settings.parent / "bot.log"
        self._process: subprocess.Popen[str] | None = None

    def live(self, instant: datetime) -> None:
        """One turn; starts the process where none runs. Raises BotDiedError where it ends in the middle."""
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise BotDiedError("the bot has no pipes")
        try:
            process.stdin.write(f"{instant.isoformat()}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError as error:
            raise BotDiedError(self._last_words()) from error
        if not answer.startswith("lived"):
            raise BotDiedError(self._last_words())

    def kill(self) -> None:
        """kill -9: nothing is finished, nothing is said."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._forget()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End it in order."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(timeout=60)
            self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._forget()
            with self._log.open("a") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "mailbot", "run", "--turns", "--settings", str(self._settings)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=self._environment,
                )  # fmt: skip
        return self._process

    def _forget(self) -> None:
        if self._process is not None:
            for pipe in (self._process.stdin, self._process.stdout):
                # What stood in the pipe to a dead process is lost with it.
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
        self._process = None

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]
