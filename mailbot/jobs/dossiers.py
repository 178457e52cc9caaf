"""Make the dossier of an invoice or a client: a .zip with cover, exhibits and the proof that nothing was changed."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO

from sqlalchemy import Connection

from mailbot.evidence.chain import OF_ERASURE, Piece, digest, erased_by, is_erased
from mailbot.evidence.dossier import DossierFacts, Proof, cover
from mailbot.evidence.export import CHAIN_FILE, VERIFIER_FILE, chain_lines, verifier
from mailbot.evidence.pages import pdf
from mailbot.evidence.parties import Debtor
from mailbot.evidence.tasks import tasks
from mailbot.evidence.wording import words as words_of
from mailbot.jobs.binder import Binder, slug
from mailbot.jobs.binding import bind_all
from mailbot.jobs.chaining import Verdict, seal_events, verify_ledger
from mailbot.jobs.comparing import Compared, compared
from mailbot.jobs.deadlines import barred_on
from mailbot.jobs.gathering import HIDDEN, OWN_MAIL, Material, claims_of, creditor_of, debtor_of, gather
from mailbot.jobs.office import Office
from mailbot.jobs.proving import bound
from mailbot.jobs.retelling import chronology, notices_of, promises
from mailbot.ledger import letters, outgoing_lists, seals
from mailbot.ledger.seals import Kept
from mailbot.ledger.store import reading

EARLIER = "dossier.made/"
"""How the ids of events begin whose source is a dossier that was made before: it is not put into the next one."""


@dataclass(frozen=True, slots=True)
class Made:
    """A dossier: the bytes of its .zip, and what the check of the chain found, in the language of the file."""

    content: bytes
    wrong: tuple[str, ...]
    """Sentences; empty where all is what was sealed."""


def make(office: Office, client: int, number: str | None, now: datetime, *, language: str | None = None) -> Made:
    """The .zip for a client, or for one of its invoices; making it is sealed, and that seal binds the file.

    Raises PrintError where the extra `pdf` is missing, Locked where other processes seal without pause.
    """
    seal_events(office, now, all_contents=True)
    verdict = verify_ledger(office)
    with reading(office.engine) as conn:
        written = language or office.business.language
        material = gather(conn, office, client, number, office.day(now), written)
        binder = Binder(office, material, written, office.day(now))
        chain = _chain(conn, binder, {one.id for one in material.events if one.name not in HIDDEN})
        rows = compared(conn, office, material, verdict, binder.on, written)
    bind_all(binder)
    proof = _proof(binder, chain, verdict, rows)
    folder = binder.words["folder_proof"]
    pages = {
        binder.words["cover_file"]: pdf(cover(_facts(binder, proof))),
        **binder.pages,
        f"{folder}/{VERIFIER_FILE}": verifier(),
        "LISEZMOI.txt" if binder.language == "fr" else "README.txt": (binder.words["readme"] + "\n").encode(),
    }
    listed = [("content", digest(raw), name) for name, raw in binder.files.items()]
    listed += [("page", digest(raw), name) for name, raw in pages.items()]
    lines = chain_lines(office.key, "client", chain.pieces, chain.withheld, listed)
    told = "".join(bound(office, "client", (len(chain.pieces), lines), now)).encode()
    content = _zipped(pages | binder.files | {f"{folder}/{CHAIN_FILE}": told}, binder.on)
    return Made(content, _wrong(binder, proof))


def _wrong(binder: Binder, proof: Proof) -> tuple[str, ...]:
    """What does not hold: the whole chain's result, this file's exhibits, and what the records say of the claim."""
    if not proof.differences:
        return ()
    bad = [one.missing for one in binder.exhibits if one.altered or one.gone]
    count = words_of("stated", binder.language)["broken"].format(count=proof.differences)
    return (count, *bad, *proof.unlike)


def file_name(office: Office, name: str, now: datetime) -> str:
    """What the file is called: "dossier-garage-azur-2026-05-06.zip"."""
    return f"dossier-{slug(name)}-{office.day(now).isoformat()}.zip"


def _facts(binder: Binder, proof: Proof) -> DossierFacts:
    material = binder.material
    return DossierFacts(
        language=binder.language,
        on=binder.on,
        creditor=creditor_of(binder.office),
        debtor=_written_to(material),
        claims=claims_of(material.billed, material.owed),
        charges=material.charges,
        no_charges=material.no_charges,
        promises=tuple(promises(binder)),
        notices=tuple(notices_of(material.events, material.numbers)),
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


def _written_to(material: Material) -> Debtor:
    """The debtor with the addresses that mails went to, as sealed events say it; else with those on record."""
    used = dict.fromkeys(str(one.event.data["to"]) for one in material.sent if one.event.data.get("to"))
    return replace(debtor_of(material.client), emails=tuple(used) or debtor_of(material.client).emails)


@dataclass(frozen=True, slots=True)
class _Chain:
    """The chain as the file shows it: this claim's events in clear, all others by their hash."""

    pieces: list[Piece]
    withheld: dict[str, str]
    """Sources that are not given -> why."""
    changed: int
    """Events of this claim that are not what was sealed."""
    witnessed: bool
    """A daily mail with a head left."""


