"""The demo as a visitor starts it: the whole story in a few weeks, and what it leaves."""

import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from mailbot.evidence import verify_standalone

pytestmark = pytest.mark.slow


def run(out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mailbot", "demo", "--out", str(out), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo") / "mailbot-demo"
    done = run(out, "--days", "64", "--language", "en")
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_it_prints_timeline_digest_three_reasons_and_the_next_command(demo: tuple[Path, str]) -> None:
    printed = demo[1]

    for title in ("== Timeline ==", "== A digest ==", "== Why? =="):
        assert title in printed
    assert printed.split("== Why? ==")[1].count("rules ") >= 3
    assert printed.rstrip().endswith("mailbot init")


def test_it_leaves_every_mail_with_previews(demo: tuple[Path, str]) -> None:
    out = demo[0]
    mails = sorted((out / "mail").glob("*.eml"))
    days = [message_from_bytes(path.read_bytes(), policy=default)["Date"].datetime for path in mails]

    assert len(mails) > 100
    assert days == sorted(days)
    assert len(list((out / "html").glob("*.html"))) > 50
    assert (out / "digest.html").read_text().startswith("<!DOCTYPE html>")
    assert (out / "mailbot.db").stat().st_size > 0


@pytest.mark.parametrize(
    "told",
    [
        "courtesy reminder before the due date",
        "mail came back: the address failed",
        "contact corrected by you",
        "is out of office",
        "first reminder",
        "disputes the invoice",
        "credit note applied  FA-2026-0414",
        "promises to pay",
        "broken promise",
        "payment to be explained",
        "payment received",
        "part payment",
        "payment reversed by the bank",
        "payer learned  HOLDING LMF",
        "settled by you",
        "paid, as you said",
        "reminders paused by you",
        "formal notice",
        "agrees to read tracking",
        "picture of the mail fetched, by a security scanner",
        "picture of the mail fetched, by Google's relay",
        "picture of the mail fetched, probably by a person",
        "page of the mail visited, probably by a person",
        "read receipt",
    ],
)
def test_the_story_has_all_that_it_promises(demo: tuple[Path, str], told: str) -> None:
    assert told in (demo[0] / "timeline.txt").read_text()


def test_a_wrong_due_date_is_asked_about_and_corrected_by_a_reply(demo: tuple[Path, str]) -> None:
    """A PDF without data whose due date lies before its own date: one question, one line of answer."""
    told = [" ".join(text.split()) for text in plain_texts(demo[0])]

    [asked] = [at for at, text in enumerate(told) if text.startswith("Invoice FA-2026-0416.pdf:")]
    answered = next(at for at, text in enumerate(told) if text.startswith("due date 20/04/2026"))
    entered = next(at for at, text in enumerate(told) if "Number FA-2026-0416" in text)

    assert asked < answered < entered
    assert "The due date (19 Mar 2026) is before the invoice date (30 Mar 2026)" in told[asked]
    assert "Due 20 April 2026" in told[entered]


def test_a_credit_note_by_mail_lowers_what_the_client_is_asked_for(demo: tuple[Path, str]) -> None:
    told = [" ".join(text.split()) for text in plain_texts(demo[0])]

    [confirmed] = [text for text in told if text.startswith("The credit note is entered.")]
    left = confirmed.split("Left to pay ")[1].split(" To correct")[0]

    assert "Taken off FA-2026-0414" in confirmed
    assert "Reminders to" not in confirmed
    assert any("FA-2026-0414" in text and left in text and text.startswith("Dear Garage Azur") for text in told)


def plain_texts(out: Path) -> list[str]:
    """What every mail says, in the order of time."""
    messages = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted((out / "mail").glob("*.eml"))]
    bodies = [message.get_body(("plain",)) for message in messages]
    return [body.get_content() if body else "" for body in bodies]


