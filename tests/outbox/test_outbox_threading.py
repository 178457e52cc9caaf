"""A letter's References: our mails of the thread and the client's answers to them, in order, and nothing else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailbot.outbox.threading import Written, references

START = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)


def written(name: str, hour: int) -> Written:
    return Written(f"<{name}@a.example>", START + timedelta(hours=hour))


FIRST, SECOND = written("first", 0), written("second", 48)


def answer(name: str, hour: int, head: str) -> tuple[Written, bytes]:
    return written(name, hour), f"From: c@d.example\r\n{head}\r\n\r\nIn-Reply-To: <second@a.example>\r\n".encode()


def test_answers_stand_between_the_mails_that_they_came_between() -> None:
    reply = answer("reply", 5, "In-Reply-To: <first@a.example>")
    folded = answer("folded", 50, "references: <x@y.example>\r\n\t<first@a.example>\n <z@y.example>")

    found = references([SECOND, FIRST], [folded, reply])

    assert found == ("<first@a.example>", "<reply@a.example>", "<second@a.example>", "<folded@a.example>")


def test_what_answers_nothing_of_the_thread_is_left_out_also_where_its_body_says_so() -> None:
    other = answer("other", 5, "In-Reply-To: <elsewhere@a.example>")
    none = answer("none", 6, "Subject: in-reply-to: <first@a.example>")

    assert references([FIRST], [other, none]) == ("<first@a.example>",)


def test_an_id_that_could_break_a_header_is_left_out() -> None:
    for name in ("", "<a b@c>", "<a\r\nBcc: x@y>", "<é@b.example>", f"<{'a' * 300}@b.example>", "no brackets", "<a>>"):
        hostile = (Written(name, START), b"In-Reply-To: <first@a.example>\r\n\r\n")

        assert references([FIRST], [hostile]) == ("<first@a.example>",)


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_any_bytes_leave_our_own_mails_in_place(heads: list[bytes]) -> None:
    found = references([FIRST, SECOND], [(written(f"c{at}", at), head) for at, head in enumerate(heads)])

    assert [name for name in found if name in (FIRST.message_id, SECOND.message_id)] == [
        FIRST.message_id,
        SECOND.message_id,
    ]
