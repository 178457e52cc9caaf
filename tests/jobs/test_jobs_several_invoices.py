"""A client answers one mail that lists two invoices: which of them its words are about."""

from datetime import timedelta
from typing import Any

import pytest
from e2e_house import LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import MONDAY, OWNER, at, text_of
from jobs_story import SUNDAY, asked, to_lemaire, typed

from mailbot.config import shipped
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules

FIRST, SECOND = "FA-2026-0002", "FA-2026-0001"
BOTH = [SECOND, FIRST]


def both_reminded(house: House) -> bytes:
    """Both invoices are listed in one mail, whose subject names the older one alone."""
    now, due = at(MONDAY, 7, 40), MONDAY - timedelta(days=9)
    house.turn(
        now, forwarded(SECOND, LEMAIRE, now), forwarded(FIRST, LEMAIRE, now, "2000.00", due), bank_file(SUNDAY, now)
    )
    house.turn(at(MONDAY, 9, 20))
    mail = to_lemaire(house)[-1]
    assert FIRST in mail["Subject"]
    assert SECOND not in mail["Subject"]
    assert SECOND in text_of(mail)
    return next(one.raw for one in house.mailer.sent if one.recipient == LEMAIRE.person.email)


def replied(house: House, text: str) -> list[tuple[str, str]]:
    """The events of the reply: (name, invoice)."""
    mail = both_reminded(house)
    house.turn(at(MONDAY, 10), answered(LEMAIRE, mail, text, at(MONDAY, 10)))
    events = [row for row in house.rows("event") if row["name"].startswith("reply.")]
    return sorted((row["name"], row["invoice"]) for row in events)


def two_weeks(house: House) -> list[Any]:
    """The mails to the client from then on."""
    before = len(to_lemaire(house))
    for ahead in range(1, 14):
        day = MONDAY + timedelta(days=ahead)
        house.turn(at(day, 7, 40), bank_file(day - timedelta(days=1), at(day, 7, 40)))
        house.turn(at(day, 9, 20))
    return to_lemaire(house)[before:]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bonjour,\n\nNous contestons ces factures.\n\nCordialement,", "reply.dispute"),
        ("Hello,\n\nWe will pay both invoices on 16 March.\n\nRegards", "reply.promise"),
        ("Guten Tag,\n\nwir zahlen beide Rechnungen am 16. März.\n\nMit freundlichen Grüßen", "reply.promise"),
    ],
)
def test_words_for_all_and_words_for_none_are_about_every_invoice_of_the_mail(
    house: House, text: str, name: str
) -> None:
    assert replied(house, text) == [(name, number) for number in BOTH]


def test_a_promise_for_both_is_acknowledged_for_both_and_neither_is_reminded_before_it(house: House) -> None:
    mail = both_reminded(house)
    gentle = load_rules(
        (shipped("rules") / "gentle.yaml").read_text(encoding="utf-8"), "gentle.yaml", house.office.templates.names()
    )
    assert isinstance(gentle, Rules)
    object.__setattr__(house.office, "rules", gentle)
    text = "Bonjour,\n\nNous réglons le tout le 16 mars.\n\nCordialement,"
    house.turn(at(MONDAY, 10), answered(LEMAIRE, mail, text, at(MONDAY, 10)))
    house.turn(at(MONDAY, 10, 20))
    house.turn(at(MONDAY, 10, 40))

    noted = text_of(to_lemaire(house)[-1])
    assert "16 mars" in noted
    assert FIRST in noted
    assert SECOND in noted

    assert two_weeks(house) == []
    digests = [text_of(mail) for mail in house.mails_to(OWNER.email)]
    assert any("dont promis 3 600,00 €" in text.replace("\u202f", " ").replace("\xa0", " ") for text in digests)


def test_a_promised_sum_is_shared_out_and_one_that_is_one_invoices_is_that_ones(house: House) -> None:
    assert replied(house, "Nous réglons 3 000,00 € le 16 mars.") == [("reply.promise", number) for number in BOTH]
    rows = [row for row in house.rows("event") if row["name"] == "reply.promise"]
    assert {row["invoice"]: row["data"]["promise_amount"] for row in rows} == {FIRST: "2400.00", SECOND: "600.00"}


def test_words_for_one_of_several_are_asked_about_and_hold_all(house: House) -> None:
    assert replied(house, "Bonjour,\n\nNous contestons cette facture.\n\nCordialement,") == [
        ("reply.unclear", number) for number in BOTH
    ]
    (question,) = asked(house, "unclear")

    assert FIRST in question["text"]
    assert SECOND in question["text"]
    assert two_weeks(house) == []


def test_words_for_one_are_about_the_only_one_that_is_open(house: House) -> None:
    mail = both_reminded(house)
    house.turn(at(MONDAY, 9, 40))
    typed(house, f"payé {FIRST}", at(MONDAY, 9, 45))
    house.turn(at(MONDAY, 10), answered(LEMAIRE, mail, "Nous contestons cette facture.", at(MONDAY, 10)))

    events = [(row["name"], row["invoice"]) for row in house.rows("event") if row["name"].startswith("reply.")]
    assert events == [("reply.dispute", SECOND)]
