"""Which contents the seals name: every mail, bank file and document that is stored, whatever event rests on it.

A seal lists the contents that were stored since the one before it, beside the sources of its event:

    kept.<kind>:<sha256 of the bytes>[:<name>]

`name` is what the content is stored under where that is not its sha256: the row of a mail that left, the sha256 of
number and file name of an invoice's document. So a content that changes, goes, comes or gets another name is found.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import NamedTuple

from mailbot.evidence.chain import Finding

KEPT = "kept."
"""With this begins a source of a seal that names a content and not where an event came from."""

SLACK = timedelta(hours=1)
"""A content that was stored while a seal was made may bear an instant before the seal's, and be named by the next."""


class Stored(NamedTuple):
    """A content as it is stored today; `name`: for mails that came in and bank files their sha256 of back then."""

    kind: str
    name: str
    sha256: str
    at: datetime | None
    """When it was stored, as the ledger says; None: it waits for the next seal."""

    @property
    def source(self) -> str:
        return kept(self.kind, self.sha256, self.name)


def kept(kind: str, sha256: str, name: str) -> str:
    """How a content stands in a seal."""
    return f"{KEPT}{kind}:{sha256}" + (f":{name}" if name != sha256 else "")


def compared(
    named: Mapping[str, int], today: Iterable[Stored], erased: AbstractSet[str], last: datetime | None
) -> tuple[list[Finding], int]:
    """What the seals name (source -> number of the seal) against what is stored; `last`: instant of the last seal.

    Returns (what does not hold, how many contents wait for the next seal). The file of an invoice that another took
    the place of is in order while the old bytes are kept under their own name.
    """
    left, strange, waiting, known, bytes_of = dict(named), [], 0, set(), set()
    for one in today:
        known.add((one.kind, one.name))
        bytes_of.add(one.sha256)
        if one.source in named:
            left.pop(one.source, None)
        elif last is None or one.at is None or one.at > last - SLACK:
            waiting += 1
        else:
            strange.append(one)
    findings, told = [], set()
    odd = {(one.kind, one.name) for one in strange}
    for source, n in left.items():
        kind, sha256, name = parts(source)
        moved = [one for one in strange if one.sha256 == sha256 and one.kind == kind]
        replaced = kind == "document" and sha256 in bytes_of and not moved and (kind, name) not in odd
        if sha256 in erased or replaced:
            continue
        code = "content_changed" if (kind, name) in known else "content_renamed" if moved else "content_missing"
        told |= {(kind, name), *((one.kind, one.name) for one in moved)}
        findings.append(Finding(n, code, f"{kind} {sha256}"))
    new = [one for one in strange if (one.kind, one.name) not in told]
    return [*findings, *(Finding(None, "content_inserted", f"{one.kind} {one.sha256}") for one in new)], waiting


class Noted(NamedTuple):
    """A row of the list that sealing keeps beside the chain; `source`: "" for a content without bytes."""

    kind: str
    key: str
    n: int
    source: str


def unlike_seals(rows: Iterable[Noted], named: Mapping[str, int], last: int) -> list[Finding]:
    """Where the list does not say what the seals do: a row that was changed, put in, or taken away.

    `named`: source -> number of its seal; `last`: number of the last seal. A row without a source stands in no seal,
    so that of it only its number can be looked at.
    """
    left, findings = dict(named), []
    for row in rows:
        kind, sha256, name = parts(row.source)
        if not row.source:
            fits = 0 < row.n <= last
        else:
            same_key = row.kind not in ("letter", "mail") or name == row.key
            fits = named.get(row.source) == row.n and kind == row.kind and same_key
        left.pop(row.source, None)
        if not fits:
            findings.append(Finding(row.n, "index_changed", f"{row.kind} {sha256 or row.key}"))
    return [*findings, *(Finding(n, "index_changed", source) for source, n in left.items())]


def parts(source: str) -> tuple[str, str, str]:
    """(kind, sha256, name) of what `kept` wrote."""
    kind, _, rest = source.removeprefix(KEPT).partition(":")
    sha256, _, name = rest.partition(":")
    return kind, sha256, name or sha256
