"""What the invoices of the ledger have come to by law: the facts that the events tell, as debts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from e2e_house import House

from mailbot.jobs import penalties
from mailbot.jobs.demanding import demand
from mailbot.jobs.gathering import claims_of, gather
from mailbot.jobs.office import Office, happened, refresh
from mailbot.law import explain
from mailbot.law.amounts import Owed, Refusal
from mailbot.law.debt import Moved
from mailbot.ledger import clients, invoices
from mailbot.ledger.store import reading
from mailbot.model import InvoiceDocument, Party
from mailbot.settings import Law

NOW = datetime(2026, 6, 22, 9, 0, tzinfo=UTC)
DUE = date(2025, 3, 31)
SIREN = "732829320"


def bill(
    house: House, number: str, amount: str = "7300.00", *, siren: str | None = SIREN, kind: str = "invoice",
    terms: str | None = None,
) -> int:  # fmt: skip
    """An invoice of Dupont's (a company unless `siren` is None) that was due on 31 March 2025."""

    def add(conn: Any) -> int:
        office = house.office
        client = clients.add(conn, office.key, "Dupont" if siren else "Jeanne Petit", "fr", siren=siren)
        document = InvoiceDocument(
            "cii", None, kind, number, date(2025, 3, 1), DUE, "EUR", None, None, Decimal(amount), None,  # type: ignore[arg-type]
            Decimal(amount), buyer=Party(name="Dupont"), penalty_terms=terms,
        )  # fmt: skip
        invoices.add(conn, office.key, client, document, None, None, None, NOW)
        return client

    return house.act(add)


def happens(house: House, name: str, client: int, number: str | None, **data: str) -> None:
    def record(conn: Any) -> None:
        happened(conn, house.office, name, str(sorted(data.items())), NOW, client=client, invoice=number, data=data)
        refresh(conn, house.office, client, NOW)

    house.act(record)


def by_law(house: House, **law: str) -> Office:
    return replace(house.office, business=house.office.business.model_copy(update={"law": Law(**law)}))  # type: ignore[arg-type]


def owes(office: Office, number: str, on: date = date(2025, 4, 30)) -> Owed:
    found = penalties.owed_on(office, number, on)
    assert found is not None
    assert isinstance(found.result, Owed)
    return found.result


def test_a_payment_counts_on_the_day_the_money_moved_not_on_the_day_it_was_recorded(house: House) -> None:
    client = bill(house, "FA-1")
    happens(house, "bank.payment", client, "FA-1", amount="3650.00", paid_on="2025-04-10", line="1")

    found = owes(house.office, "fa-1")

    assert (found.interest, found.principal, found.total) == (
        Decimal("52.60"), Decimal("3650.00"), {"EUR": Decimal("3742.60")},
    )  # fmt: skip


def test_a_payment_that_the_bank_took_back_never_was_one(house: House) -> None:
    client = bill(house, "FA-1")
    happens(house, "bank.payment", client, "FA-1", amount="3650.00", paid_on="2025-04-10", line="1")
    happens(house, "bank.payment", client, "FA-1", amount="100.00", paid_on="2025-04-12", line="2")
    happens(house, "bank.reversal", client, "FA-1", amount="3650.00", line="3")

    assert owes(house.office, "FA-1").debt.payments == (Moved(date(2025, 4, 12), Decimal("100.00")),)


def test_a_discount_that_was_taken_is_owed_no_more_and_comes_back_with_a_reversal(house: House) -> None:
    client = bill(house, "FA-1", "1000.00")
    happens(house, "bank.payment", client, "FA-1", amount="980.00", paid_on="2025-03-20", line="1")
    happens(house, "invoice.written_off", client, "FA-1", amount="20.00", reason="discount", line="1")
    before = owes(house.office, "FA-1")
    happens(house, "bank.reversal", client, "FA-1", amount="980.00", waived="20.00", line="2")

    assert before.total == {"EUR": Decimal("0.00")}
    assert owes(house.office, "FA-1").principal == Decimal("1000.00")


def test_what_the_owner_says_is_paid_is_paid_on_that_day(house: House) -> None:
    client = bill(house, "FA-1", "3650.00")
    happens(house, "owner.paid", client, "FA-1", date="2025-04-20")

    found = owes(house.office, "FA-1")

    assert (found.principal, found.interest) == (Decimal("0.00"), Decimal("26.30"))


@pytest.mark.parametrize("given_up", ["owner.cancelled", "owner.written_off"])
def test_of_what_was_cancelled_or_written_off_nothing_is_owed_and_it_says_why(house: House, given_up: str) -> None:
    client = bill(house, "FA-1")
    happens(house, "bank.payment", client, "FA-1", amount="1000.00", paid_on="2025-04-10", line="1")
    happens(house, given_up, client, "FA-1", reason="made twice")

    found = owes(house.office, "FA-1", date(2026, 6, 30))
    told = explain.lines(found, house.office.tables, "fr")

    assert set(found.total.values()) == {Decimal("0.00")}
    assert any("abandonnée ou annulée" in line and "C. civ. 1350" in line for line in told)
    assert not any("avoir" in line for line in told)
    assert owes(house.office, "FA-1", date(2025, 6, 30)).indemnity == Decimal("40.00")


