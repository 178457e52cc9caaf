"""The doctor on real servers: what it says when all is well, and of each thing that is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli_house import MAILBOX, change, mailbot

from mailbot.testing.processes import free_port
from mailbot.testing.servers import AUTHSERV_ID, Faults, MailWorld


def checks(out: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in out.splitlines():
        record = json.loads(line)
        found.setdefault(record["id"], []).append(record)
    return found


def errors(out: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, some in checks(out).items() for one in some if one["severity"] == "error"}


def test_a_good_installation_is_well_and_a_mail_goes_the_whole_way(home: Path, mail_world: MailWorld) -> None:
    other = b"From: a@b.example\nTo: x\nSubject: not ours\n\nhello\n"
    mail_world.imap.deliver(MAILBOX, other)

    done = mailbot("doctor", "--send-test", "--json", folder=home)

    assert done.status == 0, done.out + done.err
    found = checks(done.out)
    assert not errors(done.out)
    assert "250" in found["send_test.sent"][0]["found"]
    assert found["send_test.arrived"][0]["found"] == "it came and was read; plus addresses work"
    assert AUTHSERV_ID in found["send_test.authserv_id"][0]["found"]
    assert found["send_test.evidence"][0]["severity"] == "ok"
    assert other in mail_world.imap.mails(MAILBOX), "a mail that is not the doctor's was taken"
    assert mailbot("status", "--json", folder=home).out.count('"questions": []') == 1


def test_an_authserv_id_that_is_not_pinned_is_suggested_as_a_line(home: Path) -> None:
    change(home / "mailbot.yaml", "mailbox", authserv_id=None)

    found = checks(mailbot("doctor", "--send-test", "--json", folder=home).out)

    assert found["send_test.authserv_id"][0]["fix"].endswith(f"authserv_id: {AUTHSERV_ID}")


def test_a_mail_that_the_server_refuses_is_never_called_sent(home: Path, mail_world: MailWorld) -> None:
    mail_world.smtp.set_faults(Faults(refuse_content=1))

    done = mailbot("doctor", "--send-test", folder=home)

    assert done.status == 4
    assert "554" in done.out
    assert "the server took it" not in done.out
    assert "send_test.arrived" not in done.out
    assert mail_world.smtp.accepted() == []


def test_a_running_watcher_is_left_its_mailbox_and_the_mail_still_arrives(home: Path) -> None:
    from test_cli_bad_input import running_bot

    with running_bot(home):
        done = mailbot("doctor", "--send-test", "--json", folder=home)

    assert done.status == 0, done.out + done.err


def test_a_wrong_imap_password_is_named_with_its_fix(home: Path) -> None:
    (home / "secrets/imap").write_text("not-the-pass")

    done = mailbot("doctor", "--json", folder=home)

    assert (done.status, done.sentence) == (4, "1 check failed.")
    error = errors(done.out)["imap"]
    assert "refused the name or password" in error["found"]
    assert "secrets/imap" in error["fix"]
    assert "not-the-pass" not in done.out + done.err


def test_a_wrong_smtp_password_is_named_with_its_fix(home: Path) -> None:
    (home / "secrets/smtp").write_text("wrong")

    done = mailbot("doctor", "--only", "smtp", "--json", folder=home)

    assert done.status == 4
    assert "refused the login" in errors(done.out)["smtp"]["found"]


@pytest.mark.parametrize("section", ["mailbox", "smtp"])
def test_a_refused_connection_is_one_sentence(home: Path, section: str) -> None:
    port = free_port()
    address = f"factures%40atelier-martin.example@127.0.0.1:{port}"
    if section == "mailbox":
        change(home / "mailbot.yaml", "mailbox", imap=f"imap://{address}")
    else:
        change(home / "mailbot.yaml", "smtp", url=f"smtp://{address}")
    check = "imap" if section == "mailbox" else "smtp"

    done = mailbot("doctor", "--only", check, "--json", folder=home)

    assert done.status == 4
    assert str(port) in errors(done.out)[check]["found"]
    assert "\n" not in errors(done.out)[check]["found"]


def test_a_secret_that_others_may_read_is_an_error_with_chmod(home: Path) -> None:
    (home / "secrets/imap").chmod(0o644)

    done = mailbot("doctor", "--only", "secrets", "--json", folder=home)

    assert done.status == 4
    assert errors(done.out)["secrets"]["fix"] == f"chmod 600 {home / 'secrets/imap'}"


def test_a_damaged_key_is_an_error(home: Path) -> None:
    (home / "secrets/key").write_text("abcd")

    done = mailbot("doctor", "--only", "key", folder=home)

    assert done.status == 4
    assert "key" in done.out


def test_rules_with_a_mistake_are_an_error_and_nothing_that_needs_them_is_tried(home: Path) -> None:
    (home / "rules").mkdir()
    (home / "rules/mine.yaml").write_text("version: 1\nlanguage: en\nguard: {}\n")
    text = (home / "mailbot.yaml").read_text()
    (home / "mailbot.yaml").write_text(text + "rules: rules/mine.yaml\n")

    done = mailbot("doctor", "--send-test", "--json", folder=home)

    found = checks(done.out)
    assert done.status == 4
    assert found["rules"][0]["fix"].startswith("mailbot rules check ")
    assert found["worker"][0]["severity"] == "skipped"
    assert found["send_test"][0]["severity"] == "skipped"


def test_redis_that_is_away_is_an_error_and_its_password_is_not_shown(home: Path) -> None:
    text = (home / "mailbot.yaml").read_text()
    (home / "mailbot.yaml").write_text(text + f"redis: redis://:hidden-word@127.0.0.1:{free_port()}/0\n")

    done = mailbot("doctor", "--json", folder=home)

    assert done.status == 4
    assert errors(done.out)["broker"]["fix"]
    assert "hidden-word" not in done.out + done.err


def test_an_unknown_check_is_refused_with_the_known_ones(home: Path) -> None:
    done = mailbot("doctor", "--only", "imapp", folder=home)

    assert done.status == 2
    assert "imap" in done.sentence


def test_no_secret_is_ever_printed(home: Path, mail_world: MailWorld) -> None:
    secrets = [(home / "secrets" / name).read_text() for name in ("imap", "smtp", "key")]

    for words in (("doctor", "--send-test"), ("doctor", "--json"), ("config", "show"), ("config", "show", "--json")):
        done = mailbot(*words, folder=home)
        for secret in secrets:
            assert secret not in done.out + done.err


def test_on_redis_a_running_worker_must_answer_and_the_mail_goes_through_it(home: Path, redis_url: str) -> None:
    from test_cli_bad_input import running_bot

    text = (home / "mailbot.yaml").read_text()
    (home / "mailbot.yaml").write_text(text + f"redis: {redis_url.removesuffix('/0')}/7\n")

    alone = mailbot("doctor", "--only", "worker", "--json", folder=home)
    with running_bot(home, "worker"):
        done = mailbot("doctor", "--send-test", "--json", folder=home)

    assert alone.status == 0
    assert (checks(alone.out)["worker"][0]["severity"], checks(alone.out)["worker"][0]["fix"]) == (
        "warning", "mailbot run worker",
    )  # fmt: skip
    assert done.status == 0, done.out + done.err
    assert checks(done.out)["worker"][0]["found"].startswith("a running worker answered")
    assert checks(done.out)["send_test.arrived"][0]["severity"] == "ok"


def test_without_plus_addresses_the_mail_goes_to_the_mailbox_itself(home: Path, mail_world: MailWorld) -> None:
    change(home / "mailbot.yaml", "mailbox", plus_addresses=False)

    done = mailbot("doctor", "--send-test", "--json", folder=home)

    assert done.status == 0, done.out + done.err
    assert mail_world.smtp.accepted(MAILBOX)
    assert checks(done.out)["send_test.arrived"][0]["found"] == "it came and was read"


@pytest.mark.parametrize("only", [(), ("--only", "sent_folder"), ("--only", "clock"), ("--only", "bank")])
def test_a_ledger_out_of_reach_is_a_finding_and_every_other_check_is_done(home: Path, only: tuple[str, ...]) -> None:
    done = mailbot("doctor", "--json", *only, folder=home, environment={"MAILBOT_DATABASE": "sqlite:////proc/no/x.db"})

    found = {row["id"]: row["severity"] for row in map(json.loads, done.out.splitlines())}
    assert done.status == (0 if only and "error" not in found.values() else 4)
    assert set(found.values()) & {"error", "skipped"}
    assert only or {"settings", "rules", "database", "imap", "smtp", "sent_folder", "disk"} <= set(found)
