"""The new text of a reply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.inbox.letter import parse_letter
from mailbot.inbox.quotes import new_text, strip_quotes

QUOTES = [
    (
        "Le lun. 7 sept. 2026 à 08:30, Atelier Martin\n<factures@atelier.example> a écrit :\n\n> Merci de "
        "payer avant le 5/12.\n> Cordialement"
    ),
    "On Mon, 7 Sep 2026 at 08:30, Atelier Martin <factures@atelier.example> wrote:\n\n> Please pay by 5 December.",
    (
        "De : Atelier Martin <factures@atelier.example>\nEnvoyé : lundi 7 septembre 2026 08:30\nÀ : Nathalie "
        "Roux\nObjet : Rappel\n\nMerci de payer avant le 5/12."
    ),
    (
        "________________________________\nFrom: Atelier <factures@atelier.example>\nSent: Monday, September "
        "7, 2026 8:30 AM\nTo: N. Roux\nSubject: Reminder\n\nPlease pay."
    ),
    (
        "-----Message d'origine-----\nDe : Atelier [mailto:factures@atelier.example]\nEnvoyé : lundi\nÀ : "
        "Roux\nObjet : Rappel\n\nMerci de payer."
    ),
    "> Message du 09/09/26 08:30\n> De : Atelier <factures@atelier.example>\n> Objet : Rappel\n>\n> Merci de payer.",
    (
        "-------- Message d'origine --------\nDe : Atelier <factures@atelier.example>\nDate : 19/11/2026 08:30 "
        "(GMT+01:00)\nÀ : roux@roux.example\nObjet : Rappel\n\nMerci de payer."
    ),
    "> Le 9 sept. 2026 à 09:00, Atelier <factures@atelier.example> a écrit :\n>\n> Merci de payer.",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_a_quote_of_any_mail_program_is_cut_off(quote: str) -> None:
    found = strip_quotes(f"Bonjour,\n\nLe virement part vendredi.\n\n{quote}\n")

    assert found.text == "Bonjour,\n\nLe virement part vendredi."
    assert "ayer" in found.quoted or "pay" in found.quoted


def test_an_answer_below_the_quote_is_kept() -> None:
    found = strip_quotes(
        "Le 10/09/2026 à 08:30, Atelier a écrit :\n> Merci de payer.\n> Atelier\n\nJe conteste cette "
        "facture.\n\n-- \nB. Thouvenin"
    )

    assert found.text == "Je conteste cette facture."
    assert found.signature == "-- \nB. Thouvenin".replace("-- ", "--")


def test_answers_between_quoted_lines_are_kept() -> None:
    found = strip_quotes(
        "On 16/11/2026 07:30, Atelier wrote:\n> - F-1: EUR 410\n\nGoes out Friday.\n\n> - F-2: EUR "
        "655\n\nEnd of November."
    )

    assert "Goes out Friday." in found.text
    assert "End of November." in found.text
    assert "EUR" not in found.text


@pytest.mark.parametrize(
    "tail",
    [
        "Cordialement,\nNathalie Roux\nMenuiserie Roux",
        "Kind regards\n\nHarriet",
        "Envoyé de mon iPhone",
        "-- \nNathalie",
        "Merci\nN. Roux",
        "Nathalie",
    ],
)
def test_a_signature_is_split_off(tail: str) -> None:
    found = strip_quotes(f"Bonjour,\n\nLe virement part vendredi.\n\n{tail}", "Nathalie Roux", "contact@roux.example")

    assert found.text == "Bonjour,\n\nLe virement part vendredi."
    assert found.signature


@pytest.mark.parametrize(
    "text",
    ["Payé", "Bonjour,\n\nPayé", "With regards to the payment, it goes out Friday.", "- F-1 payée\n- F-2 vendredi"],
)
def test_short_answers_and_lists_are_no_signature(text: str) -> None:
    assert strip_quotes(text).text == text


def test_quotes_of_an_html_mail_are_cut_off() -> None:
    html = (
        "<html><style>p{}</style><body><p>Le virement part vendredi.</p><div class='gmail_quote'><div>Le 7 "
        "sept. 2026 à 08:30, Atelier "
        "&lt;f@a.example&gt; a écrit :<br></div><blockquote>Merci de payer.</blockquote></div></body></html>"
    )
    letter = parse_letter(b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n" + html.encode())

    assert new_text(letter).text == "Le virement part vendredi."


@given(st.text(max_size=400))
def test_any_text_can_be_stripped_and_gives_lines_of_itself(text: str) -> None:
    lines = {line.strip() for line in text.split("\n")}

    assert {line.strip() for line in strip_quotes(text).text.split("\n")} <= lines | {""}
