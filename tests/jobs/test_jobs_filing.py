"""A copy of each sent mail lies in Sent once, whoever puts it there; trouble there never touches the mail itself."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import BOX, MONDAY, at
from jobs_story import SUNDAY

from mailbot.errors import MailboxError
from mailbot.jobs import filing
from mailbot.jobs.office import Office
from mailbot.ledger.store import reading
from mailbot.outbox.reconcile import SentFolder
from mailbot.settings import Mailbox, Smtp
from mailbot.testing.mail import ImapServer, imap_server
from mailbot.testing.maildirs import deliver

PASSWORD = "loopback"
LATER = at(MONDAY, 9, 30)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ImapServer]:
    with imap_server(tmp_path / "imap", {BOX: PASSWORD}) as running:
        yield running


@pytest.fixture
def sent(server: ImapServer) -> Iterator[SentFolder]:
    with closing(SentFolder(server.url(BOX), PASSWORD, timeout=5)) as folder:
        yield folder


def office_with(house: House, server: ImapServer, how: str, smtp: str = "smtp://127.0.0.1:1") -> Office:
    """The business with a mailbox on that server, after its first mails left."""
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    assert len(house.mailer.sent) >= 2
    mailbox = Mailbox(imap=server.url(BOX), address=BOX, sent=how)  # type: ignore[arg-type]
    business = house.office.business.model_copy(update={"mailbox": mailbox, "smtp": Smtp(url=smtp)})
    return replace(house.office, business=business, enqueue=lambda *hint: house.hints.append(hint))


def in_sent(server: ImapServer) -> list[bytes]:
    """Maildirs have line feeds only."""
    return sorted(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for raw in server.mails(BOX, "Sent"))


def everything(house: House) -> list[bytes]:
    return sorted(mail.raw for mail in house.mailer.sent)


def whose(house: House) -> set[str]:
    return {row["by"] for row in house.rows("sent_copy")}


def believed(office: Office) -> bool:
    with reading(office.engine) as conn:
        return filing.files_by_itself(conn, office)


def test_where_the_server_files_nothing_every_mail_is_filed_once_with_its_bytes(
    house: House, server: ImapServer, sent: SentFolder
) -> None:
    office = office_with(house, server, "auto")
    assert believed(office)

    filing.hand_on_copies(office, LATER)
    assert ("file", office.key, 0) in house.hints
    assert filing.file_copies(office, sent, "w", LATER) == len(house.mailer.sent)
    assert filing.file_copies(office, sent, "w", LATER) == 0

    assert in_sent(server) == everything(house)
    assert whose(house) == {"mailbot"}
    assert not believed(office)


def test_where_the_server_files_by_itself_nothing_is_added_and_it_is_looked_for_once(
    house: House, server: ImapServer, sent: SentFolder
) -> None:
    office = office_with(house, server, "auto")
    for mail in house.mailer.sent[1:]:
        deliver(server.maildir(BOX, "Sent"), mail.raw)

    filed = filing.file_copies(office, sent, "w", LATER)
    house.hints.clear()
    house.mailer.sent.clear()
    filing.hand_on_copies(office, LATER + timedelta(days=1))

    assert filed == 1  # the first one was missing
    assert believed(office)
    assert house.hints == []


def test_a_server_has_time_to_file_before_a_copy_counts_as_missing(
    house: House, server: ImapServer, sent: SentFolder
) -> None:
    office = office_with(house, server, "auto")

    assert filing.file_copies(office, sent, "w", at(MONDAY, 9, 21)) < len(house.mailer.sent)
    assert filing.file_copies(office, sent, "w", LATER + filing.GIVEN_UP) == 0


@pytest.mark.parametrize("stage", ["before the copy", "after the copy"])
def test_a_crash_between_copy_and_note_makes_neither_a_second_copy_nor_a_false_proof(
    house: House, server: ImapServer, sent: SentFolder, stage: str
) -> None:
    office = office_with(house, server, "auto")

    class Dies(SentFolder):
        def file(self, raw: bytes, at: object) -> None:
            if stage == "after the copy":
                super().file(raw, at)  # type: ignore[arg-type]
            raise MailboxError("the connection broke")

    with closing(Dies(server.url(BOX), PASSWORD, timeout=5)) as dying, pytest.raises(MailboxError):
        filing.file_copies(office, dying, "w", LATER)
    assert not believed(office)
    assert filing.file_copies(office, sent, "w2", LATER) == 0  # left alone for some minutes
    filing.file_copies(office, sent, "w2", LATER + timedelta(minutes=6))

    assert in_sent(server) == everything(house)
    assert whose(house) == {"mailbot"}
    assert {row["state"] for row in house.rows("outgoing")} == {"sent"}


def test_a_folder_that_is_missing_changes_nothing_about_the_mails(
    house: House, server: ImapServer, sent: SentFolder
) -> None:
    office = office_with(house, server, "append")
    before = house.rows("outgoing")
    folder = server.maildir(BOX, "Sent")
    folder.rename(folder.with_name(".Archive"))

    with pytest.raises(MailboxError):
        filing.file_copies(office, sent, "w", LATER)

    assert house.rows("outgoing") == before


@pytest.mark.parametrize(
    ("how", "smtp"),
    [
        ("never", "smtp://127.0.0.1:1"),
        ("auto", "smtps://smtp.gmail.com"),
        ("auto", "smtp+starttls://smtp.office365.com"),
    ],
)
def test_nothing_is_filed_where_it_is_not_wanted_or_the_provider_does_it(
    house: House, server: ImapServer, sent: SentFolder, how: str, smtp: str
) -> None:
    office = office_with(house, server, how, smtp)
    house.hints.clear()

    filing.hand_on_copies(office, LATER)

    assert filing.file_copies(office, sent, "w", LATER) == 0
    assert house.hints == []
    assert in_sent(server) == []
    assert believed(office)


def test_what_must_be_filed_is_no_proof_of_sending(house: House, server: ImapServer) -> None:
    assert not believed(office_with(house, server, "append"))
