"""Every question that a room can raise: mail in, question, digest, the owner's reply, effect; and never asked twice.

A kind that only informs is raised here by its own words; one whose answer acts has a story, here or in the module
that is named.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from importlib.resources import files

import pytest
import yaml
from e2e_house import DUPONT, LEMAIRE, House, answered, bank_file, forwarded, forwarded_plain, ordered
from e2e_scene import MONDAY, OWNER, DemoLine, at
from jobs_story import DISPUTED, MUMBLED, SUNDAY, THURSDAY, TUESDAY, asked, newest

from mailbot.config import shipped
from mailbot.jobs import answering, redirecting
from mailbot.jobs.deciding import current_decision
from mailbot.jobs.mailing import ask
from mailbot.owner import questions
from mailbot.rules.language import Rules
from mailbot.rules.load import load_rules

ELSEWHERE = {
    "approve": ("test_jobs_questions", "test_an_approval_can_still_be_given_after_a_weekend"),
    "overpaid": ("test_jobs_matching", "test_what_is_over_is_kept_for_the_client_and_asked_about"),
    "in_doubt": ("test_jobs_sending", None),
    "rules_changed": ("test_jobs_rulebook", "test_a_change_that_writes_to_many_waits_and_takes_effect_after_a_yes"),
    "revised": ("test_jobs_invoicing", "test_a_revised_version_is_asked_about_once_and_taken_with_a_yes"),
    "address": ("test_jobs_invoicing", None),
    "credit_reference": ("test_jobs_invoicing", None),
    "credit_rest": ("test_jobs_credit_notes", "test_what_is_paid_back_of_a_credit_note_lowers_no_other_invoice"),
    "note": (
        "test_jobs_intake_dialogue",
        "test_other_words_above_an_invoice_are_quoted_and_hold_its_reminders_until_an_answer",
    ),
    "tool_copy": (
        "test_jobs_intake_dialogue",
        "test_the_copy_of_a_tool_that_a_rule_passes_on_is_asked_about_at_once_and_entered_with_a_yes",
    ),
    "which": ("test_jobs_choosing", "test_two_clients_of_one_name_are_told_apart_and_the_number_chooses"),
    "confirm": ("test_jobs_orders_by_mail", "test_a_serious_order_waits_for_its_word_in_silence_and_then_acts_once"),
}
"""Kinds whose story stands in another module of these tests."""
MOVED = (
    "Bonjour,\n\nJe ne m'occupe plus de la comptabilité. Merci d'écrire désormais à compta@lemaire.example.\n\n"
    "Cordialement,"
)
ABOUT = {"why": "Illisible.", "from": "x@y.example", "subject": "Objet", "size": 30_000_000, "text": "…", "count": 2}


def sentences() -> set[str]:
    written = files("mailbot.owner").joinpath("questions.yaml").read_text(encoding="utf-8")
    return set(yaml.safe_load(written))


def acting() -> set[str]:
    """The kinds whose answer does more than close the question."""
    return set(answering._KINDS) | set(questions._ASKERS) | {"no_contact"}


def reply(house: House, line: str, day: object = TUESDAY) -> None:
    """The owner answers the digest of the morning."""
    now = at(day, 8)  # type: ignore[arg-type]
    house.turn(now, ordered(newest(house, OWNER.email), now, line))


def reminded(house: House) -> bytes:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    return newest(house, LEMAIRE.person.email)


def unclear(house: House) -> Callable[[], bool]:
    house.turn(at(MONDAY, 10), answered(LEMAIRE, reminded(house), MUMBLED, at(MONDAY, 10)))
    return lambda: any(row["name"] == "reply.dispute" for row in house.rows("event"))


def alert(house: House) -> Callable[[], bool]:
    said = DISPUTED.format("FA-2026-0001")
    house.turn(at(MONDAY, 10), answered(LEMAIRE, reminded(house), said, at(MONDAY, 10)))
    return lambda: any(row["name"] == "owner.resolved" for row in house.rows("event"))


def match(house: House) -> Callable[[], bool]:
    line = DemoLine(SUNDAY, Decimal("1000.00"), "DUPONT", "ACOMPTE")
    raw = forwarded("FA-2026-0002", DUPONT, at(MONDAY, 7, 40))
    house.turn(at(MONDAY, 7, 40), raw, bank_file(SUNDAY, at(MONDAY, 7, 40), line))
    return lambda: any(row["name"] == "bank.payment" for row in house.rows("event"))


def draft(house: House) -> Callable[[], bool]:
    house.turn(at(MONDAY, 7, 40), forwarded_plain("FA-2026-0009", DUPONT, at(MONDAY, 7, 40)))
    return lambda: bool(house.rows("invoice", number="FA-2026-0009"))


def unproven_owner(house: House) -> Callable[[], bool]:
    raw = forwarded("FA-2026-0003", DUPONT, at(MONDAY, 7, 40)).replace(b"dmarc=pass", b"dmarc=fail")
    house.turn(at(MONDAY, 7, 40), raw)
    return lambda: bool(house.rows("invoice", number="FA-2026-0003"))


def no_contact(house: House) -> Callable[[], bool]:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(
        at(MONDAY, 8),
        ordered(newest(house, OWNER.email), at(MONDAY, 8), f"contact Lemaire retire {LEMAIRE.person.email}"),
    )
    house.turn(at(MONDAY, 9, 20))
    return lambda: [row["email"] for row in house.rows("contact")] == ["compta@lemaire.example"]


def new_contact(house: House) -> Callable[[], bool]:
    house.turn(at(MONDAY, 10), answered(LEMAIRE, reminded(house), MOVED, at(MONDAY, 10)))
    return lambda: usable(house)[:1] == ["compta@lemaire.example"]


def usable(house: House) -> list[str]:
    """Whom mails to the one client go to, first one first."""
    rows = sorted(house.rows("contact"), key=lambda row: row["position"])
    return [row["email"] for row in rows if row["usable"]]


STORIES: dict[str, tuple[Callable[[House], Callable[[], bool]], str, str]] = {
    "unclear": (unclear, "unclear", "{} litige"),
    "alert": (alert, "alert_dispute", "non {}"),
    "match": (match, "match", "ok {}"),
    "draft": (draft, "draft", "ok {}"),
    "unproven_owner": (unproven_owner, "unproven_owner", "oui {}"),
    "new_contact": (new_contact, "new_contact", "oui {}"),
    "no_contact": (no_contact, "no_contact", "contact FA-2026-0001 compta@lemaire.example"),
}


@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_question_in_the_digest_is_answered_by_one_line_and_acts(house: House, story: str) -> None:
    tell, kind, line = STORIES[story]
    happened = tell(house)
    [question] = [one for one in asked(house, kind) if one["state"] == "open"]
    assert not happened()
    house.turn(at(TUESDAY, 7, 40))
    digest = house.mails_to(OWNER.email)[-1]
    assert f"{question['number']}. " in str(digest.get_body(("plain",)).get_content())

    reply(house, line.format(question["number"]))

    assert happened()
    assert [one["state"] for one in asked(house, kind)] == ["answered" if kind != "no_contact" else "expired"]


def test_every_kind_has_a_story_or_only_informs() -> None:
    told = {kind for kind in acting() if kind in STORIES or kind in ELSEWHERE}

    assert acting() - told == set(), "a question whose answer acts has no story"
    for kind, (module, name) in ELSEWHERE.items():
        assert name is None or hasattr(import_module(module), name), kind


def test_each_question_that_only_informs_is_closed_by_one_line_and_never_asked_twice(house: House) -> None:
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))
    kinds = sorted(sentences() - acting())
    now = at(MONDAY, 9)
    numbers = [house.act(lambda conn, k=kind: ask(conn, house.office, k, f"{k}/1", ABOUT, now)) for kind in kinds]
    house.turn(at(TUESDAY, 7, 40))

    reply(house, f"ok {','.join(map(str, numbers))}")

    states = {kind: house.rows("question", kind=kind)[0]["state"] for kind in kinds}
    assert set(states.values()) <= {"answered", "expired"}  # what was mended meanwhile asks no more
    told = [kind for kind in kinds if states[kind] == "answered"]
    assert len(told) > len(kinds) / 2
    later = now + timedelta(days=2)
    again = [house.act(lambda conn, k=kind: ask(conn, house.office, k, f"{k}/1", ABOUT, later)) for kind in told]
    assert again == [number for kind, number in zip(kinds, numbers, strict=True) if kind in told]
    assert {house.rows("question", kind=kind)[0]["state"] for kind in told} == {"answered"}


def test_an_address_that_a_client_names_is_written_to_only_after_a_yes(house: House) -> None:
    happened = new_contact(house)
    house.turn(at(TUESDAY, 7, 40))
    [question] = asked(house, "new_contact")
    assert not asked(house, "alert_wrong_contact")
    assert not happened()
    assert "compta@lemaire.example" in question["text"]

    reply(house, f"oui {question['number']}")
    reply(house, "envoie FA-2026-0001", TUESDAY)
    for day in (TUESDAY, TUESDAY + timedelta(days=1), THURSDAY):
        house.turn(at(day, 9, 20), bank_file(day, at(day, 9, 20)))

    assert len(house.mails_to("compta@lemaire.example")) == 1
    assert len(house.mails_to(LEMAIRE.person.email)) == 1


def test_a_no_keeps_the_old_address_and_the_reminders_go_on(house: House) -> None:
    new_contact(house)
    house.turn(at(TUESDAY, 7, 40))
    [question] = asked(house, "new_contact")

    reply(house, f"non {question['number']}")
    house.turn(at(TUESDAY, 10))

    assert usable(house) == [LEMAIRE.person.email]
    assert not [one for one in house.rows("question") if one["state"] == "open" and one["kind"].startswith("alert")]


def test_a_yes_to_an_address_can_be_taken_back(house: House) -> None:
    happened = new_contact(house)
    house.turn(at(TUESDAY, 7, 40))
    [question] = asked(house, "new_contact")
    reply(house, f"oui {question['number']}")
    assert happened()

    reply(house, f"annule {question['number']}")

    assert usable(house) == [LEMAIRE.person.email]
    assert [one["state"] for one in asked(house, "new_contact")] == ["open"]


def test_the_same_address_named_twice_is_one_question_and_an_order_that_sets_it_settles_it(house: House) -> None:
    new_contact(house)
    house.turn(at(TUESDAY, 7, 40))
    again = f"{MOVED}\nMerci."
    house.turn(at(MONDAY, 11), answered(LEMAIRE, newest(house, LEMAIRE.person.email), again, at(MONDAY, 11)))
    assert len(asked(house, "new_contact")) == 1

    reply(house, "contact FA-2026-0001 compta@lemaire.example")
    house.turn(at(TUESDAY, 10))

    assert [one["state"] for one in asked(house, "new_contact")] == ["expired"]


def test_an_address_elsewhere_is_asked_about_with_a_warning(house: House) -> None:
    said = MOVED.replace("compta@lemaire.example", "compta.lemaire@gmail.com")
    house.turn(at(MONDAY, 10), answered(LEMAIRE, reminded(house), said, at(MONDAY, 10)))

    [question] = asked(house, "new_contact")

    assert "pas du domaine du client" in question["text"]


def test_where_it_is_not_sure_that_the_letter_says_so_one_yes_settles_both(house: House) -> None:
    house.turn(at(MONDAY, 10), answered(LEMAIRE, reminded(house), MOVED, at(MONDAY, 10)))
    client, email = house.client(LEMAIRE.name), "autre@lemaire.example"
    [letter] = [one["letter"] for one in asked(house, "new_contact")]
    house.act(
        lambda conn: redirecting.ask_about(
            conn, house.office, client, email, letter, at(MONDAY, 10),
            letter=letter, invoices=("FA-2026-0001",), unsure=True,
        )
    )  # fmt: skip
    house.turn(at(TUESDAY, 7, 40))
    [question] = [one for one in asked(house, "new_contact") if one["about"]["unsure"]]

    reply(house, f"oui {question['number']}")

    assert usable(house)[:1] == [email]
    named = [
        row["name"]
        for row in house.rows("event")
        if row["data"].get("letter") == letter and row["data"].get("by", "owner") == "owner"
    ]
    assert {"reply.wrong_contact", "owner.answered"} <= set(named)


def test_a_copy_that_was_asked_for_and_has_left_leaves_no_question_and_no_pause(house: House) -> None:
    mail = reminded(house)
    text = (shipped("rules") / "gentle.yaml").read_text(encoding="utf-8")
    gentle = load_rules(text, "gentle.yaml", house.office.templates.names())
    assert isinstance(gentle, Rules)
    object.__setattr__(house.office, "rules", gentle)
    asks = "Bonjour,\n\nPouvez-vous me renvoyer la facture FA-2026-0001 en PDF ? Je ne la trouve pas.\n\nMerci,"
    house.turn(at(MONDAY, 10), answered(LEMAIRE, mail, asks, at(MONDAY, 10)))
    assert [one["state"] for one in asked(house, "alert_document_request")] == ["open"]

    house.turn(at(MONDAY, 10, 30))
    house.turn(at(MONDAY, 10, 40))

    copy = house.mails_to(LEMAIRE.person.email)[-1]
    assert [part.get_content_type() for part in copy.iter_attachments()][:1] == ["application/pdf"]
    assert [one["state"] for one in asked(house, "alert_document_request")] == ["expired"]
    client = house.client(LEMAIRE.name)
    decision = house.ask(lambda conn: current_decision(conn, house.office, client, at(TUESDAY, 9, 20)))
    assert decision.code != "document_request"
