"""Seal what happened, in batches by the clock, and check the whole chain against what the ledger holds today."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailbot.evidence.chain import GENESIS, SEALED, Finding, Piece, check, seal, source
from mailbot.evidence.contents import SLACK, Stored, compared, kept, unlike_seals
from mailbot.evidence.stated import ENDINGS, MARK, Difference, Stated
from mailbot.jobs.office import Office, happened
from mailbot.ledger import contents, letters, seals, stated
from mailbot.ledger.contents import Key
from mailbot.ledger.seals import Head, Kept, Sealable
from mailbot.ledger.store import reading, writing

BATCH = 500
"""Events, and contents, sealed in one transaction: their bytes are hashed before it begins, so that nobody waits."""

KINDS = ("letter", "statement", "mail", "document")

PATIENCE = timedelta(hours=1)
"""How long a content waits for an event whose seal names it too, before it gets an event of its own."""

LOOKED_BACK = timedelta(days=1)
"""From how long before the last seal contents are looked for; the first sealing of a day looks at everything."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one transaction adds: seals as `seals.keep` takes them, and which of them names which content."""

    rows: list[tuple[int, int, str, str, str]]
    named: list[tuple[str, str, int, str]]


def seal_events(office: Office, now: datetime, *, all_contents: bool = False) -> int:
    """Seals every event that has no seal, and names every content that none names; returns how many events.

    May end anywhere and run twice. What to seal is read and hashed without keeping anybody from writing; where another
    process sealed in between, its seals stand and the rest waits for the next look. Contents that nothing happened
    with wait an hour for an event, unless `all_contents`. Those that an earlier seal should have named (a ledger of
    before contents were sealed) are named at once, and an event says that it was done late.
    """
    with reading(office.engine) as conn:
        last = seals.head(conn, office.key)
    since = last.at - LOOKED_BACK if last is not None and last.at.date() == now.date() and not all_contents else None
    count = 0
    _carry(office, now, last, since, late_only=True)
    while True:
        made = _next_batch(office, since)
        if made.rows:
            if not _add(office, made, now):
                return count
            count += len(made.rows)
            continue
        patient = not (count or all_contents) and last is not None and now - last.at < PATIENCE
        if patient or not _carry(office, now, last, since):
            return count


def _add(office: Office, made: _Batch, now: datetime) -> bool:
    """False where another process sealed in between."""
    with writing(office.engine) as conn:
        last = seals.head(conn, office.key)
        if (last.n if last else 0) != made.rows[0][0] - 1:
            return False
        seals.keep(conn, office.key, made.rows, now)
        contents.note(conn, office.key, made.named)
    return True


def _carry(
    office: Office, now: datetime, last: Head | None, since: datetime | None, *, late_only: bool = False
) -> bool:
    """Records an event whose seal will name the contents that wait; False where none do.

    Late are those that are older than the last seal, which should have named them.
    """
    with reading(office.engine) as conn:
        stored = contents.instants(conn, office.key, contents.unnamed(conn, office.key, since, BATCH))
        head = seals.head(conn, office.key)
    late = bool(stored) and last is not None and stored[0] < last.at - SLACK
    if not stored or (late_only and not late):
        return False
    data = {
        "contents": len(stored), "stored_from": stored[0].isoformat(), "stored_until": stored[-1].isoformat(),
        "late": late,
    }  # fmt: skip
    with writing(office.engine) as conn:
        return happened(conn, office, SEALED, f"{head.n if head else 0}/{now.isoformat()}", now, data=data)


def _next_batch(office: Office, since: datetime | None) -> _Batch:
    """The next events, and with the last of them the contents that wait."""
    with reading(office.engine) as conn:
        last = seals.head(conn, office.key)
        waiting = seals.unsealed(conn, office.key, BATCH)
        if not waiting:
            return _Batch([], [])
        known = {kind: _sources(conn, office, kind, waiting) for kind in KINDS}
        new = _unnamed(conn, office, since, sorted({one.invoice for one in waiting if one.invoice is not None}))
    n, link = (last.n, last.link) if last else (0, GENESIS)
    rows = []
    for event in waiting:
        n += 1
        listed = [source(kind, known[kind][key]) for kind, key in event.places if key in known[kind]]
        if event is waiting[-1]:
            listed += sorted(each for each in new.values() if each)
        made = seal(n, link, event.text, listed)
        link = made.link
        rows.append((n, event.seq, made.event_sha256, made.sources, made.link))
    return _Batch(rows, [(kind, key, n, listed_as) for (kind, key), listed_as in new.items()])


def _unnamed(conn: Connection, office: Office, since: datetime | None, billed: Sequence[str]) -> dict[Key, str]:
    """Contents that no seal names yet -> how the next one does; "" for one without bytes.

    `billed`: invoices about which something happened: another document may have taken the place of theirs.
    """
    found = contents.unnamed(conn, office.key, since, BATCH)
    keys: dict[str, set[str]] = {kind: {key for each, key in found if each == kind} for kind in KINDS}
    keys["document"] |= set(billed)
    listed: dict[Key, str] = {}
    for kind, wanted in keys.items():
        if wanted:
            listed |= _listed(conn, office, kind, sorted(wanted))
    known = contents.noted(conn, office.key, listed)
    return {key: each for key, each in listed.items() if (*key, each) not in known}


