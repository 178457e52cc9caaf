from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.outbox.states import CHANGES, back_off, back_off_seconds
from mailbot.outbox.tokens import LinkPurpose, Token, Tokens

TOKENS = Tokens(b"a key of thirty-two bytes or so..")
BOX = "factures@atelier.example"
DAY = date(2026, 11, 22)


@given(
    st.sampled_from(["reply", "owner", "question"]),
    st.text(min_size=1),
    st.integers(0, 2**40),
    st.dates(date(2020, 1, 1), date(2190, 1, 1)),
)
def test_a_token_says_what_it_was_made_for(purpose: str, business: str, number: int, day: date) -> None:
    address = TOKENS.reply_address(BOX, purpose, business, number, day)

    assert TOKENS.read(address, business) == Token(purpose, number, day)
    assert TOKENS.read(address.upper()) == Token(purpose, number, day)
    assert address.startswith("factures+r.")
    assert len(address.partition("@")[0]) <= 64


def test_a_token_of_one_business_is_worthless_to_another() -> None:
    address = TOKENS.reply_address(BOX, "reply", "martin", 7)

    assert TOKENS.read(address, "martin") == Token("reply", 7)
    assert TOKENS.read(address, "dupont") is None


def test_a_token_made_with_another_key_is_worthless() -> None:
    forged = Tokens(b"another key of thirty-two bytes..").reply_address(BOX, "owner", "martin", 7, DAY)

    assert TOKENS.read(forged, "martin") is None


@given(st.data())
def test_a_changed_token_is_worthless(data: st.DataObject) -> None:
    token = TOKENS.reply_address(BOX, "reply", "martin", 70000).partition("+r.")[2].partition("@")[0]
    at = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from([letter for letter in "abcdefghijklmnopqrstuvwxyz234567" if letter != token[at]]))

    assert TOKENS.read(f"factures+r.{token[:at]}{other}{token[at + 1 :]}@atelier.example") is None


@given(st.text())
def test_any_other_address_has_no_token(text: str) -> None:
    assert TOKENS.read(text) is None
    assert TOKENS.read(f"factures+r.{text}@atelier.example") is None


@pytest.mark.parametrize(("age", "alive"), [(-1, False), (0, True), (14, True), (15, False)])
def test_an_owners_token_lives_for_fourteen_days(age: int, alive: bool) -> None:
    token = TOKENS.read(TOKENS.owner_address(BOX, "martin", DAY), "martin")

    assert token is not None
    assert token.alive(DAY + timedelta(days=age)) is alive


def test_a_clients_token_proves_no_owner() -> None:
    token = TOKENS.read(TOKENS.reply_address(BOX, "reply", "martin", 7))

    assert token is not None
    assert not token.alive(DAY)


def test_a_token_is_found_in_the_subject_of_a_button() -> None:
    address = TOKENS.owner_address(BOX, "martin", DAY)
    token = address.partition("+r.")[2].partition("@")[0]

    assert TOKENS.in_subject(f"Re: ok 1 [{token}]", "martin") == TOKENS.read(address)
    assert TOKENS.in_subject("Re: [devis] ok 1", "martin") is None


def test_a_plus_address_can_carry_a_token_too() -> None:
    address = TOKENS.reply_address("box+martin@host.example", "reply", "martin", 7)

    assert TOKENS.read(address, "martin") == Token("reply", 7)


def test_marks_are_stable_and_differ() -> None:
    assert TOKENS.mark("a") == TOKENS.mark("a") != TOKENS.mark("b")
    assert len(TOKENS.mark("a")) == 26


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Tokens(b"short")


def test_nothing_changes_a_mail_that_was_sent() -> None:
    assert not any("sent" in before for before, _ in CHANGES.values())


def test_only_what_may_have_left_is_sent_again() -> None:
    assert CHANGES["resend"][0] == {"transmitting", "in_doubt"}
    assert CHANGES["arm"] == (frozenset({"claimed"}), "transmitting")


@given(st.integers(-3, 100), st.floats(-1, 2))
def test_waits_grow_to_four_hours_and_a_quarter_more(attempt: int, jitter: float) -> None:
    wait = back_off(attempt, jitter)

    assert timedelta(minutes=1) <= wait <= timedelta(hours=5)
    assert back_off(attempt, 0) <= wait <= back_off(attempt + 1, 1)


def test_rows_refused_together_do_not_return_together() -> None:
    assert len({back_off_seconds(1, row) for row in range(100)}) == 100


@given(st.text(), st.sampled_from(["picture", "page", "stop"]))
def test_a_link_opens_what_it_was_made_for_and_nothing_else(text: str, purpose: LinkPurpose) -> None:
    name = TOKENS.mark(text)
    token = TOKENS.link(purpose, name)

    assert TOKENS.read_link(purpose, token) == TOKENS.read_link(purpose, token.upper()) == name
    others: list[LinkPurpose] = ["picture", "page", "stop"]
    assert [TOKENS.read_link(other, token) for other in others if other != purpose] == [None, None]
    assert Tokens(b"another key of thirty-two bytes..").read_link(purpose, token) is None


@given(st.data())
def test_a_changed_link_opens_nothing(data: st.DataObject) -> None:
    token = TOKENS.link("page", TOKENS.mark("x"))
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from([letter for letter in "abcdefghijklmnopqrstuvwxyz234567" if letter != token[at]]))

    assert TOKENS.read_link("page", f"{token[:at]}{other}{token[at + 1 :]}") is None


@given(st.text() | st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=40, max_size=40))
def test_any_other_text_is_no_link(text: str) -> None:
    assert TOKENS.read_link("page", text) is None


@pytest.mark.parametrize(("age", "good"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_form_is_good_for_three_days_and_for_its_own_mail(age: int, good: bool) -> None:
    form = TOKENS.form("name", DAY)

    assert TOKENS.is_form("name", form, DAY + timedelta(days=age)) is good
    assert not TOKENS.is_form("other", form, DAY)
