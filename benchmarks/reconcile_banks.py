"""How banks write a transfer into OFX: label grammars, fields cut at 32 letters, charsets, FITIDs. Text in, bytes out.

The grammars are those of French exports in public readers (woob) and fixtures, and of two neighbours; the firms and
accounts are invented. No real statement was copied.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from reconcile_book import CURRENCY, Line, capitals

NAME_FIELD = 32  # OFX 1.x and 2.x: NAME is A-32
MEMO_FIELD = 255
REMITTANCE = 140  # letters of an unstructured SEPA remittance

HEADER = (
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:{encoding}\r\nCHARSET:{charset}\r\n"
    "COMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
)
XML_HEADER = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\r\n'
    '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\r\n'
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the payer's bank sent: the name as known there, what the payer typed, an end-to-end id, an account."""

    payer: str
    motive: str
    end_to_end: str
    iban: str
    day: date
    number: int  # the bank's own number of the movement


@dataclass(frozen=True, slots=True)
class Fields:
    """The texts of one STMTTRN before they are cut, and the letters that NAME may hold."""

    name: str
    memo: str
    refnum: str = ""
    name_limit: int = NAME_FIELD


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank's export: how it words a transfer, and how it writes the file."""

    key: str
    word: Callable[[Transfer], Fields]
    encoding: str = "cp1252"
    declared: tuple[str, str] = ("USASCII", "1252")
    accents: bool = False
    layout: str = "leaves"  # leaves: one a line, unclosed | one_line | tabs | xml
    type: str = "CREDIT"
    date_suffix: str = ""
    fitid: str = "{day:%Y%m%d}{number:07d}"
    fitid_changes: bool = False
    language: str = "FRA"


def _bnp(it: Transfer) -> Fields:
    end_to_end = it.end_to_end or "NOTPROVIDED"
    return Fields(f"VIR SEPA RECU /DE {it.payer}", f"/MOTIF {it.motive} /REF {end_to_end}".replace("/MOTIF  ", ""))


def _societe_generale(it: Transfer) -> Fields:
    if it.number % 5 == 0:
        head = f"VIR INST RE {it.number:012d} DE: {it.payer} DATE: {it.day:%d/%m/%Y} 10:{it.number % 60:02d}"
    else:
        head = f"VIR RECU {it.number:010d}Z DE: {it.payer}"
    label = f"{head} MOTIF: {it.motive}" + (f" REF: {it.end_to_end}" if it.end_to_end else "")
    return Fields(label, label)


def _credit_du_nord(it: Transfer) -> Fields:
    return Fields(f"VIR SEPA {it.payer}", f"VIR SEPA {it.payer} Motif : {it.motive}")


def _caisse_epargne(it: Transfer) -> Fields:
    return Fields(f"VIR SEPA {it.payer}", it.motive)


def _banque_postale(it: Transfer) -> Fields:
    return Fields(f"VIREMENT DE {it.payer}", "")


def _credit_mutuel(it: Transfer) -> Fields:
    return Fields(f"VIR {it.payer} {it.motive}", "", name_limit=64)


def _fortuneo(it: Transfer) -> Fields:
    label = f"VIR SEPA RECU /FRM {it.payer} /EID {it.end_to_end or 'NOTPROVIDED'} /RNF {it.motive}"
    return Fields(label, label[NAME_FIELD:])


def _boursorama(it: Transfer) -> Fields:
    return Fields(f"VIR INST {it.payer}" if it.number % 3 == 0 else f"VIR SEPA {it.payer}", it.motive, name_limit=70)


def _sparkasse(it: Transfer) -> Fields:
    return Fields(it.payer, f"SEPA-GUTSCHRIFT SVWZ+{it.motive}" + f" EREF+{it.end_to_end}" * bool(it.end_to_end))


def _dutch(it: Transfer) -> Fields:
    return Fields(it.payer, f"IBAN: {it.iban} Naam: {it.payer} Omschrijving: {it.motive}", it.end_to_end)


BANKS = (
    Bank("bnp", _bnp, date_suffix="000000"),
    Bank("societe_generale", _societe_generale, fitid="{number:013d}"),
    Bank("credit_du_nord", _credit_du_nord, encoding="utf-8"),
    Bank("caisse_epargne", _caisse_epargne, encoding="utf-8", accents=True, date_suffix="000000[+1:CET]"),
    Bank(
        "banque_postale", _banque_postale, layout="one_line", type="DIRECTDEP", fitid="P_{number:06d}$", language="FRE"
    ),
    Bank("credit_mutuel", _credit_mutuel, layout="tabs", fitid="LL{number:06d}C@", fitid_changes=True),
    Bank("fortuneo", _fortuneo),
    Bank("boursorama", _boursorama, "utf-8", ("UTF-8", "NONE"), accents=True, layout="xml"),
    Bank(
        "sparkasse", _sparkasse, encoding="cp1252", accents=True, type="OTHER", date_suffix="120000.000", language="DEU"
    ),
    Bank("dutch", _dutch, layout="xml", encoding="utf-8", type="XFER", language="ENG"),
)


