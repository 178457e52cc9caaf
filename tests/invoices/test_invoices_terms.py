"""Terms of payment, discounts and dates in six languages, and the totals of any invoice whose sums agree."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.invoices.dates import dates_in, slash_order
from mailbot.invoices.figures import number_in
from mailbot.invoices.pdftext import read_text
from mailbot.invoices.terms import discount_in, due_dates, late_terms
from mailbot.model import InvoiceDocument

ISSUED = date(2026, 10, 12)
MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("Payment due within thirty days", 30),
        ("payable within thirty (30) days of invoice", 30),
        ("within 30 (thirty) calendar days", 30),
        ("net thirty", 30),
        ("paiement sous quarante-cinq jours", 45),
        ("zahlbar innerhalb von vierzehn Tagen", 14),
        ("pago en sesenta días", 60),
        ("pagamento entro trenta giorni", 30),
        ("te betalen binnen veertien dagen", 14),
        ("binnen 14 dagen over te maken", 14),
        ("innerhalb von 30 Kalendertagen", 30),
    ],
)
def test_days_in_words_are_days(words: str, days: int) -> None:
    assert due_dates(words, date(2026, 9, 10)) == (date(2026, 9, 10) + timedelta(days),)


def test_the_date_of_the_invoice_beside_its_terms_is_not_the_due_date() -> None:
    issued = date(2026, 9, 10)

    assert due_dates("Facture F-99 du 10/09/2026. Paiement à 30 jours.", issued) == (date(2026, 10, 10),)
    assert due_dates("Facture F-99 du 10/09/2026 payable à 45 jours fin de mois", issued)[0] == date(2026, 10, 31)
    assert due_dates("Facture du 10/09/2026 payable le 12/10/2026 (30 jours)", issued) == (date(2026, 10, 12),)


@pytest.mark.parametrize("words", ["Réclamations sous huit jours", "acht Reklamationen", "klachten binnen acht dagen"])
def test_other_terms_in_words_give_no_due_date(words: str) -> None:
    assert due_dates(words, date(2026, 9, 10)) == ()


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        ("30 jours", ["2026-11-11"]),
        ("Paiement à réception de facture", ["2026-10-12"]),
        ("30 jours fin de mois", ["2026-11-30"]),
        ("45 jours fin de mois", ["2026-11-30", "2026-12-15"]),
        ("45 jours fin de mois le 10", ["2026-12-10", "2026-12-15"]),
        ("Virement 45 J. fin de mois", ["2026-11-30", "2026-12-15"]),
        ("à 30 jours le 15", ["2026-11-15", "2026-12-15"]),
        ("30 jours nets le 10 du mois suivant", ["2026-12-10"]),
        ("30 j le 31 par virement", ["2026-11-30", "2026-12-31"]),
        ("30 jours le 11.", ["2026-11-11", "2026-12-11"]),
        ("30 jours le 45", ["2026-11-11"]),
        ("30 jours le 15 octobre", ["2026-11-11"]),
        ("net 30", ["2026-11-11"]),
        ("2/10 net 30", ["2026-11-11"]),
        ("45 days end of month", ["2026-11-30", "2026-12-15"]),
        ("Zahlbar innerhalb von 14 Tagen ohne Abzug", ["2026-10-26"]),
        ("14 Tage 2 % Skonto, 30 Tage netto", ["2026-11-11"]),
        ("Zahlbar sofort", ["2026-10-12"]),
        ("RiBa 30 gg d.f.f.m.", ["2026-11-30"]),
        ("Bonifico 60 gg data fattura fine mese", ["2026-12-31"]),
        ("Pago a 30 días fecha factura", ["2026-11-11"]),
        ("Betaling binnen 14 dagen", ["2026-10-26"]),
        ("Escompte 2 % sous 8 jours", []),
        ("Pénalités de retard : 10 % après 30 jours", []),
    ],
)
def test_terms_in_words_give_the_days_that_they_may_mean(terms: str, days: list[str]) -> None:
    assert [day.isoformat() for day in due_dates(terms, ISSUED)] == days


@pytest.mark.parametrize(
    ("terms", "percent", "until"),
    [
        ("14 Tage 2 % Skonto, 30 Tage netto", "2", "2026-10-26"),
        ("Bei Zahlung bis 19.10.2026 abzüglich 2,5 % Skonto", "2.5", "2026-10-19"),
        ("Escompte de 1 % pour paiement sous 8 jours", "1", "2026-10-20"),
        ("2% 10, net 30", "2", "2026-10-22"),
        ("3% discount if paid within 7 days", "3", "2026-10-19"),
    ],
)
def test_a_discount_for_paying_early_is_read(terms: str, percent: str, until: str) -> None:
    found = discount_in(terms, ISSUED)

    assert found is not None
    assert (found.percent, found.until) == (Decimal(percent), date.fromisoformat(until))


@pytest.mark.parametrize(
    "terms", ["Pas d'escompte pour paiement anticipé", "kein Skonto", "Escompte : néant", "30 jours"]
)
def test_no_discount_is_made_up(terms: str) -> None:
    assert discount_in(terms, ISSUED) is None


def test_sixty_days_and_forty_five_days_end_of_month_are_the_longest_terms_of_french_law() -> None:
    assert not late_terms(ISSUED, ISSUED + timedelta(60))
    assert not late_terms(ISSUED, date(2026, 12, 15))
    assert late_terms(ISSUED, date(2026, 12, 16))


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.sampled_from(sorted(MONTHS)))
def test_a_date_written_in_words_is_that_date(day: date, language: str) -> None:
    month = MONTHS[language].split()[day.month - 1]
    between = " de " if language == "es" else " "

    assert [readings for _, readings in dates_in(f"le {day.day}{between}{month}{between}{day.year}")] == [(day,)]


@given(
    st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"])
)
def test_a_date_in_digits_is_that_date(day: date, form: str) -> None:
    assert [readings for _, readings in dates_in(day.strftime(form))] == [(day,)]


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_over_twelve_proves_the_order_of_day_and_month(day: date) -> None:
    expected = "day" if day.day > 12 else "either"

    assert slash_order(f"on {day:%d/%m/%Y}") == expected


@given(st.integers(0, 10**9), st.sampled_from([(" ", ","), (".", ","), (",", "."), ("'", "."), ("", ","), ("", ".")]))
def test_an_amount_is_read_however_thousands_and_cents_are_set_apart(cents: int, marks: tuple[str, str]) -> None:
    thousands, decimal = marks
    whole = f"{cents // 100:,}".replace(",", thousands)
    mark = "," if decimal == "," else "."

    assert number_in(f"{whole.replace(' ', '')}{decimal}{cents % 100:02}", mark) == Decimal(cents).scaleb(-2)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    st.sampled_from(["20", "10", "5.5", "19", "7", "21"]),
    st.sampled_from(
        [
            ("Facture n° F-1", "Total HT", "TVA", "Total TTC"),
            ("Rechnung Nr. R-1", "Nettobetrag", "MwSt", "Gesamtbetrag"),
            ("Invoice no. I-1", "Subtotal", "VAT", "Total"),
            ("Factura nº F-1", "Base imponible", "IVA", "Total factura"),
            ("Fattura n. F-1", "Imponibile", "IVA", "Totale fattura"),
            ("Factuurnummer F-1", "Totaal excl. btw", "BTW", "Totaal incl. btw"),
        ]
    ),
)
def test_totals_that_agree_are_read_without_a_doubt(lines: list[int], rate: str, words: tuple[str, ...]) -> None:
    net = Decimal(sum(lines)).scaleb(-2)
    tax = (net * Decimal(rate) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    title, net_label, tax_label, gross_label = words

    def euros(amount: Decimal) -> str:
        return f"{amount:,.2f} €".replace(",", " ").replace(".", ",")

    items = [f"Article {number}          {euros(Decimal(cents).scaleb(-2))}" for number, cents in enumerate(lines)]
    found = read_text(
        "\n".join([title, "", *items, "", f"{net_label}   {euros(net)}", f"{tax_label} {rate} %   {euros(tax)}",
                   f"{gross_label}   {euros(net + tax)}"])
    )  # fmt: skip

    assert isinstance(found, InvoiceDocument)
    wrong = found.total_gross != net + tax
    assert not wrong or "total_gross" in {doubt.field for doubt in found.doubts}


@settings(deadline=None)
@given(st.integers(100, 10**7), st.integers(1, 10**6))
def test_totals_that_do_not_agree_are_doubted(net: int, error: int) -> None:
    tax = net // 5
    sums = (f"{cents / 100:.2f} €" for cents in (net, tax, net + tax + error))
    text = "Facture n° F-1\n\nTotal HT   {}\nTVA 20 %   {}\nTotal TTC   {}".format(*sums)

    found = read_text(text)

    assert isinstance(found, InvoiceDocument)
    assert "total_gross" in {doubt.field for doubt in found.doubts} or found.total_gross == Decimal(net + tax).scaleb(
        -2
    )
