"""What clients say, and when the bot is not sure of it."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.inbox.folding import folded
from mailbot.inbox.intents import Understanding, understand
from mailbot.inbox.lexicon import LANGUAGES, lexicon
from mailbot.inbox.lexicon.phrases import phrase
from mailbot.model import Intent

DAY = date(2026, 11, 18)
CASES = Path(__file__).parent.parent / "cases" / "sentences"
SENTENCES = {one: yaml.safe_load((CASES / f"{one}.yaml").read_text(encoding="utf-8")) for one in LANGUAGES}


def said(text: str) -> Understanding:
    return understand(text, "fr", DAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Bonjour, je vous fais le virement vendredi.", date(2026, 11, 20)),
        ("Le règlement sera effectué le 30 novembre.", date(2026, 11, 30)),
        ("Nous vous réglerons fin de mois.", date(2026, 11, 30)),
        ("We will pay this invoice on 5 December.", date(2026, 12, 5)),
        ("Payment is scheduled for Friday.", date(2026, 11, 20)),
    ],
)
def test_a_promise_has_its_day(text: str, day: date) -> None:
    found = said(text)

    assert (found.intent, found.promise_date, found.sure) == (Intent.PROMISE, day, True)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Facture déjà réglée par virement le 4 novembre.", date(2026, 11, 4)),
        ("We paid this on 12 November.", date(2026, 11, 12)),
        ("Payé.", None),
    ],
)
def test_a_payment_made_is_no_promise(text: str, day: date | None) -> None:
    found = said(text)

    assert (found.intent, found.paid_date, found.promise_date) == (Intent.PAID, day, None)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Nous contestons cette facture, la livraison est incomplète.", Intent.DISPUTE),
        ("We dispute this invoice: the goods were damaged.", Intent.DISPUTE),
        ("Pourriez-vous me renvoyer une copie de la facture ?", Intent.DOCUMENT_REQUEST),
        ("Please send us a copy of the invoice.", Intent.DOCUMENT_REQUEST),
        ("Peut-on payer en trois fois ?", Intent.INSTALMENTS),
        ("Our company entered administration on 2 November.", Intent.INSOLVENCY),
        ("Je ne paierai pas.", Intent.REFUSAL),
        ("Please stop emailing me.", Intent.STOP),
        ("Je ne travaille plus dans cette société.", Intent.WRONG_CONTACT),
        ("Bien noté, merci.", Intent.ACKNOWLEDGED),
    ],
)
def test_other_intents_are_told_apart(text: str, intent: Intent) -> None:
    assert said(text).intent is intent


@pytest.mark.parametrize(
    "text",
    [
        "Nous ne contestons pas cette facture, le virement part vendredi.",
        "No, I'm not disputing it, we will pay on Friday.",
        "Pas de litige de notre côté, nous réglons vendredi.",
    ],
)
def test_a_denied_dispute_is_none(text: str) -> None:
    assert said(text).intent is Intent.PROMISE


@pytest.mark.parametrize(
    "text",
    [
        "Dès que mon client m'a payé, je vous règle.",
        "Mais bien sûr, je vais vous payer à la Saint-Glinglin.",
        "Le virement n'est pas parti. Je reviens vers vous.",
        "Je paierai, mais il y a une erreur quelque part.",
        "We will pay on Friday or on 30 November, there is a problem with the bank.",
    ],
)
def test_conditions_jokes_and_hints_of_trouble_are_asked_about(text: str) -> None:
    assert not said(text).sure


def test_a_part_paid_and_the_rest_promised_is_both() -> None:
    found = said("Nous avons viré 600 € le 2 novembre, le solde de 540 € suivra le 30.")

    assert (found.intent, found.also) == (Intent.PROMISE, (Intent.PAID,))
    assert (found.promise_date, found.promise_amount, found.paid_date) == (
        date(2026, 11, 30),
        Decimal("540.00"),
        date(2026, 11, 2),
    )


def test_instalments_offered_are_not_promised() -> None:
    found = said("Je vous propose de payer en 3 mensualités de 400 €, la première le 5 décembre.")

    assert (found.intent, found.promise_date, found.promise_amount) == (Intent.INSTALMENTS, None, None)


def test_a_language_without_a_lexicon_is_a_question_to_the_owner() -> None:
    found = understand("Płatność zostanie zrealizowana w piątek, przepraszamy za opóźnienie.", None, DAY)

    assert (found.intent, found.sure) == (Intent.QUESTION, False)


@settings(deadline=None)  # the first text of a language loads its lexicon
@given(st.text(max_size=500))
def test_what_a_reading_rests_on_stands_in_the_text(text: str) -> None:
    assert all(words in text for words in said(text).because)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_matches_nothing(language: str) -> None:
    assert [one.line for one in lexicon(language).says.all if one.pattern.search("")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_repeats_without_end(language: str) -> None:
    known = lexicon(language)
    phrases = [*known.says.all, *known.denies.all, *known.arrives.all]

    assert [one.line for one in phrases if re.search(r"(?<!\\)[*+]", one.pattern.pattern)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_is_tried_wherever_it_matches(language: str) -> None:
    """What is skipped for want of its words would not have matched: the anchors lose nothing."""
    known = lexicon(language).says
    texts = [text for texts in SENTENCES[language].values() for text in texts]
    lows = [folded(text) for text in texts]

    lost = [(one.line, low) for low in lows for one in known.all if one.pattern.search(low)]
    assert [pair for pair in lost if pair[0] not in {one.line for one in known.worth_trying(pair[1])}] == []


def test_a_phrase_bridges_at_most_six_words() -> None:
    pattern = phrase("virement .. parti*")

    assert pattern.search("virement qui est bien tot demain matin partira")
    assert not pattern.search("virement un deux trois quatre cinq six sept partira")
    assert not pattern.search("virement, non parce que cela n'a pas du tout partira")


def test_a_missing_word_leaves_its_space() -> None:
    pattern = phrase("avons (deja)? ?(d')?(paye|effectue)")

    assert all(pattern.search(text) for text in ("avons paye", "avons deja paye", "avons d'effectue"))


def test_a_bracket_without_partner_is_refused() -> None:
    with pytest.raises(ValueError, match="bracket"):
        phrase("virement) parti")


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("We'll pay on Friday and then we're done with you.", "en", Intent.PROMISE),
        ("Is the discount for prompt payment still possible?", "en", Intent.QUESTION),
        ("Votre demande sera traitée à mon retour.", "fr", Intent.QUESTION),
        ("Ok, on fait le point mardi.", "fr", Intent.ACKNOWLEDGED),
    ],
)
def test_words_of_paying_and_of_trouble_that_mean_something_else(text: str, language: str, intent: Intent) -> None:
    assert understand(text, language, date(2026, 11, 18)).intent is intent


@pytest.mark.parametrize(
    ("language", "bare", "reason"),
    [
        ("es", "Su factura fue devuelta el lunes.", "Su factura fue devuelta porque falta el número de pedido."),
        ("it", "La fattura è stata respinta.", "La fattura è stata respinta perché manca il numero d'ordine."),
        ("nl", "De factuur is geweigerd.", "De factuur is geweigerd omdat het bestelnummer ontbreekt."),
        ("de", "Die Rechnung wurde abgelehnt.", "Die Rechnung wurde abgelehnt, weil die Bestellnummer fehlt."),
        ("en", "Your invoice was rejected.", "Your invoice was rejected, the PO number is missing."),
    ],
)
def test_an_invoice_sent_back_asks_for_a_better_one_only_where_it_says_what_is_missing(
    language: str, bare: str, reason: str
) -> None:
    assert not understand(bare, language, date(2026, 11, 18)).sure
    assert understand(reason, language, date(2026, 11, 18)).intent is Intent.DOCUMENT_REQUEST
