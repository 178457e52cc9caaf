"""What happened at court is recorded once, for the invoice or for all of the client's, and moves the clocks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from e2e_house import House

from mailbot.jobs.legal_steps import Recorded, record_step
from mailbot.jobs.ordering import obey_typed
from mailbot.law.insolvency import opening
from mailbot.law.steps import happened, recorded
from mailbot.ledger import clients, events, invoices
from mailbot.model import InvoiceDocument
from mailbot.rules.balance import seen

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 2)


def bill(house: House) -> int:
    def add(conn: Any) -> int:
        client = clients.add(conn, house.office.key, "Dupont SARL", "fr", siren="732829320")
        for number in ("FA-1", "FA-2"):
            document = InvoiceDocument(
                "cii", None, "invoice", number, date(2026, 3, 1), date(2026, 3, 31), "EUR", None, None, Decimal(100),
                None, Decimal(100),
            )  # fmt: skip
            invoices.add(conn, house.office.key, client, document, None, None, None, NOW)
        return client

    return house.act(add)


def test_a_step_is_recorded_once_for_its_invoice(house: House) -> None:
    client = bill(house)

    first = record_step(house.office, "fa-1", "lawsuit", DAY, NOW)
    again = record_step(house.office, "FA-1", "lawsuit", DAY, NOW)

    known = house.ask(lambda conn: events.of_client(conn, house.office.key, client))
    assert (first, again) == (Recorded("FA-1", True), Recorded("FA-1", False))
    assert [(one.day, one.kind) for one in happened(known, "FA-1")] == [(DAY, "lawsuit")]
    assert happened(known, "FA-2") == ()


def test_an_insolvency_concerns_all_invoices_of_the_client(house: House) -> None:
    client = bill(house)

    record_step(house.office, "FA-1", "bodacc", DAY, NOW)

    known = house.ask(lambda conn: events.of_client(conn, house.office.key, client))
    assert recorded(known, "FA-2", "bodacc") == DAY


def test_a_publication_tells_of_the_insolvency_too_so_that_reminders_stop(house: House) -> None:
    client = bill(house)

    for _ in range(2):
        record_step(house.office, "FA-1", "bodacc", DAY, NOW)

    known = house.ask(lambda conn: events.of_client(conn, house.office.key, client))
    assert [(one.name, one.invoice) for one in known if one.name.startswith("reply.")] == [("reply.insolvency", None)]


def test_the_last_day_that_was_recorded_counts(house: House) -> None:
    client = bill(house)

    for minute, day in enumerate((DAY, date(2026, 11, 12), DAY)):
        assert record_step(house.office, "FA-1", "bodacc", day, NOW + timedelta(minutes=minute)) == Recorded(
            "FA-1", True
        )

    known = house.ask(lambda conn: events.of_client(conn, house.office.key, client))
    assert recorded(known, "FA-1", "bodacc") == DAY


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("bodacc Dupont 02/11/2026", "au plus tard le 02/01/2027"),
        ("créance déclarée Dupont le 18 novembre", "créance déclarée le 18/11/2026"),
        ("injonction de payer FA-1 rendue le 12/11", "FA-1 : injonction de payer rendue le 12/11/2026"),
        ("injonction de payer FA-1 signifiée hier", "FA-1 : injonction de payer signifiée le 19/11/2026"),
        ("jugement d'ouverture Dupont 28/10/2026", "ouverte par jugement du 28/10/2026"),
        ("redressement judiciaire de Dupont ouvert le 28/10/2026", "ouverte par jugement du 28/10/2026"),
        ("procédure collective Dupont", "Dupont SARL : procédure collective notée"),
    ],
)
def test_an_order_records_a_step_in_words(house: House, order: str, said: str) -> None:
    bill(house)

    [done], _ = obey_typed(house.office, order, NOW)

    assert done.done, done.result
    assert said in done.result


@pytest.mark.parametrize(
    "order",
    [
        "injonction de payer Dupont 12/11",
        "bodacc Durand 12/11",
        "bodacc Dupont 21/11/2026",
        "bodacc Dupont 12/11/2062",
        "assignation FA-1 le 28/02/2026",
        "assignation FA-1 le 12/11/1926",
        "jugement d'ouverture Dupont 28/02/2026",
        "mise en demeure FA-1 envoyée le 28/02/2026",
        "mise en demeure FA-1 envoyée le 12/12/2026",
    ],
)
def test_an_order_that_is_not_clear_records_nothing(house: House, order: str) -> None:
    bill(house)
    before = house.dump()

    [done], _ = obey_typed(house.office, order, NOW)

    assert not done.done
    assert house.dump() == before


def test_an_unknown_invoice_is_none_and_changes_nothing(house: House) -> None:
    bill(house)
    before = house.dump()

    assert record_step(house.office, "FA-9", "lawsuit", DAY, NOW) is None
    assert house.dump() == before


@pytest.mark.parametrize(("step", "day"), [("fax", DAY), ("lawsuit", date(2026, 11, 21))])
def test_another_word_or_a_day_to_come_is_refused(house: House, step: str, day: date) -> None:
    bill(house)

    with pytest.raises(ValueError, match=r"no legal step|à venir"):
        record_step(house.office, "FA-1", step, day, NOW)


def test_a_day_before_the_invoice_is_refused_with_a_sentence(house: House) -> None:
    bill(house)

    with pytest.raises(ValueError, match=r"antérieur à la facture FA-1, émise le 1er.mars 2026"):
        record_step(house.office, "FA-1", "lawsuit", date(2026, 2, 28), NOW)
    with pytest.raises(ValueError, match=r"antérieur à toutes les factures de Dupont SARL"):
        record_step(house.office, "FA-1", "bodacc", date(2026, 2, 28), NOW)


@pytest.mark.parametrize("undo", ["annule FA-1", "annule Dupont"])
def test_a_step_is_taken_back_and_the_one_before_it_counts_again(house: House, undo: str) -> None:
    client = bill(house)
    obey_typed(house.office, "assignation FA-1 le 02/11/2026", NOW)
    obey_typed(house.office, "assignation FA-1 le 12/11/2026", NOW + timedelta(minutes=1))

    [done], _ = obey_typed(house.office, undo, NOW + timedelta(minutes=2))

    known = seen(house.ask(lambda conn: events.of_client(conn, house.office.key, client)), date.max)
    assert done.done, done.result
    assert "étape juridique" in done.result
    assert [(one.day, one.kind) for one in happened(known, "FA-1")] == [(DAY, "lawsuit")]


def test_an_insolvency_of_the_wrong_client_is_taken_back_whole(house: House) -> None:
    client = bill(house)
    obey_typed(house.office, "bodacc Dupont 02/11/2026", NOW)

    [done], _ = obey_typed(house.office, "annule Dupont", NOW + timedelta(minutes=1))

    known = seen(house.ask(lambda conn: events.of_client(conn, house.office.key, client)), date.max)
    assert done.done, done.result
    assert opening(known) is None
    assert [one.name for one in known if one.name in ("reply.insolvency", "legal.recorded")] == []
