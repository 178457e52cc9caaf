"""The chain of seals: every event of a business, bound to the raw bytes it came from and to all events before it.

A seal is one line of text and its sha256, so that anybody can compute it again with any tool:

    link(n) = sha256("<n> <link(n-1)> <sha256 of the event> <kind:sha256 of each raw source ...>")

Its sources are what the event came from, and every content that was stored since the seal before (see `contents.py`).
The event is canonical JSON: keys sorted, no spaces, ASCII. Whoever changes, removes, inserts or reorders an event, or a
byte of a mail, breaks a line; whoever computes the whole chain anew gets another head than the one that stood in
the owner's daily mails. `verify_standalone.py` does the same in plain Python, for the other side's expert.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import Any, NamedTuple

from mailbot.model import JSON

GENESIS = "0" * 64
"""The link before the first."""

ERASURE = "client.erased"
"""The event that tells which contents were erased on purpose: `data.erased` is a list of their sha256."""

SEALED = "evidence.sealed"
"""The event that a seal binds where contents wait that no event brought; its data say how many, and from when."""

EXPORTED = "evidence.exported"
"""The event that is sealed last in every file for others: `data.lines` is the sha256 of all lines above its own."""

ERASED: Mapping[str, JSON] = {"erased": True}
"""What stands in place of the words of an erased event."""

OF_ERASURE = f'"name":"{ERASURE}"}}'
"""With this ends the canonical text of such an event."""

EVENT_KEYS = ("at", "business", "client", "data", "day", "id", "invoice", "letter", "line", "name")
"""What is sealed of an event; `at` is ISO 8601 in UTC, `day` ISO, `client` the number of its row."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode
_decoder: Any = json.JSONDecoder()
_scan = _decoder.scan_once


def _parts_encoder() -> Callable[[JSON, int], Iterable[str]]:
    """The C encoder that `_canonical` makes anew for each text, a third of its time, made once."""
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return lambda data, _level: (_canonical(data),)
    made: Callable[[JSON, int], Iterable[str]] = make(
        None, None, encode_basestring_ascii, None, ":", ",", True, False, True
    )
    return made


_parts = _parts_encoder()


def canonical(event: Mapping[str, JSON]) -> str:
    """The event as the one text that is hashed."""
    return _canonical(event)


def canonical_data(stored: str) -> str:
    """`canonical` of a JSON text as a database keeps it; what is no JSON stays as it is, and is found changed."""
    try:
        data, end = _scan(stored, 0)
    except (ValueError, RecursionError, StopIteration):
        return stored
    return "".join(_parts(data, 0)) if end == len(stored) else stored


def canonical_event(
    at: str, business: str, client: int | None, data: str, day: str, id_: str, invoice: str | None,
    letter: str | None, line: str | None, name: str,
) -> str:  # fmt: skip
    """`canonical` of an event's ten keys, written out: a hundred thousand of them are checked at once.

    `data` is a JSON text in any spacing and order.
    """
    text = encode_basestring_ascii
    return (
        f'{{"at":{text(at)},"business":{text(business)},"client":{"null" if client is None else client},'
        f'"data":{canonical_data(data)},"day":{text(day)},"id":{text(id_)},'
        f'"invoice":{"null" if invoice is None else text(invoice)},'
        f'"letter":{"null" if letter is None else text(letter)},'
        f'"line":{"null" if line is None else text(line)},"name":{text(name)}}}'
    )


def digest(content: bytes) -> str:
    """sha256 in hexadecimal."""
    return sha256(content).hexdigest()


def source(kind: str, content_sha256: str) -> str:
    """How a raw source stands in a seal; kinds: letter, statement, mail (that left), document (an invoice's file)."""
    return f"{kind}:{content_sha256}"


class Seal(NamedTuple):
    """One link; `sources` are parted by spaces, "" where the event came from no file and no content waited."""

    n: int
    event_sha256: str
    sources: str
    link: str


def seal(n: int, previous: str, event: str, sources: Sequence[str]) -> Seal:
    """The seal of the n-th event (from 1), after the link `previous`."""
    hashed, listed = digest(event.encode()), " ".join(sources)
    return Seal(n, hashed, listed, link_of(n, previous, hashed, listed))


