"""Files with the chain for others: an export of everything, and how any such file is bound by a seal of its own.

What a file shows, hides, lists and withholds is recorded as an event before the file is written to its end, and the
seal of that event is the last one in it and in the chain. The same file made twice in a row is recorded once; where
another file was made in between it is recorded again, so that no file ends with a head that was passed already.
"""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from mailbot.errors import Locked
from mailbot.evidence.chain import EXPORTED, Piece, digest, is_erased
from mailbot.evidence.export import CHAIN_FILE, VERIFIER_FILE, Listed, Scope, chain_lines, closing_lines, verifier
from mailbot.jobs.chaining import KINDS, Verdict, seal_events, verify_ledger
from mailbot.jobs.office import Office, happened
from mailbot.ledger import seals
from mailbot.ledger.seals import Kept
from mailbot.ledger.store import reading, writing

_TRIES = 5
"""Another process may seal at the same moment; its seals stand, and what was recorded here waits for the next look."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An export: what the check of the ledger found, and the seal that binds the file."""

    verdict: Verdict
    n: int
    link: str


def write_export(office: Office, path: Path, now: datetime) -> Exported:
    """Everything that is stored, with the whole chain and the script that checks it, as a .zip.

    What cannot be given any more (erased, lost) is missing in the file, and the check of the file says so. Raises
    Locked where other processes seal without pause, OSError where the file cannot be written.
    """
    seal_events(office, now, all_contents=True)
    verdict, line = verify_ledger(office), ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(CHAIN_FILE, "w", force_zip64=True) as stream:
            for line in bound(office, "whole", _whole(office), now):
                stream.write(line.encode())
        _write_contents(office, archive)
        archive.writestr(VERIFIER_FILE, verifier())
    _, n, link = line.split()
    return Exported(verdict, int(n), link)


def bound(office: Office, scope: Scope, above: tuple[int, Iterable[str]], now: datetime) -> Iterator[str]:
    """The lines of a chain's file: those `above`, and then up to the seal that binds them, which is made here.

    `above`: (number of the last seal in them, the lines as `chain_lines` gives them). Raises Locked.
    """
    until, lines = above
    hashed = hashlib.sha256()
    for line in lines:
        hashed.update(line.encode())
        yield line
    data = {"scope": scope, "until": until, "lines": hashed.hexdigest()}
    with writing(office.engine) as conn:
        newest = _newest(conn, office, until)
        cause = f"{hashed.hexdigest()}/{newest.seal.n if newest is not None else until}"
        if newest is not None and newest.id is not None and newest.id.startswith(f"{EXPORTED}/{hashed.hexdigest()}"):
            cause = newest.id.removeprefix(f"{EXPORTED}/")
        happened(conn, office, EXPORTED, cause, now, data=data)
    for _ in range(_TRIES):
        seal_events(office, now)
        with reading(office.engine) as conn:
            rest = list(_until(seals.chain(conn, office.key, after=until), f"{EXPORTED}/{cause}"))
        if rest:
            yield from closing_lines(rest if scope == "whole" else [*map(_hidden, rest[:-1]), rest[-1]])
            return
    raise Locked("Another process is sealing events; try again in a moment.")


def _whole(office: Office) -> tuple[int, Iterator[str]]:
    with reading(office.engine) as conn:
        until = seals.last_of_business(conn, office.key)
        names = {sha256 for kind in KINDS for sha256 in seals.hashes(conn, office.key, kind).values()}
    listed: list[Listed] = [("content", sha256, f"contents/{sha256}") for sha256 in names]
    listed.append(("page", digest(verifier()), VERIFIER_FILE))

    def lines() -> Iterator[str]:
        with reading(office.engine) as conn:
            pieces = map(_plain, seals.chain(conn, office.key, until=until))
            yield from chain_lines(office.key, "whole", pieces, {}, listed)

    return until, lines()


def _write_contents(office: Office, archive: zipfile.ZipFile) -> None:
    written: set[str] = set()
    with reading(office.engine) as conn:
        for kind in KINDS:
            for _, raw in seals.contents(conn, office.key, kind):
                name = digest(raw)
                if name not in written:
                    archive.writestr(f"contents/{name}", raw)
                    written.add(name)


def _newest(conn: Connection, office: Office, until: int) -> Kept | None:
    """The last seal, where it is one of those after `until`: of the files that were made since."""
    return max(seals.chain(conn, office.key, after=until), key=lambda kept: kept.seal.n, default=None)


def _until(chain: Iterable[Kept], event: str) -> Iterator[Piece]:
    """The seals up to that of the event; none where it has no seal yet."""
    found = []
    for kept in chain:
        found.append(_plain(kept))
        if kept.id == event:
            yield from found
            return


def _plain(kept: Kept) -> Piece:
    """As it is, with its event in clear; one that was erased or is gone has none."""
    return Piece(kept.seal, None if kept.text is None or is_erased(kept.text) else kept.text)


def _hidden(piece: Piece) -> Piece:
    return Piece(piece.seal, None)
