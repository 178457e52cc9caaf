"""A line has one id, in every file that holds it; two lines have two."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.identity import Settled, Trait, line_ids, numbered, settle
from mailbot.model import Line

DAY = date(2026, 1, 5)


def trait(
    fitid: str = "F1",
    label: str = "VIR DUPONT",
    amount: str = "10.00",
    day: date = DAY,
    account: str = "30004/1",
) -> Trait:
    return Trait(account, fitid, day, Decimal(amount), "EUR", label)


def test_two_equal_payments_on_a_day_are_two_lines() -> None:
    first, second = line_ids([trait(), trait()])

    assert first != second
    assert line_ids([trait()]) == [first]


def test_reused_fitid_with_another_amount_or_day_is_another_line() -> None:
    ids = line_ids([trait(), trait(amount="11.00"), trait(day=DAY + timedelta(1))])

    assert len(set(ids)) == 3


def test_reused_fitid_with_another_label_keeps_both_lines_in_any_order() -> None:
    one, other = line_ids([trait(label="VIR DUPONT"), trait(label="VIR DURAND")])

    assert line_ids([trait(label="VIR DURAND"), trait(label="VIR DUPONT")]) == [other, one]


def test_missing_and_empty_fitids_are_told_apart_by_their_label() -> None:
    ids = line_ids([trait(fitid=fitid, label=label) for fitid in ("", "0000", "NONE") for label in ("VIR A", "VIR B")])

    assert len(set(ids)) == 6
    assert line_ids([trait(fitid="", label="vir  b")]) == [ids[1]]


def test_label_that_the_bank_rewrote_is_the_same_line() -> None:
    assert line_ids([trait(label="VIR DUP")]) == line_ids([trait(label="VIR DUPONT SARL FACTURE 42")])


def test_same_line_of_another_account_is_another_line() -> None:
    assert line_ids([trait()]) != line_ids([trait(account="30004/2")])


traits = st.lists(
    st.builds(
        trait,
        st.sampled_from(["", "F1", "F2", "0"]),
        st.sampled_from(["VIR A", "VIR B"]),
        st.sampled_from(["10.00", "20.00"]),
        st.dates(DAY, DAY + timedelta(6)),
    ),
    max_size=12,
)


@given(traits)
def test_ids_are_all_different_and_the_same_when_read_again(lines: list[Trait]) -> None:
    ids = line_ids(lines)

    assert len(set(ids)) == len(lines)
    assert line_ids(lines) == ids


@given(traits, st.integers(0, 6), st.integers(0, 6))
def test_overlapping_files_give_their_common_lines_the_same_ids(lines: list[Trait], first: int, last: int) -> None:
    within = [line for line in lines if DAY + timedelta(first) <= line.date <= DAY + timedelta(last)]
    whole = dict(zip(map(id, lines), line_ids(lines), strict=True))

    assert line_ids(within) == [whole[id(line)] for line in within]


def line(
    bank_id: str = "F1", label: str = "VIR DUPONT", amount: str = "10.00", day: date = DAY, line_id: str = ""
) -> Line:
    return Line(
        line_id or f"{bank_id}/{day}/{amount}", day, Decimal(amount), "EUR", label, "", "", "CREDIT", bank_id=bank_id
    )


SPAN = (DAY, DAY + timedelta(6))


def test_line_whose_bank_id_changed_is_known() -> None:
    assert settle([line("F9")], [line("F1")], SPAN) == Settled((), 0)


def test_two_equal_payments_of_which_one_is_known_bring_one() -> None:
    [one, other] = [line("F1"), line("F2")]

    assert settle([one, other], [one], SPAN) == Settled((other,), 0)
    assert settle([line("F8"), line("F9")], [line("F1")], SPAN).new in ((line("F8"),), (line("F9"),))


def test_equal_payment_on_a_day_that_the_file_does_not_cover_is_another_one() -> None:
    new = line("F9", day=DAY)

    assert settle([new], [line("F1", day=DAY)], (DAY + timedelta(1), DAY + timedelta(6))).new == (new,)


def test_line_that_the_bank_moved_to_another_day_is_known_and_changed() -> None:
    assert settle([line("F1", day=DAY + timedelta(1))], [line("F1", day=DAY)], SPAN) == Settled((), 1)


def test_reused_bank_id_beside_the_first_line_is_a_new_line() -> None:
    first, second = line("F1"), line("F1", day=DAY + timedelta(1))

    assert settle([first, second], [first], SPAN) == Settled((second,), 0)


def test_same_bank_id_with_another_amount_is_a_new_line() -> None:
    new = line("F1", amount="11.00")

    assert settle([new], [line("F1")], SPAN).new == (new,)


@given(st.lists(st.builds(line, st.sampled_from(["F1", "F2"]), st.sampled_from(["A", "B"])), max_size=8))
def test_what_is_kept_brings_nothing_new(lines: list[Line]) -> None:
    numbered_lines = numbered("30004/1", lines)

    assert settle(numbered_lines, numbered_lines, SPAN) == Settled((), 0)


@given(
    st.lists(st.builds(line, st.just("F"), st.sampled_from(["A", "B"]), st.sampled_from(["1.00", "2.00"])), max_size=8)
)
def test_file_with_all_bank_ids_changed_brings_nothing_new(lines: list[Line]) -> None:
    before = numbered("30004/1", [replace(one, bank_id=f"F{at}") for at, one in enumerate(lines)])
    after = numbered("30004/1", [replace(one, bank_id=f"G{at}") for at, one in enumerate(lines)])

    assert settle(after, before, SPAN) == Settled((), 0)
