"""Sentences that an owner writes and that must not be carried out: each booked, sent or decided something once."""

from datetime import date

import pytest

from mailbot.model import Order
from mailbot.owner.contradictions import contradicting
from mailbot.owner.orders import parse_orders

DAY = date(2026, 11, 23)


def orders(mail: str) -> tuple[Order, ...]:
    return tuple(parse_orders(mail, "fr", DAY)[0])


@pytest.mark.parametrize(
    "mail",
    [
        "FA-2026-0002 à payer",
        "Lemaire à payer",
        "FA-2026-0002 régler",
        "Merci de payer FA-2026-0002",
        "bien reçu la facture FA-2026-0002",
        "FA-2026-0002 reçue",
        "received FA-2026-0412",
        "FA-2026-0002 solde 300",
        "payé FA-2026-0002\nà confirmer",
        "payé FA-2026-0002\n\nÀ valider avec Paul d'abord.",
        "payé FA-2026-0002\n(je plaisante)",
        "Voici ce que Dupont m'écrit\npayé FA-2026-0002",
        "ci-dessous le mail de Dupont\nBonjour,\npayé FA-2026-0002 hier",
        "FA-2026-0002 avoir demandé",
        "clos FA-2026-0001 par erreur",
        "clos FA-2026-0001 à moitié",
        "ajoute jean@dupont.example pour Dupont ?",
        "silence Dupont",
        "silence radio de Dupont depuis 3 semaines",
    ],
)
def test_what_is_still_to_happen_or_another_says_is_no_order(mail: str) -> None:
    assert orders(mail) == ()


@pytest.mark.parametrize(
    "mail",
    ["ok 1 non", "ok 1 no way", "ok 1 presque, je refuse", "ok 1 - non 1", "ok 1 je blague", "ok 3 annule", "ok 3 stop",
     "ok 3 erreur", "non 1\nje plaisante", "1 litige non", "1 promesse non tenue", "1 paid but bounced",
     "1 payé demain", "2 a pas b", "non 2 mais ok 3"],
)  # fmt: skip
def test_an_answer_that_is_taken_back_is_none(mail: str) -> None:
    assert orders(mail) == ()


@pytest.mark.parametrize(
    "mail",
    ["ok 1 semaine de plus", "ok pour 1 mois", "ok pour le 1 décembre", "ok 15 jours", "ok 500 euros", "ok 1 à 4",
     "ok 1 2 et 3 non", "ok 3 en janvier", "ok 3 on Monday", "ok pour 3 mensualités"],
)  # fmt: skip
def test_a_number_that_counts_something_is_no_question(mail: str) -> None:
    assert orders(mail) == ()


@pytest.mark.parametrize(
    ("mail", "verb", "target"),
    [("reçu 300 de Dupont", "paid", "Dupont"), ("ok 1 merci", "answer", "1"), ("ok 2 c'est bien lui", "answer", "2"),
     ("silence 2 semaines", "digest", None), ("payé FA-2026-0002 merci", "paid", "FA-2026-0002"),
     ("ajoute jean@dupont.example pour Dupont", "contact", "Dupont")],
)  # fmt: skip
def test_the_plain_sentence_is_still_understood(mail: str, verb: str, target: str | None) -> None:
    [order] = orders(mail)

    assert (order.verb, order.target) == (verb, target)


@pytest.mark.parametrize("first", ["ok 1", "payé FA-2026-0002", "relance Dupont"])
def test_a_bare_no_below_an_order_leaves_both_undone(first: str) -> None:
    assert set(contradicting(orders(f"{first}\nnon"))) == {0, 1}


@pytest.mark.parametrize(
    "line",
    ["réponds Dupont demain", "reply Dupont later", "answer Dupont when you can", "réponds à Dupont rapidement",
     "réponds Dupont quelque chose de gentil"],
)  # fmt: skip
def test_when_or_how_to_write_is_no_text_for_the_client(line: str) -> None:
    [order] = orders(line)

    assert (order.verb, order.target, order.fields) == ("reply", "Dupont", {})


def test_words_after_a_colon_are_the_text() -> None:
    [order] = orders("réponds Dupont : demain")

    assert order.fields == {"text": "demain"}