def test_what_was_seen_changed_what_is_known_and_no_decision(demo: tuple[Path, str]) -> None:
    told = (demo[0] / "why.txt").read_text().partition("What opens, clicks and receipts changed")[2].strip()

    seen = told.split("\n\n")
    assert len(seen) >= 6
    assert all("the decision of the day stays the same" in one for one in seen)
    assert all("tone" not in one for one in seen)
    assert all("→" not in one for one in seen if "scanner" in one or "relay" in one)
    assert any("accepted by the server → read receipt" in one for one in seen)


def test_the_formal_notice_waited_for_the_owners_yes(demo: tuple[Path, str]) -> None:
    rows = (demo[0] / "timeline.txt").read_text().splitlines()
    yes = next(at for at, row in enumerate(rows) if "answered by you" in row)
    notice = next(at for at, row in enumerate(rows) if "formal notice" in row)

    assert yes < notice


def test_the_silent_client_ends_with_a_letter_a_dossier_and_a_chain_that_holds(demo: tuple[Path, str]) -> None:
    out, _ = demo

    for name in ("dossier.zip", "evidence.zip"):
        bad, summary = verify_standalone.verify(out / name)
        assert bad == [], summary
    with zipfile.ZipFile(out / "dossier.zip") as archive:
        names = archive.namelist()
    assert any("mise-en-demeure-lettre" in name or "formal-notice-letter" in name for name in names)
    assert sum(name.endswith(".eml") for name in names) >= 3


def test_the_bank_s_story_ends_with_every_invoice_of_it_paid(demo: tuple[Path, str]) -> None:
    """A payer nobody knew is a question, then learned, then booked by itself; what bounced or came in part is owed."""
    rows = (demo[0] / "timeline.txt").read_text().splitlines()

    def places(*words: str) -> list[int]:
        return [at for at, row in enumerate(rows) if all(word in row for word in words)]

    [learned] = places("payer learned")
    assert places("payment to be explained")[0] < learned
    assert places("payment received", "FA-2026-0413")[0] < learned < places("payment received", "FA-2026-0422")[0]
    assert len(places("payment to be explained")) == 1
    [first, again] = places("payment received", "FA-2026-0412")
    assert first < places("payment reversed by the bank", "FA-2026-0412")[0] < again
    [part] = places("part payment", "FA-2026-0414")
    assert len(places("payment received", "FA-2026-0414")) == 2
    assert part < places("payment received", "FA-2026-0414")[1]


@pytest.mark.parametrize(
    ("client", "story"),
    [
        ("Buchladen Krause", ["first reminder", "promises to pay by 1 May 2026", "payment received"]),
        ("Librería Olmedo SL", ["first reminder", "says that it has paid", "payment received"]),
        ("Gelateria Bassani", ["reminder on the", "asks for a document", "settled by you", "payment received"]),
        (
            "Fietsen De Vries",
            ["first reminder", "is not the right contact", "contact corrected by you", "second reminder",
             "payment received"],
        ),
    ],
)  # fmt: skip
def test_clients_abroad_are_understood_in_their_own_languages(
    demo: tuple[Path, str], client: str, story: list[str]
) -> None:
    told_of_all = (demo[0] / "timeline.txt").read_text().replace("\u00a0", " ")
    rows = [row for row in told_of_all.splitlines() if client in row]
    places = [next(at for at, row in enumerate(rows) if told in row) for told in story]

    assert places == sorted(places)
    assert places[-1] == len(rows) - 1, "nobody who has paid is written to"


@pytest.mark.parametrize(
    ("client", "word"), [("krause", "Rechnung"), ("olmedo", "Factura"), ("bassani", "Fattura"), ("devries", "Factuur")]
)
def test_clients_abroad_are_written_to_in_the_language_of_the_owners_own_mail(
    demo: tuple[Path, str], client: str, word: str
) -> None:
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in (demo[0] / "mail").glob(f"*{client}*")]

    assert mails
    assert all(str(mail["Subject"]).removeprefix("Re: ").startswith(word) for mail in mails)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "accounts.txt").write_text("mine")

    done = run(tmp_path, "--days", "1")

    assert done.returncode == 1
    assert "is not a demo's folder" in done.stderr
    assert (tmp_path / "accounts.txt").read_text() == "mine"
