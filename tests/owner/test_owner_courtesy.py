"""Kind words around an order are understood; what forbids, hedges, asks or corrects it leaves it undone."""

from datetime import date

import pytest

from mailbot.owner.doubt import holds_all
from mailbot.owner.orders import parse_orders
from mailbot.owner.words import fold

DAY = date(2026, 11, 23)


def read(mail: str) -> tuple[list[tuple[str, str | None]], tuple[str, ...]]:
    orders, unknown = parse_orders(mail, "fr", DAY)
    return [(one.verb, one.target) for one in orders], unknown


@pytest.mark.parametrize(
    ("mail", "orders"),
    [
        ("Merci, ok 1", [("answer", "1")]),
        ("merci bcp! ok 2", [("answer", "2")]),
        ("Thanks! paid FA-2026-0412", [("paid", "FA-2026-0412")]),
        ("Bonjour, payé Lemaire", [("paid", "Lemaire")]),
        ("Bonjour Robot, payé FA-1 merci", [("paid", "FA-1")]),
        ("payé Lemaire svp", [("paid", "Lemaire")]),
        ("payé Lemaire stp, merci d'avance", [("paid", "Lemaire")]),
        ("payé Lemaire s'il te plaît", [("paid", "Lemaire")]),
        ("paid FA-1 please", [("paid", "FA-1")]),
        ("payé FA-1 # chèque reçu ce matin", [("paid", "FA-1")]),
        ("ok # 2", [("answer", "2")]),
        ("hold off Lemaire for two weeks", [("pause", "Lemaire")]),
        ("Peux-tu suspendre Dupont ?", [("pause", "Dupont")]),
        ("can you please pause Dupont for a month?", [("pause", "Dupont")]),
        ("Lemaire a payé 600", [("paid", "Lemaire")]),
        ("Lemaire paid 600", [("paid", "Lemaire")]),
        ("J'ai bien reçu 600 de Lemaire", [("paid", "Lemaire")]),
        ("Merci !\n\nok 1", [("answer", "1")]),
        ("Mes réponses :\nok 1\nnon 2", [("answer", "1"), ("answer", "2")]),
        ("pas de relance pour Dupont svp", [("pause", "Dupont")]),
        ("N'envoie pas la relance a Lemaire", [("pause", "Lemaire")]),
        ("Oui, envoyez.", [("answer", None)]),
        ("surtout ne relance pas Lemaire avant lundi", [("pause", "Lemaire")]),
    ],
)
def test_kind_words_around_an_order_change_nothing(mail: str, orders: list[tuple[str, str | None]]) -> None:
    assert read(mail) == (orders, ())


def test_weeks_in_words_are_counted() -> None:
    [order] = parse_orders("hold off Lemaire for two weeks", "en", DAY)[0]

    assert dict(order.fields) == {"days": "14"}


@pytest.mark.parametrize("name", ["Pizza Top", "Carrosserie Parfait", "Super U", "Bar Cool"])
def test_a_clients_name_that_sounds_kind_is_not_cut(name: str) -> None:
    assert read(f"pause {name}") == ([("pause", name)], ())


@pytest.mark.parametrize(
    "above",
    [
        "Attention, ne pas exécuter :", "do not run this", "Don't do this yet:", "exemple :", "Example:",
        "ceci est un test", "N'exécute rien de ce qui suit", "not to be executed", "à titre d'exemple :", "pour info :",
        "ce ne sont pas des ordres",
        "Dupont m'écrit :", "Voici ce que le client demande :", "brouillon", "à ne pas faire :",
    ],
)  # fmt: skip
def test_what_a_line_above_forbids_is_not_done_and_handed_back(above: str) -> None:
    orders, unknown = read(f"{above}\npayé FA-1\nok 2")

    assert orders == []
    assert unknown[0] == above
    assert {"payé FA-1", "ok 2"} <= set(unknown)
    assert holds_all(fold(above))


@pytest.mark.parametrize(
    "below",
    ["finalement non", "en fait non laisse", "oublie ça", "scratch that", "non pardon c'était FA-2", "no wait",
     "Merci\nPS : ne rien exécuter avant mon feu vert"],
)  # fmt: skip
def test_what_is_taken_back_below_is_not_done(below: str) -> None:
    orders, unknown = read(f"payé FA-1\n{below}")

    assert orders == []
    assert "payé FA-1" in unknown


