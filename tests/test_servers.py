"""The servers that tests and demo rest on do what their description says."""

import json
import os
import signal
import smtplib
import subprocess
import sys
from contextlib import ExitStack, closing
from email import message_from_bytes
from pathlib import Path
from threading import Event

import psycopg
import pytest
import redis
from house import MAILBOX, OWNER, USERS, Certificates, start_or_skip
from sqlalchemy import make_url

import mailbot
from mailbot.inbox.watch import Fetched, ImapBox
from mailbot.testing.mta import without_results_of
from mailbot.testing.processes import FailedServerError, answers, free_port, python, running
from mailbot.testing.servers import (
    AUTHSERV_ID,
    Faults,
    MailWorld,
    debian_mail_world,
    mail_server,
    small_mail_world,
)

CLIENT = "compta@client.example"
FORGED = f"Authentication-Results: {AUTHSERV_ID};\r\n dmarc=pass header.from=forged.example"


def mail(sender: str, number: int = 1) -> str:
    return (
        f"From: Someone <{sender}>\r\nTo: {MAILBOX}\r\nSubject: Mail\r\nMessage-ID: <{number}@x.example>\r\n"
        f"{FORGED}\r\nAuthentication-Results: other.example; spf=pass\r\n\r\nBonjour\r\n.\r\n..fin\r\n"
    )


def as_owner(world: MailWorld) -> smtplib.SMTP:
    client = smtplib.SMTP(world.smtp.host, world.smtp.port, timeout=20)
    client.login(OWNER, USERS[OWNER])
    return client


def as_stranger(world: MailWorld) -> smtplib.SMTP:
    return smtplib.SMTP(world.smtp.host, world.smtp.mx_port, timeout=20)


def received(world: MailWorld, user: str = MAILBOX) -> list[Fetched]:
    """What IMAP shows once something came."""
    with closing(ImapBox(world.imap.url(user), USERS[user])) as box:
        for _ in range(20):
            found = list(box.poll())
            if found:
                return found
            box.wait(1, Event())
    return []


def results(found: Fetched) -> list[str]:
    assert found.raw is not None
    return [" ".join(value.split()) for value in message_from_bytes(found.raw).get_all("Authentication-Results", [])]


def test_an_owner_who_logged_in_is_vouched_for(any_mail_world: MailWorld) -> None:
    with as_owner(any_mail_world) as client:
        client.sendmail(OWNER, [MAILBOX], mail(OWNER))

    (found,) = received(any_mail_world)

    assert results(found) == [
        f"{AUTHSERV_ID}; dmarc=pass header.from=atelier-martin.example",
        "other.example; spf=pass",
    ]


def test_a_stranger_who_writes_as_the_owner_is_not(any_mail_world: MailWorld) -> None:
    with as_stranger(any_mail_world) as client:
        client.sendmail(CLIENT, [MAILBOX], mail(OWNER))

    (found,) = received(any_mail_world)

    assert results(found)[0] == f"{AUTHSERV_ID}; dmarc=none header.from=atelier-martin.example"
    assert not any("pass" in line for line in results(found) if line.startswith(AUTHSERV_ID))


def test_a_plus_address_reaches_its_mailbox(any_mail_world: MailWorld) -> None:
    with as_stranger(any_mail_world) as client:
        client.sendmail(CLIENT, [MAILBOX.replace("@", "+r.token@")], mail(CLIENT))

    (found,) = received(any_mail_world)

    assert found.raw is not None
    assert b"factures+r.token@" in found.raw.partition(b"\r\nFrom:")[0]


def test_strangers_cannot_write_to_others(any_mail_world: MailWorld) -> None:
    with as_stranger(any_mail_world) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail(CLIENT, ["other@other.example"], mail(CLIENT))


def test_a_bounce_comes_back_as_a_delivery_report(any_mail_world: MailWorld) -> None:
    gone = "parti@client.example"
    any_mail_world.smtp.set_faults(Faults(bounce=(gone,), refuse=refused_by_the_far_end(any_mail_world, gone)))
    with as_owner(any_mail_world) as client:
        client.sendmail(OWNER, [gone], mail(OWNER))

    (found,) = received(any_mail_world, OWNER)

    assert found.raw is not None
    report = message_from_bytes(found.raw)
    status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
    fields = [part for part in status.walk() if part["Final-Recipient"]]
    assert report["Return-Path"] == "<>"
    assert gone in fields[0]["Final-Recipient"]
    assert fields[0]["Status"] == "5.1.1"


def refused_by_the_far_end(world: MailWorld, address: str) -> tuple[str, ...]:
    """Behind Postfix it is the far end's refusal that makes the report."""
    return (address,) if world.smtp.mx_port != world.smtp.port else ()


def test_the_sink_keeps_the_bytes_and_the_envelope(mail_world: MailWorld) -> None:
    with as_owner(mail_world) as client:
        client.sendmail(OWNER, [CLIENT, MAILBOX], mail(OWNER))

    first, second = mail_world.smtp.accepted()

    assert first.raw.decode() == mail(OWNER)
    assert (first.number, first.sender, first.recipient, first.user) == (1, OWNER, CLIENT, OWNER)
    assert mail_world.smtp.accepted(MAILBOX) == [second]


