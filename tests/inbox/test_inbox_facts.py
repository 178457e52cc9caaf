"""Facts of a reply: which day and which sum belongs to a promise, which to a payment, which to nothing."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox.clauses import sentences
from mailbot.inbox.dayrules import LANGUAGES
from mailbot.inbox.facts import Facts, find_facts
from mailbot.inbox.intents import understand
from mailbot.inbox.lexicon import lexicon
from mailbot.model import Intent, InvoiceAnswer

WEDNESDAY = date(2026, 11, 18)


def facts(text: str, language: str) -> Facts:
    words = lexicon(language)
    return find_facts(text, sentences(text, words), words, WEDNESDAY)


@pytest.mark.parametrize(
    ("text", "language", "paid", "promised", "amount"),
    [
        ("Je vous ai viré 500 € hier, le solde de 748 € partira le 30.", "fr", 17, 30, "748.00"),
        ("I paid 500 € yesterday and will pay the balance of 748 € on the 30th.", "en", 17, 30, "748.00"),
        (
            "500 € habe ich gestern überwiesen, den Rest von 748 € überweise ich am 30. November.",
            "de",
            17,
            30,
            "748.00",
        ),
        ("Ayer les transferí 500 €, los 748 € restantes los pago el 30.", "es", 17, 30, "748.00"),
        ("Ieri ho pagato 500 €, il saldo di 748 € lo pago il 30.", "it", 17, 30, "748.00"),
        ("Gisteren heb ik 500 € betaald, de rest van 748 € betaal ik op de 30e.", "nl", 17, 30, "748.00"),
    ],
)
def test_a_part_that_was_paid_and_a_rest_that_is_promised_each_have_their_day(
    text: str, language: str, paid: int, promised: int, amount: str
) -> None:
    found = facts(text, language)

    assert found.paid == (date(2026, 11, paid),)
    assert found.promises == (date(2026, 11, promised),)
    assert found.promise_amount == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Je règle votre facture du 12 octobre vendredi.", "fr"),
        ("We will pay your invoice of 12 October on Friday.", "en"),
        ("Wir zahlen Ihre Rechnung vom 12. Oktober am Freitag.", "de"),
        ("Pagaremos su factura del 12 de octubre el viernes.", "es"),
        ("Pagheremo la vostra fattura del 12 ottobre venerdì.", "it"),
        ("Wij betalen uw factuur van 12 oktober vrijdag.", "nl"),
    ],
)
def test_the_day_of_the_invoice_is_not_the_day_of_the_promise(text: str, language: str) -> None:
    assert facts(text, language).promises == (date(2026, 11, 20),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Je vous paierai le 5 et le 20 décembre.", "fr"),
        ("I will pay on the 5th and 20th of December.", "en"),
        ("Ich zahle am 5. und 20. Dezember.", "de"),
        ("Wij betalen op 5 of 20 december.", "nl"),
        ("Je paie entre le 3 et le 5 décembre.", "fr"),
        ("Nous ne pourrons pas payer avant le 20 décembre.", "fr"),
        ("We won't be able to pay before 20 December.", "en"),
        ("Ab dem 20. Dezember können wir zahlen.", "de"),
        ("Je vous paierai. Merci de me répondre avant le 25 novembre.", "fr"),
        ("You'll get your money, I just can't give you a firm date today.", "en"),
        ("Nous paierons la moitié quand le tribunal aura statué, l'audience est le 4 décembre.", "fr"),
    ],
)
def test_no_single_day_is_given_where_a_reader_would_not_name_one(text: str, language: str) -> None:
    assert len(facts(text, language).promises) != 1


def test_half_of_it_is_no_sum() -> None:
    assert facts("Je vous règle la moitié vendredi.", "fr").promise_amount is None


def test_the_day_on_which_it_is_sent_counts_and_not_that_of_its_arrival() -> None:
    found = facts("Le virement part le 24 novembre. Il sera sur votre compte le 26 novembre.", "fr")

    assert found.promises == (date(2026, 11, 24),)


def test_a_fragment_goes_on_with_the_promise_before_it() -> None:
    assert facts("Je vous règle cette facture. Vendredi au plus tard.", "fr").promises == (date(2026, 11, 20),)


def test_a_payment_is_dated_by_its_own_clause() -> None:
    found = facts("Le virement a été fait mardi, vous devriez l'avoir aujourd'hui ou lundi au plus tard.", "fr")

    assert found.paid == (date(2026, 11, 17),)


@pytest.mark.parametrize(
    ("text", "paid"),
    [
        ("It was paid last Friday, could you have another look?", (date(2026, 11, 13),)),
        ("Was it paid last Friday?", ()),
    ],
)
def test_a_payment_that_is_asked_about_is_none(text: str, paid: tuple[date, ...]) -> None:
    assert facts(text, "en").paid == paid


def test_several_invoices_have_each_their_answer() -> None:
    text = "FA-2026-0001 : payée le 2 novembre.\n\nFA-2026-0002 : nous la réglons le 30 novembre."

    assert facts(text, "fr").answers == (
        InvoiceAnswer("FA-2026-0001", Intent.PAID, None, date(2026, 11, 2)),
        InvoiceAnswer("FA-2026-0002", Intent.PROMISE, date(2026, 11, 30), None),
    )


def test_several_invoices_with_one_answer_are_not_told_apart() -> None:
    assert facts("FA-2026-0001 et FA-2026-0002 : nous les réglons le 30 novembre.", "fr").answers == ()


@given(st.sampled_from(LANGUAGES), st.text(max_size=300), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_no_promise_lies_before_the_mail_and_no_payment_behind_it(language: str, text: str, base: date) -> None:
    words = lexicon(language)
    said = sentences(text, words)

    found = find_facts(text, said, words, base)

    assert all(day >= base for day in found.promises)
    assert all(day <= base for day in found.paid)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Cette facture aurait dû être réglée le 9 novembre."),
        ("fr", "Le virement devait partir lundi prochain."),
        ("fr", "Le règlement prévu le 27 novembre est annulé."),
        ("fr", "Un règlement avant le 27 novembre est exclu."),
        ("fr", "C'est réglé : j'ai quitté la société le 9 novembre."),
        ("fr", "Un accord amiable serait préférable, paiement souhaitable avant le 27 novembre."),
        ("en", "It ought to have been paid on 9 November."),
        ("en", "The cheque was supposed to be sent on Monday."),
        ("en", "The transfer set for 27 November has been cancelled."),
        ("en", "You will be paid by our tenant on 27 November."),
        ("en", "The box was sent back on 9 November, nothing to pay."),
        ("de", "Das hätte am 9. November bezahlt werden müssen."),
        ("de", "Die für den 27. November vorgesehene Zahlung ist storniert."),
        ("de", "Eine Überweisung bis Freitag ist ausgeschlossen."),
        ("es", "Debería haberse pagado el 9 de noviembre."),
        ("es", "El pago del 27 de noviembre queda anulado."),
        ("it", "La fattura doveva essere pagata il 9 novembre."),
        ("it", "Il bonifico del 27 novembre è stato annullato."),
        ("nl", "De factuur had op 9 november betaald moeten zijn."),
        ("nl", "We zouden vrijdag overmaken."),
    ],
)
def test_a_payment_that_was_not_made_and_is_not_to_be_has_no_day(language: str, text: str) -> None:
    found = understand(text, language, WEDNESDAY)

    assert (found.promise_date, found.paid_date) == (None, None), found
    assert not (found.sure and found.intent in (Intent.PROMISE, Intent.PAID)), found


@pytest.mark.parametrize(
    ("language", "text", "promised", "paid"),
    [
        ("fr", "Désolé, mon associé devait le faire. Je fais le virement le 27 novembre.", date(2026, 11, 27), None),
        ("fr", "La facture a été réglée le 9 novembre.", None, date(2026, 11, 9)),
        ("en", "My colleague was going to do it. I paid it on 9 November.", None, date(2026, 11, 9)),
        ("de", "Der Betrag wurde am 9. November überwiesen.", None, date(2026, 11, 9)),
        ("nl", "Dat had ik moeten zeggen. Ik maak het op 27 november over.", date(2026, 11, 27), None),
        ("it", "Il bonifico è stato eseguito il 9 novembre.", None, date(2026, 11, 9)),
        ("es", "Se pagó el 9 de noviembre.", None, date(2026, 11, 9)),
    ],
)
def test_a_payment_that_was_made_or_is_to_be_keeps_its_day(
    language: str, text: str, promised: date | None, paid: date | None
) -> None:
    found = understand(text, language, WEDNESDAY)

    assert (found.promise_date, found.paid_date) == (promised, paid)
