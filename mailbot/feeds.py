"""Where statements come from besides mail: a watched folder, and a program that prints one.

The adapter to files and processes; what a statement means is decided elsewhere.
"""

import os
import selectors
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from time import monotonic

from mailbot.errors import FeedError

DONE, REFUSED = "done", "refused"
"""The folders below the watched one where files go that were taken, and files that could not be read."""
_AT_ONCE = 50
_STILL_WRITING = timedelta(seconds=5)
_UNFINISHED = (".part", ".crdownload", ".tmp", ".download", "~")
_CHUNK = 65536
_COMPLAINT_BYTES = 8192


def waiting(folder: Path, now: datetime) -> Iterator[Path]:
    """The files of the folder that are whole, by name: not hidden, not linked, not changed in the last 5 seconds.

    At most 50 at a time; `now` is the real instant. Raises FeedError where the folder cannot be read.
    """
    latest = (now - _STILL_WRITING).timestamp()
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise FeedError(f"The bank folder {folder} cannot be read ({error.strerror}).") from error
    taken = 0
    for path in found:
        if path.name.startswith(".") or path.name.endswith(_UNFINISHED) or taken == _AT_ONCE:
            continue
        try:
            status = path.lstat()
        except OSError:
            continue  # gone since the folder was listed
        if S_ISREG(status.st_mode) and status.st_mtime <= latest:
            taken += 1
            yield path


def content(path: Path, max_bytes: int) -> bytes | None:
    """The bytes of a file; None where it has more than `max_bytes`. Raises FeedError where it cannot be read."""
    try:
        if path.lstat().st_size > max_bytes:
            return None
        return path.read_bytes()
    except OSError as error:
        raise FeedError(f"{path} cannot be read ({error.strerror}).") from error


def put_away(path: Path, where: str) -> None:
    """Move a file of the watched folder into one of its folders, beside others of the same name.

    Raises FeedError where it cannot be moved: it would be read again and again.
    """
    folder = path.parent / where
    try:
        folder.mkdir(exist_ok=True)
        target, count = folder / path.name, 1
        while target.exists():
            count += 1
            target = folder / f"{path.stem}-{count}{path.suffix}"
        path.rename(target)
    except OSError as error:
        raise FeedError(f"{path} cannot be moved to {folder} ({error.strerror}).") from error


def run_program(command: Sequence[str], seconds: float, max_bytes: int) -> bytes:
    """What a program prints; it is started without a shell, and sees PATH, HOME and nothing else of ours.

    Raises FeedError where it cannot be started, fails, prints nothing or more than `max_bytes`, or takes longer than
    `seconds`; then it is ended with everything that it started.
    """
    name = Path(command[0]).name
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    try:
        process = subprocess.Popen(  # noqa: S603 - the owner's own program, from the settings
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError as error:
        raise FeedError(f"The bank program {name} cannot be started ({error.strerror}).") from error
    with process:
        try:
            printed, complaint = _collect(process, name, monotonic() + seconds, max_bytes)
        except FeedError:
            _end(process)
            raise
    if process.returncode != 0:
        said = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        raise FeedError(f"The bank program {name} failed with status {process.returncode}: {said or 'no message'}")
    if not printed.strip():
        raise FeedError(f"The bank program {name} printed nothing.")
    return printed


def _collect(process: subprocess.Popen[bytes], name: str, deadline: float, most: int) -> tuple[bytes, bytes]:
    """Standard output and the end of standard error, until the program has ended."""
    printed, complaint = bytearray(), bytearray()
    with selectors.DefaultSelector() as ready:
        for stream, kept in ((process.stdout, printed), (process.stderr, complaint)):
            assert stream is not None  # noqa: S101 - both were asked for
            ready.register(stream, selectors.EVENT_READ, kept)
        while ready.get_map():
            left = deadline - monotonic()
            if left <= 0:
                raise FeedError(f"The bank program {name} took too long and was ended.")
            for key, _ in ready.select(left):
                piece = os.read(key.fd, _CHUNK)
                if not piece:
                    ready.unregister(key.fileobj)
                key.data.extend(piece)
            if len(printed) > most:
                raise FeedError(f"The bank program {name} printed more than {most // 1_000_000} MB and was ended.")
            del complaint[:-_COMPLAINT_BYTES]
    try:
        process.wait(max(0.1, deadline - monotonic()))
    except subprocess.TimeoutExpired as error:
        raise FeedError(f"The bank program {name} took too long and was ended.") from error
    return bytes(printed), bytes(complaint)


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