def test_after_a_formal_notice_letter_and_dossier_demand_just_what_owed_says(house: House) -> None:
    client = bill(house, "FA-1", "5000.00")
    happens(house, "owner.notice", client, "FA-1", sent_on="2025-05-15")
    for line, paid, day in (
        ("1", "1000.00", "2025-05-10"),
        ("2", "1000.00", "2025-07-01"),
        ("3", "500.00", "2025-10-01"),
    ):
        happens(house, "bank.payment", client, "FA-1", amount=paid, paid_on=day, line=line)

    found = owes(house.office, "FA-1", NOW.date())
    with reading(house.office.engine) as conn:
        demanded, _ = demand(conn, house.office, client, ["FA-1"], NOW.date(), NOW, claims=True)
        gathered = gather(conn, house.office, client, None, NOW.date(), "fr")
    claim = claims_of(gathered.billed, gathered.owed)[0]

    assert found.principal > Decimal("2500.00") == gathered.billed[0].open_amount
    assert demanded.whole == found.total
    assert claim.open == found.principal
    assert claim.amount - claim.open + claim.to_interest == Decimal("2500.00")
    assert claim.open + sum(one.amount for one in gathered.charges) == found.total["EUR"]


def test_what_was_paid_in_full_after_the_notice_still_owes_what_went_to_interest(house: House) -> None:
    client = bill(house, "FA-1", "5000.00")
    happens(house, "owner.notice", client, "FA-1", sent_on="2025-05-15")
    happens(house, "bank.payment", client, "FA-1", amount="5000.00", paid_on="2025-07-01", line="1")

    found = owes(house.office, "FA-1", NOW.date())
    with reading(house.office.engine) as conn:
        gathered = gather(conn, house.office, client, None, NOW.date(), "fr")

    assert found.principal > 0
    assert claims_of(gathered.billed, gathered.owed)[0].open == found.principal


def test_a_credit_note_that_nobody_assigned_is_taken_off_as_the_reminders_take_it_off(house: House) -> None:
    bill(house, "FA-1")
    bill(house, "AV-1", "3650.00", kind="credit_note")

    assert owes(house.office, "FA-1").principal == Decimal("3650.00")


def test_who_has_neither_siren_nor_vat_number_counts_as_a_consumer(house: House) -> None:
    bill(house, "FA-2", siren=None)

    assert owes(house.office, "FA-2").total == {"EUR": Decimal("7300.00")}
    assert owes(by_law(house, clients="business"), "FA-2").indemnity == Decimal("40.00")
    assert owes(by_law(house, clients="consumer", contract_rate="6"), "FA-2").interest == Decimal("36.00")


def test_the_agreed_rate_and_the_order_of_payments_are_the_business_s_choice(house: House) -> None:
    client = bill(house, "FA-1")
    happens(house, "bank.payment", client, "FA-1", amount="1000.00", paid_on="2025-04-10", line="1")

    found = owes(by_law(house, contract_rate="minimum", payments="interest_first"), "FA-1")

    assert {one.rate.percent for one in found.segments} == {Decimal("11.13")}
    assert found.settled[0].to_interest == Decimal("22.26")


def test_what_the_invoice_itself_says_counts_where_the_settings_say_nothing(house: House) -> None:
    bill(house, "FA-1", terms="Pénalités de retard : trois fois le taux d'intérêt légal.")

    assert {one.rate.percent for one in owes(house.office, "FA-1").segments} == {Decimal("11.13")}
    assert {one.rate.percent for one in owes(by_law(house, contract_rate="12"), "FA-1").segments} == {Decimal(12)}


def test_a_formal_notice_lets_legal_interest_run_for_a_consumer(house: House) -> None:
    client = bill(house, "FA-2", siren=None)
    happens(house, "owner.notice", client, "FA-2", sent_on="2025-05-31")

    assert owes(house.office, "FA-2", date(2025, 6, 30)).interest == Decimal("22.26")  # 30 days at 3.71 %


@pytest.mark.parametrize(
    ("terms", "law"),
    [("Pénalités : trois fois le taux d'intérêt légal.", {}), (None, {"contract_rate": "minimum"})],
)
def test_the_floor_between_businesses_never_gives_a_consumer_less_than_the_legal_rate(
    house: House, terms: str | None, law: dict[str, str]
) -> None:
    client = bill(house, "FA-2", siren=None, terms=terms)
    happens(house, "owner.notice", client, "FA-2", sent_on="2025-05-31")
    office = by_law(house, **law)

    assert owes(office, "FA-2", date(2025, 5, 31)).interest == 0
    assert owes(office, "FA-2", date(2025, 6, 30)).interest == Decimal("22.26")
    with reading(office.engine) as conn:
        demanded, _ = demand(conn, office, client, ["FA-2"], date(2025, 6, 30), NOW, claims=True)
    assert demanded.basis == "consumer"


@pytest.mark.parametrize("country", ["be", "eu"])
def test_the_french_floor_is_no_rate_in_a_country_without_one(house: House, country: str) -> None:
    bill(house, "FA-1", terms="Pénalités : trois fois le taux d'intérêt légal.")

    without = owes(by_law(house, country=country), "FA-1")

    assert {one.rate.kind for one in without.segments} == {"default"}
    assert owes(by_law(house, country=country, contract_rate="minimum"), "FA-1").total == without.total
    assert owes(by_law(house, country=country, contract_rate="12"), "FA-1").segments[0].rate.percent == 12


@pytest.mark.parametrize(("country", "missing"), [("fr", "fr 2026-H2"), ("be", "be 2026-H2")])
def test_a_day_beyond_the_table_is_refused(house: House, country: str, missing: str) -> None:
    bill(house, "FA-1")

    found = penalties.owed_on(by_law(house, country=country), "FA-1", date(2026, 7, 1))

    assert found is not None
    assert isinstance(found.result, Refusal)
    assert found.result.missing == (missing,)


def test_an_unknown_number_is_none(house: House) -> None:
    assert penalties.owed_on(house.office, "FA-9", date(2025, 4, 30)) is None
