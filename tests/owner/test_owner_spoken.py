"""Orders as busy owners dictate or type them: days without a month, several invoices, two orders in a line."""

from datetime import date

import pytest

from mailbot.jobs.ordering import refusals
from mailbot.owner.orders import parse_orders

DAY = date(2026, 11, 23)


def read(line: str) -> list[tuple[str, str | None, dict[str, str]]]:
    return [(order.verb, order.target, dict(order.fields)) for order in parse_orders(line, "fr", DAY)[0]]


@pytest.mark.parametrize(
    ("line", "target", "fields"),
    [("payé FA-1 le 20", "FA-1", {"date": "2026-11-20"}), ("payé FA-1 le 25", "FA-1", {"date": "2026-10-25"}),
     ("payé FA-1 300 le 20", "FA-1", {"amount": "300.00", "date": "2026-11-20"}),
     ("Dupont a payé 500 le 18", "Dupont", {"amount": "500.00", "date": "2026-11-18"}),
     ("paid FA-1 on the 3rd by cheque", "FA-1", {"date": "2026-11-03", "method": "cheque"}),
     ("payé FA-1 le vingt novembre", "FA-1", {"date": "2026-11-20"}),
     ("payé FA-1 le premier novembre", "FA-1", {"date": "2026-11-01"}),
     ("payé FA-1 20", "FA-1", {"amount": "20.00"}), ("payé FA-1 le 20 €", "FA-1", {"amount": "20.00"}),
     ("Dupont a réglé 300 euros d'acompte sur FA-1", "FA-1", {"amount": "300.00"}),
     ("mark 412 as paid", "412", {}), ("la facture FA-1 est réglée depuis hier", "FA-1", {"date": "2026-11-22"})],
)  # fmt: skip
def test_a_day_without_its_month_is_no_sum(line: str, target: str, fields: dict[str, str]) -> None:
    assert read(line) == [("paid", target, fields)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [("pause Dupont jusqu'au 15", ("pause", "Dupont", {"until": "2026-12-15"})),
     ("promesse Dupont le 5", ("promise", "Dupont", {"date": "2026-12-05"})),
     ("promise Dupont 600 by the 5th", ("promise", "Dupont", {"amount": "600.00", "date": "2026-12-05"})),
     ("reprends Dupont le 2", ("resume", "Dupont", {"resume_on": "2026-12-02"})),
     ("don't chase anyone this week", ("pause", "all", {"until": "2026-11-29"})),
     ("stop bothering Lemaire", ("pause", "Lemaire", {})),
     ("Peux-tu arrêter d'embêter Lemaire jusqu'à lundi", ("pause", "Lemaire", {"until": "2026-11-30"})),
     ("envoie la mise en demeure à Dupont", ("notice", "Dupont", {})),
     ("écris plutôt à compta@dupont.example pour Dupont",
      ("contact", "Dupont", {"email": "compta@dupont.example", "action": "replace"})),
     ("write off 412, not worth it", ("write_off", "412", {"reason": "not worth it"}))],
)  # fmt: skip
def test_the_next_such_day_is_meant_of_what_is_to_come(
    line: str, expected: tuple[str, str | None, dict[str, str]]
) -> None:
    assert read(line) == [expected]


def test_a_second_number_is_another_invoice_and_no_sum() -> None:
    assert read("payé 412 et 415") == [("paid", "412", {}), ("paid", "415", {})]
    assert [target for _, target, _ in read("payé 412, 415 et 418 par virement")] == ["412", "415", "418"]
    assert read("payé 412 600") == [("paid", "412", {"amount": "600.00"})]


def test_each_part_of_a_line_that_names_its_invoice_first_is_an_order() -> None:
    assert read("FA-1 payée le 20, FA-2 payée le 21") == [
        ("paid", "FA-1", {"date": "2026-11-20"}),
        ("paid", "FA-2", {"date": "2026-11-21"}),
    ]


def test_a_verb_in_two_pieces_may_follow_another_order() -> None:
    assert read("relance Martin et mets Dupont en pause 15 jours stp") == [
        ("send", "Martin", {}),
        ("pause", "Dupont", {"days": "15"}),
    ]


def test_hyphens_that_do_not_break_are_those_of_an_invoice() -> None:
    assert read("payé FA\u20112026\u20110412") == [("paid", "FA-2026-0412", {})]


@pytest.mark.parametrize(
    ("line", "near"),
    [("Azur paiera le 15 décembre", "« promesse Azur le 15 décembre »"),
     ("Dupont promet vendredi", "« promesse Dupont vendredi »"),
     ("laisse tomber FA-412", "« abandonne FA-412 »"), ("tant pis pour FA-412", "« abandonne FA-412 »")],
)  # fmt: skip
def test_what_is_told_without_a_verb_of_an_order_is_asked_about(line: str, near: str) -> None:
    orders, unknown = parse_orders(line, "fr", DAY)

    assert orders == ()
    assert near in refusals(unknown, "fr")[0][1]


@pytest.mark.parametrize(
    "line",
    ["Salut, ok pour la 1, par contre non à la 2", "give Dupont another week", "passe en réel", "ok 1 mais pas 2",
     "super, encore une relance à un client qui a payé...", "Dupont paid half", "Dupont va payer", "yeah right",
     "ok pour tout sauf 3", "1 oui, 2 non, 3 je sais pas", "oublie ce que j'ai dit", "Dupont n'a toujours rien payé",
     "bah oui bien sûr relance encore Dupont pendant que tu y es", "le chèque de Dupont a été rejeté"],
)  # fmt: skip
def test_what_is_unsure_or_sarcastic_does_nothing_and_suggests_nothing(line: str) -> None:
    orders, unknown = parse_orders(line, "fr", DAY)

    assert orders == ()
    assert all("Vouliez-vous" not in said for _, said in refusals(unknown, "fr"))


@pytest.mark.parametrize("line", ["Dupont a payé la 412", "Dupont a payé la facture 412", "Dupont paid invoice 412"])
def test_a_number_with_an_article_is_an_invoice_and_one_alone_a_sum(line: str) -> None:
    assert read(line) == [("paid", "412", {})]
    assert read("Dupont a payé 412") == [("paid", "Dupont", {"amount": "412.00"})]


@pytest.mark.parametrize(
    "line",
    ["finalement Dupont a payé", "FA-1 doit être payée", "FA-1 bientôt payée", "Dupont still hasn't paid",
     "Paul me dit que FA-1 est payée"],
)  # fmt: skip
def test_no_order_is_suggested_with_words_that_are_no_name(line: str) -> None:
    assert all("Vouliez-vous" not in said for _, said in refusals(parse_orders(line, "fr", DAY)[1], "fr"))


@pytest.mark.parametrize("piece", ["tout ", "tout est ", "non, ", "la ", "et ", "c'est ", "pas ", "le 5 ", "12 345 "])
def test_a_line_that_says_the_same_again_and_again_is_read_and_refused(piece: str) -> None:
    orders, unknown = parse_orders(f"Dupont {piece * 90}", "fr", DAY)

    assert orders == ()
    assert refusals(unknown, "fr")
