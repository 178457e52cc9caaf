"""Whether a mail left is read from the Sent folder of a real server, and a failed look is never "no"."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from house import MAILBOX, OWNER, USERS, start_or_skip

from mailbot.errors import MailboxError
from mailbot.outbox.reconcile import SentFolder
from mailbot.testing.maildirs import deliver, make
from mailbot.testing.servers import ImapServer, MailWorld, dovecot_server, imap_server

PASSWORD = USERS[MAILBOX]
ID = "<ob.5f2c.42@atelier-martin.example>"
REMINDER = f"From: {MAILBOX}\r\nTo: client@client.example\r\nMessage-ID: {ID}\r\nSubject: Facture\r\n\r\nBonjour\r\n"


@pytest.fixture
def pymap(tmp_path: Path) -> Iterator[ImapServer]:
    with imap_server(tmp_path / "imap", {MAILBOX: PASSWORD}) as server:
        yield server


def sent_folder(server: ImapServer) -> SentFolder:
    return SentFolder(server.url(MAILBOX), PASSWORD, timeout=10)


def test_a_submitted_mail_is_found_and_another_is_not(any_mail_world: MailWorld) -> None:
    world = any_mail_world
    with smtplib.SMTP(world.smtp.host, world.smtp.port) as client:
        client.login(OWNER, USERS[OWNER])
        client.sendmail(OWNER, ["client@client.example"], REMINDER.replace(MAILBOX, OWNER))

    with closing(SentFolder(world.imap.url(OWNER), USERS[OWNER])) as folder:
        assert eventually_found(folder, ID)
        assert not folder.find("<ob.5f2c.43@atelier-martin.example>")


def eventually_found(folder: SentFolder, message_id: str) -> bool:
    deadline = time.monotonic() + 10
    while not (found := folder.find(message_id)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_part_of_a_message_id_is_not_a_match(pymap: ImapServer) -> None:
    deliver(pymap.maildir(MAILBOX, "Sent"), REMINDER.encode())

    with closing(sent_folder(pymap)) as folder:
        assert folder.find(ID)
        assert not folder.find("<42@atelier-martin.example>")
        assert not folder.find("<f2c.42@atelier-martin.example>")


def test_a_mail_that_comes_later_is_seen_on_the_same_connection(pymap: ImapServer) -> None:
    with closing(sent_folder(pymap)) as folder:
        assert not folder.find(ID)

        deliver(pymap.maildir(MAILBOX, "Sent"), REMINDER.encode())

        assert folder.find(ID)


def test_a_mailbox_without_a_sent_folder_is_no_answer(pymap: ImapServer) -> None:
    sent = pymap.maildir(MAILBOX, "Sent")
    sent.rename(sent.with_name(".Archive"))

    with closing(sent_folder(pymap)) as folder, pytest.raises(MailboxError, match="shows no Sent folder"):
        folder.find(ID)


@pytest.mark.parametrize("name", ["Sent Items", "Sent Messages", "Gesendete Objekte"])
def test_the_folder_is_known_by_the_names_of_mail_programs(name: str, pymap: ImapServer) -> None:
    sent = pymap.maildir(MAILBOX, "Sent")
    make(sent.with_name(f".{name}"))
    deliver(sent.with_name(f".{name}"), REMINDER.encode())
    sent.rename(sent.with_name(".Archive"))

    with closing(sent_folder(pymap)) as folder:
        assert folder.find(ID)


@pytest.mark.system
def test_the_folder_that_the_server_marks_comes_before_names() -> None:
    with ExitStack() as servers:
        server = start_or_skip(servers, dovecot_server({MAILBOX: PASSWORD}))
        folder = servers.enter_context(closing(sent_folder(server)))
        assert folder.check() == "Sent"


def test_a_connection_that_broke_is_made_again(tmp_path: Path) -> None:
    with imap_server(tmp_path, {MAILBOX: PASSWORD}) as server:
        folder = sent_folder(server)
        deliver(server.maildir(MAILBOX, "Sent"), REMINDER.encode())
        assert folder.find(ID)
    with pytest.raises(MailboxError, match="refused the connection"):
        folder.find(ID)

    with imap_server(tmp_path, {MAILBOX: PASSWORD}, port=server.port), closing(folder):
        assert folder.find(ID)


def test_a_wrong_password_is_no_answer(pymap: ImapServer) -> None:
    with pytest.raises(MailboxError) as failure:
        SentFolder(pymap.url(MAILBOX), "wrong").find(ID)

    assert failure.value.login


@pytest.mark.parametrize("odd", ["", "no brackets", '<a"b@c>', "<a\r\nb@c>", "<é@c>"])
def test_what_is_no_message_id_is_not_searched_for(odd: str, pymap: ImapServer) -> None:
    with pytest.raises(MailboxError, match="no Message-ID"):
        sent_folder(pymap).find(odd)
