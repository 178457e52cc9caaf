"""Tables of banks: known headers, unknown ones, dates and amounts in many spellings; no row is ever lost."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.csvtable import profiles
from mailbot.bank.csvvalues import decimals_of, order_of, table_amount, table_day
from mailbot.bank.read import FOR_INFORMATION, in_own_currency, read_statement
from mailbot.model import Account, Line, Problem, Statement

IBAN = "FR1420041010050500013M02606"


def read(text: str, encoding: str = "utf-8") -> Statement:
    statement = read_statement(text.encode(encoding))
    assert isinstance(statement, Statement), statement
    return statement


def only_account(text: str, encoding: str = "utf-8") -> Account:
    [account] = read(text, encoding).accounts
    return account


def said(line: Line) -> tuple[str, str, str, str, str]:
    return (line.date.isoformat(), str(line.amount), line.currency, line.name, line.memo)


BANKS = [
    pytest.param(
        "Compte de chèques;****5678;05/10/2026;;1 234,56\n\n"
        "Date operation;Libelle court;Type operation;Libelle operation;Montant operation en euro\n"
        "05/10/2026;VIR SEPA RECU;VIREMENT RECU;VIR SEPA RECU /DE TISSIER /MOTIF FA-2026-0042;1 200,50\n",
        "cp1252",
        ("2026-10-05", "1200.50", "EUR", "", "VIR SEPA RECU /DE TISSIER /MOTIF FA-2026-0042"),
        id="bnp",
    ),
    pytest.param(
        "Téléchargement du 06/10/2026;\n;\nCompte carte n° 12345678901;\n;\n"
        "Date;Libellé;Débit Euros;Crédit Euros;\n"
        '05/10/2026;"VIREMENT EN VOTRE FAVEUR\nTISSIER FRERES\nFA-42 ";;340,00;\n',
        "cp1252",
        ("2026-10-05", "340.00", "EUR", "", "VIREMENT EN VOTRE FAVEUR TISSIER FRERES FA-42"),
        id="credit-agricole",
    ),
    pytest.param(
        "Date;Date de valeur;Débit;Crédit;Libellé;Solde\n05/10/2026;05/10/2026;-12,00;;COTISATION É;988,00\n",
        "iso8859-15",
        ("2026-10-05", "-12.00", "EUR", "", "COTISATION É"),
        id="credit-mutuel",
    ),
    pytest.param(
        "dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;"
        "accountbalance\n"
        '2026-10-05;2026-10-05;"VIR TISSIER";"Virements";"Virements";"";1 200,50;;00040123456;BoursoBank;4425.21\n',
        "utf-8-sig",
        ("2026-10-05", "1200.50", "EUR", "", "VIR TISSIER"),
        id="boursobank",
    ),
    pytest.param(
        "Status,Settlement date (UTC),Operation date (UTC),Total amount (incl. VAT),Currency,Counterparty name,"
        "Reference\n"
        "settled,05-10-2026 09:12:00,05-10-2026 09:12:00,1200.50,EUR,TISSIER FRERES,FA-42\n",
        "utf-8",
        ("2026-10-05", "1200.50", "EUR", "TISSIER FRERES", "FA-42"),
        id="qonto",
    ),
    pytest.param(
        '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";'
        '"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"Betrag";"Waehrung";"Info"\n'
        '"DE89370400440532013000";"05.10.26";"05.10.26";"GUTSCHR. UEBERWEISUNG";"Rechnung FA-42";'
        '"Müller GmbH";"FR1420041010050500013M02606";"1.200,50";"EUR";"Umsatz gebucht"\n',
        "cp1252",
        ("2026-10-05", "1200.50", "EUR", "Müller GmbH", "Rechnung FA-42"),
        id="sparkasse",
    ),
    pytest.param(
        '"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag (EUR)","MutatieSoort",'
        '"Mededelingen"\n'
        '"20261005","Jansen BV","NL91ABNA0417164300","","OV","Af","1200,50","Overschrijving","FA-42"\n',
        "utf-8",
        ("2026-10-05", "-1200.50", "EUR", "Jansen BV", "FA-42"),
        id="ing-nl",
    ),
    pytest.param(
        '"IBAN/BBAN","Munt","BIC","Volgnr","Datum","Rentedatum","Bedrag","Saldo na trn","Tegenrekening IBAN/BBAN",'
        '"Naam tegenpartij","Omschrijving-1","Omschrijving-2","Omschrijving-3"\n'
        '"NL91ABNA0417164300","EUR","RABONL2U","000001","2026-10-05","2026-10-05","+1200,50","+2200,50","",'
        '"Jansen BV","FA","42",""\n',
        "utf-8",
        ("2026-10-05", "1200.50", "EUR", "Jansen BV", "FA 42"),
        id="rabobank",
    ),
    pytest.param(
        "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        "TOPUP,Current,2026-10-04 23:59:00,2026-10-05 00:01:00,Payment from Tissier,1200.50,0.50,EUR,COMPLETED,"
        "2000.00\n",
        "utf-8",
        ("2026-10-05", "1200.00", "EUR", "", "Payment from Tissier"),
        id="revolut",
    ),
    pytest.param(
        "TransferWise ID,Date,Amount,Currency,Description,Payment Reference,Running Balance,Payer Name\n"
        "TRANSFER-1,05-10-2026,1200.50,USD,Received money,FA-42,2000.00,Tissier LLC\n",
        "utf-8",
        ("2026-10-05", "1200.50", "USD", "Tissier LLC", "FA-42 Received money"),
        id="wise",
    ),
    pytest.param(
        "Movimientos de la cuenta ES91 2100 0418 4502 0005 1332\n\nFecha operación;Fecha valor;Concepto;Importe;Saldo\n"
        "05/10/2026;05/10/2026;TRANSF. TISSIER FA-42;1.200,50;16.197,50\n",
        "cp1252",
        ("2026-10-05", "1200.50", "EUR", "", "TRANSF. TISSIER FA-42"),
        id="spain",
    ),
    pytest.param(
        "DATA CONTABILE;DATA VALUTA;USCITE;ENTRATE;CAUSALE;DESCRIZIONE OPERAZIONE\nSaldo iniziale;;;100,00;;\n"
        "05/10/2026;05/10/2026;;1.200,50;BONIFICO;BONIFICO DA TISSIER FA-42\n",
        "utf-8",
        ("2026-10-05", "1200.50", "EUR", "", "BONIFICO DA TISSIER FA-42"),
        id="italy",
    ),
]


@pytest.mark.parametrize(("text", "encoding", "expected"), BANKS)
def test_table_of_a_bank_is_read(text: str, encoding: str, expected: tuple[str, ...]) -> None:
    statement = read(text, encoding)

    [account] = statement.accounts
    assert [said(line) for line in account.lines] == [expected]
    assert statement.problems == ()


def test_unknown_bank_is_read_by_the_names_of_its_columns() -> None:
    account = only_account(
        f"Relevé du compte {IBAN}\nDate;Tiers;Motif;Montant (€);Solde\n"
        "31/10/2026;TISSIER;FA-42;-3,00;10,00\n01/10/2026;M;X;13,00;13,00\n"
    )

    assert account.iban == IBAN
    assert [said(line) for line in account.lines] == [
        ("2026-10-31", "-3.00", "EUR", "TISSIER", "FA-42"),
        ("2026-10-01", "13.00", "EUR", "M", "X"),
    ]
    assert (account.from_, account.to, account.balance) == (date(2026, 10, 1), date(2026, 10, 31), Decimal("10.00"))


def test_every_profile_says_where_its_header_is_known_from_and_names_columns_of_it() -> None:
    assert len(profiles()) >= 20
    for profile in profiles():
        assert profile.source, profile.bank
        assert "date" in profile.columns, profile.bank
        assert "amount" in profile.columns or {"debit", "credit"} <= profile.columns.keys(), profile.bank


def test_pending_rows_are_pending_and_rows_that_were_not_executed_are_told() -> None:
    statement = read(
        "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        "TOPUP,Current,2026-10-04 10:00:00,,A,1.00,0.00,EUR,PENDING,\n"
        "TOPUP,Current,2026-10-04 10:00:00,2026-10-04 10:00:00,B,2.00,0.00,EUR,REVERTED,\n"
    )

    assert [(line.memo, line.pending) for line in statement.accounts[0].lines] == [("A", True)]
    assert [(problem.code, problem.line) for problem in statement.problems] == [("not_executed", 3)]


def test_rows_of_two_accounts_and_currencies_are_accounts_of_their_own() -> None:
    accounts = read("Date;Compte;Libellé;Montant;Devise\n" + "".join(
        f"05/10/2026;{account};X;1,00;{currency}\n" for account in ("111111", "222222") for currency in ("EUR", "USD")
    )).accounts  # fmt: skip

    assert [(account.id, account.currency) for account in accounts] == [
        ("111111", "EUR"), ("111111", "USD"), ("222222", "EUR"), ("222222", "USD"),
    ]  # fmt: skip


def test_row_that_is_not_certain_is_a_problem_with_its_line() -> None:
    statement = read("Date;Libellé;Montant\n05/10/2026;A;1,50\n31/02/2026;B;1,50\n06/10/2026;C;NaN\n07/10/2026;D;\n")

    assert [line.memo for line in statement.accounts[0].lines] == ["A"]
    assert [(problem.code, problem.line) for problem in statement.problems if problem.line and problem.line > 1] == [
        ("line_date", 3), ("line_amount", 4), ("line_amount", 5),
    ]  # fmt: skip


@pytest.mark.parametrize("label", ["TOTAL", "Solde", "SALDO"])
def test_row_that_may_be_a_balance_or_a_payment_is_told(label: str) -> None:
    statement = read(f"Date;Libellé;Montant\n05/10/2026;{label};300,00\n06/10/2026;A;1,50\n;{label};301,50\n")

    assert [line.memo for line in statement.accounts[0].lines] == ["A"]
    assert [(problem.code, problem.line) for problem in statement.problems] == [("balance_row", 2)]
    assert "balance_row" not in FOR_INFORMATION


def test_row_that_says_whose_balance_it_is_is_no_payment() -> None:
    statement = read("Date;Libellé;Montant\n05/10/2026;Solde au 05/10/2026;300,00\n06/10/2026;A;1,50\n")

    assert [line.memo for line in statement.accounts[0].lines] == ["A"]
    assert statement.problems == ()


@pytest.mark.parametrize(
    ("cell", "decimals", "amount"),
    [
        ("1 234,56 €", "", "1234.56"),
        ("1\u202f234,56\u00a0EUR", "", "1234.56"),
        ("1.234,56", "", "1234.56"),
        ("1,234.56", "", "1234.56"),
        ("1'234.50", "", "1234.50"),
        ("-12,00", "", "-12.00"),
        ("12,00-", "", "-12.00"),
        ("(12.00)", "", "-12.00"),
        ("−5,1", "", "-5.1"),
        ("+0,99", "", "0.99"),
        ("$1,000.00", "", "1000.00"),
        ("1,234", ".", "1234"),
        ("1.234.567", "", "1234567"),
        ("1234", "", "1234"),
        (",50", ",", "0.50"),
    ],
)
def test_amounts_of_a_table_are_read(cell: str, decimals: str, amount: str) -> None:
    assert table_amount(cell, "," if decimals == "," else "." if decimals == "." else "") == Decimal(amount)


@pytest.mark.parametrize(
    "cell", ["1,234", "1.234", "NaN", "1e5", "", "-", "12,345,6", "1,2,3", "12.00 12", "１２", "abc"]
)
def test_amount_that_is_not_certain_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        table_amount(cell, "")


def test_a_column_decides_what_one_cell_leaves_open() -> None:
    assert decimals_of(["1,234", "12.50"]) == "."
    assert decimals_of(["1.234", "12,50"]) == ","
    assert decimals_of(["1,50", "1.50"]) == ""
    assert order_of(["03/04/2026", "25/04/2026"]) == "dmy"
    assert order_of(["03/04/2026", "04/25/2026"]) == "mdy"
    assert order_of(["03/04/2026"]) == ""
    assert table_day("03.04.26", "dmy") == date(2026, 4, 3)
    assert table_day("2026/04/03T10:00", "ymd") == date(2026, 4, 3)
    assert table_day("31/02/2026", "dmy") is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("3 mars 2026", date(2026, 3, 3)), ("1er févr. 2026", date(2026, 2, 1)), ("12-AOU-26", date(2026, 8, 12)),
        ("02 juin 2026", date(2026, 6, 2)), ("Mar 3, 2026", date(2026, 3, 3)), ("5 May 2026", date(2026, 5, 5)),
        ("5. März 2026", date(2026, 3, 5)), ("03-MRZ-26", date(2026, 3, 3)), ("9 Okt. 2026", date(2026, 10, 9)),
        ("3 de marzo de 2026", date(2026, 3, 3)), ("14 dic 2026", date(2026, 12, 14)), ("5 gen. 26", date(2026, 1, 5)),
        ("7 set 2026", date(2026, 9, 7)), ("15 mrt. 2026", date(2026, 3, 15)), ("2 mei 2026", date(2026, 5, 2)),
        ("2026-Jan-05 10:12", date(2026, 1, 5)), ("31 févr. 2026", None), ("02-JUI-2026", None), ("3 Foo 2026", None),
    ],
)  # fmt: skip
def test_a_month_in_letters_is_read_in_six_languages(cell: str, day: date | None) -> None:
    assert table_day(cell, "dmy") == day
    assert table_day(cell, "mdy") == day


def test_a_table_whose_dates_have_letters_keeps_its_payments_and_leaves_its_balance_out() -> None:
    text = "Date;Libellé;Montant\n3 mars 2026;VIR DUPONT FA-1;1 200,00\n4 mars 2026;Solde au 4 mars;9 000,00\n"

    account = only_account(text)

    assert [(line.date, line.amount) for line in account.lines] == [(date(2026, 3, 3), Decimal("1200.00"))]


def test_american_dates_are_read_where_a_row_shows_that_they_are() -> None:
    account = only_account("Date,Description,Amount\n10/05/2026,A,1.00\n10/25/2026,B,2.00\n")

    assert [line.date for line in account.lines] == [date(2026, 10, 5), date(2026, 10, 25)]


@pytest.mark.parametrize(
    "text", ["a;b;c\n1;2;3\n", "Date;Libellé\n05/10/2026;X\n", "{}", 'Date;Montant\n"05/10/2026\n' * 3]
)
def test_table_without_date_or_amount_is_refused_with_a_sentence(text: str) -> None:
    read_as = read_statement(text.encode())

    problems = [read_as] if isinstance(read_as, Problem) else list(read_as.problems)
    assert problems
    assert all(problem.message.endswith(".") for problem in problems)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["05/10/2026", "31/02/2026", "", "x"]),
            st.sampled_from(["1,00", "-2,50", "1.234", "NaN", ""]),
            st.text(st.characters(codec="utf-8", exclude_characters='";\r\n'), max_size=12),
        ),
        max_size=12,
    )
)
def test_no_row_with_a_date_and_an_amount_is_lost(rows: list[tuple[str, str, str]]) -> None:
    text = "Date;Montant;Tiers\n" + "".join(f"{day};{amount};x{label}\n" for day, amount, label in rows)

    statement = read(text)

    lines = [line for account in statement.accounts for line in account.lines]
    told = [problem for problem in statement.problems if problem.code in {"line_date", "line_amount"}]
    whole = sum(1 for day, amount, _ in rows if day and amount)
    assert len(lines) + len(told) >= whole
    assert len(lines) <= len(rows)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_table_reader(data: bytes) -> None:
    read_statement(b"Date;Montant;Tiers\n05/10/2026;1,00;" + data)


def test_a_quote_that_is_never_closed_swallows_no_row() -> None:
    text = 'Date;Libellé;Montant\n20/10/2026;"VIR DUPONT;10,00\n21/10/2026;"X";5,00\n22/10/2026;Y;2,00\n'

    assert [(line.memo, str(line.amount)) for line in only_account(text).lines] == [
        ("VIR DUPONT", "10.00"), ("X", "5.00"), ("Y", "2.00"),
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["LibellÃ©", "Zweck der Sache", "Texte"])
def test_the_only_text_of_a_table_is_the_label_whatever_its_column_is_called(column: str) -> None:
    [found] = only_account(f"Date;{column};Montant\n20/10/2026;VIR DUPONT FA-1;10,00\n").lines

    assert found.memo == "VIR DUPONT FA-1"


def test_a_table_without_account_and_currency_is_in_the_money_of_our_bank() -> None:
    bare = read("Date;Libellé;Montant\n20/10/2026;VIR A;10,00\n")
    stated = read("Date;Libellé;Montant;Devise\n20/10/2026;VIR A;10,00;USD\n")

    assert [line.currency for line in bare.accounts[0].lines] == [""]
    for iban, money in (("FR7630006000011234567890189", "EUR"), ("GB33BUKB20201555555555", "GBP"), ("", "")):
        found = in_own_currency(bare, iban).accounts[0]
        assert (found.currency, [line.currency for line in found.lines]) == (money, [money])
    assert in_own_currency(stated, "FR7630006000011234567890189") == stated


TWO_ACCOUNTS = """Compte;FR7630006000011234567890189
Date;Libellé;Montant
15/09/2026;VIR DUPONT;100,00

