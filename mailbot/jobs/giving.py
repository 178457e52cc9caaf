"""Give a client all that is kept of it, as a file in formats that other programs read (GDPR 15 and 20)."""

import json
import zipfile
from datetime import datetime
from io import BytesIO

from mailbot.evidence.others import Others
from mailbot.jobs.gathering import gather
from mailbot.jobs.office import Office, plain
from mailbot.ledger import consents, holdings
from mailbot.ledger.store import reading
from mailbot.model import JSON, Event


def everything_about(office: Office, client: int, now: datetime) -> bytes:
    """A .zip with all that is kept of a client: client.json, its mails as .eml, its invoices, letters for the post.

    `records` of client.json has every row of the ledger about the client, by table: contacts, decisions, questions,
    promises among the events, allocations, learned payers, mails with their answers. What names another client in a
    text of a bank or of a question is left out (GDPR 15(4)), and so are dossiers, which repeat all this.
    """
    with reading(office.engine) as conn:
        material = gather(conn, office, client, None, office.day(now), office.business.language)
        addresses = [one.email for one in material.client.contacts]
        addresses += [str(one.event.data["to"]) for one in material.sent if one.event.data.get("to")]
        asked = (consents.find(conn, office.key, one) for one in dict.fromkeys(addresses))
        agreed = [found for found in asked if found is not None]
        rows = holdings.of_client(conn, office.key, client)
    record: dict[str, JSON] = {
        "client": plain(material.client),
        "consents": [plain(one) for one in agreed],
        "invoices": [plain(one) for one in material.billed],
        "events": [_told(one) for one in material.events],
        "bank_lines": [_own(plain(one), material.others) for one in material.lines.values()],
        "records": {name: [_own(row, material.others) if name in _MIXED else row for row in some]
                    for name, some in rows.items()},
    }  # fmt: skip
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("client.json", json.dumps(record, ensure_ascii=False, indent=1))
        for sent in material.sent:
            archive.writestr(f"mails/{sent.row.id:06}-out.eml", sent.raw or b"")
        for heard in material.heard:
            archive.writestr(f"mails/{heard.info.id[:16]}-in.eml", heard.raw or b"")
        for number, document in material.documents.items():
            if document is not None:
                suffix = document[0].rpartition(".")[2].lower()
                archive.writestr(f"invoices/{material.client.id}-{_safe(number)}.{_safe(suffix)}", document[1])
        for name, raw in material.letters.items():
            archive.writestr(f"letters/{name[:16]}.pdf", raw)
    return made.getvalue()


_MIXED = frozenset({"line", "question"})
"""Tables whose texts may name other clients."""


def _own(value: JSON, others: Others) -> JSON:
    """The value without texts that name somebody else."""
    if isinstance(value, str):
        return _HIDDEN if others.in_label(value) else value
    if isinstance(value, list):
        return [_own(one, others) for one in value]
    if isinstance(value, dict):
        return {name: _own(one, others) for name, one in value.items()}
    return value


_HIDDEN = "[left out: it names another client]"


def _told(event: Event) -> dict[str, JSON]:
    return {
        "id": event.id, "name": event.name, "at": event.at.isoformat(), "invoice": event.invoice,
        "data": dict(event.data),
    }  # fmt: skip


def _safe(text: str) -> str:
    return "".join(each if each.isalnum() else "-" for each in text)[:60]
