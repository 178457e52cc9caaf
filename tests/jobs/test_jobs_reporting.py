"""What machines report of our mails counts for the mail that it names, and for nothing else."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e_house import LEMAIRE, House, bank_file, forwarded, write_settings
from e2e_scene import BOX, MONDAY, OWNER, at

from mailbot.sandbox import Sandbox

CLIENT = LEMAIRE.person.email
ARCHIVE = BOX.replace("@", "+archive@")
_REPORT = """From: {sender}
To: {box}
Subject: {subject}
Date: {date}
Message-ID: <report@far.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b1"

--b1
Content-Type: text/plain

{said}

--b1
Content-Type: message/{kind}

{fields}
--b1
Content-Type: text/rfc822-headers

From: {box}
{original}
--b1--
"""


@pytest.fixture
def reminded(house: House) -> House:
    """A reminder has left for the client."""
    return _reminded(house)


def _reminded(house: House) -> House:
    house.turn(at(MONDAY, 7), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7)))
    house.turn(at(MONDAY, 7, 30), bank_file(MONDAY - timedelta(days=1), at(MONDAY, 7, 30)))
    house.turn(at(MONDAY, 9, 30))
    house.turn(at(MONDAY, 10, 30))
    assert [row["recipient"] for row in _sent(house)] == [CLIENT]
    return house


def _sent(house: House) -> list[dict[str, Any]]:
    return [row for row in house.rows("outgoing") if (row["kind"], row["state"]) == ("client", "sent")]


def comes(
    house: House, kind: str, fields: str, *, sender: str, original: str = "", subject: str = "A report",
    headers: tuple[str, str] = ("", ""),
) -> None:  # fmt: skip
    now = at(MONDAY, 11)
    report = _REPORT.format(
        sender=sender, box=BOX, subject=subject, date=format_datetime(now), kind=kind,
        said="This is the mail system: your message could not be delivered.", fields=fields, original=original,
    )  # fmt: skip
    house.turn(now, report.replace(*headers).replace("\n", "\r\n").encode())


def bounce(
    house: House, final: str, *, original: str, more: str = "", envelope: str = "", headers: tuple[str, str] = ("", "")
) -> None:
    per_message = "Reporting-MTA: dns; far.example\n" + (f"Original-Envelope-Id: {envelope}\n" if envelope else "")
    fields = f"{per_message}\nFinal-Recipient: rfc822; {final}\n{more}Action: failed\nStatus: 5.1.1\n"
    comes(house, "delivery-status", fields, sender="MAILER-DAEMON@far.example", original=original,
          subject="Undelivered Mail Returned to Sender", headers=headers)  # fmt: skip


def receipt(house: House, sender: str, message_id: str) -> None:
    fields = f"Final-Recipient: rfc822;{sender}\nOriginal-Message-ID: {message_id}\n"
    comes(house, "disposition-notification", f"{fields}Disposition: manual-action/MDN-sent-manually; displayed\n",
          sender=sender)  # fmt: skip


def names(house: House) -> list[str]:
    return [
        row["name"] for row in house.rows("event") if row["name"].startswith("mail.") and row["name"] != "mail.sent"
    ]


def usable(house: House) -> bool:
    [contact] = [row for row in house.rows("contact") if row["email"] == CLIENT]
    return bool(contact["usable"])


# ------------------------------------------------------------------------------------------------ read receipts


@pytest.mark.parametrize(
    "form", [lambda mid: mid, lambda mid: mid.strip("<>")], ids=["with brackets", "without brackets"]
)
def test_a_receipt_of_the_client_is_an_event_of_its_mail(reminded: House, form: Callable[[str], str]) -> None:
    [row] = _sent(reminded)

    receipt(reminded, CLIENT, form(row["message_id"]))

    [event] = [one for one in reminded.rows("event") if one["name"] == "mail.read"]
    assert event["data"]["outgoing"] == row["id"]


@pytest.mark.parametrize("sender", ["somebody@elsewhere.example", "lemaire@gmail.com", OWNER.email])
def test_a_receipt_of_somebody_else_says_nothing_of_the_client(reminded: House, sender: str) -> None:
    receipt(reminded, sender, _sent(reminded)[0]["message_id"])

    assert names(reminded) == []


def test_a_receipt_of_a_colleague_counts(reminded: House) -> None:
    receipt(reminded, f"direction@{CLIENT.partition('@')[2]}", _sent(reminded)[0]["message_id"])

    assert names(reminded) == ["mail.read"]


# ------------------------------------------------------------------------------------------------ bounces


def test_a_report_without_the_mails_headers_is_known_by_the_name_on_the_envelope(reminded: House) -> None:
    [row] = _sent(reminded)

    bounce(reminded, CLIENT, original="", envelope=f"mb-{row['id']}")

    assert names(reminded) == ["mail.bounced"]
    assert not usable(reminded)


def test_the_original_recipient_counts_where_the_mail_was_passed_on(reminded: House) -> None:
    more = f"Original-Recipient: rfc822;{CLIENT}\n"

    bounce(reminded, "x@forwarded.example", original="", more=more, envelope=f"mb-{_sent(reminded)[0]['id']}")

    assert names(reminded) == ["mail.bounced"]


def test_headers_with_letters_beyond_ascii_name_the_mail_too(reminded: House) -> None:
    [row] = _sent(reminded)
    plain, beyond = "Content-Type: text/rfc822-headers", "Content-Type: message/global-headers"

    bounce(reminded, CLIENT, original=f"Message-ID: {row['message_id']}", headers=(plain, beyond))

    assert names(reminded) == ["mail.bounced"]


@pytest.mark.parametrize("envelope", ["mb-1", "mb-999999", "mb-x", "ob-1", "mb-" + "9" * 400])
def test_a_guessed_name_on_the_envelope_is_not_enough(reminded: House, envelope: str) -> None:
    bounce(reminded, "somebody@elsewhere.example", original="", envelope=envelope)

    assert names(reminded) == []
    assert usable(reminded)
    assert [row["kind"] for row in reminded.rows("question")].count("stray_report") == 1


def test_a_blind_copy_that_was_not_delivered_says_nothing_about_the_client(reminded: House) -> None:
    bounce(reminded, ARCHIVE, original=f"Message-ID: {_sent(reminded)[0]['message_id']}")

    assert names(reminded) == []
    assert usable(reminded)
    assert [row["kind"] for row in reminded.rows("question")].count("stray_report") == 1


def test_neither_does_one_to_an_archive_elsewhere(tmp_path: Path, sandbox: Sandbox) -> None:
    settings = write_settings(tmp_path / "other")
    tree = yaml.safe_load(settings.read_text())
    tree["smtp"]["archive"] = "keep@archive.example"
    settings.write_text(yaml.safe_dump(tree))
    house = _reminded(House(settings, sandbox))
    try:
        bounce(house, "keep@archive.example", original=f"Message-ID: {_sent(house)[0]['message_id']}")

        assert names(house) == []
        assert usable(house)
    finally:
        house.close()


# ------------------------------------------------------------------------------------------------ complaints


@pytest.mark.parametrize(
    ("feedback", "events"), [("abuse", ["mail.complained"]), ("not-spam", []), ("auth-failure", [])]
)
def test_only_feedback_that_complains_is_a_complaint(reminded: House, feedback: str, events: list[str]) -> None:
    fields = f"Feedback-Type: {feedback}\nUser-Agent: far/1\nVersion: 1\nOriginal-Rcpt-To: <{CLIENT}>\n"

    comes(reminded, "feedback-report", fields, sender="fbl@isp.example",
          original=f"Message-ID: {_sent(reminded)[0]['message_id']}")  # fmt: skip

    assert names(reminded) == events
