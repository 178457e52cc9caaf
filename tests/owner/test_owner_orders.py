"""The owner's orders, as they stand in a mail."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.owner.contradictions import contradicting
from mailbot.owner.days import resolve_day
from mailbot.owner.nearest import nearest_order
from mailbot.owner.orders import parse_line, parse_orders
from mailbot.owner.words import fold

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("line", "verb", "target", "fields"),
    [
        ("oui", "answer", None, {"choice": "yes"}),
        ("oui 2", "answer", "2", {"question": "2", "choice": "yes"}),
        ("2 b", "answer", "2", {"question": "2", "choice": "b"}),
        ("1: non", "answer", "1", {"question": "1", "choice": "no"}),
        ("payé F-2026-014", "paid", "F-2026-014", {}),
        (
            "payé F-2026-014 1200 virement 21/11",
            "paid",
            "F-2026-014",
            {"amount": "1200.00", "method": "transfer", "date": "2026-11-21"},
        ),
        (
            "paid F-2026-014 1,200.50 cheque 21/11",
            "paid",
            "F-2026-014",
            {"amount": "1200.50", "method": "cheque", "date": "2026-11-21"},
        ),
        ("Payé Dupont Père & Fils 1 200,00 €", "paid", "Dupont Père & Fils", {"amount": "1200.00"}),
        ("rapproche B7 F-2026-014", "match", "B7", {"line": "B7", "invoices": "F-2026-014"}),
        ("pause Dupont 10j", "pause", "Dupont", {"days": "10"}),
        ("pause F-2026-014 jusqu'au 5/12", "pause", "F-2026-014", {"until": "2026-12-05"}),
        ("ne relance pas Dupont", "pause", "Dupont", {}),
        ("resume Dupont", "resume", "Dupont", {}),
        ("promesse F-2026-014 le 5/12 500", "promise", "F-2026-014", {"date": "2026-12-05", "amount": "500.00"}),
        ("litige F-2026-014 livraison incomplète", "dispute", "F-2026-014", {"why": "livraison incomplète"}),
        ("clos F-2026-014", "resolve", "F-2026-014", {}),
        ("envoie F-2026-014", "send", "F-2026-014", {}),
        ("SAUTE F-2026-014", "skip", "F-2026-014", {}),
        ("preview F-2026-014", "preview", "F-2026-014", {}),
        ("réponds 4 nous revenons vers vous", "reply", "4", {"text": "nous revenons vers vous"}),
        ("corrige F-2026-014 échéance 30/12/2026", "correct", "F-2026-014", {"due_date": "2026-12-30"}),
        ("Échéance : 15/01/2027", "correct", None, {"due_date": "2027-01-15"}),
        (
            "contact Dupont compta@dupont.example",
            "contact",
            "Dupont",
            {"email": "compta@dupont.example", "action": "replace"},
        ),
        ("annule la facture F-2026-003", "cancel", "F-2026-003", {}),
        ("write off F-2026-003 bankrupt", "write_off", "F-2026-003", {"reason": "bankrupt"}),
        ("plus doucement Dupont", "policy", "Dupont", {"tone": "gentler"}),
        ("treat Dupont as good_payer", "policy", "Dupont", {"profile": "good_payer"}),
        ("où en est Dupont", "status", "Dupont", {}),
        ("pourquoi F-2026-014 ?", "why", "F-2026-014", {}),
        ("mise en demeure F-2026-014", "notice", "F-2026-014", {}),
        ("dossier Dupont", "dossier", "Dupont", {}),
        ("digest 7h30 lun-ven", "digest", None, {"at": "07:30", "days": "mon-fri"}),
        ("go live", "live", None, {}),
        ("arrête tout", "stop", None, {}),
        ("annule", "undo", None, {}),
        ("aide", "help", None, {}),
    ],
)
def test_an_order_is_read_with_its_target_and_fields(
    line: str, verb: str, target: str | None, fields: dict[str, str]
) -> None:
    ((order,), unknown) = parse_orders(line, "fr", DAY)

    assert (order.verb, order.target, dict(order.fields), order.line, unknown) == (verb, target, fields, line, ())


def test_several_answers_in_one_line_become_several_orders() -> None:
    orders, _ = parse_orders("ok 1,3", "fr", DAY)

    assert [(o.target, o.fields["choice"]) for o in orders] == [("1", "yes"), ("3", "yes")]


@pytest.mark.parametrize("stop", ["--", "> quoted", "Le 20 nov. 2026 à 07:30, Robot a écrit :"])
def test_reading_stops_where_the_mail_stops_being_orders(stop: str) -> None:
    orders, unknown = parse_orders(f"Bonjour,\npause Dupont\n{stop}\nstop\n", "fr", DAY)

    assert ([o.verb for o in orders], unknown) == (["pause"], ())


@pytest.mark.parametrize("closing", ["merci", "Thanks!", "Cordialement"])
def test_an_order_below_the_closing_is_not_carried_out_and_not_passed_over_either(closing: str) -> None:
    orders, unknown = parse_orders(f"Bonjour,\npause Dupont\n{closing}\nClaire\nstop\n", "fr", DAY)

    assert ([o.verb for o in orders], unknown) == (["pause"], ("stop",))


def test_lines_that_are_no_order_are_handed_back_and_five_of_them_end_the_reading() -> None:
    orders, unknown = parse_orders("\n".join([f"je ne sais pas {n}" for n in range(6)]) + "\nstop", "fr", DAY)

    assert orders == ()
    assert unknown == (*(f"je ne sais pas {n}" for n in range(5)), "stop")


def test_comments_are_left_out() -> None:
    assert parse_orders("# stop\npause Dupont", "fr", DAY)[0][0].verb == "pause"


def test_a_text_below_a_reply_is_its_text() -> None:
    ((order,), _) = parse_orders("réponds 4\nNous revenons vers vous\ndemain matin.", "fr", DAY)

    assert order.fields["text"] == "Nous revenons vers vous\ndemain matin."


@given(st.text(max_size=300))
def test_any_text_is_orders_and_lines_of_itself(text: str) -> None:
    orders, unknown = parse_orders(text, "fr", DAY)

    assert all(order.line in text for order in orders)
    assert all(line in text for line in unknown)


@pytest.mark.parametrize("line", ["ok 5 2", "oui 12 3", "yes 1 2 3"])
def test_a_yes_to_a_number_and_a_number_is_no_order_because_it_could_be_two_things(line: str) -> None:
    orders, unknown = parse_orders(line, "fr", date(2026, 11, 20))

    assert orders == ()
    assert unknown == (line,)


@pytest.mark.parametrize(
    ("line", "choice"), [("ok 8 promesse", "promesse"), ("8 litige", "litige"), ("yes 8 paid", "paid")]
)
def test_what_a_client_meant_is_the_answer_and_not_a_mere_yes(line: str, choice: str) -> None:
    orders, _ = parse_orders(line, "fr", date(2026, 11, 20))

    assert [order.fields["choice"] for order in orders] == [choice]


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("échéance 15/12", "due_date", "2026-12-15"),
        ("montant 1254,60", "total_gross", "1254.60"),
        ("due date 31/10/2026", "due_date", "2026-10-31"),
        ("client Dupont SARL", "client", "Dupont SARL"),
    ],
)
def test_a_field_of_an_invoice_needs_no_colon(line: str, field: str, value: str) -> None:
    orders, _ = parse_orders(line, "fr", date(2026, 11, 20))

    assert [(order.verb, dict(order.fields)) for order in orders] == [("correct", {field: value})]


@pytest.mark.parametrize("line", ["numéro de téléphone", "net merci", "échéance bientôt"])
def test_a_sentence_that_begins_like_a_field_is_none(line: str) -> None:
    assert parse_orders(line, "fr", date(2026, 11, 20))[0] == ()


@pytest.mark.parametrize("line", ["12", "21", "110"])
def test_a_number_alone_is_no_choice_of_its_first_digit(line: str) -> None:
    orders, _ = parse_orders(line, "fr", date(2026, 11, 20))

    assert all(order.target is None for order in orders)


@pytest.mark.parametrize(
    ("line", "question", "text"),
    [
        ("3 FA-2026-0412", "3", "FA-2026-0412"),
        ("3: fa-2026-0412 et FA-2026-0413", "3", "fa-2026-0412 et FA-2026-0413"),
        ("n° 3 autre Dupont SARL", "3", "Dupont SARL"),
        ("3 other INV-7", "3", "INV-7"),
        ("autre FA-1", None, "FA-1"),
        ("3 autre", "3", None),
    ],
)
def test_what_no_answer_offered_is_named_instead(line: str, question: str | None, text: str | None) -> None:
    [order] = parse_line(line)

    assert (order.verb, order.target, order.fields["choice"]) == ("answer", question, "other")
    assert order.fields.get("text") == text


@pytest.mark.parametrize("line", ["8 quai de la Saône", "12 rue des Lilas", "3 12,50", "3 1200", "2 mois de retard"])
def test_an_address_or_an_amount_names_no_invoice(line: str) -> None:
    assert parse_line(line) == []


@pytest.mark.parametrize("line", ["3 " + "1111-" * 90, "3 " + "111 " * 120 + "!", "3 " + "a1" * 240, "3 " + "9" * 490])
def test_a_long_line_of_digits_is_read_as_fast_as_any_other(line: str) -> None:
    assert parse_line(line) == []


@pytest.mark.parametrize(
    ("line", "orders"),
    [
        ("ok 1, non 3, 2: b", [("answer", "1"), ("answer", "3"), ("answer", "2")]),
        ("1 oui 2 non 3 oui", [("answer", "1"), ("answer", "2"), ("answer", "3")]),
        ("2) oui", [("answer", "2")]),
        ("oui à tout", [("answer", "all")]),
        ("ok 2 et pause Dupont", [("answer", "2"), ("pause", "Dupont")]),
        ("pause FA-1, FA-2 et FA-3 10j", [("pause", "FA-1"), ("pause", "FA-2"), ("pause", "FA-3")]),
        ("FA-2026-0412 : litige, peinture abîmée", [("dispute", "FA-2026-0412")]),
        ("Dupont : pause 2 semaines", [("pause", "Dupont")]),
        ("Menuiserie Lemaire: why?", [("why", "Menuiserie Lemaire")]),
        ("Dupont a payé FA-2026-0445 ce matin", [("paid", "FA-2026-0445")]),
        ("mets Dupont en pause", [("pause", "Dupont")]),
        ("write FA-1 off", [("write_off", "FA-1")]),
        ("merci de ne plus relancer Dupont", [("pause", "Dupont")]),
        ("stop Dupont", [("pause", "Dupont")]),
        ("remplace le contact de Dupont par a@dupont.example", [("contact", "Dupont")]),
        ("annule l'envoi à Dupont", [("undo", "Dupont")]),
    ],
)
def test_what_owners_write_in_their_own_order_of_words(line: str, orders: list[tuple[str, str]]) -> None:
    assert [(order.verb, order.target) for order in parse_line(line, DAY)] == orders


@pytest.mark.parametrize(
    "line",
    ["digest si besoin", "digest si nécessaire", "digest only when needed", "digest if needed", "digest au besoin"],
)
def test_a_digest_only_when_it_is_needed_is_a_wish_and_no_condition(line: str) -> None:
    [order] = parse_line(line, DAY)

    assert (order.verb, dict(order.fields)) == ("digest", {"days": "needed"})


@pytest.mark.parametrize(
    "line",
    [
        "digest si Dupont paie",
        "payé FA-1 ?",
        "Dupont n'a pas payé",
        "personne n'a payé FA-1",
        "si Dupont ne paie pas vendredi, envoie la mise en demeure",
        "envoie FA-1 si rien n'arrive",
        "ok sauf la 3",
        "la facture FA-2026-014 n'est pas payée",
        "Dupont demande : pause 2 semaines",
        "Dupont : envoie la facture",
        "Dupont : pause ?",
        "Dupont: paid",
    ],
)
def test_what_is_asked_denied_or_bound_to_a_condition_is_no_order(line: str) -> None:
    assert parse_line(line, DAY) == []


def test_orders_below_another_text_are_in_doubt_and_none() -> None:
    copied = "Lundi 23 novembre\nÀ DÉCIDER\nune ligne du digest\npayé FA-1 par virement\nok 1"

    assert parse_orders(copied, "fr", DAY)[0] == ()


@pytest.mark.parametrize("text", ["Super, merci", "Merci beaucoup pour ton aide", "Bien reçu.", "👍", "Parfait !"])
def test_a_kind_word_is_no_order_and_needs_no_help(text: str) -> None:
    assert parse_orders(text, "fr", DAY) == ((), ())


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("avant-hier", date(2026, 11, 18)),
        ("last friday", date(2026, 11, 13)),
        ("vendredi", date(2026, 11, 27)),
        ("vendredi en huit", date(2026, 12, 4)),
        ("fin du mois", date(2026, 11, 30)),
        ("end of february", date(2027, 2, 28)),
        ("dans 2 semaines", date(2026, 12, 4)),
        ("le 5 décembre", date(2026, 12, 5)),
        ("5 janvier", date(2027, 1, 5)),
        ("31/02", None),
        ("bientôt", None),
    ],
)
def test_a_day_is_understood_as_owners_write_it(words: str, day: date | None) -> None:
    assert resolve_day(fold(words), DAY) == day


@pytest.mark.parametrize(
    ("line", "near"),
    [("puase Dupont 10j", "pause Dupont 10j"), ("paeid FA-1", "paid FA-1"), ("bonjour tout va bien ici", "")],
)
def test_a_mistyped_order_is_answered_with_the_nearest_one(line: str, near: str) -> None:
    assert nearest_order(line, "en") == near


@pytest.mark.parametrize(
    ("lines", "clash"),
    [
        (("pause FA-1", "reprends FA-1"), {0, 1}),
        (("ok 1", "non 1"), {0, 1}),
        (("ok 1", "non 2"), set()),
        (("promesse FA-1 5/12", "promesse FA-1 9/12"), {0, 1}),
        (("payé FA-1 500", "promesse FA-1 5/12"), set()),
        (("payé FA-1", "litige FA-1"), {0, 1}),
        (("stop", "en direct"), {1}),
        (("plus doucement Dupont", "traite Dupont comme key_account"), set()),
    ],
)
def test_orders_that_cannot_both_be_meant_contradict(lines: tuple[str, ...], clash: set[int]) -> None:
    orders, _ = parse_orders("\n".join(lines), "fr", DAY)

    assert set(contradicting(orders)) == clash


def test_small_words_inside_a_clients_name_belong_to_it() -> None:
    orders, unknown = parse_orders("contact Fietsen De Vries facturen@devries.example", "fr", None)

    assert unknown == ()
    assert [order.target for order in orders] == ["Fietsen De Vries"]


@pytest.mark.parametrize(
    "line",
    [
        "non payée FA-2026-0001", "non réglé : FA-2026-0001", "no resume Lemaire", "Lemaire has paid nothing",
        "Lemaire a payé la moitié", "Dupont a réglé le litige", "Dupont a payé une autre facture",
        "non 1 mais seulement si Lemaire paie d'abord", "ok 1 sauf si c'est un autre client", "non 1,2 sauf 2",
        "ok 1 si Dupont confirme", "2: oui mais pas avant vendredi", "ok 3 ?",
    ],
)  # fmt: skip
def test_a_denial_a_part_or_a_condition_is_no_order(line: str) -> None:
    orders, unknown = parse_orders(line, "fr", date(2026, 11, 1))

    assert orders == ()
    assert unknown == (line,)


def test_a_text_for_a_client_goes_on_after_a_line_that_begins_with_thanks() -> None:
    mail = "réponds Lemaire\nBonjour,\nMerci, nous passons mardi.\n\nMerci\nClaire"

    [order] = parse_orders(mail, "fr", date(2026, 11, 1))[0]

    assert order.fields["text"] == "Bonjour,\nMerci, nous passons mardi."
