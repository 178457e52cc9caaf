"""An order that can mean several things is asked about with a list, from which the owner chooses by number or data."""

from decimal import Decimal
from functools import partial

import pytest
from e2e_house import DUPONT, LEMAIRE, House, forwarded
from e2e_scene import MONDAY, at
from jobs_story import asked, typed
from sqlalchemy import Connection
from test_jobs_orders_by_mail import begin, order, owner_events

from mailbot.ledger import clients, invoices
from mailbot.model import Contact, InvoiceDocument, Party


@pytest.fixture
def twins(house: House) -> House:
    """Two clients called Dupont: the one that owes, and another with a SIREN and an address of its own."""
    begin(house)
    house.act(
        lambda conn: clients.add(
            conn, house.office.key, house.rows("client", id=house.client(DUPONT.name))[0]["name"], "fr",
            siren="732829320", contacts=(Contact("compta@dupont-lyon.example"),),
        )
    )  # fmt: skip
    return house


def paused(house: House) -> list[int]:
    return [row["client"] for row in house.rows("event") if row["name"] == "owner.paused"]


def first_and_second(house: House) -> list[int]:
    name = house.rows("client", id=house.client(DUPONT.name))[0]["name"]
    return [row["id"] for row in house.rows("client") if row["name"] == name]


def test_two_clients_of_one_name_are_told_apart_and_the_number_chooses(twins: House) -> None:
    said = order(twins, at(MONDAY, 8), "pause Dupont 10j")

    assert paused(twins) == []
    assert "732829320" in said
    assert "compta@dupont-lyon.example" in said
    assert "FA-2026-0002" in said

    [question] = asked(twins, "which")
    order(twins, at(MONDAY, 8, 5), f"{question['number']} 2")
    assert paused(twins) == [first_and_second(twins)[1]]

    order(twins, at(MONDAY, 8, 10), f"{question['number']} 1")
    assert paused(twins) == [first_and_second(twins)[1]]


def test_a_number_alone_in_answer_to_the_list_chooses(twins: House) -> None:
    order(twins, at(MONDAY, 8), "pause Dupont 10j")
    order(twins, at(MONDAY, 8, 5), "1")

    assert paused(twins) == [first_and_second(twins)[0]]


@pytest.mark.parametrize("data", ["732 829 320", "compta@dupont-lyon.example"])
def test_what_is_known_of_one_of_them_chooses_as_well(twins: House, data: str) -> None:
    order(twins, at(MONDAY, 8), "pause Dupont 10j")
    [question] = asked(twins, "which")

    order(twins, at(MONDAY, 8, 5), f"{question['number']} {data}")

    assert paused(twins) == [first_and_second(twins)[1]]


@pytest.mark.parametrize("named", ["Dupont 732829320", "compta@dupont-lyon.example", "Dupont SIREN 732 829 320"])
def test_an_order_that_names_such_data_is_clear_at_once(twins: House, named: str) -> None:
    order(twins, at(MONDAY, 8), f"pause {named}")

    assert paused(twins) == [first_and_second(twins)[1]]


def test_a_no_to_the_list_drops_the_order(twins: House) -> None:
    order(twins, at(MONDAY, 8), "pause Dupont 10j")
    [question] = asked(twins, "which")

    order(twins, at(MONDAY, 8, 5), f"non {question['number']}")

    assert paused(twins) == []
    assert [one["state"] for one in asked(twins, "which")] == ["answered"]


def test_a_sum_told_of_a_client_with_two_invoices_is_put_to_the_owner(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 7, 50), forwarded("FA-2026-0003", LEMAIRE, at(MONDAY, 7, 50)))

    said = order(house, at(MONDAY, 8), "Lemaire a payé 600")
    assert owner_events(house) == []
    assert "FA-2026-0001" in said
    assert "FA-2026-0003" in said

    order(house, at(MONDAY, 8, 5), "2")
    paid = [row for row in house.rows("event") if row["name"] == "owner.paid"]
    assert [(row["invoice"], row["data"]["amount"]) for row in paid] == [("FA-2026-0003", "600.00")]