def link_of(n: int, previous: str, event_sha256: str, sources: str) -> str:
    """The link as the module's docstring states it."""
    line = f"{n} {previous} {event_sha256} {sources}" if sources else f"{n} {previous} {event_sha256}"
    return sha256(line.encode()).hexdigest()


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
    "content_changed": "a sealed content (mail, bank file or document) is not what it was",
    "content_missing": "a sealed content is gone",
    "content_renamed": "a sealed content stands under another name",
    "content_inserted": "a content was stored before the last seal, and no seal names it",
    "index_changed": "the list of which seal names which content is not what the seals say",
    "fact_changed": "the records do not say what was sealed",
    "head": "the chain does not contain the head that was told",
}
"""Every code of a finding, in words."""


@dataclass(slots=True)
class Check:
    """Goes through a chain from its first seal on; `finish` says what does not hold."""

    n: int = 0
    link: str = GENESIS
    shown: int = 0
    """Seals whose event is there, as it was or changed."""
    erased: set[str] = field(default_factory=set)
    """What sealed events say was erased on purpose."""
    kept: dict[str, int] = field(default_factory=dict)
    """The contents that seals name, each as it stands there, with the number of its seal."""
    elsewhere: AbstractSet[str] = frozenset()
    """sha256 of mails and files that are kept under their own names: a document that another took the place of."""
    findings: list[Finding] = field(default_factory=list)
    _gone: list[tuple[int, str, str]] = field(default_factory=list)

    def feed(self, piece: Piece) -> None:
        """The next seal of the chain."""
        (n, event_sha256, sources, link), event, found = piece
        if n != self.n + 1:
            self.findings.append(Finding(n, "gap", str(self.n + 1)))
        line = f"{n} {self.link} {event_sha256} {sources}" if sources else f"{n} {self.link} {event_sha256}"
        if link != sha256(line.encode()).hexdigest():
            self.findings.append(Finding(n, "link"))
        self.n, self.link = n, link
        self.shown += event is not None
        if event is None or sha256(event.encode()).hexdigest() != event_sha256:
            erased = event is None or is_erased(event)
            self._gone.append((n, "event_missing" if erased else "event_changed", event_sha256))
        elif event.endswith(OF_ERASURE):
            self.erased |= erased_by(event)
        for listed in sources.split() if sources else ():
            kind, _, content = listed.partition(":")
            if kind.startswith("kept."):
                self.kept.setdefault(listed, n)
            else:
                self._source(n, kind, content, found)

    def _source(self, n: int, kind: str, content: str, found: Mapping[str, str | None]) -> None:
        today = found.get(kind)
        if today is None:
            self._gone.append((n, "source_missing", content))
        elif today != content and not (kind == "document" and content in self.elsewhere):
            self.findings.append(Finding(n, "source_changed", f"{kind} {content}"))

    def finish(self) -> list[Finding]:
        """All that does not hold, in the order of the chain; what an erasure tells of is in order."""
        gone = [
            Finding(n, code, content)
            for n, code, content in self._gone
            if code == "event_changed" or content not in self.erased
        ]
        return sorted([*self.findings, *gone], key=lambda finding: finding.n or 0)


def is_erased(event: str) -> bool:
    """Whether the words of an event, given as its canonical text, were erased."""
    return '"data":{"erased":true}' in event


def erased_by(event: str) -> frozenset[str]:
    """What an event of an erasure lists; nothing for any other event."""
    told = json.loads(event)
    listed = told["data"].get("erased") if told["name"] == ERASURE else None
    return frozenset(listed) if isinstance(listed, list) else frozenset()


def check(
    pieces: Iterable[Piece], witnesses: Iterable[tuple[int, str]] = (), elsewhere: AbstractSet[str] = frozenset()
) -> tuple[Check, list[Finding]]:
    """A whole chain; `witnesses` are heads (n, link) that were told to somebody and must stand in it."""
    told, seen = dict(witnesses), Check(elsewhere=elsewhere)
    missing = dict(told)
    for piece in pieces:
        seen.feed(piece)
        if told and told.get(piece.seal.n) == piece.seal.link:
            missing.pop(piece.seal.n, None)
    return seen, [*seen.finish(), *(Finding(n, "head", link) for n, link in sorted(missing.items()))]
