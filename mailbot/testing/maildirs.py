"""Mail on disk: Maildir++ delivery, and files that are whole and synced before anybody is told of them."""

import itertools
import os
import secrets
import time
from pathlib import Path

_count = itertools.count()


def write_synced(path: Path, content: bytes) -> None:
    """Write the whole file or none of it, on disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    _sync_folder(path.parent)


def deliver(maildir: Path, raw: bytes, *, seen: bool = False) -> Path:
    """Put a mail into a Maildir by way of tmp/, so that a reader sees all of it or nothing."""
    make(maildir)
    name = f"{time.time_ns()}.P{os.getpid()}Q{next(_count)}.{secrets.token_hex(4)}"
    draft = maildir / "tmp" / name
    with draft.open("wb") as file:
        file.write(raw.replace(b"\r\n", b"\n"))
        file.flush()
        os.fsync(file.fileno())
    place = maildir / "cur" / f"{name}:2,S" if seen else maildir / "new" / name
    draft.rename(place)
    _sync_folder(place.parent)
    return place


def subfolder(maildir: Path, name: str) -> Path:
    """Where Maildir++ keeps a folder: `mailbot/Processed` is `.mailbot.Processed`."""
    return maildir / ("." + name.replace("/", "."))


def make(maildir: Path) -> Path:
    """A Maildir, where there is none yet."""
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True, exist_ok=True)
    if maildir.name.startswith("."):
        (maildir / "maildirfolder").touch()
    return maildir


def mails(maildir: Path) -> list[bytes]:
    """The raw mails of one Maildir, oldest delivery first."""
    found = [path for part in ("new", "cur") for path in (maildir / part).glob("*")]
    return [path.read_bytes() for path in sorted(found, key=lambda path: path.name)]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
