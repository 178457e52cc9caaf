"""Make the dossier of an invoice or a client: a .zip with cover, exhibits and the proof that nothing was changed."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from io import BytesIO

from sqlalchemy import Connection

from mailbot.evidence.chain import ERASURE, Piece, digest
from mailbot.evidence.dossier import DossierFacts, Proof, cover
from mailbot.evidence.export import CHAIN_FILE, VERIFIER_FILE, chain_lines, verifier
from mailbot.evidence.pages import pdf
from mailbot.evidence.tasks import tasks
from mailbot.jobs.binder import Binder, slug
from mailbot.jobs.binding import bind_all
from mailbot.jobs.chaining import seal_events, verify_ledger
from mailbot.jobs.deadlines import barred_on
from mailbot.jobs.gathering import HIDDEN, OWN_MAIL, claims_of, creditor_of, debtor_of, gather
from mailbot.jobs.office import Office
from mailbot.jobs.retelling import chronology, notice_of, promises
from mailbot.ledger import letters, seals
from mailbot.ledger.seals import Kept
from mailbot.ledger.store import reading
from mailbot.model import Event


def make(office: Office, client: int, number: str | None, now: datetime, *, language: str | None = None) -> bytes:
    """The .zip for a client, or for one of its invoices. Raises PrintError where the extra `pdf` is missing."""
    seal_events(office, now)
    holds = not verify_ledger(office).findings
    with reading(office.engine) as conn:
        written = language or office.business.language
        material = gather(conn, office, client, number, office.day(now), written)
        binder = Binder(office, material, written, office.day(now))
        binder.erased = _erased(material.events)
        shown = {one.id for one in material.events if one.name not in HIDDEN}
        chain, proof = _chain(conn, binder, shown, holds=holds)
    bind_all(binder)
    folder = binder.words["folder_proof"]
    facts = _facts(binder, proof)
    entries = {
        binder.words["cover_file"]: pdf(cover(facts)),
        **binder.files,
        f"{folder}/{CHAIN_FILE}": chain,
        f"{folder}/{VERIFIER_FILE}": verifier(),
        "LISEZMOI.txt" if binder.language == "fr" else "README.txt": (binder.words["readme"] + "\n").encode(),
    }
    return _zipped(entries, binder.on)


def file_name(office: Office, name: str, now: datetime) -> str:
    """What the file is called: "dossier-garage-azur-2026-05-06.zip"."""
    return f"dossier-{slug(name)}-{office.day(now).isoformat()}.zip"


def _facts(binder: Binder, proof: Proof) -> DossierFacts:
    material = binder.material
    return DossierFacts(
        language=binder.language,
        on=binder.on,
        creditor=creditor_of(binder.office),
        debtor=debtor_of(material.client),
        claims=claims_of(material.billed),
        charges=material.charges,
        no_charges=material.no_charges,
        promises=tuple(promises(binder)),
        notice=notice_of(material.events),
        chronology=tuple(chronology(binder)),
        exhibits=tuple(binder.exhibits),
        missing=tuple(binder.missing),
        proof=proof,
        tasks=tasks(
            material.events,
            binder.language,
            barred_on(binder.office, material.client, material.billed, material.events),
        ),
    )


def _erased(happened: Iterable[Event]) -> frozenset[str]:
    lists = [event.data.get("erased") for event in happened if event.name == ERASURE]
    return frozenset(str(one) for listed in lists if isinstance(listed, list) for one in listed)


def _chain(conn: Connection, binder: Binder, shown: set[str], *, holds: bool) -> tuple[bytes, Proof]:
    """The whole chain: this claim's events in clear, all others by their hash; it says which sources are withheld."""
    withheld: dict[str, str] = {}
    pieces = []
    for kept in seals.chain(conn, binder.office.key):
        text = _in_clear(binder, kept, shown)
        if text is not None:
            withheld |= _withheld(conn, binder, kept)
        pieces.append(Piece(kept.seal, text))
    lines = chain_lines(binder.office.key, "client", pieces, withheld)
    last = pieces[-1].seal if pieces else None
    count = sum(piece.event is not None for piece in pieces)
    proof = Proof(last.n, last.link, count, holds) if last is not None else Proof(0, "", 0, holds)
    return "".join(lines).encode(), proof


def _in_clear(binder: Binder, kept: Kept, shown: set[str]) -> str | None:
    text = kept.text
    if text is None or kept.id not in shown or kept.client != binder.material.client.id:
        return None
    erased_or_changed = digest(text.encode()) != kept.seal.event_sha256
    return None if erased_or_changed or binder.material.others.named_in(text) else text


def _withheld(conn: Connection, binder: Binder, kept: Kept) -> Iterator[tuple[str, str]]:
    """Sources of an event in clear that may hold what concerns others."""
    for listed in kept.seal.sources.split():
        kind, _, sha256 = listed.partition(":")
        if kind == "statement":
            yield sha256, binder.words["withheld_bank"]
        elif kind == "letter":
            info = letters.info(conn, binder.office.key, sha256)
            if info is not None and info.direction == "in" and info.kind in OWN_MAIL:
                yield sha256, binder.words["withheld_owner"]


def _zipped(entries: Mapping[str, bytes], on: date) -> bytes:
    """The same entries give the same bytes."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, (on.year, on.month, on.day, 12, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return made.getvalue()
