"""The mailbox as a Maildir of a local mail server: the same door as `inbox.watch.ImapBox`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event

from mailbot.errors import FilingError, MailboxError
from mailbot.inbox.watch import HEADER_BYTES, MAX_BYTES, Fetched, Known


class Maildir:
    """A Maildir. Nothing is ever deleted: a mail is moved.

    A Maildir has no numbers. Those given here come from the unique name of the file, so that they stay the
    same when it is read again; filed mails go to the Maildir++ folder `.mailbot.Processed`.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._polled: dict[int, Path] = {}

    def poll(self, known: Known | None = None) -> Iterator[Fetched]:
        """The mails of new/ and cur/, oldest first; those that are `known` are left out unread."""
        self._polled.clear()
        for file in self._files():
            numbers = _numbers(file)
            self._polled[numbers[1]] = file
            if known is None or not known(str(self._path), *numbers):
                found = self._fetch(file, *numbers)
                if found is not None:
                    yield found

    def file(self, uid: int, where: str = "processed") -> None:
        """Move a mail to `.mailbot.Processed` (or what `where` names). One that is gone changes nothing.

        Raises FilingError where the files may be read but not moved.
        """
        try:
            folder = self._folder(where)
            for file in self._with_number(uid):
                name = file.name if ":2," in file.name else f"{file.name}:2,"
                file.rename(folder / "cur" / name)
        except PermissionError as error:
            raise FilingError(f"The files of {self._path} may not be moved ({error.strerror}).") from error
        except FileNotFoundError:
            return  # somebody was faster
        except OSError as error:
            raise _unusable(self._path, error) from error

    def _folder(self, where: str) -> Path:
        folder = self._path / f".mailbot.{where.capitalize()}"
        if not (folder / "maildirfolder").exists():
            for part in ("tmp", "new", "cur"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / "maildirfolder").touch()
        return folder

    def _with_number(self, uid: int) -> list[Path]:
        """The file of a mail of the last poll; looked for anew where a mail program has moved it from new/ to cur/."""
        polled = self._polled.pop(uid, None)
        if polled is not None and polled.exists():
            return [polled]
        return [file for file in self._files() if _numbers(file)[1] == uid]

    def wait(self, seconds: float, stop: Event) -> bool:
        """Return when the folder has other mails than now (True), at `stop`, or after so many seconds."""
        before, deadline = set(self._files()), time.monotonic() + seconds
        while not stop.wait(max(0.0, min(0.5, deadline - time.monotonic()))):
            if set(self._files()) - before:
                return True
            if time.monotonic() >= deadline:
                return False
        return False

    def check(self) -> list[str]:
        """What works. Raises MailboxError."""
        waiting = len(self._files())
        return [f"{self._path} has {waiting} mail{'' if waiting == 1 else 's'} to read"]

    def close(self) -> None:
        """Nothing is open."""

    def _files(self) -> list[Path]:
        with _disk_errors(self._path):
            new, cur = self._path / "new", self._path / "cur"
            found = [(file.stat().st_mtime_ns, file.name, file) for part in (new, cur) for file in part.iterdir()]
        return [file for _, name, file in sorted(found) if not name.startswith(".")]

    def _fetch(self, file: Path, uidvalidity: int, uid: int) -> Fetched | None:
        with _disk_errors(self._path):
            try:
                facts = file.stat()
                with file.open("rb") as opened:
                    content = opened.read(self._max_bytes + 1)
            except FileNotFoundError:
                return None
        fits = len(content) <= self._max_bytes
        raw, header = (content, b"") if fits else (None, content[:HEADER_BYTES])
        arrived = datetime.fromtimestamp(facts.st_mtime, UTC)
        return Fetched(raw, facts.st_size, str(self._path), uidvalidity, uid, arrived, header)


def _numbers(file: Path) -> tuple[int, int]:
    """(uidvalidity, uid): 62 bits of the hash of the name without its flags, which may change."""
    digest = int.from_bytes(sha256(file.name.partition(":")[0].encode()).digest()[:8])
    return digest >> 33, digest >> 2 & 0x7FFFFFFF


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> MailboxError:
    return MailboxError(f"The Maildir {path} cannot be used: {error.strerror or error}.")