@pytest.mark.parametrize(
    "line",
    [
        "payé FA-1 je crois", "pause Dupont peut-être", "maybe paid FA-1", "payé FA-1 # à vérifier", "litige FA-1 ?",
        "who paid FA-1", "qui a payé FA-1 ?", "on a payé FA-1", "Lemaire dit qu'il a payé 600",
        "Lemaire devrait payer 600",
        "pause Dupont jusqu'à ce qu'il paie", "ok je vais y réfléchir", "oui mais attends lundi", "ok 1 demain",
        "ok 1 je pense", "ok 2 mais vérifie d'abord", "1 ok 2 pas ok", "digest pas le lundi",
        "ok envoie la mise en demeure",
        "yes to all except 3", "exemple : pause Dupont", "e.g. paid FA-1",
    ],
)  # fmt: skip
def test_what_is_not_certain_is_no_order_and_not_passed_over(line: str) -> None:
    orders, unknown = read(line)

    assert orders == []
    assert line in unknown


def test_an_order_below_a_line_like_a_header_is_handed_back() -> None:
    assert read("Objet : relances\npause Dupont") == ([], ("Objet : relances", "pause Dupont"))


def test_a_condition_on_the_line_below_takes_the_answer_back() -> None:
    assert read("ok 1\nsauf si Dupont a payé entre-temps") == ([], ("ok 1", "sauf si Dupont a payé entre-temps"))


@pytest.mark.parametrize("line", ["payé FA-1 vendredi prochain", "paid FA-1 next friday"])
def test_a_coming_day_stays_a_coming_day_in_what_was_paid(line: str) -> None:
    [order] = parse_orders(line, "fr", DAY)[0]

    assert order.fields["date"] == "2026-11-27"


TEXT = "Bonjour,\n\nPayé par chèque le 12, c'est bien noté.\nMerci.\n\nNous passons mardi."


def test_a_text_for_a_client_runs_to_the_signature_and_names_what_looks_like_an_order() -> None:
    orders, unknown = parse_orders(f"réponds 4\n{TEXT}\n\nCordialement,\nClaire", "fr", DAY)

    assert unknown == ()
    assert [dict(one.fields) for one in orders] == [
        {"text": TEXT, "doubt": "Payé par chèque le 12, c'est bien noté."}
    ]  # fmt: skip


def test_a_text_that_begins_beside_its_order_goes_on_below_it() -> None:
    [order] = parse_orders("réponds 4 : Bonjour,\npayé FA-1 par erreur", "fr", DAY)[0]

    assert dict(order.fields) == {"text": "Bonjour,\npayé FA-1 par erreur", "doubt": "payé FA-1 par erreur"}


def test_an_order_below_a_finished_text_in_one_line_is_an_order() -> None:
    assert read("réponds 4 : merci c'est noté\npause Dupont 10j") == ([("reply", "4"), ("pause", "Dupont")], ())


def test_answers_by_number_after_the_text_are_none_of_it() -> None:
    orders, _ = parse_orders("réponds 4\nNous passons mardi.\n\nok 1\nnon 2", "fr", DAY)

    assert [(one.verb, one.target) for one in orders] == [("reply", "4"), ("answer", "1"), ("answer", "2")]
    assert dict(orders[0].fields) == {"text": "Nous passons mardi."}


def test_a_list_of_answers_for_the_client_stays_in_the_text_and_is_asked_about() -> None:
    [order] = parse_orders("réponds 4\nVos questions :\n\n1. oui\n2. non", "fr", DAY)[0]

    assert order.fields["text"].endswith("1. oui\n2. non")
    assert order.fields["doubt"] == "1. oui\n2. non"


def test_a_long_text_is_not_cut_without_a_word() -> None:
    line = "mot " * 300
    [order] = parse_orders(f"réponds 4\n{line}", "fr", DAY)[0]
    [longer] = parse_orders("réponds 4\n" + "\n".join([line] * 20), "fr", DAY)[0]

    assert order.fields["text"] == line.strip()
    assert longer.fields["doubt"].endswith("…")


def test_what_only_tells_what_to_write_is_asked_about() -> None:
    [order] = parse_orders("réponds à Dupont que nous sommes d'accord", "fr", DAY)[0]

    assert order.fields["doubt"] == "que nous sommes d'accord"
