"""Lines that hold more than one order, say something else than the verb, or name a pause that cannot be read."""

from datetime import date

import pytest

from mailbot.owner.lines import parse_line, who_is_said_to_have_paid

MONDAY = date(2026, 3, 2)


def read(line: str) -> list[tuple[str, str | None, dict[str, str]]]:
    return [
        (one.verb, one.target, {key: value for key, value in one.fields.items() if key != "question"})
        for one in parse_line(line, MONDAY)
    ]


YES, NO = {"choice": "yes"}, {"choice": "no"}


@pytest.mark.parametrize(
    ("line", "orders"),
    [
        ("ok 1 ok 2", [("answer", "1", YES), ("answer", "2", YES)]),
        ("oui 1 oui 2", [("answer", "1", YES), ("answer", "2", YES)]),
        ("non 1 non 2", [("answer", "1", NO), ("answer", "2", NO)]),
        ("no 1, yes 2", [("answer", "1", NO), ("answer", "2", YES)]),
        ("1 1 2 2", [("answer", "1", {"choice": "1"}), ("answer", "2", {"choice": "2"})]),
        (
            "1 = oui et 2 = FA-2026-0101",
            [("answer", "1", YES), ("answer", "2", {"choice": "other", "text": "FA-2026-0101"})],
        ),
        (
            "litige FA-2 panneau cassé, pause Dupont 10j",
            [("dispute", "FA-2", {"why": "panneau cassé"}), ("pause", "Dupont", {"days": "10"})],
        ),
        ("litige FA-2 et ok 1", [("dispute", "FA-2", {}), ("answer", "1", YES)]),
        ("abandonne FA-2 et ok 1", [("write_off", "FA-2", {}), ("answer", "1", YES)]),
        ("cancel FA-2 typo, paid FA-3", [("cancel", "FA-2", {"reason": "typo"}), ("paid", "FA-3", {})]),
    ],
)  # fmt: skip
def test_every_order_of_a_line_is_read(line: str, orders: list[tuple[str, str, dict[str, str]]]) -> None:
    assert read(line) == orders


def test_a_reason_without_an_order_of_its_own_stays_whole() -> None:
    assert read("litige FA-2 cassé et payé en partie") == [("dispute", "FA-2", {"why": "cassé et payé en partie"})]


@pytest.mark.parametrize(
    "line",
    ["ok 1 à partir de lundi", "ok 1 pour 500 euros", "ok 1 from Monday", "yes 2 for 500 €", "ok 1 jusqu'à lundi",
     "no more digest", "no idea", "no payment received FA-2026-0101", "no money received from Dupont"],
)  # fmt: skip
def test_what_is_neither_a_plain_yes_nor_a_no_is_no_answer(line: str) -> None:
    assert read(line) == []


@pytest.mark.parametrize("line", ["non", "no", "no thanks", "non 2, pas le bon client", "oui", "yes please"])
def test_a_plain_answer_still_is_one(line: str) -> None:
    assert [verb for verb, _, _ in read(line)] == ["answer"]


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("pause Lemaire jusqu'au 10", {"until": "2026-03-10"}),
        ("pause Lemaire until 10", {"until": "2026-03-10"}),
        ("pause Lemaire 10", {"doubt": "number"}),
        ("pause Lemaire 0j", {"doubt": "number"}),
        ("pause Lemaire dès lundi pour 10 jours", {"doubt": "starts"}),
        ("pause Lemaire du 10 au 15", {"doubt": "starts"}),
        ("pause Lemaire du 10/03 au 15/03", {"doubt": "starts"}),
        ("pause Lemaire from Monday for 10 days", {"doubt": "starts"}),
        ("pause Lemaire à partir de demain", {"doubt": "starts"}),
        ("pause Lemaire 10j", {"days": "10"}),
        ("pause Lemaire", {}),
    ],
)
def test_a_pause_is_as_long_as_it_says_or_is_asked_about(line: str, fields: dict[str, str]) -> None:
    assert read(line) == [("pause", "Lemaire", fields)]


@pytest.mark.parametrize("line", ["payé FA 2026 0103", "paid FA 2026 0103", "payé fa 2026 0103"])
def test_an_invoice_number_with_spaces_is_the_number(line: str) -> None:
    [(verb, target, fields)] = read(line)

    assert (verb, (target or "").upper(), fields) == ("paid", "FA-2026-0103", {})


def test_a_month_with_its_year_before_a_sum_is_no_invoice_number() -> None:
    assert read("payé Dupont 5 mars 2026 600") == [("paid", "Dupont", {"date": "2026-03-05", "amount": "600.00"})]


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("nothing paid FA-1", "nothing"), ("to be paid FA-1", "to be"), ("Dupont a payé FA-1", "Dupont"),
        ("Bonjour, et Dupont SARL paid FA-1", "Dupont SARL"), ("paid FA-1", ""), ("FA-1 et FA-2 sont payées", ""),
        ("he has paid FA-1", ""), ("le client a payé FA-1", ""),
    ],
)  # fmt: skip
def test_who_is_said_to_have_paid_is_told(line: str, who: str) -> None:
    assert who_is_said_to_have_paid(line) == who