def test_a_payment_in_full_told_of_a_client_with_two_invoices_is_put_to_the_owner(house: House) -> None:
    begin(house)
    house.turn(at(MONDAY, 7, 50), forwarded("FA-2026-0003", LEMAIRE, at(MONDAY, 7, 50)))

    order(house, at(MONDAY, 8), "Lemaire paid")

    assert owner_events(house) == []
    assert [len(one["about"]["choices"]) for one in asked(house, "which")] == [2]


def test_a_sum_told_of_a_client_with_one_invoice_is_noted(house: House) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), "Lemaire paid 600")

    assert [row["open_amount"] for row in house.rows("invoice", number="FA-2026-0001")] == [Decimal(600)]
    assert "600,00" in said


@pytest.mark.parametrize(
    "line", ["payé FA-2026-0001 demain", "payé Lemaire vendredi prochain", "paid Lemaire tomorrow"]
)
def test_what_is_to_be_paid_is_not_noted_as_paid(house: House, line: str) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), line)

    assert owner_events(house) == []
    assert "« promesse" in said


@pytest.mark.parametrize("line", ["avoir FA-2026-0001 200", "credit FA-2026-0001 200", "avoir de 200 sur FA-2026-0001",
                                  "avoir partiel FA-2026-0001", "avoir FA-2026-0001 remise de 10 %"])  # fmt: skip
def test_a_credit_in_part_cancels_nothing_and_is_not_offered_to(house: House, line: str) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), line)

    assert owner_events(house) == []
    assert asked(house, "confirm") == []
    assert "Transférez-moi l'avoir" in said


@pytest.mark.parametrize("line", ["avoir FA-2026-0001 1200", "annule la facture FA-2026-0001", "avoir FA-2026-0001"])
def test_a_credit_of_all_that_is_open_is_confirmed_as_before(house: House, line: str) -> None:
    begin(house)

    order(house, at(MONDAY, 8), line)

    assert len(asked(house, "confirm")) == 1


def test_a_part_cannot_be_written_off_by_word(house: House) -> None:
    begin(house)

    said = order(house, at(MONDAY, 8), "abandonne FA-2026-0001 200")

    assert owner_events(house) == []
    assert asked(house, "confirm") == []
    assert "solde entier" in said


def test_an_answer_to_a_list_that_is_too_old_does_nothing(twins: House) -> None:
    order(twins, at(MONDAY, 8), "pause Dupont 10j")
    [question] = asked(twins, "which")

    typed(twins, f"{question['number']} 1", at(MONDAY.replace(day=MONDAY.day + 5), 8))

    assert paused(twins) == []


def test_two_clients_of_one_name_are_told_apart_by_their_towns(twins: House) -> None:
    first, second = first_and_second(twins)
    for client, town, number in ((first, "Lyon", "FA-2026-0003"), (second, "Brest", "FA-2026-0004")):
        document = InvoiceDocument(
            source="facturx", profile=None, kind="invoice", number=number, issue_date=MONDAY, due_date=MONDAY,
            currency="EUR", total_net=None, total_tax=None, total_gross=Decimal(10), prepaid=None,
            amount_due=Decimal(10), buyer=Party(name="Dupont", town=town),
        )  # fmt: skip
        twins.act(partial(enter, twins, client, document))

    said = order(twins, at(MONDAY, 8), "pause Dupont 10j")
    assert "Lyon" in said
    assert "Brest" in said
    assert paused(twins) == []

    typed(twins, "pause Dupont Brest 10j", at(MONDAY, 9))
    typed(twins, "pause Dupont à Lyon 10j", at(MONDAY, 10))
    assert paused(twins) == [second, first]


def enter(house: House, client: int, document: InvoiceDocument, conn: Connection) -> None:
    invoices.add(conn, house.office.key, client, document, None, None, None, at(MONDAY, 7))
