"""How long it takes to check a chain of seals, against sha256 over the same bytes; and to make a dossier.

    python benchmarks/evidence.py [--events 100000] [--mails 60] [--json]

Two worlds of the same events: `mails` (one event in four came from a mail of 6 kB, as in the demo) and `bare` (no raw
sources at all, the hardest case: the seals weigh as much as what they seal). Each is checked from the ledger, as
`mailbot evidence verify` does, and from a file with the stand-alone script. The baseline hashes the same bytes,
one call for each event and each mail. Of each, the quickest of three. A figure below 20 is what was asked for.
"""

import argparse
import gc
import hashlib
import json
import random
import resource
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any

from mailbot.evidence import verify_standalone
from mailbot.jobs import chaining, proving
from mailbot.jobs.office import happened
from mailbot.ledger import businesses, seals
from mailbot.ledger.store import migrate, open_ledger, reading, writing
from mailbot.ledger.tables import event, letter

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MAIL_BYTES = 6000


def filled(folder: Path, events: int, *, mails: bool) -> Any:
    """A sealed ledger."""
    engine = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
    migrate(engine)
    draw = random.Random(1)
    rows, raws = [], []
    for n in range(events):
        source = None
        if mails and n % 4 == 0:
            raw = f"Message-ID: <{n}@x>\r\n\r\n".encode() + draw.randbytes(MAIL_BYTES // 2).hex().encode()
            source = hashlib.sha256(raw).hexdigest()
            raws.append({
                "business": "a", "id": source, "direction": "in", "received_at": NOW, "message_id": f"<{n}@x>",
                "size": len(raw), "raw": raw, "state": "read", "attempts": 1,
            })  # fmt: skip
        data = {"promise_date": "2026-03-09", "because": ["Nous ferons le virement"], "confidence": 0.93, "n": n}
        rows.append({
            "business": "a", "id": f"reply.promise/{n}", "name": "reply.promise", "at": NOW + timedelta(seconds=n),
            "day": NOW.date(), "client": None, "invoice": f"FA-{n % 900}", "data": data, "letter": source, "line": None,
        })  # fmt: skip
    with writing(engine) as conn:
        businesses.ensure(conn, "a", "A", NOW)
        if raws:
            conn.execute(letter.insert(), raws)
        conn.execute(event.insert(), rows)
    office: Any = SimpleNamespace(engine=engine, key="a", day=lambda now: now.date())
    return office


def measured(events: int, *, mails: bool) -> dict[str, float]:
    """Seconds, and how many times the baseline."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        office = filled(folder, events, mails=mails)
        sealing = seconds(lambda: chaining.seal_events(office, NOW))
        with reading(office.engine) as conn:
            texts = [kept.text.encode() for kept in seals.chain(conn, "a") if kept.text]
            texts += [raw for _, raw in seals.contents(conn, "a", "letter")]
        baseline = min(seconds(lambda: [hashlib.sha256(text).digest() for text in texts]) for _ in range(3))
        ledger = min(seconds(lambda: check(office)) for _ in range(3))
        file = folder / "export.zip"
        proving.write_export(office, file, NOW)
        script = min(seconds(lambda: verify_standalone.verify(file)) for _ in range(3))
        office.engine.dispose()
    return {
        "events": events, "megabytes": round(sum(map(len, texts)) / 1e6, 1), "sha256_seconds": round(baseline, 3),
        "sealing_seconds": round(sealing, 2), "ledger_seconds": round(ledger, 2), "script_seconds": round(script, 2),
        "ledger_times_sha256": round(ledger / baseline, 1), "script_times_sha256": round(script / baseline, 1),
    }  # fmt: skip


def filed(mails: int) -> dict[str, float]:
    """A dossier of so many mails: seconds on the clock, its size, and the most memory that this process ever had."""
    from mailbot.app import open_app
    from mailbot.jobs import dossiers
    from mailbot.ledger import clients, invoices, letters
    from mailbot.model import Contact, InvoiceDocument

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "secrets").mkdir()
        (folder / "secrets" / "key").write_text("7f" * 32)
        (folder / "mailbot.yaml").write_text(SETTINGS)
        app = open_app(folder / "mailbot.yaml", {})
        office = app.office(app.business().key)
        document = InvoiceDocument(
            "mail", None, "invoice", "FA-1", NOW.date(), NOW.date(), "EUR", None, None, Decimal(1200), None, None
        )
        with writing(office.engine) as conn:
            client = clients.add(conn, office.key, "Dupont SARL", "fr", contacts=[Contact("compta@dupont.example")])
            invoices.add(conn, office.key, client, document, None, b"%PDF-1.4", "FA-1.pdf", NOW)
            for n in range(mails):
                raw = MAIL.format(n=n, text="Nous paierons bientôt cette facture, promis. " * 60).encode()
                at = NOW + timedelta(hours=n)
                letter_id, _ = letters.keep(conn, office.key, raw, at, message_id=f"<{n}@x>")
                letters.mark_read(
                    conn, office.key, letter_id, kind="reply", reading={}, sender="compta@dupont.example",
                    subject="Re: FA-1", message_id=f"<{n}@x>", client=client, at=at,
                )  # fmt: skip
                happened(
                    conn, office, "reply.promise", f"{letter_id}/FA-1", at, client=client, invoice="FA-1",
                    data={"letter": letter_id, "because": ["promis"]}, letter=letter_id,
                )  # fmt: skip
        begin = perf_counter()
        made = dossiers.make(office, client, None, NOW + timedelta(days=30)).content
        taken = perf_counter() - begin
        app.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "mails": mails, "seconds": round(taken, 1), "file_megabytes": round(len(made) / 1e6, 1),
        "memory_megabytes": round(memory / 1024),
    }  # fmt: skip


SETTINGS = """
business: {name: Atelier Martin, owners: [claire@atelier-martin.example], siren: "999200017"}
mailbox: {maildir: mail, address: factures@atelier-martin.example}
smtp: {url: "smtp://127.0.0.1:1"}
"""
MAIL = """Message-ID: <{n}@x>\r
From: Anne Dupont <compta@dupont.example>\r
To: factures@atelier-martin.example\r
Subject: Re: FA-1\r
Date: Mon, 02 Mar 2026 09:00:00 +0100\r
Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"""


def check(office: Any) -> None:
    found = chaining.verify_ledger(office)
    if found.findings:
        raise SystemExit(f"the chain does not hold: {found.findings[:3]}")


def seconds(do: Any) -> float:
    begin = process_time()
    do()
    return process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--mails", type=int, default=60, help="of the dossier")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    dossier = filed(arguments.mails)  # first: the most memory that the process ever had is then this one's
    gc.collect()
    gc.freeze()  # what printing loaded is not to be gone through while a chain is checked
    found = {name: measured(arguments.events, mails=name == "mails") for name in ("mails", "bare")}
    found["dossier"] = dossier
    for name, figures in found.items():
        if not arguments.json:
            print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))
    print(json.dumps({"mailbot": found}))


if __name__ == "__main__":
    main()
