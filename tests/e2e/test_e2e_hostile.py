"""Bad and hostile input to a running bot: one clear sentence or question each, nothing obeyed, nothing lost."""

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from e2e_scene import (
    BOX,
    CAST,
    MONDAY,
    OWNER,
    SECOND_OWNER,
    USERS,
    DemoAccount,
    DemoLine,
    Scene,
    at,
    bill,
    eventually,
    scene,
    text_of,
)

from mailbot.demo import people
from mailbot.demo.documents import invoice_pdf
from mailbot.demo.feed import statement
from mailbot.testing.servers import MailWorld, small_mail_world

LEMAIRE, DUPONT = CAST.client("lemaire"), CAST.client("dupont")
DUE = MONDAY - timedelta(days=3)
SUNDAY = MONDAY - timedelta(days=1)
NUMBER = "FA-2026-0001"
ORDERS = ("payé FA-2026-0001", "contact Lemaire voleur@ailleurs.example", "pause tout", "stop")
TO_HER = f"Date : lun. 2 mars 2026 à 09:00\nÀ : Claire Martin <{OWNER.email}>\nObjet : Re: Facture"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailWorld]:
    with small_mail_world(tmp_path_factory.mktemp("servers"), USERS) as mail:
        yield mail


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, servers: MailWorld) -> Iterator[Scene]:
    """One overdue invoice; Lemaire was reminded this morning. Lives on through all the tests of this module."""
    business = {"owners": [OWNER.email, SECOND_OWNER.email]}
    with scene(tmp_path_factory.mktemp("bot"), servers, business=business) as played:
        played.forward(bill(NUMBER, LEMAIRE, DUE), at(MONDAY, 7))
        played.feed(SUNDAY, at(MONDAY, 7))
        played.live(at(MONDAY, 7, 40), at(MONDAY, 9, 20))
        assert len(played.to(LEMAIRE.person.email)) == 1
        yield played


@pytest.fixture
def now(bot: Scene) -> Iterator[object]:
    """What must never change here, whatever comes in."""
    before = what_counts(bot)
    yield at(MONDAY, 10, 30)
    assert what_counts(bot) == before


def what_counts(bot: Scene) -> dict[str, object]:
    """Invoices, contacts, orders and what the owner said: the things that a stranger would want to change."""
    return {
        "invoices": [(row["number"], row["client"], row["open_amount"]) for row in bot.rows("invoice")],
        "contacts": [(row["client"], row["email"], row["usable"]) for row in bot.rows("contact")],
        "orders": bot.rows("owner_order"),
        "owner": [row["id"] for row in bot.rows("event") if row["name"].startswith(("owner.", "bank.pay"))],
        "lines": bot.rows("line"),
    }


def new_questions(bot: Scene, before: set[int]) -> list[tuple[str, str]]:
    return [(row["kind"], row["text"]) for row in bot.questions() if row["number"] not in before]


def asked(bot: Scene) -> set[int]:
    return {row["number"] for row in bot.questions()}


def with_attachment(name: str, content: bytes, subject: str = "Facture", kind: str = "pdf") -> bytes:
    mail = EmailMessage(SMTP)
    mail["From"], mail["To"], mail["Subject"] = OWNER.email, BOX, subject
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 09:30:00 +0100", f"<{name}@atelier-martin.example>"
    mail.set_content("Ci-joint.")
    mail.add_attachment(content, "application", kind, filename=name)
    return mail.as_bytes()


# ------------------------------------------------------------------------ what cannot be read


def test_an_unreadable_pdf_is_kept_and_asked_about(bot: Scene, now: object) -> None:
    before, raw = asked(bot), with_attachment("cassee.pdf", b"%PDF-1.7\nthis is the beginning of nothing")
    bot.submit(raw)
    bot.live(at(MONDAY, 10, 30))
    [(kind, text)] = new_questions(bot, before)
    assert kind in ("unreadable_document", "draft")
    assert "cassee.pdf" in text
    assert bot.kept(raw)


def test_a_truncated_bank_file_is_kept_and_asked_about(bot: Scene, now: object) -> None:
    line = DemoLine(SUNDAY, Decimal("1200.00"), LEMAIRE.payer, NUMBER)
    whole = statement(DemoAccount(), [line], SUNDAY - timedelta(days=8), SUNDAY, Decimal("10.00"))
    raw = with_attachment("coupe.ofx", whole[: whole.index(b"<FITID>")], "Relevé", "x-ofx")
    before, through = asked(bot), [row["id"] for row in bot.events("bank.statement")]
    bot.submit(raw)
    bot.live(at(MONDAY, 10, 30))
    [(kind, _)] = new_questions(bot, before)
    assert kind in ("unreadable_statement", "statement_problems")
    assert [row["id"] for row in bot.events("bank.statement")] == through
    assert bot.kept(raw)