def _listed(conn: Connection, office: Office, kind: str, keys: Sequence[str]) -> dict[Key, str]:
    hashes = seals.hashes(conn, office.key, kind, keys)
    names = contents.names(conn, office.key, kind, keys) if kind in ("statement", "document") else {}
    return {(kind, key): kept(kind, hashes[key], names.get(key, key)) if key in hashes else "" for key in keys}


def _sources(conn: Connection, office: Office, kind: str, events: Sequence[Sealable]) -> dict[str, str]:
    """sha256 of the sources of these events, by the keys of their places."""
    keys = sorted({key for event in events for each, key in event.places if each == kind})
    if not keys:
        return {}
    if kind != "statement":
        return seals.hashes(conn, office.key, kind, keys)
    lines = seals.statements(conn, office.key, keys)
    files = seals.hashes(conn, office.key, kind, sorted(set(lines.values())))
    return {line: files[file] for line, file in lines.items() if file in files}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `n`, `link`: the head; `waiting`: events that are not sealed yet."""

    business: str
    n: int
    link: str
    waiting: int
    erased: int
    findings: tuple[Finding, ...]
    contents: int = 0
    """Contents that seals name."""
    contents_waiting: int = 0
    """Contents that no seal names yet, stored since the last one."""
    facts: tuple[Difference, ...] = ()
    """Rows of invoices, debtors, mails, arrivals and bank lines that are not what was sealed; also in `findings`."""
    stated: frozenset[tuple[str, str]] = frozenset()
    """(kind, key) of the rows about which a sealed event states something."""


def verify_ledger(office: Office, witnesses: Sequence[tuple[int, str]] = ()) -> Verdict:
    """Computes every seal again from the events and raw bytes of today; changes nothing."""
    with reading(office.engine) as conn:
        hashes = {kind: seals.hashes(conn, office.key, kind) for kind in KINDS}
        lines = seals.statements(conn, office.key)
        files = hashes["statement"]
        today = hashes | {"statement": {line: files[file] for line, file in lines.items() if file in files}}
        elsewhere = frozenset(hashes["letter"].values())
        told = Stated()
        checked, findings = check(_pieces(seals.chain(conn, office.key), today, told), witnesses, elsewhere)
        # seals name their events in ascending order: as many events as seals with one leave none without a seal
        whole = seals.recorded(conn, office.key) == checked.shown
        strange = [] if whole else seals.never_sealed(conn, office.key)
        inserted = [Finding(None, "event_inserted", str(seq)) for seq in strange]
        changed = [
            Finding(None, "letter_changed", letter) for letter, sha256 in hashes["letter"].items() if letter != sha256
        ]
        gone = set(letters.without_bytes(conn, office.key)) - checked.erased
        missing = [Finding(None, "source_missing", letter) for letter in sorted(gone)]
        last = seals.head(conn, office.key)
        # a chain of before contents were sealed names none: the next sealing does
        instant = last.at if last is not None and checked.kept else None
        unlike, waiting = compared(checked.kept, _stored(conn, office, hashes), checked.erased, instant)
        unlike += unlike_seals(contents.index(conn, office.key), checked.kept, checked.n)
        told.forget({one.n for one in findings if one.code == "event_changed"})
        facts = _facts(conn, office, told)
        facts_unlike = [Finding(one.n, "fact_changed", one.words) for one in facts]
        return Verdict(
            office.key, checked.n, checked.link, seals.waiting(conn, office.key), len(checked.erased),
            (*findings, *inserted, *changed, *missing, *unlike, *facts_unlike), len(checked.kept), waiting,
            tuple(facts), frozenset(told.words),
        )  # fmt: skip


def _facts(conn: Connection, office: Office, told: Stated) -> list[Difference]:
    """Rows that no longer say what the last sealed event about them states."""
    wanted: dict[str, list[str]] = {}
    for kind, key in told.words:
        wanted.setdefault(kind, []).append(key)
    if not wanted:
        return []
    later = Stated()
    for event in seals.unsealed(conn, office.key, BATCH):
        later.feed(0, event.text, event.id)
    pending = seals.pending(conn, office.key) | {key for kind, key in later.words if kind == "invoice"}
    return told.differences(stated.rows(conn, office.key, wanted), pending)


def _stored(conn: Connection, office: Office, hashes: Mapping[str, Mapping[str, str]]) -> Iterator[Stored]:
    pending = seals.pending(conn, office.key)
    for kind in KINDS:
        waits = pending if kind == "document" else ()
        yield from contents.stored(conn, office.key, kind, hashes[kind], waits)


def _pieces(chain: Iterable[Kept], today: Mapping[str, Mapping[str, str]], told: Stated) -> Iterator[Piece]:
    """Each seal with what is found of it today; `told` hears every event."""
    previous = 0
    for sealed, number, text, id_, _, places in chain:
        if text is not None and (text.endswith(ENDINGS) or MARK in text):  # asked of each of a hundred thousand
            told.feed(sealed.n, text, id_)
        found = {kind: today[kind].get(key) for kind, key in places} if places else _NOTHING
        # an event that stands before its predecessor was put under another seal
        yield Piece(sealed, text if number > previous else None, found)
        previous = number


_NOTHING: Mapping[str, str | None] = {}


def head_words(conn: Connection, office: Office) -> str:
    """The head as the digest says it: "1234 9f86d0…", "" before the first seal."""
    last = seals.head(conn, office.key)
    return f"{last.n} {last.link}" if last is not None else ""
