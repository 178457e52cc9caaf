"""A mailbox in memory with the door of `inbox.watch`, for tests that need no server."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from threading import Condition, Event

from mailbot.inbox.watch import HEADER_BYTES, MAX_BYTES, Fetched, Known


class MemoryBox:
    """Give it mails by `deliver`; `filed` shows what became of them."""

    folder = "memory"

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self.filed: dict[str, list[bytes]] = {}
        self._max_bytes = max_bytes
        self._mails: dict[int, tuple[bytes, datetime]] = {}
        self._uids = count(1)
        self._news = Condition()

    def deliver(self, raw: bytes, at: datetime | None = None) -> int:
        """Put a mail in, received at that instant; gives its uid."""
        with self._news:
            uid = next(self._uids)
            self._mails[uid] = raw, at or datetime.now(UTC)
            self._news.notify_all()
        return uid

    def poll(self, known: Known | None = None) -> Iterator[Fetched]:
        for uid, (raw, at) in sorted(self._mails.items()):
            if known is None or not known(self.folder, 1, uid):
                fits = len(raw) <= self._max_bytes
                kept, header = (raw, b"") if fits else (None, raw[:HEADER_BYTES])
                yield Fetched(kept, len(raw), self.folder, 1, uid, at, header)

    def file(self, uid: int, where: str = "processed") -> None:
        if uid in self._mails:
            self.filed.setdefault(where, []).append(self._mails.pop(uid)[0])

    def wait(self, seconds: float, stop: Event) -> bool:
        """True when a mail comes within that time and before `stop`."""
        deadline = time.monotonic() + seconds
        with self._news:
            while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
                if self._news.wait(min(left, 0.1)):
                    return True
        return False

    def check(self) -> list[str]:
        return [f"{len(self._mails)} mails in memory"]

    def close(self) -> None:
        """Nothing is open."""
