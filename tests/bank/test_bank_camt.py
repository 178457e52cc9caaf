"""CAMT statements of every version: batches, returns, pending entries, foreign money, and hostile XML."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.bank.read import read_statement
from mailbot.model import Account, Line, Problem, Statement

OURS = "FR1420041010050500013M02606"
THEIRS = "DE89370400440532013000"


def details(
    amount: str = "120.00",
    name: str = "TISSIER FRERES",
    *,
    inside: str = "",
    refs: str = "",
    memo: str = "FA-2026-0042",
) -> str:
    return (
        f"<TxDtls><Refs>{refs}</Refs><Amt Ccy='EUR'>{amount}</Amt><RltdPties><Dbtr><Nm>{name}</Nm></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{THEIRS}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>{memo}</Ustrd></RmtInf>{inside}</TxDtls>"
    )


def entry(amount: str = "120.00", side: str = "CRDT", *parts: str, head: str = "", status: str = "BOOK") -> str:
    return (
        f"<Ntry><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{head}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>2026-10-05</Dt></BookgDt><ValDt><Dt>2026-10-06</Dt></ValDt>"
        f"<AcctSvcrRef>R1</AcctSvcrRef><NtryDtls>{''.join(parts)}</NtryDtls></Ntry>"
    )


def balance(code: str, amount: str, side: str = "CRDT", day: str = "2026-10-05") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def camt(
    *inside: str, version: str = "053.001.02", account: str = f"<IBAN>{OURS}</IBAN>", around: str = "Stmt"
) -> bytes:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{version}'>"
        f"<BkToCstmr{around}><{around}><Acct><Id>{account}</Id><Ccy>EUR</Ccy></Acct>"
        f"{''.join(inside)}</{around}></BkToCstmr{around}></Document>"
    ).encode()


def read(data: bytes) -> Statement:
    statement = read_statement(data)
    assert isinstance(statement, Statement), statement
    return statement


def only_account(data: bytes) -> Account:
    [account] = read(data).accounts
    return account


def only_line(data: bytes) -> Line:
    [line] = only_account(data).lines
    return line


def test_account_balance_and_payment_are_read() -> None:
    refs = "<EndToEndId>E2E-1</EndToEndId>"
    account = only_account(
        camt(
            balance("OPBD", "10.00", "DBIT", "2026-10-01"),
            balance("CLBD", "110.00"),
            entry("120.00", "CRDT", details(refs=refs)),
        )
    )

    assert (account.iban, account.currency, account.balance) == (OURS, "EUR", Decimal("110.00"))
    assert (account.from_, account.to, account.difference) == (date(2026, 10, 1), date(2026, 10, 5), 0)
    [line] = account.lines
    assert (line.date, line.amount, line.currency) == (date(2026, 10, 5), Decimal("120.00"), "EUR")
    assert (line.name, line.memo, line.reference) == ("TISSIER FRERES", "FA-2026-0042", "E2E-1")
    assert (line.payer, line.payer_iban, line.end_to_end, line.bank_id) == ("TISSIER FRERES", THEIRS, "E2E-1", "R1")


def test_balances_that_leave_something_unexplained_say_how_much() -> None:
    account = only_account(camt(balance("OPBD", "10.00"), balance("CLBD", "200.00"), entry()))

    assert account.difference == Decimal("70.00")


@pytest.mark.parametrize("version", ["053.001.02", "053.001.04", "053.001.06", "053.001.08", "053.001.13"])
def test_every_version_is_read(version: str) -> None:
    assert only_line(camt(entry("120.00", "CRDT", details()), version=version)).name == "TISSIER FRERES"


def test_elements_of_version_8_are_found_where_they_moved() -> None:
    data = camt(entry("120.00", "CRDT", details()), version="053.001.08")
    moved = data.replace(b"<Dbtr><Nm>TISSIER FRERES</Nm></Dbtr>", b"<Dbtr><Pty><Nm>TISSIER FRERES</Nm></Pty></Dbtr>")

    line = only_line(moved.replace(b"<Sts>BOOK</Sts>", b"<Sts><Cd>PDNG</Cd></Sts>"))

    assert (line.name, line.pending) == ("TISSIER FRERES", True)


def test_reports_of_the_day_and_advices_are_read_alike() -> None:
    for around in ("Rpt", "Ntfctn"):
        assert only_line(camt(entry("120.00", "CRDT", details()), around=around)).amount == Decimal("120.00")


def test_batch_becomes_a_line_for_each_payment() -> None:
    batch = entry("200.00", "CRDT", details("80.00", "A", memo="FA-1"), details("120.00", "B", memo="FA-2"))

    lines = only_account(camt(batch)).lines

    assert [(line.amount, line.name, line.memo) for line in lines] == [
        (Decimal("80.00"), "A", "FA-1"), (Decimal("120.00"), "B", "FA-2"),
    ]  # fmt: skip
    assert len({line.id for line in lines}) == 2


def test_batch_whose_payments_do_not_make_its_sum_stays_one_line() -> None:
    line = only_line(camt(entry("250.00", "CRDT", details("80.00"), details("120.00", memo="FA-2"))))

    assert (line.amount, line.count, line.memo) == (Decimal("250.00"), 2, "FA-2026-0042 FA-2")


def test_batch_without_details_says_how_many_payments_it_holds() -> None:
    line = only_line(camt(entry("250.00", "CRDT", "<Btch><NbOfTxs>7</NbOfTxs></Btch>")))

    assert (line.amount, line.count) == (Decimal("250.00"), 7)


def test_rejected_debit_is_a_reversal_with_its_reason() -> None:
    inside = "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>"
    data = camt(entry("120.00", "DBIT", details(refs="<EndToEndId>E2E-9</EndToEndId>", inside=inside)))

    line = only_line(data)

    assert (line.amount, line.reversal, line.reverses, line.reason) == (Decimal("-120.00"), True, "E2E-9", "AM04")


def test_reversal_indicator_and_bank_transaction_code_tell_reversals() -> None:
    code = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>"

    assert only_line(camt(entry("1.00", "DBIT", head="<RvslInd>true</RvslInd>"))).reversal
    assert not only_line(camt(entry("1.00", "DBIT", head="<RvslInd>false</RvslInd>"))).reversal
    line = only_line(camt(entry("1.00", "DBIT").replace("<AcctSvcrRef>", f"{code}<AcctSvcrRef>")))
    assert (line.reversal, line.type) == (True, "DIRECTDEBIT")


def test_structured_reference_and_remitted_invoice_are_read() -> None:
    invoice = "<RfrdDocInf><Nb>FA-2026-0042</Nb></RfrdDocInf>"
    structured = f"<Strd>{invoice}<CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>"
    data = camt(entry("120.00", "CRDT", details().replace("<Ustrd>FA-2026-0042</Ustrd>", structured)))

    line = only_line(data)

    assert (line.reference, line.creditor_reference) == ("RF18539007547034", "RF18539007547034")
    assert "FA-2026-0042" in line.memo


def test_factor_that_pays_for_a_client_is_the_payer_and_the_client_is_named() -> None:
    data = camt(entry("120.00", "CRDT", details()))
    line = only_line(data.replace(b"<DbtrAcct>", b"<UltmtDbtr><Nm>ATELIER BOIS</Nm></UltmtDbtr><DbtrAcct>"))

    assert (line.payer, line.memo) == ("TISSIER FRERES", "FA-2026-0042 ATELIER BOIS")


def test_fee_and_original_amount_are_told() -> None:
    sent = "<AmtDtls><InstdAmt><Amt Ccy='EUR'>125.00</Amt></InstdAmt></AmtDtls>"
    abroad = "<AmtDtls><InstdAmt><Amt Ccy='USD'>130.00</Amt></InstdAmt></AmtDtls>"

    assert only_line(camt(entry("120.00", "CRDT", details(inside=sent)))).fee == Decimal("5.00")
    line = only_line(camt(entry("120.00", "CRDT", details(inside=abroad))))
    assert (line.fee, line.original_amount, line.original_currency) == (0, Decimal("130.00"), "USD")


def test_pages_that_follow_upon_each_other_are_one_account_and_twins_stay_two() -> None:
    page = "<Stmt><Acct><Id><IBAN>{}</IBAN></Id><Ccy>EUR</Ccy></Acct>{}</Stmt>"
    first = page.format(OURS, balance("OPBD", "0.00") + balance("CLBD", "120.00") + entry("120.00", "CRDT", details()))
    second = page.format(
        OURS, balance("OPBD", "120.00") + balance("CLBD", "240.00") + entry("120.00", "CRDT", details())
    )
    data = camt().replace(
        camt()[camt().index(b"<Stmt>") : camt().index(b"</Stmt>") + 7], (first + second).encode()
    )  # fmt: skip

    account = only_account(data)

    assert (len(account.lines), account.balance) == (2, Decimal("240.00"))
    assert len({line.id for line in account.lines}) == 2


def test_entry_that_is_not_certain_is_a_problem_with_its_line() -> None:
    statement = read(
        camt(entry("NaN"), entry("1.00", "XXXX"), entry().replace("2026-10-0", "2026-19-0"), entry("5.00"))
    )

    assert [line.amount for line in statement.accounts[0].lines] == [Decimal("5.00")]
    assert [problem.code for problem in statement.problems] == ["line_amount", "line_amount", "line_date"]
    assert all(problem.line for problem in statement.problems)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + camt(entry()), "entities"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + camt(entry()), "entities"),
        (camt(entry())[:-200], "broken_camt"),
        (camt(entry()).replace(b"</Ntry>", b""), "broken_camt"),
    ],
)
def test_hostile_or_broken_file_is_refused_with_a_sentence(data: bytes, code: str) -> None:
    problem = read_statement(data)

    assert isinstance(problem, Problem)
    assert problem.code == code
    assert problem.message.endswith(".")


def test_body_that_is_not_in_the_declared_charset_is_read() -> None:
    data = camt(entry("1.00", "CRDT", details(name="CAFÉ ZOÉ"))).decode()

    assert only_line(data.encode("cp1252")).name == "CAFÉ ZOÉ"
    assert only_line(data.encode("utf-16")).name == "CAFÉ ZOÉ"


@given(
    st.lists(st.tuples(st.sampled_from(["1.00", "2.50", "x", ""]), st.sampled_from(["CRDT", "DBIT", "?"])), max_size=8)
)
def test_every_entry_is_a_line_or_a_problem(entries: list[tuple[str, str]]) -> None:
    statement = read(camt(*(entry(amount, side) for amount, side in entries)))

    assert sum(len(account.lines) for account in statement.accounts) + len(statement.problems) == len(entries)
    assert read(camt(*(entry(amount, side) for amount, side in entries))) == statement


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    read_statement(camt(entry())[:-30] + data)


def test_a_return_that_names_only_who_had_paid_is_his() -> None:
    payer = "<RltdPties><Dbtr><Pty><Nm>Garage Martin</Nm></Pty></Dbtr></RltdPties>"
    taken_back = f"<TxDtls>{payer}<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>"
    spent = f"<TxDtls>{payer}</TxDtls>"

    assert only_line(camt(entry("1.00", "DBIT", taken_back))).payer == "Garage Martin"
    assert only_line(camt(entry("1.00", "DBIT", spent))).payer == ""
