"""What the command line says of tracking: consent that the owner notes, and what is known of each mail."""

import json
import subprocess
import sys
from pathlib import Path

from web_house import EMAIL, READER, WebHouse, house

from mailbot.jobs.digesting import current_digest
from mailbot.ledger import consents
from mailbot.ledger.store import reading


def mailbot(home: WebHouse, *words: str) -> subprocess.CompletedProcess[str]:
    settings = home.app.settings.key_file.parent.parent / "mailbot.yaml"
    command = [sys.executable, "-m", "mailbot", *words, "--settings", str(settings)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_an_invoice_shows_what_is_known_of_its_mails(tracked: WebHouse) -> None:
    tracked.later(minutes=10).visitor(user_agent=READER).get(tracked.path("o"))
    tracked.later(minutes=10).visitor().get(tracked.path("i"))
    tracked.flush()

    shown = mailbot(tracked, "invoice", "show", "FA-2026-0412").stdout
    told = json.loads(mailbot(tracked, "invoice", "show", "FA-2026-0412", "--json").stdout)

    assert "accepted by the server 11-12 12:00; page visited, probably by a person 11-12 12:21" in shown
    assert "mail.opened            class probably_human" in shown
    assert [rung["rung"] for rung in told["mails"][0]["proof"]] == ["accepted", "clicked"]


def test_the_digest_says_the_strongest_proof_and_nothing_of_opens(tracked: WebHouse) -> None:
    tracked.later(minutes=10).visitor(user_agent=READER).get(tracked.path("o"))
    tracked.later(minutes=10).visitor().get(tracked.path("i"))
    tracked.flush()

    facts = current_digest(tracked.office, tracked.app.now())

    assert [row.reason for row in facts.sent] == ["page consultée, sans doute par quelqu'un"]
    assert [row.what for row in facts.understood] == ["page du mail consultée, sans doute par quelqu'un"]


def test_the_owner_notes_a_consent_and_a_refusal(with_consent: WebHouse) -> None:
    words = ("client", "consent", "Dupont", EMAIL)

    given = mailbot(with_consent, *words, "--given", "--note", "signed on 2 March")
    with reading(with_consent.office.engine) as conn:
        kept = consents.find(conn, with_consent.office.key, EMAIL)
    again = mailbot(with_consent, *words, "--given", "--note", "again")
    refused = mailbot(with_consent, *words, "--refused", "--note", "by telephone")

    assert (given.returncode, again.returncode, refused.returncode) == (0, 0, 0)
    assert kept is not None
    assert (kept.given, kept.by, kept.note) == (True, "owner", "signed on 2 March")
    assert "known already" in again.stderr
    assert [event.data["note"] for event in with_consent.events("client.")] == ["signed on 2 March", "by telephone"]


def test_consent_of_an_address_that_no_client_has_is_refused(with_consent: WebHouse) -> None:
    unknown = mailbot(with_consent, "client", "consent", "Dupont", "x@y.example", "--given", "--note", "?")

    assert unknown.returncode == 1
    assert "no client" in unknown.stderr
    assert with_consent.events("client.") == []


def test_with_consent_the_next_mail_has_a_picture_and_asks_for_a_receipt(tmp_path: Path) -> None:
    wanted = dict.fromkeys(("opens", "read_receipts"), "with_consent")
    home = house(tmp_path / "home", consented=True, tracking=wanted)

    assert "/o/" in home.html
    assert home.mail["Disposition-Notification-To"] == "factures@atelier-martin.example"
    home.app.close()
