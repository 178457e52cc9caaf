"""Delivery reports, receipts, complaints and automatic answers."""

from datetime import date

import pytest

from mailbot.inbox.letter import parse_letter
from mailbot.inbox.read import read_letter
from mailbot.inbox.reports import read_report
from mailbot.model import Kind, Letter

REPORT = """From: MAILER-DAEMON@mx.example
To: f@atelier.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Anne@roux.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code}

--b
Content-Type: message/rfc822

From: f@atelier.example
To: anne@roux.example
Subject: Rappel
Message-ID: <rem.1@atelier.example>

Merci de payer.
--b--
"""


def letter(text: str) -> Letter:
    return parse_letter(text.encode())


@pytest.mark.parametrize(
    ("code", "status", "reason", "kind"),
    [
        ("550 5.1.1 <anne@roux.example> User unknown", "5.1.1", "user_unknown", "hard"),
        ("552 5.2.2 Mailbox full", "5.2.2", "mailbox_full", "soft"),
        ("554 5.7.1 Message considered spam", "5.7.1", "spam", "soft"),
        ("550 5.7.1 Blocked by policy", "5.7.1", "policy", "soft"),
        ("552 5.3.4 Message size exceeds limit", "5.3.4", "size", "soft"),
        ("Host not found", "5.1.2", "dns", "hard"),
    ],
)
def test_hard_or_soft_follows_the_reason_and_not_the_code(code: str, status: str, reason: str, kind: str) -> None:
    report = read_report(letter(REPORT.format(action="failed", status=status, code=code)))

    assert report is not None
    assert (report.type, report.recipient, report.status) == ("dsn", "anne@roux.example", status)
    assert (report.reason, report.class_, report.original_message_id) == (reason, kind, "<rem.1@atelier.example>")


def test_a_bounce_that_calls_itself_an_automatic_answer_is_a_bounce() -> None:
    found = read_letter(letter(REPORT.format(action="failed", status="5.1.1", code="550 User unknown")))

    assert found.kind is Kind.BOUNCE


def test_a_delay_is_never_hard() -> None:
    report = read_report(letter(REPORT.format(action="delayed", status="4.1.1", code="450 User unknown")))

    assert report is not None
    assert (report.action, report.class_) == ("delayed", "soft")


def test_a_bounce_in_plain_words_is_read() -> None:
    report = read_report(
        letter(
            "From: MAILER-DAEMON@mx.example\nTo: f@atelier.example\nSubject: failure notice\n\nHi. This is "
            "the qmail-send program.\n"
            "I wasn't able to deliver your message.\n\n<anne@roux.example>:\n550 5.1.1 no mailbox here by "
            "that name\n\n"
            "--- Below this line is a copy of the message.\n\nMessage-ID: <rem.1@atelier.example>\nTo: "
            "anne@roux.example\n"
        )
    )

    assert report is not None
    assert (report.type, report.recipient, report.reason, report.class_) == (
        "plain",
        "anne@roux.example",
        "user_unknown",
        "hard",
    )
    assert report.original_message_id == "<rem.1@atelier.example>"


@pytest.mark.parametrize(
    ("disposition", "action"),
    [
        ("manual-action/MDN-sent-manually; displayed", "displayed"),
        ("automatic-action/MDN-sent-automatically; deleted", "deleted"),
    ],
)
def test_a_read_receipt_says_what_was_done(disposition: str, action: str) -> None:
    text = (
        "From: anne@roux.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
        "text/plain\n\nLu.\n--b\n"
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: "
        "rfc822;anne@roux.example\nOriginal-Message-ID: <rem.1@atelier.example>\n"
        f"Disposition: {disposition}\n--b--\n"
    )

    report = read_report(letter(text))

    assert report is not None
    assert (report.type, report.action, report.original_message_id) == ("mdn", action, "<rem.1@atelier.example>")


@pytest.mark.parametrize(
    ("head", "text", "back"),
    [
        (
            "Subject: Réponse automatique : Rappel",
            "Je suis absente, de retour le lundi 23 novembre.",
            date(2026, 11, 23),
        ),
        ("Subject: Rappel\nAuto-Submitted: auto-replied", "Out of office, back on 23 November.", date(2026, 11, 23)),
        ("Subject: Rappel\nAuto-Submitted: auto-replied", "Je suis absent jusqu'au 20 novembre.", None),
    ],
)
def test_an_absence_says_when_it_ends_and_promises_nothing(head: str, text: str, back: date | None) -> None:
    found = read_letter(letter(f"From: a@roux.example\nDate: Wed, 18 Nov 2026 10:00:00 +0100\n{head}\n\n{text}\n"))

    assert (found.kind, found.return_date, found.promise_date) == (Kind.AUTO_REPLY, back, None)


def test_a_person_who_was_away_is_a_person() -> None:
    found = read_letter(
        letter(
            "From: a@roux.example\nSubject: Re: Rappel\nIn-Reply-To: <1@x>\n\nExcusez mon absence de "
            "réponse, j'étais en congés. Le virement est parti ce matin.\n"
        )
    )

    assert found.kind is Kind.REPLY


def test_a_newsletter_is_unrelated() -> None:
    found = read_letter(
        letter(
            "From: a@shop.example\nSubject: Offres\nList-Unsubscribe: <https://shop.example/u>\n\nPayez en 3 fois !\n"
        )
    )

    assert found.kind is Kind.UNRELATED
