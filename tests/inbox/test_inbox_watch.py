"""Every mailbox that the bot can watch behaves alike: IMAP (pymap, Dovecot), a Maildir, the one in memory."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from house import MAILBOX, USERS, Certificates, start_or_skip

from mailbot.errors import MailboxError
from mailbot.imap import Connection, is_loopback, parse_url
from mailbot.inbox.maildir import Maildir
from mailbot.inbox.watch import DONE, ImapBox
from mailbot.testing import maildirs
from mailbot.testing.memorybox import MemoryBox
from mailbot.testing.servers import Dovecot, ImapServer, dovecot_server, imap_server

LIMIT = 4000
PASSWORD = USERS[MAILBOX]
FEW = {MAILBOX: PASSWORD}


@dataclass
class Place:
    """A mailbox under test, and how mail comes into it and is seen after it was filed."""

    box: ImapBox | Maildir | MemoryBox
    deliver: Callable[[bytes], object]
    filed: Callable[[str], list[bytes]]


def letter(number: int, body: str = "Bonjour") -> bytes:
    return (
        f"From: client@client.example\r\nSubject: Mail {number}\r\n"
        f"Message-ID: <{number}@client.example>\r\n\r\n{body}\r\n"
    ).encode()


def alike(raw: bytes | None) -> bytes:
    """A Maildir keeps mails with bare line feeds, IMAP gives them with CRLF."""
    assert raw is not None
    return raw.replace(b"\r\n", b"\n")


def of_imap(server: ImapServer) -> Place:
    box = ImapBox(server.url(MAILBOX), PASSWORD, max_bytes=LIMIT, timeout=10)
    return Place(
        box,
        lambda raw: server.deliver(MAILBOX, raw),
        lambda where: server.mails(MAILBOX, f"mailbot/{where.capitalize()}"),
    )


@pytest.fixture(params=["memory", "maildir", "pymap", pytest.param("dovecot", marks=pytest.mark.system)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as servers:
        found = make_place(request.param, tmp_path, servers)
        servers.enter_context(closing(found.box))
        yield found


def make_place(kind: str, tmp_path: Path, servers: ExitStack) -> Place:
    if kind == "memory":
        memory = MemoryBox(max_bytes=LIMIT)
        return Place(memory, memory.deliver, lambda where: memory.filed.get(where, []))
    if kind == "maildir":
        path = maildirs.make(tmp_path / "box")
        return Place(
            Maildir(path, max_bytes=LIMIT),
            lambda raw: maildirs.deliver(path, raw),
            lambda where: maildirs.mails(maildirs.subfolder(path, f"mailbot/{where.capitalize()}")),
        )
    if kind == "pymap":
        return of_imap(servers.enter_context(imap_server(tmp_path / "imap", FEW)))
    return of_imap(start_or_skip(servers, dovecot_server(FEW)))


@pytest.fixture
def pymap(tmp_path: Path) -> Iterator[ImapServer]:
    with imap_server(tmp_path / "imap", FEW) as server:
        yield server


def dovecot(servers: ExitStack, **options: object) -> Dovecot:
    found = start_or_skip(servers, dovecot_server(FEW, **options))
    assert isinstance(found, Dovecot)
    return found


# ------------------------------------------------------------------------------------- every mailbox


def test_mails_come_whole_and_oldest_first(place: Place) -> None:
    for number in range(5):
        place.deliver(letter(number))

    found = list(place.box.poll())

    assert [alike(mail.raw) for mail in found] == [alike(letter(number)) for number in range(5)]
    assert len({(mail.folder, mail.uidvalidity, mail.uid) for mail in found}) == 5
    assert all(mail.internal_date is not None for mail in found)


def test_a_mail_that_is_not_filed_comes_again_with_the_same_identity(place: Place) -> None:
    place.deliver(letter(1))

    first, second = list(place.box.poll()), list(place.box.poll())

    assert first == second


def test_a_filed_mail_is_kept_in_its_folder_and_does_not_come_again(place: Place) -> None:
    place.deliver(letter(1))
    place.deliver(letter(2))
    first, second = place.box.poll()

    place.box.file(first.uid)
    place.box.file(second.uid, "unreadable")

    assert list(place.box.poll()) == []
    assert [alike(raw) for raw in place.filed("processed")] == [alike(letter(1))]
    assert [alike(raw) for raw in place.filed("unreadable")] == [alike(letter(2))]


def test_filing_twice_changes_nothing(place: Place) -> None:
    place.deliver(letter(1))
    place.deliver(letter(2))
    first, second = place.box.poll()

    place.box.file(first.uid)
    place.box.file(first.uid)

    assert [mail.uid for mail in place.box.poll()] == [second.uid]
    assert len(place.filed("processed")) == 1


def test_mails_can_be_filed_while_they_are_polled(place: Place) -> None:
    for number in range(4):
        place.deliver(letter(number))

    for mail in place.box.poll():
        place.box.file(mail.uid)

    assert len(place.filed("processed")) == 4


def test_a_mail_above_the_limit_stays_and_shows_its_header_only(place: Place) -> None:
    place.deliver(letter(1, body="x" * LIMIT))

    (found,) = place.box.poll()

    assert found.raw is None
    assert found.size > LIMIT
    assert found.header.startswith(b"From: client@client.example")


def test_a_known_mail_is_left_out(place: Place) -> None:
    place.deliver(letter(1))
    place.deliver(letter(2))
    first, second = place.box.poll()

    again = place.box.poll(lambda folder, validity, uid: (folder, validity, uid) == identity(first))

    assert [mail.uid for mail in again] == [second.uid]


def identity(mail: object) -> tuple[object, ...]:
    return tuple(getattr(mail, name) for name in ("folder", "uidvalidity", "uid"))


def test_waiting_ends_when_a_mail_comes(place: Place) -> None:
    list(place.box.poll())
    threading.Timer(0.5, place.deliver, [letter(1)]).start()
    started = time.monotonic()

    heard = place.box.wait(20, Event())

    assert heard
    assert time.monotonic() - started < 10
    assert len(list(place.box.poll())) == 1


def test_waiting_ends_at_stop(place: Place) -> None:
    stop = Event()
    threading.Timer(0.3, stop.set).start()
    started = time.monotonic()

    assert place.box.wait(30, stop) is False

    assert time.monotonic() - started < 5


def test_waiting_ends_after_its_time(place: Place) -> None:
    assert place.box.wait(0.3, Event()) is False


def test_check_says_what_works(place: Place) -> None:
    place.deliver(letter(1))

    assert any("1 mail" in fact for fact in place.box.check())


# ----------------------------------------------------------------------------------------- IMAP alone


def test_a_wrong_password_is_said_as_such(pymap: ImapServer) -> None:
    with pytest.raises(MailboxError, match="refused the name or password of factures@") as failure:
        ImapBox(pymap.url(MAILBOX), "wrong").check()

    assert failure.value.login


def test_a_folder_that_is_missing_is_one_sentence(pymap: ImapServer) -> None:
    with pytest.raises(MailboxError, match="refused"):
        ImapBox(pymap.url(MAILBOX), PASSWORD, "Nowhere").check()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("imap://me@127.0.0.1:1", "refused the connection"),
        ("imaps://me@nowhere.invalid", "no server named nowhere.invalid"),
        ("imap://me@imap.example.com", "would send the password to imap.example.com unencrypted"),
        ("pop3://me@imap.example.com", "must look like imaps://"),
        ("imaps://imap.example.com", "must look like imaps://"),
        ("imaps://me@imap.example.com:port", "cannot be read"),
    ],
)
def test_an_address_that_does_not_work_is_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(MailboxError, match=sentence) as failure:
        ImapBox(url, "secret", timeout=5).check()

    assert not failure.value.login
    assert "\n" not in str(failure.value)
    assert "secret" not in str(failure.value)


def test_a_server_that_says_nothing_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        box = ImapBox(f"imap://me@127.0.0.1:{silent.getsockname()[1]}", "x", timeout=0.3)

        with pytest.raises(MailboxError, match="did not answer in time"):
            box.check()


def test_a_name_in_the_address_is_percent_decoded() -> None:
    server = parse_url("imaps://factures%40atelier.example@imap.atelier.example")

    assert (server.user, server.host, server.port) == (
        "factures@atelier.example",
        "imap.atelier.example",
        993,
    )


@pytest.mark.parametrize(
    ("host", "local"), [("127.9.9.9", True), ("::1", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_loopback_is_this_machine_only(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_nothing_is_lost_when_the_server_dies_in_the_middle_and_comes_back(tmp_path: Path) -> None:
    with imap_server(tmp_path / "imap", FEW) as server:
        box = ImapBox(server.url(MAILBOX), PASSWORD, timeout=5)
        for number in range(3):
            server.deliver(MAILBOX, letter(number))
        mails = box.poll()
        first = next(mails)
        box.file(first.uid)
    with pytest.raises(MailboxError):
        next(mails)

    with imap_server(tmp_path / "imap", FEW, port=server.port) as server:
        rest = list(box.poll())
        assert [alike(mail.raw) for mail in rest] == [alike(letter(1)), alike(letter(2))]
        assert server.mails(MAILBOX, "mailbot/Processed") == [alike(letter(0))]
        box.close()


def test_a_folder_that_was_renumbered_is_not_filed_from(tmp_path: Path) -> None:
    with imap_server(tmp_path / "imap", FEW) as server:
        box = ImapBox(server.url(MAILBOX), PASSWORD, timeout=5)
        server.deliver(MAILBOX, letter(1))
        (found,) = box.poll()
    (server.maildir(MAILBOX) / "dovecot-uidlist").unlink()

    with imap_server(tmp_path / "imap", FEW, port=server.port) as server:
        with pytest.raises(MailboxError):
            box.check()  # notices that the old connection is gone
        with pytest.raises(MailboxError, match="renumbered"):
            box.file(found.uid)
        (again,) = box.poll()
        box.file(again.uid)
        assert len(server.mails(MAILBOX, "mailbot/Processed")) == 1
        box.close()


@pytest.mark.parametrize("scheme", ["imap+starttls", pytest.param("imaps", marks=pytest.mark.system)])
def test_the_certificate_must_be_trusted(scheme: str, tmp_path: Path, certificates: Certificates) -> None:
    with ExitStack() as servers:
        if scheme == "imaps":
            server: ImapServer = dovecot(servers, certificate=certificates.server)
        else:
            server = servers.enter_context(imap_server(tmp_path, FEW, certificate=certificates.server))
        assert server.scheme == scheme
        trusting = ImapBox(server.url(MAILBOX), PASSWORD, tls=certificates.trust)
        with closing(trusting):
            assert trusting.check()
        with pytest.raises(MailboxError, match=r"certificate of 127\.0\.0\.1:.* cannot be trusted"):
            ImapBox(server.url(MAILBOX), PASSWORD).check()


@pytest.mark.system
def test_without_move_a_mail_is_copied_and_only_that_one_expunged() -> None:
    with ExitStack() as servers:
        server = dovecot(servers, capability="IMAP4rev1 UIDPLUS IDLE")
        box = servers.enter_context(closing(ImapBox(server.url(MAILBOX), PASSWORD)))
        for number in range(2):
            server.deliver(MAILBOX, letter(number))
        first, second = box.poll()
        mark_deleted(server, second.uid)

        box.file(first.uid)

        assert server.mails(MAILBOX, "mailbot/Processed") == [alike(letter(0))]
        assert server.mails(MAILBOX) == [alike(letter(1))]


@pytest.mark.system
def test_without_move_and_uidplus_a_mail_is_flagged_and_nothing_expunged() -> None:
    with ExitStack() as servers:
        server = dovecot(servers, capability="IMAP4rev1")
        box = servers.enter_context(closing(ImapBox(server.url(MAILBOX), PASSWORD)))
        for number in range(2):
            server.deliver(MAILBOX, letter(number))
        first, second = box.poll()

        box.file(first.uid)

        assert [mail.uid for mail in box.poll()] == [second.uid]
        assert len(server.mails(MAILBOX)) == 2
        assert any(DONE in fact for fact in box.check())
        assert box.wait(0.2, Event()) is False


def mark_deleted(server: ImapServer, uid: int) -> None:
    """As a person's mail program does who has not emptied the bin yet."""
    with Connection(server.url(MAILBOX), PASSWORD).box() as other:
        other.folder.set("INBOX")
        other.client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
        other.client.logout()


# ------------------------------------------------------------------------------------- Maildir alone


def test_a_maildir_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="cannot be used"):
        list(Maildir(tmp_path / "nowhere").poll())


def test_a_mail_keeps_its_identity_when_a_mail_program_marks_it_as_read(tmp_path: Path) -> None:
    new = maildirs.deliver(tmp_path, letter(1))
    (before,) = Maildir(tmp_path).poll()

    new.rename(tmp_path / "cur" / f"{new.name}:2,S")
    (after,) = Maildir(tmp_path).poll()

    assert identity(before) == identity(after)
