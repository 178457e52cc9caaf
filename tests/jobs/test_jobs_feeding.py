"""Statements that come by themselves: what is taken, what is refused, and when the program is asked."""

import os
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from e2e_house import LEMAIRE, House, forwarded, ofx
from e2e_scene import MONDAY, DemoLine, at
from jobs_story import SUNDAY, THURSDAY, TUESDAY, asked

from mailbot.errors import FeedError
from mailbot.jobs import feeding
from mailbot.ledger import bank
from mailbot.settings import Bank

PAID = DemoLine(SUNDAY, Decimal("1200.00"), LEMAIRE.payer, "FA-2026-0001")


def watched(house: House, tmp_path: Path) -> Path:
    folder = tmp_path / "bank"
    folder.mkdir()
    house.office.business.__dict__["bank"] = Bank(folder=folder)
    return folder


def put(folder: Path, name: str, raw: bytes) -> None:
    (folder / name).write_bytes(raw)
    os.utime(folder / name, (0, 0))


def program(house: House, text: str, **said: str) -> None:
    house.office.business.__dict__["bank"] = Bank(command=(sys.executable, "-c", text), **said)


def counted(tmp_path: Path, print_what: str) -> str:
    """A program that notes each run."""
    return f"open({str(tmp_path / 'runs')!r}, 'a').write('x'); {print_what}"


def runs(tmp_path: Path) -> int:
    path = tmp_path / "runs"
    return len(path.read_text()) if path.exists() else 0


def feed(house: House, now: datetime) -> None:
    house.now = now
    feeding.feed(house.office, now)


def test_file_in_the_folder_pays_its_invoice_and_is_moved_to_done(house: House, tmp_path: Path) -> None:
    folder = watched(house, tmp_path)
    house.turn(at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)))
    put(folder, "releve.ofx", ofx(SUNDAY, PAID))

    house.turn(at(MONDAY, 8))

    assert [row["open_amount"] for row in house.rows("invoice")] == [0]
    assert [path.name for path in (folder / "done").iterdir()] == ["releve.ofx"]


def test_file_that_cannot_be_read_is_kept_and_told_once(house: House, tmp_path: Path) -> None:
    folder = watched(house, tmp_path)
    put(folder, "photo.pdf", b"%PDF-1.7")
    put(folder, "vide.csv", b"")

    feed(house, at(MONDAY, 8))
    put(folder, "photo.pdf", b"%PDF-1.7")
    feed(house, at(MONDAY, 9))

    assert sorted(path.name for path in (folder / "refused").iterdir()) == ["photo-2.pdf", "photo.pdf", "vide.csv"]
    assert len(asked(house, "unreadable_statement")) == 2


def test_file_that_is_too_big_is_refused_without_being_read(house: House, tmp_path: Path) -> None:
    folder = watched(house, tmp_path)
    put(folder, "big.ofx", b"")
    os.truncate(folder / "big.ofx", 200_000_000)
    os.utime(folder / "big.ofx", (0, 0))

    feed(house, at(MONDAY, 8))

    assert [path.name for path in (folder / "refused").iterdir()] == ["big.ofx"]
    assert len(asked(house, "unreadable_statement")) == 1


def test_folder_that_is_gone_is_an_error_that_the_clock_tells(house: House, tmp_path: Path) -> None:
    watched(house, tmp_path).rmdir()

    with pytest.raises(FeedError):
        feed(house, at(MONDAY, 8))


def test_program_is_asked_once_a_day_at_its_hour(house: House, tmp_path: Path) -> None:
    program(house, counted(tmp_path, f"print({ofx(SUNDAY, PAID).decode('cp1252')!r})"), at="06:30")

    for now in (at(MONDAY, 8), at(MONDAY, 12), at(TUESDAY, 6, 20)):
        feed(house, now)
    assert runs(tmp_path) == 1
    feed(house, at(TUESDAY, 6, 31))

    assert runs(tmp_path) == 2
    assert len(house.rows("line")) == 1
    assert len(house.rows("statement")) == 1


def test_program_runs_on_its_days_only(house: House, tmp_path: Path) -> None:
    program(house, counted(tmp_path, f"print({ofx(SUNDAY, PAID).decode('cp1252')!r})"), days="thu")

    for now in (at(MONDAY, 8), at(TUESDAY, 8), at(THURSDAY, 8)):
        feed(house, now)

    assert runs(tmp_path) == 2


