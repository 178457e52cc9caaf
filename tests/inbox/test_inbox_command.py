"""`mailbot read` on the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mailbot.cli.read
from mailbot.cli import app
from mailbot.cli.output import Status
from mailbot.inbox.mime import MAX_BYTES

MAIL = (
    b"From: a@roux.example\nDate: Wed, 18 Nov 2026 10:00:00 +0100\nSubject: Re: Rappel\n\nBonjour, je fais "
    b"le virement vendredi.\n"
)
assert mailbot.cli.read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.eml").write_bytes(MAIL)
    (tmp_path / "a.eml").write_bytes(b"Content-Type: message/rfc822\n\n" * 400)
    (tmp_path / "note.txt").write_text("not a mail")
    return tmp_path


def test_each_mail_is_one_object_in_the_order_of_names_and_a_broken_one_stops_nothing(folder: Path) -> None:
    result = CliRunner().invoke(app, ["read", "--json", str(folder)])

    broken, read = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == Status.PARTLY
    assert (broken["schema"], broken["file"], broken["kind"]) == (1, str(folder / "a.eml"), "unreadable")
    assert broken["error"]["code"] == "too_big"
    assert (read["kind"], read["intent"], read["promise_date"], read["sure"]) == (
        "reply",
        "promise",
        "2026-11-20",
        True,
    )
    assert read["because"] == ["Bonjour, je fais le virement vendredi."]


def test_a_mail_too_large_and_a_file_that_is_not_there_are_unreadable_and_the_rest_is_read(folder: Path) -> None:
    (folder / "c.eml").write_bytes(b"From: a@b.example\n\n" + b"x" * MAX_BYTES)
    (folder / "d.eml").symlink_to(folder / "nowhere.eml")

    result = CliRunner().invoke(app, ["read", "--json", str(folder / "c.eml"), str(folder / "d.eml"), str(folder)])

    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == Status.PARTLY
    assert [(one["kind"], one["error"]["code"]) for one in found[:2]] == [
        ("unreadable", "too_big"),
        ("unreadable", "unreadable_file"),
    ]
    assert any(one["file"].endswith("b.eml") and one["kind"] == "reply" for one in found)


def test_people_get_one_line_a_mail_with_the_words_it_rests_on(folder: Path) -> None:
    result = CliRunner().invoke(app, ["read", str(folder / "b.eml")])

    assert result.exit_code == Status.DONE
    assert "promise date 2026-11-20" in result.stdout
    assert "je fais le virement vendredi" in result.stdout


def test_a_day_that_is_none_is_a_usage_error(folder: Path) -> None:
    assert CliRunner().invoke(app, ["read", "--today", "demain", str(folder)]).exit_code == Status.USAGE
