"""A client who names no number means all that our mail lists, unless the words are about one invoice."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox.extents import means_one, shares
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.read import read_letter
from mailbot.inbox.threads import Known, thread_of

ALL = {
    "fr": [
        "Nous contestons ces factures.", "Nous réglons les deux factures le 16 mars.", "Tout sera payé le 16 mars.",
        "Nous réglons le tout le 16 mars.", "Nous avons réglé les deux hier.", "Nous paierons vos factures lundi.",
        "C'est déjà payé.", "Je paie le 16 mars", "Toutes les factures sont réglées.", "Nous payons tout vendredi.",
        "La facture et la précédente : nous réglons les deux factures lundi.", "Le virement part demain.",
    ],
    "en": [
        "We will pay both invoices on 16 March.", "Everything was paid on Friday.", "We dispute all of these invoices.",
        "Paid yesterday.", "We will settle both on Monday.", "We will pay them all on Monday.",
        "We dispute all invoices.", "The invoices will be paid on 16 March.", "All the best, we pay on Monday.",
    ],
    "de": [
        "Wir zahlen beide am 16. März.", "Alle Rechnungen werden am Montag bezahlt.", "Wir begleichen alles am Montag.",
        "Wir bestreiten diese Rechnungen.", "Wir zahlen am 16. März.", "Die beiden Rechnungen sind bezahlt.",
    ],
    "es": [
        "Pagaremos ambas el 16 de marzo.", "Pagaremos todo el lunes.", "Impugnamos estas facturas.", "Ya está pagado.",
        "Las dos facturas se pagarán el lunes.", "Todas las facturas están pagadas.",
    ],
    "it": [
        "Pagheremo entrambe il 16 marzo.", "Pagheremo tutto lunedì.", "Contestiamo queste fatture.", "Già pagato.",
        "Le due fatture saranno saldate lunedì.", "Tutte le fatture sono state pagate.",
    ],
    "nl": [
        "Wij betalen beide facturen op 16 maart.", "Alles is betaald.", "Wij betwisten deze facturen.", "Al betaald.",
        "Beide worden maandag betaald.", "Alle facturen zijn gisteren betaald.",
    ],
}  # fmt: skip
ONE = {
    "fr": [
        "Nous contestons cette facture.", "La facture a déjà été réglée.", "Votre facture sera payée le 16 mars.",
        "Nous réglons l'une des factures lundi.", "Nous réglons la facture tout de suite.",
        "Nous contestons une des deux factures.", "Nous réglons la facture dans les deux semaines.",
        "L'autre facture est contestée.", "Nous ne contestons pas du tout la dernière facture, réglée hier.",
    ],
    "en": [
        "We dispute this invoice.", "The invoice was paid on Friday.", "One of the invoices was paid.",
        "We will pay your invoice on Monday. All the best", "The other invoice is wrong.",
    ],
    "de": [
        "Wir bestreiten die Rechnung.", "Ihre Rechnung wird am Montag bezahlt. Alles Gute",
        "Eine der Rechnungen ist bezahlt.", "Diese Rechnung ist falsch.",
    ],
    "es": ["La factura está pagada.", "Impugnamos esta factura, sobre todo.", "Una de las facturas está pagada."],
    "it": ["Contestiamo questa fattura.", "La vostra fattura è già pagata.", "Una delle fatture è pagata."],
    "nl": ["Wij betwisten deze factuur.", "Uw factuur is betaald.", "Een van de facturen is betaald."],
}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, said in ALL.items() for text in said])
def test_words_for_several_or_for_none_are_about_all(language: str, text: str) -> None:
    assert not means_one(text, language)


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, said in ONE.items() for text in said])
def test_singular_words_are_about_one(language: str, text: str) -> None:
    assert means_one(text, language)
    assert means_one(text, None)


def test_a_long_text_without_an_invoice_is_read_in_linear_time() -> None:
    assert not means_one("la " * 200_000 + "une de " * 50_000, "fr")


@given(st.decimals(1, 5000, places=2), st.lists(st.decimals(1, 3000, places=2), min_size=1, max_size=5))
def test_a_promised_sum_is_never_split_into_more_than_it_is_or_than_is_owed(
    amount: Decimal, due: list[Decimal]
) -> None:
    owed = [(f"F-{at}", one) for at, one in enumerate(due)]

    found = shares(amount, owed)

    assert sum(found.values()) == min(amount, sum(due))
    assert all(0 < share <= dict(owed)[number] for number, share in found.items())


def test_a_promised_sum_that_is_one_invoices_is_for_that_one() -> None:
    owed = [("F-1", Decimal("932.40")), ("F-2", Decimal("1200.00"))]

    assert shares(Decimal("1200.00"), owed) == {"F-2": Decimal("1200.00")}
    assert shares(Decimal("1000.00"), owed) == {"F-1": Decimal("932.40"), "F-2": Decimal("67.60")}


def _known() -> Known:
    listed = ("F-1-2026", "F-2-2026")
    return Known(
        by_message_id=lambda message_id: 8 if message_id == "<rem.2@atelier.example>" else None,
        outgoing_client=lambda _outgoing: (1, listed),
        invoices=lambda numbers: {number: 1 for number in (*listed, "F-3-2026") if number in numbers},
    )


@pytest.mark.parametrize(
    ("head", "text", "invoices", "named"),
    [
        ("Subject: Re: Facture F-1-2026", "ok", ("F-1-2026", "F-2-2026"), False),
        ("Subject: AW: Facture F-1-2026", "au sujet de F-2-2026", ("F-2-2026",), True),
        ("Subject: Re: Facture F-3-2026", "ok", ("F-3-2026",), True),
    ],
)
def test_the_number_in_the_subject_of_our_own_mail_narrows_nothing(
    head: str, text: str, invoices: tuple[str, ...], named: bool
) -> None:
    raw = f"From: x@y.example\nIn-Reply-To: <rem.2@atelier.example>\n{head}\n\n{text}\n"
    mail = parse_letter(raw.encode())

    thread = thread_of(mail, read_letter(mail), _known())

    assert (thread.invoices, thread.named) == (invoices, named)
