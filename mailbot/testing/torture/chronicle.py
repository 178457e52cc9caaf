"""What happened to one mail, from all who saw it: ledger, wire, searches in Sent, mailbox, and what befell the bot.

Each process of a performance notes what it does on a line of JSON, with the machine's real time; `Chronicle.story` puts
the lines about one mail in order, so that a fault explains itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

WIRE, SEARCHES, DISASTERS = "wire.jsonl", "searches.jsonl", "disasters.jsonl"
_HEAD = 16_384
AROUND = timedelta(seconds=30)
"""What was done to the bot so long before and after a mail's own history is told with it."""


def note(path: Path, what: str, message_id: str = "", **seconds: float) -> None:
    """Add a line, about one mail or about all. Several processes may write."""
    line = {"at": datetime.now(UTC).isoformat(), "what": what, "message_id": message_id} | seconds
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")


@dataclass(frozen=True)
class Noted:
    """A line: who saw it, when, what, and of which mail."""

    at: datetime
    who: str
    what: str
    message_id: str
    data: Mapping[str, float]

    def __str__(self) -> str:
        more = " ".join(f"{name}={value:.2f}" for name, value in self.data.items())
        return f"{self.at:%H:%M:%S.%f} {self.who}: {self.what} {more}".rstrip()


class Chronicle:
    """The notes of one performance."""

    def __init__(self, folder: Path, start: float, sent: Path) -> None:
        """`start`: seconds by which the performance's time is ahead of the real one (behind: negative).

        `sent`: the Maildir that is searched for mails in doubt.
        """
        self._start, self._sent = timedelta(seconds=start), sent
        self._noted = [one for name in (WIRE, SEARCHES, DISASTERS) for one in _read(folder / name)]

    def taken_after(self) -> dict[str, float]:
        """Message-ID -> seconds from the server's 354 until it had taken the mail, the longest."""
        found: dict[str, float] = {}
        for one in self._noted:
            if "after_354" in one.data:
                found[one.message_id] = max(found.get(one.message_id, 0.0), one.data["after_354"])
        return found

    def story(self, message_id: str, log: Sequence[Mapping[str, object]]) -> list[str]:
        """Everything about one mail in the order of time.

        `log`: its lines of the outbox's log, on the performance's time (with what a disaster added to it).
        """
        mine = [one for one in self._noted if one.message_id == message_id]
        mine += [Noted(at, "mailbox", "came into Sent", message_id, {}) for at in self._stored(message_id)]
        mine += [self._of_ledger(message_id, entry) for entry in log]
        if not mine:
            return []
        first, last = min(one.at for one in mine) - AROUND, max(one.at for one in mine) + AROUND
        mine += [one for one in self._noted if not one.message_id and first <= one.at <= last]
        return [str(one) for one in sorted(mine, key=lambda one: one.at)]

    def _stored(self, message_id: str) -> list[datetime]:
        return [
            datetime.fromtimestamp(path.stat().st_mtime, UTC)
            for path in sorted(self._sent.rglob("*"))
            if path.is_file() and message_id.encode() in path.read_bytes()[:_HEAD]
        ]

    def _of_ledger(self, message_id: str, entry: Mapping[str, object]) -> Noted:
        at = entry["at"]
        if not isinstance(at, datetime):
            raise TypeError("a log without instants")
        what = f"{entry['change']} -> {entry['state']}, attempt {entry['attempt']}, {entry['detail']}"
        return Noted(at - self._start, "ledger", what, message_id, {})


def _read(path: Path) -> Iterator[Noted]:
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        facts = json.loads(line)
        at, what, message_id = datetime.fromisoformat(facts.pop("at")), facts.pop("what"), facts.pop("message_id")
        yield Noted(at, path.stem, what, message_id, facts)
