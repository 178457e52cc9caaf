"""Bytes of bank files, good, odd and broken: what is read, and that no transaction is ever lost."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.normalise import LINES_AT_ONCE
from mailbot.bank.read import MAX_BYTES, read_statement, unknown_accounts
from mailbot.model import Line, Problem, Statement

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


def transaction(**fields: str) -> str:
    told = {
        "TRNTYPE": "CREDIT",
        "DTPOSTED": "20260115",
        "TRNAMT": "120.00",
        "FITID": "F1",
        "NAME": "VIR DUPONT",
        **fields,
    }
    return "<STMTTRN>\n" + "".join(f"<{name}>{value}\n" for name, value in told.items()) + "</STMTTRN>\n"


def ofx(
    *transactions: str,
    header: str = HEADER,
    account: str = "<BANKID>30004<ACCTID>00012345678",
    currency: str = "EUR",
) -> str:
    return (
        f"{header}<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>{currency}\n<BANKACCTFROM>{account}<ACCTTYPE>CHECKING"
        f"</BANKACCTFROM>\n<BANKTRANLIST><DTSTART>20260101<DTEND>20260131\n{''.join(transactions)}</BANKTRANLIST>\n"
        "<LEDGERBAL><BALAMT>1 025,53<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )


def read(text: str | bytes) -> Statement:
    statement = read_statement(text if isinstance(text, bytes) else text.encode("cp1252"))
    assert isinstance(statement, Statement), statement
    return statement


def only_line(text: str | bytes) -> Line:
    [account] = read(text).accounts
    [line] = account.lines
    return line


def codes(text: str | bytes) -> list[str]:
    return [problem.code for problem in read(text).problems]


def test_account_period_balance_and_line_are_read() -> None:
    [account] = read(ofx(transaction(MEMO="FACTURE FA-2026-0042", REFNUM="R7"))).accounts

    assert (account.id, account.currency, account.balance) == ("00012345678", "EUR", Decimal("1025.53"))
    assert (account.from_, account.to) == (date(2026, 1, 1), date(2026, 1, 31))
    [line] = account.lines
    assert (line.date, line.amount, line.currency, line.type) == (
        date(2026, 1, 15),
        Decimal("120.00"),
        "EUR",
        "CREDIT",
    )
    assert (line.name, line.memo, line.reference) == ("VIR DUPONT", "FACTURE FA-2026-0042", "R7")


@pytest.mark.parametrize(
    "printed", ["20260115000000[+1:CET]", "20260115235959[-5:EST]", "20260115000000.000", "20260115"]
)
def test_day_is_the_one_that_the_bank_printed(printed: str) -> None:
    assert only_line(ofx(transaction(DTPOSTED=printed))).date == date(2026, 1, 15)


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("ENCODING:USASCII\nCHARSET:1252", "utf-8"),
        ("ENCODING:USASCII\nCHARSET:1252", "cp1252"),
        ("ENCODING:USASCII\nCHARSET:ISO-8859-1", "cp1252"),
        ("ENCODING:USASCII\nCHARSET:NONE", "utf-8"),
        ("ENCODING:UTF8", "utf-8"),
        ("ENCODING:UTF-8\nCHARSET:NONE", "cp1252"),
        ("ENCODING:USASCII\nCHARSET:850", "cp850"),
        ("CHARSET:zip_codec", "utf-8-sig"),
        ("", "utf-16"),
    ],
)
def test_accents_survive_whatever_the_header_declares(declared: str, encoding: str) -> None:
    text = ofx(transaction(NAME="SOCIÉTÉ GÉNÉRALE"), header=f"OFXHEADER:100\n{declared}\n\n")

    assert only_line(text.encode(encoding)).name == "SOCIÉTÉ GÉNÉRALE"


def test_label_encoded_twice_is_repaired_and_said() -> None:
    statement = read(ofx(transaction(NAME="SOCIÉTÉ")).encode().decode("cp1252").encode())

    assert statement.accounts[0].lines[0].name == "SOCIÉTÉ"
    assert [problem.code for problem in statement.problems] == ["mojibake"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "OFXHEADER:100 DATA:OFXSGML VERSION:102 ENCODING:USASCII CHARSET:1252 ",
        "OFXHEADER\n:100\nDATA\n:OFXSGML\n",
        "\n\n\n" + HEADER,
        '<?xml version="1.0" encoding="USASCII"?><?OFX OFXHEADER="200" VERSION="211"?>',
    ],
)
def test_header_in_any_form_is_no_obstacle(header: str) -> None:
    assert only_line(ofx(transaction(), header=header)).amount == Decimal("120.00")


def test_file_on_one_line_is_read() -> None:
    text = ofx(transaction(), transaction(FITID="F2", TRNAMT="-3,50")).replace("\n", "")

    assert [line.amount for line in read(text).accounts[0].lines] == [Decimal("120.00"), Decimal("-3.50")]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1 025,53", "1025.53"),
        ("1\u00a0025,53", "1025.53"),
        ("+00000115.2400", "115.24"),
        (".50", "0.50"),
        ("1.234,56", "1234.56"),
    ],
)
def test_amounts_are_read_as_banks_write_them(written: str, amount: str) -> None:
    assert only_line(ofx(transaction(TRNAMT=written))).amount == Decimal(amount)


@pytest.mark.parametrize(
    "written", ["NaN", "1e5", "1,234", "1.234", "null", "Infinity", "", "$120", "12.345678", "１２"]
)
def test_amount_that_is_not_certain_is_refused_for_that_line_alone(written: str) -> None:
    text = ofx(transaction(TRNAMT=written), transaction(FITID="F2")).encode()

    assert [line.amount for line in read(text).accounts[0].lines] == [Decimal("120.00")]
    assert codes(text) == ["line_amount"]


def test_problem_gives_the_line_in_the_file() -> None:
    text = ofx(transaction(), transaction(TRNAMT="NaN", FITID="F2"))

    [problem] = read(text).problems
    assert problem.line is not None
    assert text.splitlines()[problem.line - 1] == "<STMTTRN>"
    assert "NaN" in "".join(text.splitlines()[problem.line : problem.line + 4])


@pytest.mark.parametrize("printed", ["", "20260231", "00000000", "hier"])
def test_transaction_without_a_real_day_is_refused(printed: str) -> None:
    assert codes(ofx(transaction(DTPOSTED=printed))) == ["line_date"]


@pytest.mark.parametrize("fields", [{"FITID": ""}, {"NAME": ""}, {"NAME": "", "MEMO": ""}, {"TRNTYPE": "IN"}])
def test_transaction_with_empty_elements_is_kept(fields: dict[str, str]) -> None:
    assert only_line(ofx(transaction(**fields))).amount == Decimal("120.00")


def test_counterpartys_account_is_not_taken_for_the_own_one() -> None:
    text = ofx(transaction(BANKACCTTO="<BANKID>9<ACCTID>666</BANKACCTTO>"), account="<BANKID><ACCTID>")

    assert read(text).accounts[0].id == ""
    assert "no_account" in codes(text)


def test_currency_of_a_transaction_is_kept_and_the_original_one_is_not() -> None:
    paid = transaction(CURRENCY="<CURRATE>1.1<CURSYM>USD</CURRENCY>")
    changed = transaction(FITID="F2", ORIGCURRENCY="<CURRATE>1.1<CURSYM>USD</ORIGCURRENCY>")

    assert [line.currency for line in read(ofx(paid, changed)).accounts[0].lines] == ["USD", "EUR"]


def test_currency_is_read_where_a_bank_writes_it_without_a_cursym() -> None:
    assert only_line(ofx(transaction(CURRENCY="USD"))).currency == "USD"
    assert only_line(ofx(transaction(ORIGCURRENCY="USD"))).currency == "EUR"


@pytest.mark.parametrize("tag", ['<STMTTRN id="1">', "<STMTTRN a='1' b='2'>", '<STMTTRN xmlns:x="urn:y">'])
def test_attributes_of_a_transaction_hide_nothing(tag: str) -> None:
    assert only_line(ofx(transaction()).replace("<STMTTRN>", tag)).amount == 120


@pytest.mark.parametrize("tag", ["<STMTTRN\n>", "<STMTTRN 1>", "<x:STMTTRN>"])
def test_transaction_in_a_form_that_no_reader_knows_is_told_with_its_line(tag: str) -> None:
    text = ofx(transaction(), transaction(FITID="F2").replace("<STMTTRN>", tag))
    statement = read(text)

    assert [line.bank_id for line in statement.accounts[0].lines] == ["F1"]
    assert [(problem.code, problem.line) for problem in statement.problems] == [
        ("readers_differ", text[: text.index(tag)].count("\n") + 1)
    ]


def test_elements_that_are_empty_in_the_way_of_xml_cost_nothing() -> None:
    empty = transaction(MEMO="").replace("<MEMO>", "<MEMO/>").replace("<NAME>VIR DUPONT", "<NAME />")
    line = only_line(ofx(empty))

    assert (line.amount, line.name, line.memo) == (Decimal(120), "", "")


@pytest.mark.parametrize("written", ["1 23", "12 34,5", "1 2345", "1'23"])
def test_spaces_that_part_no_thousands_make_no_amount(written: str) -> None:
    assert codes(ofx(transaction(TRNAMT=written))) == ["line_amount"]


def test_what_looks_like_a_tag_in_a_memo_is_text() -> None:
    assert only_line(ofx(transaction(MEMO="TOUCHE <F12> OU a<b R&amp;amp;D"))).memo == "TOUCHE <F12> OU a<b R&D"


def test_correction_replaces_the_line_and_is_said() -> None:
    text = ofx(transaction(), transaction(FITID="F2", TRNAMT="130.00", CORRECTFITID="F1", CORRECTACTION="REPLACE"))

    assert [line.amount for line in read(text).accounts[0].lines] == [Decimal("130.00")]
    assert codes(text) == ["corrected"]


def test_correction_of_a_line_of_another_file_says_which_line_it_replaces() -> None:
    line = only_line(ofx(transaction(CORRECTFITID="F0", CORRECTACTION="REPLACE")))

    assert (line.bank_id, line.corrects) == ("F1", "F0")


def test_deleted_line_of_another_file_is_left_to_a_person() -> None:
    text = ofx(transaction(CORRECTFITID="F0", CORRECTACTION="DELETE"))

    assert (read(text).accounts[0].lines, codes(text)) == ((), ["deletes"])


def test_pending_transaction_is_a_pending_line_with_an_id_of_its_own() -> None:
    announced = "<STMTTRNP><TRNTYPE>CREDIT<DTTRAN>20260115<TRNAMT>120.00<NAME>VIR DUPONT</STMTTRNP>"
    text = ofx(transaction(FITID="")).replace("<LEDGERBAL>", f"<BANKTRANLISTP>{announced}</BANKTRANLISTP><LEDGERBAL>")
    booked, pending = read(text).accounts[0].lines

    assert (booked.pending, pending.pending) == (False, True)
    assert (pending.date, pending.amount) == (booked.date, booked.amount)
    assert pending.id != booked.id


def test_other_sides_iban_is_kept_and_a_number_that_is_none_is_not() -> None:
    own = "FR1420041010050500013M02606"
    lines = (
        read(
            ofx(
                transaction(BANKACCTTO=f"<BANKID>20041<ACCTID>{own}<ACCTTYPE>CHECKING</BANKACCTTO>"),
                transaction(FITID="F2", BANKACCTTO="<BANKID>20041<ACCTID>12345</BANKACCTTO>"),
            )
        )
        .accounts[0]
        .lines
    )

    assert [line.payer_iban for line in lines] == [own, ""]


def test_statement_of_several_parts_for_the_parser_is_read_as_one() -> None:
    count = LINES_AT_ONCE + 3
    [account] = read(ofx(*(transaction(FITID=f"F{n}", MEMO=f"NO {n}") for n in range(count)))).accounts

    assert [line.memo for line in account.lines] == [f"NO {n}" for n in range(count)]
    assert account.balance == Decimal("1025.53")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<OFX></OFX>", "no_statement"),
        ("<OFX><SONRS><STATUS><CODE>0<SEVERITY>INFO<MESSAGE>OK</STATUS></SONRS></OFX>", "no_statement"),
        ("<OFX><SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Bad password</STATUS></SONRS></OFX>", "bank_error"),
    ],
)
def test_whole_file_without_a_statement_is_read_and_says_what_it_is(text: str, code: str) -> None:
    statement = read(text)

    assert (statement.accounts, [problem.code for problem in statement.problems]) == ((), [code])


def test_lines_keep_their_ids_in_an_overlapping_file() -> None:
    lines = [transaction(FITID=f"F{n}", TRNAMT=f"{n}.00") for n in range(1, 7)] + [
        transaction(FITID="F6", TRNAMT="6.00")
    ]
    early, late = (read(ofx(*part)).accounts[0].lines for part in (lines[:5], lines[3:]))

    assert [line.id for line in early[3:]] == [line.id for line in late[:2]]
    assert len({line.id for line in (*early, *late)}) == 7


def test_same_line_in_two_banks_of_one_file_has_two_ids() -> None:
    one = ofx(transaction())
    ids = [read(text).accounts[0].lines[0].id for text in (one, one.replace("30004", "10278"))]

    assert ids[0] != ids[1]


def test_file_that_was_cut_says_so_and_does_not_claim_its_period() -> None:
    whole = ofx(*(transaction(FITID=f"F{n}") for n in range(5)))
    cut = whole[: whole.rindex("<STMTTRN>") + 60]

    statement = read(cut)
    assert len(statement.accounts[0].lines) == 4
    assert [problem.code for problem in statement.problems] == ["line_cut", "truncated"]
    assert statement.accounts[0].to is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"this is totally not a statement", "unknown_format"),
        (b"<OFX><STATUS><CODE>0", "no_statement"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><OFX></OFX>', "entities"),
        (b"x" * (MAX_BYTES + 1), "too_big"),
        (b"<OFX><STMTRS>" + b"<STMTTRN>" * 200_001, "too_many_lines"),
        (b"<OFX>" + b"<STMTRS>" * 201, "too_many_accounts"),
        (b"!Type:Bank\nD01/02/2026\n", "unsupported_qif"),
        (b"%PDF-1.7", "unsupported_pdf"),
        (b"PK\x03\x04xx", "unsupported_archive"),
        (b"Client;Libelle;Note\nDUPONT;VIR;12,00\n", "unknown_columns"),
    ],
)
def test_file_that_cannot_be_used_gives_one_sentence(data: bytes, code: str) -> None:
    problem = read_statement(data)

    assert isinstance(problem, Problem)
    assert problem.code == code
    assert len(problem.message) < 250
    assert problem.message.endswith(".")


def test_account_of_somebody_else_is_named() -> None:
    statement = read(ofx(transaction()))

    assert unknown_accounts(statement, ["FR76 3000 4000 0100 0123 4567 843"]) == []
    [problem] = unknown_accounts(statement, ["FR7630006000011234567890189"])
    assert "00012345678" in problem.message


PIECES = """
<STMTTRN>|</STMTTRN>|<STMTRS>|</STMTRS>|<CCSTMTRS>|<BANKTRANLIST>|</BANKTRANLIST>|<FITID>1|<NAME>A <B|<OFX>
</OFX>|<TRNAMT>1.00|<TRNAMT>NaN|<DTPOSTED>20260101|<DTPOSTED>00000000|<MEMO>é&#0;|<!--|-->|<![CDATA[|]]>|<X.Y>
<CURDEF>EUR|<ACCTID>1|<BANKACCTFROM>|<LEDGERBAL>|<BALAMT>x
"""
pieces = st.sampled_from([*PIECES.strip().replace("\n", "|").split("|"), "\n", transaction()])
_LEFT_OUT = {"line_cut", "line_date", "line_amount", "corrects", "corrected", "deletes"}


@given(st.lists(pieces, max_size=40))
def test_every_transaction_is_a_line_or_a_problem_however_broken_the_file_is(parts: list[str]) -> None:
    text = "<OFX>" + "".join(parts)

    statement = read_statement(text.encode())

    if isinstance(statement, Statement):
        bare = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        written = len(re.findall("<STMTTRN>", re.sub(r"<!\[CDATA\[.*?\]\]>", "", bare, flags=re.DOTALL)))
        lines = sum(len(account.lines) for account in statement.accounts)
        left_out = [p for p in statement.problems if p.code in _LEFT_OUT or (p.code == "readers_differ" and p.line)]
        assert lines + len(left_out) == written


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    read_statement(data)
    read_statement(b"<OFX><STMTRS><STMTTRN>" + data)
