"""Bad input: one clear sentence on stderr, the right exit status, and nothing lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_house import change, mailbot

from mailbot.testing.documents import zipped

CASES = Path(__file__).parents[1] / "cases"


@contextmanager
def running_bot(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`mailbot run` in the background, once it says that it runs."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAILBOT_")}
    with subprocess.Popen(
        [sys.executable, "-m", "mailbot", "run", *words], cwd=home, text=True, env=clean,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert "mailbot runs" in process.stderr.readline()
        time.sleep(1.0)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


@pytest.mark.parametrize(
    "words",
    [("status",), ("run",), ("doctor",), ("digest",), ("do", "help"), ("health",), ("export",), ("config", "show")],
)
def test_without_settings_the_status_is_10_and_init_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = mailbot(*words, folder=tmp_path)

    assert done.status == 10
    assert "mailbot init" in done.sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("status",), ("run",), ("config", "show")])
def test_an_unknown_key_names_its_line_and_the_nearest_key(home: Path, words: tuple[str, ...]) -> None:
    change(home / "mailbot.yaml", "smtp", evidenc="none")
    lines = (home / "mailbot.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "evidenc" in text)

    done = mailbot(*words, folder=home)

    assert done.status == 3
    assert done.sentence == f'mailbot.yaml:{line}: unknown key "evidenc"; did you mean "evidence"?'


def test_the_doctor_says_the_same_of_an_unknown_key_with_status_4(home: Path) -> None:
    change(home / "mailbot.yaml", "smtp", evidenc="none")

    done = mailbot("doctor", folder=home)

    assert done.status == 4
    assert "unknown key" in done.out


@pytest.mark.parametrize("words", [("status",), ("run", "worker"), ("explain", "FA-1"), ("rules", "check")])
def test_rules_with_a_mistake_are_refused_with_file_and_line(home: Path, words: tuple[str, ...]) -> None:
    (home / "rules").mkdir()
    (home / "rules/mine.yaml").write_text("version: 1\nlanguage: en\nguards: {send_dayz: mon-fri}\n")
    text = (home / "mailbot.yaml").read_text()
    (home / "mailbot.yaml").write_text(text + "rules: rules/mine.yaml\n")

    done = mailbot(*words, folder=home)

    assert done.status == 3
    assert "mine.yaml:3:" in done.err
    assert "send_days" in done.err


def test_a_second_clock_is_refused_with_status_11(home: Path) -> None:
    with running_bot(home, "clock"):
        done = mailbot("run", "clock", folder=home)

    assert "through Redis only" in done.err  # each part would wait for the others in silence
    assert done.status == 11
    assert "clock" in done.err.splitlines()[-1]


def test_a_second_watcher_of_the_same_mailbox_is_refused_with_status_11(home: Path) -> None:
    with running_bot(home, "watch"):
        done = mailbot("run", "watch", folder=home)

    assert done.status == 11


def test_after_a_stopped_clock_the_next_one_starts(home: Path) -> None:
    with running_bot(home, "clock"):
        pass
    with running_bot(home, "clock") as again:
        assert again.poll() is None


@pytest.mark.parametrize("secret", ["imap", "smtp"])
def test_a_wrong_password_is_one_sentence(home: Path, secret: str) -> None:
    (home / "secrets" / secret).write_text("not this")
    if secret == "smtp":
        done = mailbot("digest", "--send", folder=home)
        assert done.status == 1
        assert "refused the login" in done.sentence
        return
    done = mailbot("doctor", "--only", "imap", folder=home)
    assert done.status == 4
    assert "refused the name or password" in done.out
    assert done.sentence == "1 check failed."


def test_an_unreadable_pdf_is_one_sentence_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that follows is a PDF")
    good = min((CASES / "invoices").glob("*.xml"))

    done = mailbot("invoice", "read", "broken.pdf", str(good), folder=tmp_path)

    assert done.status == 6
    assert done.sentence.startswith("broken.pdf: ")
    assert good.name in done.out


def test_a_truncated_ofx_is_one_sentence_and_what_is_whole_is_kept(home: Path) -> None:
    change(home / "mailbot.yaml", "business", iban=None)
    whole = (CASES / "bank/match/01/octobre.ofx").read_bytes()
    (home / "cut.ofx").write_bytes(whole[: len(whole) * 2 // 3])

    done = mailbot("bank", "import", "cut.ofx", folder=home)
    again = mailbot("bank", "import", "--json", str(CASES / "bank/match/01/octobre.ofx"), folder=home)

    assert done.status == 6
    assert done.sentence.startswith("cut.ofx: ")
    assert again.status == 0
    counts = json.loads(again.out)
    assert counts["known"] > 0
    assert counts["new"] > 0


def test_an_ofx_of_another_account_is_one_sentence_and_a_question(home: Path) -> None:
    whole = (CASES / "bank/match/01/octobre.ofx").read_bytes()
    (home / "other.ofx").write_bytes(whole)

    done = mailbot("bank", "import", "other.ofx", folder=home)

    assert done.status == 6
    assert "is not the one of the settings" in done.sentence
    assert "0 new" in done.out
    status = mailbot("status", folder=home)

    assert "Questions to you" in status.out


def test_the_files_of_an_archive_are_read_or_named(tmp_path: Path) -> None:
    files = {"a.pdf": b"%PDF-1.7 rubbish", "b.docx": b"x", "c.xml": (CASES / "invoices/002.xml").read_bytes()}
    (tmp_path / "factures.zip").write_bytes(zipped(files))

    done = mailbot("invoice", "read", "factures.zip", folder=tmp_path)

    assert done.status == 6
    assert "factures.zip (a.pdf): " in done.err
    assert "factures.zip (b.docx): This is a text document." in done.err
    assert "c.xml" in done.out


def test_a_last_day_before_the_first_is_refused(home: Path) -> None:
    done = mailbot("invoice", "export", "--from", "2026-10-31", "--to", "2026-10-01", folder=home)

    assert (done.status, done.out) == (2, "")
    assert done.err.strip() == "--from 2026-10-31 is after --to 2026-10-01: give the earlier day first."


def test_a_file_that_is_not_there_is_one_sentence(home: Path) -> None:
    done = mailbot("bank", "import", "no.ofx", folder=home)

    assert done.status == 6
    assert done.sentence.startswith("no.ofx: ")


@pytest.mark.parametrize("verb", ["import", "read"])
def test_the_name_of_a_bank_file_is_said_once(home: Path, verb: str) -> None:
    (home / "empty.csv").write_bytes(b"")

    done = mailbot("bank", verb, "empty.csv", folder=home)

    assert done.status == 6
    assert done.sentence.count("empty.csv") == 1


def test_a_fec_is_imported_with_a_list_of_clients(home: Path) -> None:
    head = "EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|PieceRef|PieceDate|Debit|Credit"
    (home / "fec.txt").write_text(f"{head}\n1|20261001|411|Clients|C1|Dupont|FA-1|20261001|120,00|0,00\n")
    (home / "clients.csv").write_text("Compte;E-mail;Délai\nC1;a@dupont.example;30\nC2;b@x.example;30\n")

    done = mailbot("invoice", "import", "fec.txt", "--contacts", "clients.csv", folder=home)

    assert done.status == 6
    assert "due 2026-10-31, reminders to a@dupont.example" in done.out
    assert "clients.csv:3: No invoice is of C2." in done.err


def test_several_businesses_need_a_name(home: Path) -> None:
    import yaml

    tree = yaml.safe_load((home / "mailbot.yaml").read_text())
    business = {**tree.pop("business"), "mailbox": tree.pop("mailbox"), "smtp": tree.pop("smtp"), "mode": "shadow"}
    tree.pop("mode")
    second = {**business, "name": "Second", "mailbox": {**business["mailbox"], "address": "b@b.example"}}
    tree["businesses"] = [business, second]
    (home / "mailbot.yaml").write_text(yaml.safe_dump(tree))

    refused = mailbot("export", folder=home)
    named = mailbot("export", "--business", "second", folder=home)

    assert (refused.status, named.status) == (2, 0)
    assert "atelier-martin, second" in refused.sentence


@pytest.mark.parametrize(
    "words",
    [("owed", "FA-1", "--on", "31/12/2026"), ("explain", "FA-1", "--date", "31/12/2026"), ("owed", "FA-1", "--on", "")],
)
def test_a_day_that_is_not_written_as_iso_is_refused_with_how_to_write_it(home: Path, words: tuple[str, ...]) -> None:
    done = mailbot(*words, folder=home)

    assert done.status == 2
    assert "is no day: write it as year-month-day, for instance 2026-12-31." in done.err
