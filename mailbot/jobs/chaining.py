"""Seal what happened, in batches by the clock, and check the whole chain against what the ledger holds today."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from mailbot.evidence.chain import GENESIS, Finding, Piece, check, digest, is_erased, seal, source
from mailbot.evidence.export import CHAIN_FILE, VERIFIER_FILE, chain_lines, verifier
from mailbot.jobs.office import Office
from mailbot.ledger import letters, seals
from mailbot.ledger.seals import Kept, Sealable
from mailbot.ledger.store import reading, writing

BATCH = 500
"""Events sealed in one transaction: their raw bytes are hashed before it begins, so that nobody waits for it."""

KINDS = ("letter", "statement", "mail", "document")


def seal_events(office: Office, now: datetime) -> int:
    """Seals every event that has none yet; returns how many. May end anywhere and run twice.

    What to seal is read and hashed without keeping anybody from writing. Where another process sealed in between,
    its seals stand and the rest waits for the next look.
    """
    count = 0
    while made := _next_batch(office):
        with writing(office.engine) as conn:
            last = seals.head(conn, office.key)
            if (last.n if last else 0) != made[0][0] - 1:
                break
            seals.keep(conn, office.key, made, now)
        count += len(made)
    return count


def _next_batch(office: Office) -> list[tuple[int, int, str, str, str]]:
    with reading(office.engine) as conn:
        last = seals.head(conn, office.key)
        waiting = seals.unsealed(conn, office.key, BATCH)
        known = {kind: _hashes(conn, office, kind, waiting) for kind in KINDS}
    n, link = (last.n, last.link) if last else (0, GENESIS)
    rows = []
    for event in waiting:
        n += 1
        listed = [source(kind, known[kind][key]) for kind, key in event.places if key in known[kind]]
        made = seal(n, link, event.text, listed)
        link = made.link
        rows.append((n, event.seq, made.event_sha256, made.sources, made.link))
    return rows


def _hashes(conn: Connection, office: Office, kind: str, events: Sequence[Sealable]) -> dict[str, str]:
    keys = sorted({key for event in events for each, key in event.places if each == kind})
    return seals.hashes(conn, office.key, kind, keys) if keys else {}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `n`, `link`: the head; `waiting`: events that are not sealed yet."""

    business: str
    n: int
    link: str
    waiting: int
    erased: int
    findings: tuple[Finding, ...]


def verify_ledger(office: Office, witnesses: Sequence[tuple[int, str]] = ()) -> Verdict:
    """Computes every seal again from the events and raw bytes of today; changes nothing."""
    with reading(office.engine) as conn:
        today = {kind: seals.hashes(conn, office.key, kind) for kind in KINDS}
        checked, findings = check(_pieces(seals.chain(conn, office.key), today), witnesses)
        # seals name their events in ascending order: as many events as seals with one leave none without a seal
        whole = seals.recorded(conn, office.key) == checked.shown
        strange = [] if whole else seals.never_sealed(conn, office.key)
        inserted = [Finding(None, "event_inserted", str(seq)) for seq in strange]
        changed = [
            Finding(None, "letter_changed", letter) for letter, sha256 in today["letter"].items() if letter != sha256
        ]
        gone = set(letters.without_bytes(conn, office.key)) - checked.erased
        missing = [Finding(None, "source_missing", letter) for letter in sorted(gone)]
        return Verdict(
            office.key, checked.n, checked.link, seals.waiting(conn, office.key), len(checked.erased),
            (*findings, *inserted, *changed, *missing),
        )  # fmt: skip


def _pieces(chain: Iterable[Kept], today: Mapping[str, Mapping[str, str]]) -> Iterator[Piece]:
    previous = 0
    for sealed, number, text, _, _, places in chain:
        found = {kind: today[kind].get(key) for kind, key in places} if places else _NOTHING
        # an event that stands before its predecessor was put under another seal
        yield Piece(sealed, text if number > previous else None, found)
        previous = number


_NOTHING: Mapping[str, str | None] = {}


def head_words(conn: Connection, office: Office) -> str:
    """The head as the digest says it: "1234 9f86d0…", "" before the first seal."""
    last = seals.head(conn, office.key)
    return f"{last.n} {last.link}" if last is not None else ""


def write_export(office: Office, path: Path) -> Verdict:
    """Everything that is sealed, with its raw contents and the script that checks it, as a .zip; the check's verdict.

    What cannot be given any more (erased, lost) is missing in the file, and the check of the file says so.
    """
    verdict = verify_ledger(office)
    with reading(office.engine) as conn, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(CHAIN_FILE, "w", force_zip64=True) as stream:
            for row in chain_lines(office.key, "whole", _plain_pieces(seals.chain(conn, office.key)), {}):
                stream.write(row.encode())
        written: set[str] = set()
        for kind in KINDS:
            for _, raw in seals.contents(conn, office.key, kind):
                name = digest(raw)
                if name not in written:
                    archive.writestr(f"contents/{name}", raw)
                    written.add(name)
        archive.writestr(VERIFIER_FILE, verifier())
    return verdict


def _plain_pieces(chain: Iterable[Kept]) -> Iterator[Piece]:
    """As they are, with the events in clear; one that was erased or is gone has none."""
    for kept in chain:
        yield Piece(kept.seal, None if kept.text is None or is_erased(kept.text) else kept.text)
