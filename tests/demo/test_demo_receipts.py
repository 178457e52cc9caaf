"""The receipt of the demo's reader is read as what it is, and belongs to the mail that asked for it."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailbot.demo.receipts import read_receipt
from mailbot.inbox.read import read_raw
from mailbot.model import Kind


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_receipt_names_the_mail_that_asked_for_it(language: str) -> None:
    mail = EmailMessage(SMTP)
    mail["From"] = "factures@atelier-martin.example"
    mail["To"] = "paul@lemaire-fils.example"
    mail["Subject"] = "Facture FA-2026-0413 – échéance"
    mail["Message-ID"] = "<k1@atelier-martin.example>"
    mail["Disposition-Notification-To"] = "factures@atelier-martin.example"
    mail.set_content("Bonjour")
    reader = Address("Paul Lemaire", addr_spec="paul@lemaire-fils.example")

    raw = read_receipt(reader, mail.as_bytes(), language, datetime(2026, 3, 26, 11, tzinfo=UTC))

    _, found = read_raw(raw)
    assert found.kind is Kind.READ_RECEIPT
    assert found.report is not None
    assert (found.report.type, found.report.action) == ("mdn", "displayed")
    assert found.report.original_message_id == "<k1@atelier-martin.example>"