def word_transfer(bank: Bank, transfer: Transfer, cents: int, currency: str) -> Line:
    """The line as this bank prints it."""
    texts = bank.word(transfer)
    reading = str if bank.accents else capitals
    name = reading(texts.name)[: texts.name_limit].strip()
    memo = reading(texts.memo)[:MEMO_FIELD].strip()
    return _line(bank, transfer.day, transfer.number, cents, currency, (name, memo, texts.refnum), bank.type)


def word_label(bank: Bank, label: str, day: date, number: int, cents: int) -> Line:
    """A line that is no transfer of a payer: batch, fee, refund, reversal. The label is cut like any other."""
    text = capitals(label)
    memo = "" if bank.layout in ("one_line", "tabs") else text[NAME_FIELD:]
    kind = "DEBIT" if cents < 0 else bank.type
    return _line(bank, day, number, cents, CURRENCY, (text[:NAME_FIELD].strip(), memo.strip(), ""), kind)


def _line(
    bank: Bank, day: date, number: int, cents: int, currency: str, texts: tuple[str, str, str], kind: str
) -> Line:
    fitid = bank.fitid.format(day=day, number=number)
    return Line(fitid, day, cents, currency, texts[0], texts[1], texts[2], kind)


def make_ofx(bank: Bank, lines: Sequence[Line], account: str, period: tuple[date, date], balance: int) -> bytes:
    """The whole file as the bank would hand it out. `balance` in cents, at the end of the period."""
    closed = bank.layout == "xml"
    body = "".join(_transaction(bank, line, closed) for line in lines)

    def leaf(tag: str, value: str) -> str:
        return _leaf(tag, value, closed)

    status = f"<STATUS>\n{leaf('CODE', '0')}{leaf('SEVERITY', 'INFO')}</STATUS>\n"
    sign_on = (
        f"<SIGNONMSGSRSV1>\n<SONRS>\n{status}{leaf('DTSERVER', f'{period[1]:%Y%m%d}120000')}"
        f"{leaf('LANGUAGE', bank.language)}</SONRS>\n</SIGNONMSGSRSV1>\n"
    )
    holder = (
        leaf("BANKID", "99999") + leaf("BRANCHID", "00001") + leaf("ACCTID", account) + leaf("ACCTTYPE", "CHECKING")
    )
    days = leaf("DTSTART", f"{period[0]:%Y%m%d}") + leaf("DTEND", f"{period[1]:%Y%m%d}")
    standing = leaf("BALAMT", money(balance)) + leaf("DTASOF", f"{period[1]:%Y%m%d}")
    text = (
        f"<OFX>\n{sign_on}<BANKMSGSRSV1>\n<STMTTRNRS>\n{leaf('TRNUID', '1')}{status}<STMTRS>\n"
        f"{leaf('CURDEF', CURRENCY)}<BANKACCTFROM>\n{holder}</BANKACCTFROM>\n<BANKTRANLIST>\n{days}{body}"
        f"</BANKTRANLIST>\n<LEDGERBAL>\n{standing}</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n</BANKMSGSRSV1>\n</OFX>\n"
    )
    header = XML_HEADER if closed else HEADER.format(encoding=bank.declared[0], charset=bank.declared[1])
    return (header + _lay_out(text, bank.layout)).encode(bank.encoding, "replace")


def money(cents: int) -> str:
    """Cents as a decimal with a point."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _transaction(bank: Bank, line: Line, closed: bool) -> str:
    leaves = [
        ("TRNTYPE", line.type),
        ("DTPOSTED", f"{line.day:%Y%m%d}{bank.date_suffix}"),
        ("TRNAMT", money(line.cents)),
        ("FITID", line.fitid),
        ("REFNUM", line.refnum),
        ("NAME", line.name),
        ("MEMO", line.memo),
    ]
    text = "".join(_leaf(tag, value, closed) for tag, value in leaves if value)
    if line.currency != CURRENCY:
        rate = _leaf("CURRATE", "0.92", closed) + _leaf("CURSYM", line.currency, closed)
        text += f"<CURRENCY>\n{rate}</CURRENCY>\n"
    return f"<STMTTRN>\n{text}</STMTTRN>\n"


def _leaf(tag: str, value: str, closed: bool) -> str:
    safe = value.replace("&", "&amp;").replace("<", "&lt;")
    return f"<{tag}>{safe}</{tag}>\n" if closed else f"<{tag}>{safe}\n"


def _lay_out(text: str, layout: str) -> str:
    if layout == "one_line":
        return text.replace("\n", "")
    if layout == "tabs":
        return "".join(f"\t{line}\r\n" for line in text.splitlines())
    return text.replace("\n", "\r\n")


def changed_fitid(rng: Random, line: Line) -> str:
    """The other identifier that some banks give to the same line in the next export."""
    return f"{line.fitid[:2]}{rng.randrange(10**6, 10**7)}C@"
