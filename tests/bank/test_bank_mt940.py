"""MT940 statements: the grammars of :86:, reversals, odd dates, broken files; no line is ever lost."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.mt940label import Label, read_label
from mailbot.bank.read import is_same_account, read_statement
from mailbot.model import Account, Line, Statement

THEIRS = "DE89370400440532013000"


def line(
    mark: str = "C", amount: str = "120,00", rest: str = "NTRFNONREF//B1", day: str = "261005", label: str = ""
) -> str:
    return f":61:{day}1005{mark}{amount}{rest}\n" + (f":86:{label}\n" if label else "")


def mt940(
    *lines: str, account: str = "20041010/05000500", opening: str = "C261004EUR0,00", closing: str = "C261005EUR120,00"
) -> bytes:
    body = f":20:STARTUMS\n:25:{account}\n:28C:1/1\n:60F:{opening}\n{''.join(lines)}:62F:{closing}\n-\n"
    return body.encode()


def read(data: bytes) -> Statement:
    statement = read_statement(data)
    assert isinstance(statement, Statement), statement
    return statement


def only_account(data: bytes) -> Account:
    [account] = read(data).accounts
    return account


def only_line(data: bytes) -> Line:
    [found] = only_account(data).lines
    return found


def test_account_balances_and_line_are_read() -> None:
    account = only_account(mt940(line(label="166?00GUTSCHRIFT?20EREF+E2E-1?21SVWZ+Rechnung FA-42?32Müller GmbH")))

    assert (account.id, account.currency, account.balance) == ("20041010/05000500", "EUR", Decimal("120.00"))
    assert (account.from_, account.to, account.difference) == (date(2026, 10, 4), date(2026, 10, 5), 0)
    [found] = account.lines
    assert (found.date, found.amount, found.type) == (date(2026, 10, 5), Decimal("120.00"), "CREDIT")
    assert (found.name, found.memo, found.reference) == ("Müller GmbH", "Rechnung FA-42", "E2E-1")
    assert (found.end_to_end, found.bank_id) == ("E2E-1", "B1")


def test_two_accounts_under_one_reference_keep_their_lines_apart() -> None:
    second = ":25:20041010/99999999\n:28C:1/1\n:60F:C261004USD0,00\n" + line(amount="7,00") + ":62F:C261005USD7,00\n-\n"
    statement = read(mt940(line()).removesuffix(b"-\n") + second.encode())

    assert [(account.id, account.currency) for account in statement.accounts] == [
        ("20041010/05000500", "EUR"), ("20041010/99999999", "USD"),
    ]  # fmt: skip
    assert [[str(found.amount) for found in account.lines] for account in statement.accounts] == [["120.00"], ["7.00"]]
    assert statement.problems == ()


def test_a_label_under_the_tag_of_the_account_is_a_label() -> None:
    data = mt940(line() + ":25:166?00GUTSCHRIFT?20SVWZ+Rechnung 7?32DUPONT\n")

    assert (only_account(data).id, only_line(data).name) == ("20041010/05000500", "DUPONT")


def test_an_account_that_is_named_again_before_its_lines_is_one_account() -> None:
    twice = mt940(line()).replace(b":28C:1/1\n", b":25P:20041010/05000500\n:28C:1/1\n")

    assert len(read(twice).accounts) == 1


@pytest.mark.parametrize(
    ("mark", "amount", "reversal"),
    [("C", "120.00", False), ("D", "-120.00", False), ("RC", "-120.00", True), ("RD", "120.00", True)],
)
def test_reversal_of_a_credit_takes_money(mark: str, amount: str, reversal: bool) -> None:
    found = only_line(mt940(line(mark)))

    assert (found.amount, found.reversal) == (Decimal(amount), reversal)


@pytest.mark.parametrize(
    ("written", "amount"), [("120,", "120"), ("120,5", "120.5"), ("0,01", "0.01"), ("000000000025,00", "25.00")]
)
def test_amounts_are_read_as_banks_write_them(written: str, amount: str) -> None:
    assert only_line(mt940(line(amount=written))).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("day", "expected"), [("261231", date(2026, 12, 31)), ("270230", date(2027, 2, 28)), ("280230", date(2028, 2, 29))]
)
def test_thirty_day_months_of_banks_are_the_last_day_of_february(day: str, expected: date) -> None:
    assert only_line(mt940(line(day=day))).date == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (
            (
                "166?00GUTSCHR. UEBERWEISUNG?109251?20EREF+RG-7?21SVWZ+Rechnung FA-2026-0042?22 vom 1.9.?30COBADEFFXXX"
                f"?31{THEIRS}?32MUELLER UND SOEHNE MASCHINE?33NBAU GMBH"
            ),
            Label("MUELLER UND SOEHNE MASCHINENBAU GMBH", "Rechnung FA-2026-0042 vom 1.9.", THEIRS, "RG-7"),
        ),
        ("051?00UEBERWEISUNG?20Miete?21November?32MUELLER", Label("MUELLER", "Miete November")),
        (
            f"/TRTP/SEPA OVERBOEKING/IBAN/{THEIRS}/BIC/ABNANL2A/NAME/JANSEN BV/REMI/FA-2026-0042/EREF/NOTPROVIDED",
            Label("JANSEN BV", "FA-2026-0042", THEIRS),
        ),
        (
            "/EREF/E2E-1//CNTP/NL91ABNA0417164300/ABNANL2A/JANSEN BV///REMI/USTD//FA-42/",
            Label("JANSEN BV", "FA-42", "NL91ABNA0417164300", "E2E-1"),
        ),
        ("/BENM//NAME/JOHN DOE/REMI/Reference 42/ISDT/2026-10-05", Label("JOHN DOE", "Reference 42")),
        (
            "VIR SEPA RECU /DE TISSIER FRERES /MOTIF FA-2026-0042 /REF E2E-1",
            Label("TISSIER FRERES", "FA-2026-0042", end_to_end="E2E-1"),
        ),
        (
            "NL91ABNA0417164300 hr jansen\n\nBetaling FA-42\n",
            Label("hr jansen", "Betaling FA-42", "NL91ABNA0417164300"),
        ),
        (
            "VIREMENT TISSIER RF18 5390 0754 7034",
            Label(memo="VIREMENT TISSIER RF18 5390 0754 7034", creditor_reference="RF18539007547034"),
        ),
        (
            "109?00RUECKLASTSCHRIFT?20EREF+E2E-9?21SVWZ+RETURN AM04?32TISSIER",
            Label("TISSIER", "RETURN AM04", end_to_end="E2E-9", reason="AM04", returned=True),
        ),
    ],
)
def test_label_is_read_in_the_grammar_of_its_bank(label: str, expected: Label) -> None:
    assert read_label(label) == expected


def test_lines_that_swift_broke_at_65_characters_are_put_together() -> None:
    text = "A" * 60 + "FA-20\n26-0042 MERCI"

    assert read_label(text).memo == "A" * 60 + "FA-2026-0042 MERCI"


def test_reference_to_a_creditor_is_found_in_the_purpose() -> None:
    assert read_label("166?20SVWZ+RF18539007547034 DANKE?32X").creditor_reference == "RF18539007547034"
    assert read_label("166?20SVWZ+RF19539007547034 DANKE?32X").creditor_reference == ""


def test_statement_within_a_swift_envelope_is_read() -> None:
    data = b"{1:F01ASNBNL21XXXX0000000000}{2:O940ASNBNL21XXXXN}{3:}{4:\n" + mt940(line())[:-2] + b"-}{5:}\n"

    assert len(only_account(data).lines) == 1


def test_days_that_follow_upon_each_other_are_one_account() -> None:
    first = mt940(line(rest="NTRFNONREF"))
    second = mt940(line(rest="NTRFNONREF"), opening="C261005EUR120,00", closing="C261006EUR240,00")

    account = only_account(first + second)

    assert (len(account.lines), account.to, account.balance) == (2, date(2026, 10, 6), Decimal("240.00"))
    assert len({found.id for found in account.lines}) == 2


def test_statements_with_a_gap_between_them_stay_apart() -> None:
    gap = mt940(line(), opening="C261010EUR500,00", closing="C261011EUR620,00")

    assert len(read(mt940(line()) + gap).accounts) == 2


def test_balances_that_leave_something_unexplained_say_how_much() -> None:
    assert only_account(mt940(line(), closing="C261005EUR150,00")).difference == Decimal("30.00")


def test_lines_of_an_interim_report_are_pending() -> None:
    data = (
        b":20:X\n:25:NL91ABNA0417164300\n:28C:1\n:34F:EURD0,00\n:13D:2610051200+0100\n"
        + line().encode()
        + b":90D:0EUR0,\n"
    )

    assert only_line(data).pending


def test_line_that_is_not_certain_is_a_problem_with_its_line() -> None:
    statement = read(mt940(line(), ":61:garbage\n", line(day="261345"), line(amount="1.234,567"), line()))

    assert len(statement.accounts[0].lines) == 2
    assert [problem.line for problem in statement.problems] == [6, 7, 8]


@pytest.mark.parametrize(
    ("written", "ours", "same"),
    [
        ("37040044/532013000", "DE89370400440532013000", True),
        ("37040044/532013001", "DE89370400440532013000", False),
        ("DE89370400440532013000", "DE89370400440532013000", True),
        ("20041010050500013M026", "FR1420041010050500013M02606", True),
    ],
)
def test_account_of_a_statement_is_compared_with_the_iban(written: str, ours: str, same: bool) -> None:
    assert is_same_account(written, ours) is same


def test_iban_and_currency_of_the_account_are_told_apart() -> None:
    assert only_account(mt940(line(), account="NL91ABNA0417164300EUR")).iban == "NL91ABNA0417164300"
    assert only_account(mt940(line(), account="NL91ABNA0417164300 EUR")).iban == "NL91ABNA0417164300"


def test_bytes_of_an_old_code_page_are_read() -> None:
    data = mt940(line(label="Müller")).decode().encode("cp852").replace(b"M", b"M\x81\x8d")

    assert read(data).problems == ()


@given(
    st.lists(
        st.tuples(st.sampled_from(["C", "D", "RC", "X"]), st.sampled_from(["1,00", "2,5", "x", "1,234"])), max_size=8
    )
)
def test_every_statement_line_is_a_line_or_a_problem(lines: list[tuple[str, str]]) -> None:
    statement = read(mt940(*(line(mark, amount) for mark, amount in lines)))

    assert sum(len(account.lines) for account in statement.accounts) + len(statement.problems) == len(lines)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    read_statement(mt940(line()) + data)


@given(st.text(max_size=200))
def test_no_label_breaks_the_reader(text: str) -> None:
    for label in (text, f"166?20{text}?32{text}", f"/REMI/{text}/NAME/{text}", f"VIR /DE {text} /MOTIF {text}"):
        assert isinstance(read_label(label), Label)
