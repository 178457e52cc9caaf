"""A bank's OFX to the small strict OFX that ofxparse reads rightly.

ofxparse is quadratic where leaves are not closed, moves CET midnights to the day before, takes the other
side's account number where the own one is empty, and drops transactions with an empty name or no FITID.
What it gets from here has every leaf closed, no empty element, printed calendar days, one kind of
statement, and a number before every FITID.
"""

import re
from collections.abc import Iterator
from html import escape

from mailbot.bank.charset import plain
from mailbot.bank.values import day_digits

HEADER = "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:UTF-8\r\nCHARSET:NONE\r\n\r\n"
_BEGIN = f"{HEADER}<OFX><SONRS><CODE>0</CODE></SONRS><CCSTMTTRNRS></CCSTMTTRNRS><ACCTINFORS></ACCTINFORS><FI></FI>\n"
_OPEN = (
    "<STMTTRNRS><TRNUID>0</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY><MESSAGE>0</MESSAGE></STATUS>"
    "<STMTRS><BANKID>0</BANKID><BRANCHID>0</BRANCHID><ACCTTYPE>0</ACCTTYPE>"
    "<DTSTART>20000101</DTSTART><DTEND>20000101</DTEND><LEDGERBAL></LEDGERBAL><AVAILBAL></AVAILBAL>\n"
)
_CLOSE = "</STMTRS></STMTTRNRS>\n"
"""ofxparse looks through all that follows for each of these; where it finds one at once it takes half the time.
What they say is not used: the raw reader tells period and balance."""
LABEL_LENGTH = 1000
VALUE_LENGTH = 255
LINES_AT_ONCE = 2000
"""What ofxparse gets at a time: its tree takes 12 kB a transaction."""

_QUALIFIED = re.compile(r"<(?:\w{1,20}:OFX|[A-Za-z][A-Za-z0-9._]{0,40}\s{1,8}[\w:]{1,40}=[\"'])[^<]", re.IGNORECASE)
_QUALIFIED_TAG = re.compile(
    r"<(/?)(?:\w{1,20}:)?([A-Za-z][A-Za-z0-9._]{0,40})"
    r"(?:\s+[\w:]{1,40}=(?:\"[^\"<>]{0,200}\"|'[^'<>]{0,200}')){0,8}\s{0,8}(/?)>"
)
"""Namespaces and attributes of XML say nothing about an OFX file: an element is known by its local name alone."""
_EMPTY = re.compile(r"<[A-Za-z][A-Za-z0-9._]{0,40}\s{0,8}/>")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9._]{0,40})[ \t]{0,8}>")
_CUT = "\0cut"
_TRANSACTIONS = frozenset({"STMTTRN", "STMTTRNP"})
_STATEMENTS = frozenset({"STMTRS", "CCSTMTRS", "INVSTMTRS"})
_OWN_ACCOUNT = frozenset({"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"})
_OTHER_SIDE = frozenset({"BANKACCTTO", "CCACCTTO"})
_AROUND = frozenset({"BANKTRANLIST", "BANKTRANLISTP", "INVTRANLIST", "INVBANKTRAN", "LEDGERBAL", "AVAILBAL"}).union(
    _OWN_ACCOUNT
)
_IN_TRANSACTION_NAMES = """
TRNTYPE DTPOSTED DTTRAN DTEXPIRE DTUSER DTAVAIL TRNAMT FITID CORRECTFITID CORRECTACTION SRVRTID CHECKNUM REFNUM SIC
PAYEEID NAME EXTDNAME PAYEE ADDR1 ADDR2 ADDR3 CITY STATE POSTALCODE COUNTRY PHONE BANKID BRANCHID ACCTID
ACCTTYPE ACCTKEY MEMO MEMO2 CURRENCY ORIGCURRENCY CURRATE CURSYM INV401KSOURCE IMAGEDATA STMTTRN STMTTRNP
BANKTRANLIST BANKTRANLISTP INVTRANLIST INVBANKTRAN SUBACCTFUND LEDGERBAL AVAILBAL BALAMT DTASOF OFX
"""
_IN_TRANSACTION = frozenset(_IN_TRANSACTION_NAMES.split()).union(_STATEMENTS, _OWN_ACCOUNT, _OTHER_SIDE)
_WRITTEN = frozenset({"TRNTYPE", "TRNAMT", "DTPOSTED", "DTTRAN", "FITID", "NAME", "EXTDNAME", "MEMO"})


def strip_markup(text: str) -> str:
    """The text from `<OFX>` on, without comments; CDATA becomes plain text. Empty where there is no `<OFX>`.

    Every line end becomes one newline, and the header its newlines, so that lines keep their numbers.
    """
    text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    if _QUALIFIED.search(text):
        text = _QUALIFIED_TAG.sub(r"<\1\2\3>", text)
    if "/>" in text:
        text = _EMPTY.sub("", text)
    start = re.search(r"<OFX\s{0,8}>", text, re.IGNORECASE)
    if not start:
        return ""
    body = "\n" * text.count("\n", 0, start.start()) + text[start.start() :]
    return _without(_without(body, "<!--", "-->", keep=False), "<![CDATA[", "]]>", keep=True)


