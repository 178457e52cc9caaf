"""What runs out is told before it does, in both languages; what does not run out is not told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from lawtables import TABLES

from mailbot.law.clocks import Happened
from mailbot.law.deadlines import Claim, Deadline, alerts
from mailbot.law.debt import Debtor
from mailbot.law.explain import sentences
from mailbot.law.tables import Rate, Tables

OLD = Claim("FA-1", "Dupont", "business", date(2021, 5, 1), date(2021, 5, 31))
FRESH = Claim("FA-2", "Petit", "business", date(2026, 5, 20), date(2026, 6, 19))


def told(claim: Claim, today: date, tables: Tables = TABLES) -> list[tuple[str, date]]:
    return [(one.code, one.day) for one in alerts([claim], today, tables, lambda _: False)]


def test_a_claim_is_told_before_it_is_barred_and_for_a_month_after() -> None:
    barred = date(2026, 5, 1)

    assert told(OLD, barred - timedelta(days=121)) == []
    assert told(OLD, barred - timedelta(days=120)) == [("limitation", barred)]
    assert told(OLD, barred) == [("limitation", barred)]
    assert told(OLD, barred + timedelta(days=1)) == [("barred", barred)]
    assert told(OLD, barred + timedelta(days=31)) == []


def test_a_service_that_was_completed_before_its_invoice_is_counted_from_its_completion() -> None:
    early = replace(OLD, delivered=date(2021, 3, 10))

    [found] = alerts([early], date(2026, 2, 1), TABLES, lambda _: False)

    assert (found.code, found.day) == ("limitation", date(2026, 3, 10))
    assert "10 mars 2021, jour de la livraison ou de la fin de la prestation" in found.sentence("fr")
    assert "10 March 2021, the day of delivery or completion that the invoice states" in found.sentence("en")


@pytest.mark.parametrize("debtor", ["business", "consumer"])
def test_a_delivery_on_the_day_of_the_invoice_leaves_nothing_to_warn_of(debtor: Debtor) -> None:
    told_of = alerts([replace(OLD, debtor=debtor, delivered=OLD.issued)], date(2026, 5, 1), TABLES, lambda _: False)
    unknown = alerts([replace(OLD, debtor=debtor)], date(2026, 5, 1), TABLES, lambda _: False)

    assert [one.day for one in told_of] == [one.day for one in unknown]
    assert not any("may be earlier" in one.sentence("en") for one in told_of)
    assert all("may be earlier" in one.sentence("en") for one in unknown)


def test_a_delivery_after_the_invoice_is_named_and_moves_nothing() -> None:
    billed_before = replace(OLD, delivered=date(2021, 7, 1))
    due_before = replace(billed_before, issued=date(2021, 6, 20))

    [issued] = alerts([billed_before], date(2026, 4, 1), TABLES, lambda _: False)
    [due] = alerts([due_before], date(2026, 5, 1), TABLES, lambda _: False)

    assert (issued.day, due.day) == (date(2026, 5, 1), date(2026, 5, 31))
    assert "the day of its issue, although it states a delivery or completion on 1 July 2021" in issued.sentence("en")
    assert "jour de l'échéance, bien que la facture indique une livraison" in due.sentence("fr")


def test_a_written_promise_starts_the_limitation_anew() -> None:
    promised = replace(OLD, happened=(Happened(date(2024, 3, 1), "written_promise"),))

    assert told(promised, date(2026, 4, 30)) == []


def test_a_payment_order_is_to_be_served_until_it_was() -> None:
    ordered = replace(FRESH, happened=(Happened(date(2026, 9, 15), "payment_order"),))
    served = replace(ordered, happened=(*ordered.happened, Happened(date(2026, 10, 1), "payment_order_served")))
    known = replace_rates("2026-H2", "2027-H1")

    assert told(ordered, date(2026, 11, 2), known) == [("service", date(2026, 12, 15))]
    assert told(served, date(2026, 11, 2), known) == []


def test_an_insolvency_is_told_until_the_claim_is_filed() -> None:
    heard = replace(FRESH, due=date(2026, 6, 25), insolvency=date(2026, 6, 10))
    published = replace(heard, published=date(2026, 6, 1))
    filed = replace(published, happened=(Happened(date(2026, 6, 12), "claim_filed"),))

    assert told(heard, date(2026, 6, 15)) == [("claim_unknown", date(2026, 8, 10))]
    assert told(published, date(2026, 6, 15)) == [("claim", date(2026, 8, 1))]
    assert told(filed, date(2026, 6, 15)) == []


def test_a_promise_is_told_on_its_eve() -> None:
    promised = replace(FRESH, promised=date(2026, 6, 24))

    assert told(promised, date(2026, 6, 22)) == []
    assert told(promised, date(2026, 6, 23)) == [("promise", date(2026, 6, 24))]


def test_what_is_missing_is_told_with_the_lines_to_add_and_their_headings() -> None:
    late = replace(FRESH, due=date(2026, 6, 2))
    only_reference = replace(replace_rates("2026-H2"), legal=TABLES.legal)

    [missing] = alerts([late], date(2026, 7, 2), TABLES, lambda _: False)
    [legal] = alerts([late], date(2026, 7, 2), only_reference, lambda _: False)

    assert missing.sentence("en").endswith(
        'reference: 2026-H2: {rate: "…", source: "…"} ; legal: 2026-H2: {rate: "…", source: "…"}'
    )
    assert legal.sentence("fr").endswith('la ligne : legal: 2026-H2: {rate: "…", source: "…"}')


def test_many_late_invoices_tell_of_a_missing_rate_once() -> None:
    late = [replace(FRESH, number=f"FA-{at}", due=date(2026, 6, 2)) for at in range(5)]

    assert [one.code for one in alerts(late, date(2026, 7, 2), TABLES, lambda _: False)] == ["rate_missing"]


def test_a_rate_that_is_missing_is_told_when_somebody_is_late_for_long() -> None:
    late = replace(FRESH, due=date(2026, 6, 2))

    assert told(late, date(2026, 6, 22)) == [("rate_change", date(2026, 7, 1))]
    assert told(late, date(2026, 7, 2)) == [("rate_missing", date(2026, 7, 2))]
    assert told(late, date(2026, 7, 2), replace_rates("2026-H2")) == []
    assert told(replace(late, debtor="consumer"), date(2026, 7, 2)) == []


@pytest.mark.parametrize(("debtor", "years", "cited"), [("business", 5, "18-25.036"), ("consumer", 2, "20-12.520")])
def test_a_limitation_says_from_which_day_it_was_counted_and_that_a_service_may_end_it_earlier(
    debtor: Debtor, years: int, cited: str
) -> None:
    billed = replace(FRESH, debtor=debtor, issued=date(2020, 3, 2), due=date(2020, 4, 1))
    last = date(2020 + years, 3, 2)

    near = alerts([billed], last - timedelta(days=3), TABLES, lambda _: False)[0].sentence("fr")
    over = alerts([billed], last + timedelta(days=3), TABLES, lambda _: False)[0].sentence("fr")

    for said in (near, over):
        assert "FA-1 peut être prescrite" in said.replace(billed.number, "FA-1")
        assert "compté du 2 mars 2020, jour de l'émission" in said
        assert cited in said


@pytest.mark.parametrize("code", sorted(name for name in sentences() if name.startswith("clock_")))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_clock_is_told_with_its_article_in_both_languages(code: str, language: str) -> None:
    values = {
        "number": "FA-1", "article": "C. com. L110-4", "ordered": "2026-09-15", "began": "2026-06-01",
        "half": "2026-H2", "doubtful": "2026-02-03", "lines": "reference: x", "counted": "issued_business",
    }  # fmt: skip
    name = "limitation" if code == "clock_doubtful" else code.removeprefix("clock_")
    deadline = Deadline(name, date(2026, 12, 15), 3, "FA-1", "Dupont", values)  # type: ignore[arg-type]

    written = deadline.sentence(language)

    assert "C. " in written
    assert "{" not in written


def test_the_judgment_is_counted_from_until_its_publication_is_known() -> None:
    opened = replace(FRESH, due=date(2026, 6, 25), insolvency=date(2026, 6, 10), opened=date(2026, 5, 28))

    [told_now] = alerts([opened], date(2026, 6, 15), TABLES, lambda _: False)

    assert (told_now.code, told_now.day) == ("claim_opened", date(2026, 7, 28))
    assert "28 mai 2026" in told_now.sentence("fr")


def test_a_publication_that_is_not_known_is_urgent_at_once() -> None:
    heard = replace(FRESH, due=date(2026, 6, 25), insolvency=date(2026, 6, 10))

    [told_now] = alerts([heard], date(2026, 6, 11), TABLES, lambda _: False)

    assert told_now.left > 14
    assert told_now.urgent


def test_a_promise_that_does_not_count_is_told_with_the_reason() -> None:
    doubted = replace(OLD, doubtful=(date(2024, 3, 1),))

    [told_now] = alerts([doubted], date(2026, 4, 30), TABLES, lambda _: False)

    assert told_now.day == date(2026, 5, 1)
    assert told_now.sentence("fr").endswith(
        "La promesse du 1er mars 2024 ne fait pas repartir ce délai : elle n'est ni certaine ni confirmée par vous "
        "(C. civ. 2240)."
    )


def replace_rates(*halves: str) -> Tables:
    more = {half: Rate(TABLES.reference["2026-H1"].percent, "a test") for half in halves}
    return replace(TABLES, reference={**TABLES.reference, **more}, legal={**TABLES.legal, **more})
