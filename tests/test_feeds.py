"""The watched folder and the bank program, with real files and real processes."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbot import feeds
from mailbot.errors import FeedError


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def later() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def test_whole_files_are_taken_by_name_and_all_else_is_left(tmp_path: Path) -> None:
    for name in ("b.ofx", "a.sta", ".hidden.ofx", "half.ofx.part"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "done").mkdir()
    (tmp_path / "link.ofx").symlink_to(tmp_path / "a.sta")

    assert [path.name for path in feeds.waiting(tmp_path, later())] == ["a.sta", "b.ofx"]


def test_file_that_is_still_being_written_waits(tmp_path: Path) -> None:
    (tmp_path / "a.ofx").write_bytes(b"x")

    assert list(feeds.waiting(tmp_path, datetime.now(UTC))) == []
    assert len(list(feeds.waiting(tmp_path, later()))) == 1


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="cannot be read"):
        list(feeds.waiting(tmp_path / "gone", later()))


def test_file_is_put_beside_one_of_the_same_name(tmp_path: Path) -> None:
    for text in ("first", "second"):
        (tmp_path / "a.ofx").write_text(text)
        feeds.put_away(tmp_path / "a.ofx", feeds.DONE)

    assert sorted(path.read_text() for path in (tmp_path / "done").iterdir()) == ["first", "second"]
    assert not (tmp_path / "a.ofx").exists()


def test_large_file_is_not_read_into_memory(tmp_path: Path) -> None:
    big = tmp_path / "big.ofx"
    with big.open("wb") as file:
        file.truncate(200_000_000)

    assert feeds.content(big, 20_000_000) is None


def test_what_a_program_prints_is_the_statement() -> None:
    assert feeds.run_program(program("print('<OFX>' * 50000)"), 20, 1_000_000) == b"<OFX>" * 50000 + os.linesep.encode()


def test_program_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_SMTP__PASSWORD", "secret")

    seen = feeds.run_program(program("import os; print(sorted(os.environ))"), 20, 10_000).decode()

    assert "MAILBOT" not in seen
    assert "PATH" in seen


@pytest.mark.parametrize(
    ("text", "seconds", "said"),
    [
        ("import sys; sys.exit('no such account')", 20.0, "failed with status 1: no such account"),
        ("pass", 20.0, "printed nothing"),
        ("import time; time.sleep(60)", 0.5, "took too long"),
        ("import os, time; os.close(1); os.close(2); time.sleep(60)", 0.5, "took too long"),
        ("while True: print('x' * 10000)", 20.0, "printed more than"),
    ],
)
def test_program_that_fails_is_ended_and_told(text: str, seconds: float, said: str) -> None:
    with pytest.raises(FeedError, match=said):
        feeds.run_program(program(text), seconds, 1_000_000)


def test_program_that_is_not_there_is_told() -> None:
    with pytest.raises(FeedError, match="cannot be started"):
        feeds.run_program(("./no-such-program",), 5, 1000)


def test_shell_signs_in_a_command_are_plain_words(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = "import sys; print(sys.argv[1])"

    assert feeds.run_program((*program(text), f"; touch {mark}"), 20, 1000).strip() == f"; touch {mark}".encode()
    assert not mark.exists()