def normalise(body: str, lines_at_once: int = LINES_AT_ONCE) -> Iterator[tuple[bool, str]]:
    """Strict OFX for ofxparse, header included, of a text that `strip_markup` gave, in parts of some thousand lines.

    With each part: whether its first statement goes on from the part before. The FITID of the n-th transaction
    of the file reads "n FITID" (n from 0), also where the bank gave none.
    """
    goes_on = False
    pieces: list[str] = []
    for piece in _rewritten(body, lines_at_once):
        if piece is not _CUT:
            pieces.append(piece)
            continue
        yield goes_on, f"{_BEGIN}{''.join(pieces)}</OFX>\n"
        goes_on, pieces = True, []
    yield goes_on, f"{_BEGIN}{''.join(pieces)}</OFX>\n"


def tags(body: str) -> Iterator[tuple[bool, str, str]]:
    """(closing, NAME, text up to the next tag) of each tag; what looks like a tag in a label is text."""
    closing, name, begin = False, "", 0
    line_from = 0  # where the label's text that was looked at begins
    for found in _TAG.finditer(body):
        if _typed_in_label(found.group(2), name, closing, body, line_from, found.start()):
            line_from = found.start()
            continue
        if name:
            yield closing, name, body[begin : found.start()]
        closing, name, begin = found.group(1) == "/", found.group(2).upper(), found.end()
        line_from = begin
    if name:
        yield closing, name, body[begin:]


def _typed_in_label(tag: str, inside: str, closing: bool, body: str, start: int, end: int) -> bool:
    """Whether a tag that is none of a transaction's stands behind other text on its line of a label."""
    if closing or inside not in {"NAME", "MEMO", "EXTDNAME"} or "." in tag or tag.upper() in _IN_TRANSACTION:
        return False
    return bool(body[max(start, body.rfind("\n", start, end) + 1) : end].strip())


class _Rewriter:
    """Where we are in the file: which statement, transaction and aggregate are open."""

    def __init__(self, lines_at_once: int) -> None:
        self.lines_at_once = lines_at_once
        self.count = 0
        self.fields: dict[str, str] | None = None
        self.in_statement = False
        self.heads: dict[str, str] = {}
        self.aggregate = ""

    def transaction(self) -> Iterator[str]:
        if self.fields is None:
            return
        fields, self.fields = self.fields, None
        fields["FITID"] = f"{self.count} {fields.get('FITID', '')}".strip()
        fields["NAME"] = fields.pop("EXTDNAME", "") or fields.get("NAME", "")
        announced = fields.pop("DTTRAN", "")
        fields["DTPOSTED"] = fields.get("DTPOSTED", "") or announced
        self.count += 1
        yield "<STMTTRN>" + "".join(_leaf(name, value) for name, value in fields.items()) + "</STMTTRN>"
        if self.count % self.lines_at_once == 0:
            yield _CLOSE
            yield _CUT
            yield _OPEN
            yield from self.heads.values()

    def statement(self) -> Iterator[str]:
        yield from self.transaction()
        if self.in_statement:
            self.in_statement = False
            yield _CLOSE

    def open_statement(self) -> Iterator[str]:
        yield from self.statement()
        self.in_statement, self.heads, self.aggregate = True, {}, ""
        yield _OPEN

    def head(self, name: str, value: str) -> Iterator[str]:
        """Currency and account of the statement; the first of each counts."""
        if name in self.heads or (name == "ACCTID" and self.aggregate not in _OWN_ACCOUNT) or not value:
            return
        self.heads[name] = _leaf(name, value)
        yield self.heads[name]


def _rewritten(body: str, lines_at_once: int) -> Iterator[str]:
    at = _Rewriter(lines_at_once)
    for closing, name, text in tags(body):
        if name in _STATEMENTS:
            yield from at.statement() if closing else at.open_statement()
        elif name in _TRANSACTIONS:
            yield from at.transaction()
            if not closing:
                yield from () if at.in_statement else at.open_statement()
                at.fields = {}
        elif name in _AROUND:
            yield from at.transaction()
            at.aggregate = "" if closing else name
        elif closing:
            continue
        elif at.fields is not None:
            if name in _WRITTEN and name not in at.fields and (value := _value(name, text)):
                at.fields[name] = value
        elif at.in_statement and name in {"CURDEF", "ACCTID"}:
            yield from at.head(name, _value(name, text))
    yield from at.statement()


def _value(name: str, text: str) -> str:
    if name in {"DTPOSTED", "DTTRAN"}:
        return day_digits(text)
    if name == "TRNAMT":
        return "".join(plain(text[:VALUE_LENGTH]).split()).replace("'", "")
    return plain(text[: 4 * LABEL_LENGTH])[: LABEL_LENGTH if name in {"NAME", "EXTDNAME", "MEMO"} else VALUE_LENGTH]


def _leaf(name: str, value: str) -> str:
    return f"<{name}>{escape(value, quote=False)}</{name}>" if value else ""


def _without(text: str, opening: str, closing: str, *, keep: bool) -> str:
    """`text` without what stands between the marks, or with it escaped; the newlines stay."""
    pieces, at = [], 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        inside = text[start + len(opening) : end]
        pieces += [text[at:start], escape(inside, quote=False) if keep else "\n" * inside.count("\n")]
        at = end + len(closing)
    return "".join([*pieces, text[at:]])