Compte;FR7630004000031234567890143
Date;Libellé;Montant
16/09/2026;VIR MARTIN;50,00
"""


def test_a_header_that_stands_again_begins_the_table_of_another_account() -> None:
    first, second = read(TWO_ACCOUNTS).accounts

    assert (first.iban, [line.amount for line in first.lines]) == ("FR7630006000011234567890189", [Decimal(100)])
    assert (second.iban, [line.amount for line in second.lines]) == ("FR7630004000031234567890143", [Decimal(50)])
    assert read(TWO_ACCOUNTS).problems == ()


def test_a_header_that_stands_again_on_the_next_page_names_no_other_account() -> None:
    pages = TWO_ACCOUNTS.replace("Compte;FR7630004000031234567890143\n", "")

    assert [len(account.lines) for account in read(pages).accounts] == [2]


OTHER_SIDES = """"Girokonto";"DE02120300000000202051"

"Buchungsdatum";"Zahlungspflichtige*r";"Verwendungszweck";"IBAN";"Betrag (€)"
"15.09.26";"Dupont SA";"FA-2026-0042";"DE89370400440532013000";"1.234,56"
"16.09.26";"Martin SA";"FA-2026-0043";"FR7630004000031234567890143";"10,00"
"""


def test_a_column_of_other_accounts_than_the_one_above_the_table_is_the_payers() -> None:
    account = only_account(OTHER_SIDES)

    assert account.iban == "DE02120300000000202051"
    assert [line.payer_iban for line in account.lines] == ["DE89370400440532013000", "FR7630004000031234567890143"]


def test_an_amount_without_a_word_is_not_certain_where_other_rows_say_where_it_went() -> None:
    table = "Date;Libellé;Montant;Sens\n15/09/2026;a;5,00;+\n15/09/2026;b;5,00;DBIT\n15/09/2026;c;5,00;\n"
    statement = read(table)

    assert [line.amount for account in statement.accounts for line in account.lines] == [Decimal(5), Decimal(-5)]
    assert [(problem.code, problem.line) for problem in statement.problems] == [("line_amount", 4)]
    assert only_account(table.replace("+", "").replace("DBIT", "")).lines[0].amount == 5


def test_free_and_structured_messages_of_belgian_banks_are_in_the_label() -> None:
    head = "Rekeningnummer;Datum;Omschrijving;Bedrag;Munt;Naam tegenpartij;gestructureerde mededeling;Vrije mededeling"
    row = "BE68539007547034;15/09/2026;OVERSCHRIJVING;100,00;EUR;DUPONT SA;+++090/9337/55493+++;FA-2026-0042"

    [line] = only_account(f"{head}\n{row}\n").lines
    assert "FA-2026-0042" in line.memo
    assert "090/9337/55493" in line.memo