@pytest.mark.parametrize(
    ("faults", "failure"),
    [
        (Faults(refuse=(CLIENT,)), smtplib.SMTPRecipientsRefused),
        (Faults(defer_once=(CLIENT,)), smtplib.SMTPRecipientsRefused),
        (Faults(refuse_content=1), smtplib.SMTPDataError),
        (Faults(drop_lost=1), smtplib.SMTPServerDisconnected),
    ],
)
def test_a_fault_keeps_a_mail_out_once(mail_world: MailWorld, faults: Faults, failure: type[Exception]) -> None:
    mail_world.smtp.set_faults(faults)
    with as_owner(mail_world) as client, pytest.raises(failure):
        client.sendmail(OWNER, [CLIENT], mail(OWNER))
    assert mail_world.smtp.accepted() == []

    if faults.refuse:
        mail_world.smtp.set_faults(Faults())
    with as_owner(mail_world) as client:
        client.sendmail(OWNER, [CLIENT], mail(OWNER))

    assert len(mail_world.smtp.accepted()) == 1


def test_a_mail_can_be_taken_without_a_reply(mail_world: MailWorld) -> None:
    mail_world.smtp.set_faults(Faults(drop_taken=1))

    with as_owner(mail_world) as client, pytest.raises(smtplib.SMTPServerDisconnected):
        client.sendmail(OWNER, [CLIENT], mail(OWNER))

    assert len(mail_world.smtp.accepted()) == 1


def test_what_was_accepted_is_there_after_a_restart(tmp_path: Path) -> None:
    for expected in (1, 2):
        with mail_server(tmp_path, USERS) as server:
            with smtplib.SMTP(server.host, server.port) as client:
                client.login(OWNER, USERS[OWNER])
                client.sendmail(OWNER, [CLIENT], mail(OWNER, expected))
            assert [sunk.number for sunk in server.accepted()] == list(range(1, expected + 1))


def test_smtps_speaks_tls_from_the_first_byte(tmp_path: Path, certificates: Certificates) -> None:
    with mail_server(tmp_path, USERS, certificate=certificates.server) as server:
        with smtplib.SMTP_SSL(server.host, server.port, context=certificates.trust) as client:
            client.login(OWNER, USERS[OWNER])
            client.sendmail(OWNER, [CLIENT], mail(OWNER))

        assert server.scheme == "smtps"
        assert len(server.accepted()) == 1


def test_servers_outlive_the_program_that_uses_them_when_it_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "starts_and_dies.py"
    script.write_text(
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from mailbot.testing.servers import mail_server\n"
        "server = mail_server(Path(sys.argv[1]), {})\n"
        "running = server.__enter__()\nprint(running.pid, running.port, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    ended = subprocess.run(
        python(str(script), str(tmp_path / "smtp")),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(mailbot.__file__).parent.parent)},
    )
    pid, port = map(int, ended.stdout.split())
    try:
        assert ended.returncode == -signal.SIGKILL
        assert answers(port)
    finally:
        os.kill(pid, signal.SIGTERM)


@pytest.mark.parametrize("kind", ["small", pytest.param("debian", marks=pytest.mark.system)])
def test_nothing_listens_after_the_servers_were_ended(kind: str, tmp_path: Path) -> None:
    with ExitStack() as servers:
        start = small_mail_world(tmp_path, USERS) if kind == "small" else debian_mail_world(USERS)
        world: MailWorld = start_or_skip(servers, start)
        ports = {world.imap.port, world.smtp.port, world.smtp.mx_port}
        assert all(map(answers, ports))

    assert not any(map(answers, ports))


def test_a_server_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such option')"]

    with (
        pytest.raises(FailedServerError, match="no such option"),
        running("it", command, free_port(), tmp_path / "log"),
    ):
        pass


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("Authentication-Results: mx.mailbot.test; dmarc=pass", False),
        ("authentication-results:\tMX.mailbot.test; dmarc=pass", False),
        ("Authentication-Results: mx.mailbot.test 1; dmarc=pass", False),
        ("Authentication-Results:\r\n mx.mailbot.test;\r\n dmarc=pass", False),
        ("Authentication-Results: mx.mailbot.test.evil; dmarc=pass", True),
        ("X-Authentication-Results: mx.mailbot.test; dmarc=pass", True),
    ],
)
def test_only_results_in_our_name_are_taken_out(header: str, kept: bool) -> None:
    raw = f"Subject: a\r\n{header}\r\nTo: b\r\n\r\nAuthentication-Results: mx.mailbot.test; in the text\r\n"

    cleaned = without_results_of("mx.mailbot.test", raw.encode()).decode()

    assert (header in cleaned) is kept
    assert cleaned.endswith("To: b\r\n\r\nAuthentication-Results: mx.mailbot.test; in the text\r\n")


def test_redis_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_postgresql_answers(postgres_url: str) -> None:
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)

    with psycopg.connect(plain) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_envelope_is_kept_as_json(mail_world: MailWorld) -> None:
    with as_owner(mail_world) as client:
        client.sendmail(OWNER, [CLIENT], mail(OWNER))

    (file,) = mail_world.smtp.sink.glob("*.json")

    assert file.name == f"000001-{CLIENT}.json"
    assert json.loads(file.read_text())["sender"] == OWNER
