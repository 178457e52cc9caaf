"""The chain of seals: every event of a business, bound to the raw bytes it came from and to all events before it.

A seal is one line of text and its sha256, so that anybody can compute it again with any tool:

    link(n) = sha256("<n> <link(n-1)> <sha256 of the event> <kind:sha256 of each raw source ...>")

The event is canonical JSON: keys sorted, no spaces, ASCII. Whoever changes, removes, inserts or reorders an event, or a
byte of a mail, breaks a line; whoever computes the whole chain anew gets another head than the one that stood in
the owner's daily mails. `verify_standalone.py` does the same in plain Python, for the other side's expert.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import NamedTuple

from mailbot.model import JSON

GENESIS = "0" * 64
"""The link before the first."""

ERASURE = "client.erased"
"""The event that tells which contents were erased on purpose: `data.erased` is a list of their sha256."""

ERASED: Mapping[str, JSON] = {"erased": True}
"""What stands in place of the words of an erased event."""

_OF_ERASURE = f'"name":"{ERASURE}"'

EVENT_KEYS = ("at", "business", "client", "data", "day", "id", "invoice", "letter", "line", "name")
"""What is sealed of an event; `at` is ISO 8601 in UTC, `day` ISO, `client` the number of its row."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def canonical(event: Mapping[str, JSON]) -> str:
    """The event as the one text that is hashed."""
    return _canonical(event)


def canonical_event(
    at: str, business: str, client: int | None, data: JSON, day: str, id_: str, invoice: str | None,
    letter: str | None, line: str | None, name: str,
) -> str:  # fmt: skip
    """`canonical` of an event's ten keys, written out: a hundred thousand of them are checked at once."""
    text = encode_basestring_ascii
    return (
        f'{{"at":{text(at)},"business":{text(business)},"client":{"null" if client is None else client},'
        f'"data":{_canonical(data)},"day":{text(day)},"id":{text(id_)},'
        f'"invoice":{"null" if invoice is None else text(invoice)},'
        f'"letter":{"null" if letter is None else text(letter)},'
        f'"line":{"null" if line is None else text(line)},"name":{text(name)}}}'
    )


def digest(content: bytes) -> str:
    """sha256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def source(kind: str, sha256: str) -> str:
    """How a raw source stands in a seal; kinds: letter, statement, mail (that left), document (an invoice's file)."""
    return f"{kind}:{sha256}"


class Seal(NamedTuple):
    """One link; `sources` are parted by spaces, "" where the event came from no file."""

    n: int
    event_sha256: str
    sources: str
    link: str


def seal(n: int, previous: str, event: str, sources: Sequence[str]) -> Seal:
    """The seal of the n-th event (from 1), after the link `previous`."""
    sha256, listed = digest(event.encode()), " ".join(sources)
    return Seal(n, sha256, listed, link_of(n, previous, sha256, listed))


def link_of(n: int, previous: str, event_sha256: str, sources: str) -> str:
    """The link as the module's docstring states it."""
    return digest(f"{n} {previous} {event_sha256} {sources}".rstrip().encode())


class Piece(NamedTuple):
    """A seal with what it seals, as it is found today."""

    seal: Seal
    event: str | None
    """The canonical text; None where the event is gone."""
    found: Mapping[str, str | None] = MappingProxyType({})
    """Today's sha256 of each kind of source; None where its content is gone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not hold: the link, a code (see `CODES`), and what it is about."""

    n: int | None
    code: str
    about: str = ""


CODES: Mapping[str, str] = {
    "link": "the seal does not follow from the one before it",
    "gap": "a seal is missing or stands in another place",
    "event_changed": "the event is not the one that was sealed",
    "event_missing": "the sealed event is gone",
    "source_changed": "a byte of the raw source is not what it was",
    "source_missing": "the raw source is gone",
    "event_inserted": "an event stands among sealed ones and was never sealed",
    "letter_changed": "a mail is not what its name, the sha256 of its bytes, says",
    "head": "the chain does not contain the head that was told",
}
"""Every code of a finding, in words."""


@dataclass(slots=True)
class Check:
    """Goes through a chain from its first seal on; `finish` says what does not hold."""

    n: int = 0
    link: str = GENESIS
    erased: set[str] = field(default_factory=set)
    """What sealed events say was erased on purpose."""
    findings: list[Finding] = field(default_factory=list)
    _gone: list[tuple[int, str, str]] = field(default_factory=list)

    def feed(self, piece: Piece) -> None:
        """The next seal of the chain."""
        n, event_sha256, sources, link = piece.seal
        if n != self.n + 1:
            self.findings.append(Finding(n, "gap", str(self.n + 1)))
        if link != link_of(n, self.link, event_sha256, sources):
            self.findings.append(Finding(n, "link"))
        self.n, self.link = n, link
        self._event(n, event_sha256, piece.event)
        for listed in sources.split() if sources else ():
            kind, _, sha256 = listed.partition(":")
            self._source(n, kind, sha256, piece.found)

    def _event(self, n: int, sha256: str, event: str | None) -> None:
        if event is None:
            self._gone.append((n, "event_missing", sha256))
        elif digest(event.encode()) != sha256:
            code = "event_missing" if '"data":{"erased":true}' in event else "event_changed"
            self._gone.append((n, code, sha256))
        elif _OF_ERASURE in event:
            self.erased |= erased_by(event)

    def _source(self, n: int, kind: str, sha256: str, found: Mapping[str, str | None]) -> None:
        today = found.get(kind)
        if today is None:
            self._gone.append((n, "source_missing", sha256))
        elif today != sha256:
            self.findings.append(Finding(n, "source_changed", f"{kind} {sha256}"))

    def finish(self) -> list[Finding]:
        """All that does not hold, in the order of the chain; what an erasure tells of is in order."""
        gone = [
            Finding(n, code, sha256)
            for n, code, sha256 in self._gone
            if code == "event_changed" or sha256 not in self.erased
        ]
        return sorted([*self.findings, *gone], key=lambda finding: finding.n or 0)


def erased_by(event: str) -> frozenset[str]:
    """What an event of an erasure lists; nothing for any other event."""
    told = json.loads(event)
    listed = told["data"].get("erased") if told["name"] == ERASURE else None
    return frozenset(listed) if isinstance(listed, list) else frozenset()


def check(pieces: Iterable[Piece], witnesses: Iterable[tuple[int, str]] = ()) -> tuple[Check, list[Finding]]:
    """A whole chain; `witnesses` are heads (n, link) that were told to somebody and must stand in it."""
    told, seen = dict(witnesses), Check()
    missing = dict(told)
    for piece in pieces:
        seen.feed(piece)
        if told.get(piece.seal.n) == piece.seal.link:
            missing.pop(piece.seal.n, None)
    return seen, [*seen.finish(), *(Finding(n, "head", link) for n, link in sorted(missing.items()))]