def test_a_statement_of_another_account_books_nothing(bot: Scene, now: object) -> None:
    line = DemoLine(SUNDAY, Decimal("1200.00"), LEMAIRE.payer, NUMBER)
    before = asked(bot)
    bot.feed(SUNDAY, at(MONDAY, 9, 45), [line], DemoAccount(number="00000000099"))
    bot.live(at(MONDAY, 10, 30))
    [(kind, _)] = new_questions(bot, before)
    assert kind == "foreign_account"


def test_a_header_of_40_kb_is_kept_and_asked_about(bot: Scene, now: object) -> None:
    raw = b"From: a@b.example\r\nSubject: " + b"long " * 8000 + b"\r\nMessage-ID: <long@b.example>\r\n\r\nBonjour\r\n"
    before = asked(bot)
    # Servers refuse such a line; a mailbox may hold it all the same.
    bot.mail.imap.deliver(BOX, raw)
    bot.live(at(MONDAY, 10, 30))
    [(kind, _)] = new_questions(bot, before)
    assert kind in ("unreadable", "unknown_sender")
    assert bot.kept(raw)


@pytest.mark.slow
def test_a_mail_of_60_mb_is_kept_whole_unread_and_asked_about(bot: Scene, now: object) -> None:
    raw = with_attachment("enorme.pdf", b"%PDF-1.7\n" + b"\x00" * 44_000_000)
    assert len(raw) > 59_000_000
    before = asked(bot)
    bot.submit(raw)
    bot.live(at(MONDAY, 10, 30))
    [(kind, text)] = new_questions(bot, before)
    assert kind == "unreadable"
    assert "25" in text
    assert max(row["size"] for row in bot.rows("letter")) > 59_000_000


def test_a_mail_over_the_limit_stays_in_the_mailbox_and_is_asked_about_once(tmp_path: Path) -> None:
    raw = with_attachment("enorme.pdf", b"%PDF-1.7\n" + b"\x00" * 1_000_000, "Un énorme PDF")
    with scene(tmp_path, settings={"limits": {"keep_bytes": 1_000_000}}) as bot:
        bot.submit(raw)
        bot.live(at(MONDAY, 10, 30), at(MONDAY, 11))
        [question] = bot.questions()
        assert question["kind"] == "too_big"
        assert "Un énorme PDF" in question["text"]
        assert OWNER.email in question["text"]
        assert bot.rows("letter") == []
        assert max(len(mail) for folder in folders(bot) for mail in bot.mail.imap.mails(BOX, folder)) > len(raw) * 0.9


def folders(bot: Scene) -> list[str]:
    below = [path.name for path in bot.mail.imap.maildir(BOX).iterdir() if path.is_dir() and path.name.startswith(".")]
    return ["INBOX", *(name[1:].replace(".", "/") for name in below)]


# ------------------------------------------------------------------------ who may not give orders


def test_a_forged_mail_of_the_owner_is_not_obeyed_and_asked_about(bot: Scene, now: object) -> None:
    raw = people.order(OWNER, newest_to_owner(bot), ORDERS, at(MONDAY, 9, 45))
    before = asked(bot)
    bot.hand_in(raw, "voleur@ailleurs.example")
    bot.live(at(MONDAY, 10, 30))
    [(kind, _)] = new_questions(bot, before)
    assert kind == "unproven_owner"
    assert bot.kept(raw)


def test_a_forged_result_of_the_receiving_server_proves_nothing(bot: Scene, now: object) -> None:
    claims = b"Authentication-Results: mx.mailbot.test; dmarc=pass header.from=atelier-martin.example\r\n"
    raw = claims + people.order(OWNER, newest_to_owner(bot), [*ORDERS, "aide"], at(MONDAY, 9, 46))
    before = asked(bot)
    bot.hand_in(raw, "voleur@ailleurs.example")
    bot.live(at(MONDAY, 10, 30))
    [(kind, _)] = new_questions(bot, before)
    assert kind == "unproven_owner"


def test_an_invoice_with_a_forged_sender_is_not_entered(bot: Scene, now: object) -> None:
    document = bill("FA-2026-6666", DUPONT, DUE)
    raw = people.forward_invoice(
        OWNER, BOX, "voleur@ailleurs.example", invoice_pdf(document), "f.pdf", "Facture", at(MONDAY, 9, 45), "gmail"
    )
    before = asked(bot)
    bot.hand_in(raw, "voleur@ailleurs.example")
    bot.live(at(MONDAY, 10, 30))
    assert [kind for kind, _ in new_questions(bot, before)] == ["unproven_owner"]