def test_program_that_fails_is_told_once_a_day_and_tried_again_after_an_hour(house: House, tmp_path: Path) -> None:
    program(house, counted(tmp_path, "import sys; sys.exit('token expired')"))

    for minutes in (0, 30, 61, 70, 130):
        feed(house, at(MONDAY, 8) + timedelta(minutes=minutes))

    assert runs(tmp_path) == 3
    [question] = asked(house, "feed_failed")
    assert "token expired" in question["about"]["why"]


def test_program_that_prints_rubbish_is_told(house: House) -> None:
    program(house, "print('503 Service Unavailable')")

    feed(house, at(MONDAY, 8))

    assert len(asked(house, "unreadable_statement")) == 1


def take(house: House, text: str) -> None:
    house.now = at(MONDAY, 8)
    assert feeding.take_bytes(house.office, "releve.ofx", text.encode(), house.now)


def one_line(fitid: str, amount: str = "1200.00", more: str = "", tag: str = "STMTTRN", day: str = "20260301") -> str:
    return (
        f"<{tag}><TRNTYPE>CREDIT<DTPOSTED>{day}<DTTRAN>{day}<TRNAMT>{amount}<FITID>{fitid}{more}"
        f"<NAME>VIR INCONNU</{tag}>"
    )


def whole(house: House, *lines: str) -> str:
    account = house.office.business.iban
    return (
        f"<OFX><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1<ACCTID>{account}</BANKACCTFROM><BANKTRANLIST>"
        f"<DTSTART>20260301<DTEND>20260301{''.join(lines)}</BANKTRANLIST></STMTRS></OFX>"
    )


def test_pending_line_is_kept_only_once_the_bank_has_booked_it(house: House) -> None:
    take(house, whole(house, one_line("", tag="STMTTRNP")))
    assert house.rows("line") == []

    take(house, whole(house, one_line("F1")))

    assert [row["amount"] for row in house.rows("line")] == [Decimal("1200.00")]


def test_file_with_other_bank_ids_brings_nothing_new(house: House) -> None:
    take(house, whole(house, one_line("F1"), one_line("F2")))
    take(house, whole(house, one_line("G7"), one_line("G8")))

    assert len(house.rows("line")) == 2


def test_correction_ends_the_line_that_it_replaces(house: House) -> None:
    take(house, whole(house, one_line("F1", "1300.00")))
    take(house, whole(house, one_line("F2", "1200.00", "<CORRECTFITID>F1<CORRECTACTION>REPLACE")))

    assert {row["bank_id"]: row["state"] for row in house.rows("line")}["F1"] == "ignored"
    assert len(house.rows("line")) == 2


def test_line_of_next_month_is_left_out_and_asked_about(house: House) -> None:
    take(house, whole(house, one_line("F1", day="20260420")))

    assert house.rows("line") == []
    assert len(asked(house, "statement_problems")) == 1
    assert house.rows("bank_cover") == []


def test_table_without_an_account_is_taken_for_the_business_own(house: House) -> None:
    table = "Date;Libellé;Montant;Devise\n01/03/2026;VIR INCONNU;1200,00;EUR\n"

    assert feeding.take_bytes(house.office, "releve.csv", table.encode(), at(MONDAY, 8))

    assert [row["amount"] for row in house.rows("line")] == [Decimal("1200.00")]


def test_an_account_is_not_older_for_being_called_otherwise_in_another_format(house: House) -> None:
    house.now = at(MONDAY, 8)
    take(house, whole(house, one_line("F1")))
    known = house.ask(lambda conn: bank.through(conn, house.office.key))
    assert known is not None
    day = (known + timedelta(days=1)).strftime("%d/%m/%Y")
    table = f"Date;Libellé;Montant;Devise\n{day};VIR INCONNU;10,00;EUR\n"

    assert feeding.take_bytes(house.office, "releve.csv", table.encode(), at(MONDAY, 8) + timedelta(days=7))

    assert house.ask(lambda conn: bank.through(conn, house.office.key)) == known + timedelta(days=1)