def _chain(conn: Connection, binder: Binder, shown: set[str]) -> _Chain:
    """Notes in the binder, too, what the seals name and what was erased."""
    made = _Chain([], {}, 0, outgoing_lists.has_left(conn, binder.office.key, "digest"))
    named, erased, changed = set[str](), set[str](), 0
    for kept in seals.chain(conn, binder.office.key, until=seals.last_of_business(conn, binder.office.key)):
        text = _in_clear(binder, kept, shown)
        listed = kept.seal.sources.split()
        named.update(listed)
        if kept.id in shown:
            binder.sealed[kept.id] = {kind: sha256 for kind, sha256, *_ in (source.split(":") for source in listed)}
            changed += kept.text is not None and not is_erased(kept.text) and _is_changed(kept)
        if kept.text is not None and not _is_changed(kept):
            erased |= erased_by(kept.text) if kept.text.endswith(OF_ERASURE) else frozenset()
        if text is not None:
            made.withheld.update(_withheld(conn, binder, kept))
        made.pieces.append(Piece(kept.seal, text))
    binder.named, binder.erased = frozenset(named), frozenset(erased)
    return replace(made, changed=changed)


def _is_changed(kept: Kept) -> bool:
    return kept.text is None or digest(kept.text.encode()) != kept.seal.event_sha256


def _proof(binder: Binder, chain: _Chain, verdict: Verdict, rows: Compared) -> Proof:
    """Also says in the list of what is missing which exhibits are not what was sealed, and how many facts."""
    if chain.changed:
        binder.missing.append(binder.words["facts_changed"].format(count=chain.changed))
    last = chain.pieces[-1].seal if chain.pieces else None
    shown = sum(piece.event is not None for piece in chain.pieces)
    return Proof(
        last.n if last else 0, last.link if last else "", shown, len(verdict.findings) + len(rows.open_unlike),
        chain.changed, (*rows.unlike, *rows.open_unlike), rows.unstated, chain.witnessed,
    )  # fmt: skip


def _in_clear(binder: Binder, kept: Kept, shown: set[str]) -> str | None:
    text = kept.text
    if text is None or kept.id not in shown or kept.client != binder.material.client.id:
        return None
    if _is_changed(kept):
        return None
    said = json.dumps(json.loads(text), ensure_ascii=False)  # as it is sealed, "é" is written as an escape
    return None if binder.material.others.named_in(said) else text


def _withheld(conn: Connection, binder: Binder, kept: Kept) -> Iterator[tuple[str, str]]:
    """Sources of an event in clear that may hold what concerns others."""
    for listed in kept.seal.sources.split():
        kind, _, sha256 = listed.partition(":")
        if kind == "statement":
            yield sha256, binder.words["withheld_bank"]
        elif kind == "letter" and (kept.id or "").startswith(EARLIER):
            yield sha256, binder.words["withheld_dossier"]
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