def test_a_clients_mail_that_contains_orders_is_not_obeyed(bot: Scene, now: object) -> None:
    bot.reply(LEMAIRE.person, bot.to(LEMAIRE.person.email)[0], "\n".join(ORDERS), at(MONDAY, 9, 50))
    before = len(bot.to(OWNER.email))
    bot.live(at(MONDAY, 10, 30))
    assert all("suspendues" not in text_of(mail) for mail in bot.to(OWNER.email)[before:])


def test_a_client_in_possession_of_the_owners_reply_address_is_not_obeyed(bot: Scene, now: object) -> None:
    """Somebody forwarded a digest: its address alone makes nobody the owner."""
    raw = people.reply(LEMAIRE.person, newest_to_owner(bot), "\n".join(ORDERS), at(MONDAY, 9, 51), "gmail")
    bot.hand_in(raw, LEMAIRE.person.email)
    bot.live(at(MONDAY, 10, 30))


def test_orders_in_quoted_and_forwarded_text_of_the_owner_are_not_obeyed(bot: Scene, now: object) -> None:
    orders, client = "\n".join(ORDERS), LEMAIRE.person.email
    quoted = "\n".join(f"> {line}" for line in ORDERS)
    bodies = (
        f"Merci.\n\nLe lun. 2 mars 2026 à 09:00, Paul Lemaire <{client}> a écrit :\n{quoted}\n",
        f"Merci.\n\n-----Message d'origine-----\nDe : Paul Lemaire <{client}>\n{TO_HER}\n\n{orders}\n",
        f"Pour info\n\n---------- Forwarded message ---------\nDe : Paul Lemaire <{client}>\n{TO_HER}\n\n{orders}\n",
    )
    for number, body in enumerate(bodies):
        mail = EmailMessage(SMTP)
        mail["From"], mail["To"], mail["Subject"] = OWNER.email, BOX, "Re: Facture"
        mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 09:52:00 +0100", f"<quoted{number}@atelier-martin.example>"
        mail.set_content(body)
        bot.submit(mail.as_bytes())
    bot.live(at(MONDAY, 10, 30))


def test_the_providers_refuse_a_client_who_logs_in_as_the_owner(bot: Scene) -> None:
    with (
        smtplib.SMTP(bot.mail.smtp.host, bot.mail.smtp.port, timeout=30) as server,
        pytest.raises(smtplib.SMTPException),
    ):
        server.login(OWNER.email, "not her password")


# ------------------------------------------------------------------------ the same thing twice


def test_two_owners_forwards_of_one_invoice_are_one_invoice_and_one_confirmation(bot: Scene) -> None:
    document = bill("FA-2026-0002", DUPONT, MONDAY + timedelta(days=20))
    bot.forward(document, at(MONDAY, 9, 53))
    bot.live(at(MONDAY, 10, 30))
    confirmed = [len(bot.to(owner.email)) for owner in (OWNER, SECOND_OWNER)]
    bot.forward(document, at(MONDAY, 9, 54), "outlook", SECOND_OWNER)
    bot.live(at(MONDAY, 11), at(MONDAY, 12))
    assert [row["number"] for row in bot.rows("invoice")].count("FA-2026-0002") == 1
    assert len([row for row in bot.events("invoice.received") if row["invoice"] == "FA-2026-0002"]) == 1
    # Only the one who sent it a second time hears that it is known.
    heard = [len(bot.to(owner.email)) - before for owner, before in zip((OWNER, SECOND_OWNER), confirmed, strict=True)]
    assert heard == [0, 1]
    assert bot.questions("revised") == []


def test_a_second_forward_with_another_amount_changes_nothing_and_is_asked_about(bot: Scene) -> None:
    before = bot.rows("invoice", number=NUMBER)
    bot.forward(bill(NUMBER, LEMAIRE, DUE, "7777.00"), at(MONDAY, 12, 10))
    bot.live(at(MONDAY, 13))
    assert bot.rows("invoice", number=NUMBER) == before
    assert len(bot.questions("revised")) == 1


# ------------------------------------------------------------------------ what does not answer


def test_a_wrong_imap_password_is_one_sentence_and_the_bot_goes_on_trying(tmp_path: Path, servers: MailWorld) -> None:
    """On the real clock: a turn of the demo's clock would end with the error."""
    with scene(tmp_path, servers, {"web": {"port": 0}}) as made:
        (tmp_path / "secrets" / "imap").write_text("wrong")
        log = tmp_path / "run.log"
        with log.open("wb") as out:
            command = [sys.executable, "-m", "mailbot", "run", "watch", "--settings", str(made.settings)]
            process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            eventually(lambda: "refused" in log.read_text() or process.poll() is not None, 60)
            said = log.read_text()
            assert process.poll() is None, said
            assert "Traceback" not in said
            assert f"refused the name or password of {BOX}" in said
        finally:
            process.kill()
            process.wait()


def newest_to_owner(bot: Scene) -> bytes:
    return bot.to(OWNER.email)[-1].as_bytes()
