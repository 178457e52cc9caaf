"""Penalties are listed in a mail where its step claims them, and nowhere else; the invoice stays as it is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from e2e_house import House

from mailbot.jobs import lettering
from mailbot.jobs.office import Office
from mailbot.law.tables import Rate
from mailbot.ledger import clients, invoices, outgoing
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import Contact, InvoiceDocument, Party
from mailbot.settings import Law

NOW = datetime(2026, 4, 30, 8, 0, tzinfo=UTC)
DUE = date(2026, 3, 31)
LATE = {"2026-H1": Rate(Decimal("2.15"), "a test")}


def bill(house: House, siren: str | None = "732829320", language: str = "fr") -> int:
    """3 650 euros that were due on 31 March 2026: 1.215 a day."""

    def add(conn: Any) -> int:
        contact = Contact("compta@dupont.example")
        client = clients.add(conn, house.office.key, "Dupont SARL", language, siren=siren, contacts=[contact])
        document = InvoiceDocument(
            "cii", None, "invoice", "FA-1", date(2026, 3, 1), DUE, "EUR", None, None, Decimal(3650), None,
            Decimal(3650), buyer=Party(name="Dupont SARL"),
        )  # fmt: skip
        invoices.add(conn, house.office.key, client, document, None, None, None, NOW)
        return client

    return house.act(add)


def letter(office: Office, house: House, client: int, mail: str, *, claim: bool) -> str:
    """The text of a reminder about FA-1 as it would leave now."""
    row = house.act(lambda conn: planned(conn, office, client, mail, claim=claim))
    context = house.ask(lambda conn: lettering.letter_context(conn, office, row, NOW))
    return office.templates.render(mail, context.language, context.values()).text.replace("\u00a0", " ")


def planned(conn: Any, office: Office, client: int, mail: str, *, claim: bool) -> Outgoing:
    number = outgoing.plan(
        conn, office.key, dedupe_key=f"{mail}|{claim}|{client}", kind="client", what=mail, template=mail,
        recipient="compta@dupont.example", client=client, invoices=("FA-1",), context={"attach": [], "claim": claim},
        message_id=f"<{mail}.{claim}@bot.example>", due_at=NOW, expires_at=NOW, now=NOW,
    )  # fmt: skip
    row = outgoing.get(conn, office.key, number or 0)
    assert row is not None
    return row


def with_rates(house: House) -> Office:
    return replace(house.office, tables=replace(house.office.tables, reference=LATE))


@pytest.mark.parametrize("mail", ["formal_notice", "reminder_2"])
def test_a_mail_that_claims_penalties_lists_them_beside_the_invoice(house: House, mail: str) -> None:
    text = " ".join(letter(with_rates(house), house, bill(house), mail, claim=True).split())

    rate = " (du 1er avril 2026 au 30 avril 2026 : 30 jours à 12,15 % sur 3 650,00 €)"
    rate = rate if mail == "formal_notice" else ", au taux annuel de 12,15 %"
    assert f"FA-1 : 36,45 € d'intérêts{rate} ; 40,00 € d'indemnité" in text
    assert "Soit 76,45 € en plus du montant ci-dessus" in text
    assert "C. com. L441-10 II et D441-5" in text
    assert "3 650,00 €" in text


@pytest.mark.parametrize("language", ["en", "de", "es", "it", "nl"])
def test_each_language_has_its_words_for_it(house: House, language: str) -> None:
    claimed = letter(with_rates(house), house, bill(house, language=language), "formal_notice", claim=True)
    waived = letter(with_rates(house), house, bill(house, language=language), "formal_notice", claim=False)

    assert ("76.45" in claimed or "76,45" in claimed, "L441-10" in claimed) == (True, True)
    assert ("36.45" in waived or "36,45" in waived, "L441-10" in waived) == (False, True)
    assert "1344-1" not in claimed + waived


def test_penalties_are_waived_where_the_step_does_not_claim_them(house: House) -> None:
    assert "76,45" not in letter(with_rates(house), house, bill(house), "formal_notice", claim=False)


def test_a_consumer_is_asked_for_nothing_more(house: House) -> None:
    text = letter(with_rates(house), house, bill(house, siren=None), "formal_notice", claim=True)
    text = " ".join(text.split())

    assert "40,00" not in text
    assert "d'intérêts" not in text
    assert "L441-10" not in text
    assert "fait courir l'intérêt de retard au taux légal (C. civ. 1231-6 et 1344-1)" in text


def test_where_the_rate_is_not_known_the_mail_claims_nothing_rather_than_a_guess(house: House) -> None:
    unknown = replace(house.office, tables=replace(house.office.tables, reference={}))

    assert "d'intérêts" not in letter(unknown, house, bill(house), "formal_notice", claim=True)


def test_belgian_law_is_cited_where_it_applies(house: House) -> None:
    office = with_rates(house)
    office = replace(office, business=office.business.model_copy(update={"law": Law(country="be")}))

    text = " ".join(letter(office, house, bill(house), "formal_notice", claim=True).split())

    assert "loi du 2 août 2002, art. 5" in text
    assert "30 jours à 10,5 %" in text


def test_the_shipped_formal_notice_claims_and_the_milder_steps_do_not(house: House) -> None:
    claiming = [step.id for step in house.office.rules.steps if step.claims_penalties]

    assert claiming == ["formal_notice"]
