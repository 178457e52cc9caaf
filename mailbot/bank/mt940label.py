"""What the :86: of an MT940 line says of the other side and the purpose, in the grammars of Europe's banks.

- German (DK, "Geschäftsvorfallcodes"): three digits, then `?20`-`?29`, `?60`-`?63` purpose in pieces of 27
  characters, `?31` account, `?32`-`?33` name; the purpose holds SEPA fields as `EREF+…SVWZ+…`.
- Dutch and international: `/IBAN/…/NAME/…/REMI/…/EREF/…`, at ING `/CNTP/account/BIC/name/city/`.
- French: `VIR SEPA RECU /DE … /MOTIF … /REF …` (also /FRM, /BEN, /EREF).
- else free text, which may begin with the other side's IBAN.
"""

import re
from dataclasses import dataclass, replace

from stdnum import iban, iso11649

from mailbot.bank.charset import plain


@dataclass(frozen=True, slots=True)
class Label:
    """What a line's :86: says; empty where it says nothing."""

    name: str = ""
    memo: str = ""
    iban: str = ""
    end_to_end: str = ""
    creditor_reference: str = ""
    reason: str = ""
    returned: bool = False

    def joined(self, other: "Label") -> "Label":
        """This label, completed by another one of the same line."""
        return replace(
            self,
            name=self.name or other.name,
            memo=f"{self.memo} {other.memo}".strip(),
            iban=self.iban or other.iban,
            end_to_end=self.end_to_end or other.end_to_end,
            creditor_reference=self.creditor_reference or other.creditor_reference,
            reason=self.reason or other.reason,
            returned=self.returned or other.returned,
        )


_GERMAN = re.compile(r"\s{0,3}(?P<code>[0-9]{3})?(?P<mark>[?>~^])(?=[0-9]{2})")
_GERMAN_PIECE = 27
_RETURNS = frozenset({"108", "109", "159", "160", "181", "184"})
"""Geschäftsvorfallcodes of returned debits and transfers."""
_SEPA = re.compile(
    r"(?<![A-Z0-9])(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|RREF|RCMT|PURP|MDAT|SQTP|MTLG)(?:\+|: ?)"
)
_SLASH = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|PREF|IREF|MARF|CSID|ORDP|BENM|BENE|ADDR|ISDT|RTRN|CNTP|TRCD|PURP|PURC|ULTC|ULTD|"
    r"USTD|STRD|CUR|ISO|SVCL|RTYP|OREF|OCMT|EXCH|CHGS|CHGR|ID|CDTRREFTP|CDTRREF|CD|ISSR|CREF|TYPE|AMND|DCSM|RREF)(?=/)"
)
_FRENCH = re.compile(r"(?:^|(?<=\s))/(DE|FRM|BEN|MOTIF|REF|EREF|REMI|LIB|ID|DATE|MDT|RNF)(?=\s)")
_REASON = re.compile(
    r"\b(A[CGM][0-9]{2}|BE0[1-9]|CNOR|DNOR|DT01|ED05|FF0[1-9]|M[DS]0[1-9]|RC01|RR0[1-4]|SL01|FOCR|TECH|CUST|DUPL|UPAY|"
    r"CURR|NOAS|NARR|ARDT|FRAD)\b"
)
_NOTHING = re.compile(r"(?:NOT ?PROVIDED|NONREF|NOREF|NONE)?", re.IGNORECASE)
_SWIFT_WIDTH = 65
_NON_SWIFT_PURPOSE = range(1, 15)


def read_label(value: str) -> Label:
    """The label of a :86:."""
    value = value.strip("\n")
    german = _GERMAN.match(value)
    if german:
        return _german(german["code"] or "", german["mark"], value[german.end() - 1 :].replace("\n", ""))
    text = _unwrapped(value)
    if len(_SLASH.findall(text)) > 1 or text.startswith(("/REMI/", "/EREF/", "/CNTP/", "/NAME/")):
        return _slashes(text)
    if _FRENCH.search(text):
        return _french(text)
    first, _, rest = text.partition(" ")
    if iban.is_valid(first):
        name = plain(value.split("\n")[0]).partition(" ")[2]
        return Label(name=name, memo=plain(rest[len(name) :]) if rest.startswith(name) else plain(rest), iban=first)
    return Label(memo=plain(text), creditor_reference=_creditor_reference(plain(text)))


def read_non_swift(value: str) -> Label:
    """The label of a :NS: behind a line (StarMoney): 01-14 purpose, 15 and 16 the other side."""
    said = [(int(line[:2]), line[2:]) for line in value.strip("\n").split("\n") if line[:2].isdecimal()]
    return Label(
        name=plain(" ".join(text for code, text in said if code in (15, 16))),
        memo=plain(" ".join(text for code, text in said if code in _NON_SWIFT_PURPOSE)),
    )


def _unwrapped(value: str) -> str:
    """Lines that SWIFT's width broke are put together again; other line ends are spaces."""
    pieces: list[str] = []
    for line in value.split("\n"):
        pieces.append(line)
        pieces.append("" if len(line) >= _SWIFT_WIDTH else " ")
    return "".join(pieces).strip()


def _german(code: str, mark: str, text: str) -> Label:
    pieces: dict[str, list[str]] = {}
    for piece in re.split(rf"{re.escape(mark)}(?=[0-9]{{2}})", text):
        if piece[:2].isdecimal():
            pieces.setdefault(piece[:2], []).append(piece[2:])
    ordered = sorted(key for key in pieces if "20" <= key <= "29" or "60" <= key <= "63")
    purpose = ""
    for key in ordered:
        for piece in pieces[key]:
            purpose += piece if len(piece) >= _GERMAN_PIECE else f"{piece} "
    account = "".join("".join(pieces.get("31", [])).split())
    sepa = _sepa_fields(purpose)
    memo = sepa.get("SVWZ", "") if sepa else plain(purpose)
    posting = plain(" ".join(pieces.get("00", [])))
    if sepa and not memo:
        memo = sepa.get("", "") or sepa.get("MTLG", "") or posting
    name = plain("".join(pieces.get("32", []) + pieces.get("33", [])))
    if sepa.get("ABWA") and sepa["ABWA"] != name:  # somebody pays for another
        memo = f"{memo} {sepa['ABWA']}".strip()
    return Label(
        name=name,
        memo=memo or posting,
        iban=account or "".join(sepa.get("IBAN", "").split()),
        end_to_end=_given(sepa.get("EREF", "")),
        creditor_reference=_creditor_reference(memo),
        reason=_reason(purpose),
        returned=code in _RETURNS,
    )


def _sepa_fields(purpose: str) -> dict[str, str]:
    """ "EREF+A1 SVWZ+Rechnung 42" as {"EREF": "A1", "SVWZ": "Rechnung 42"}; what stands before them under ""."""
    pieces = _SEPA.split(purpose)
    if len(pieces) == 1:
        return {}
    fields = {"": plain(pieces[0])}
    for key, text in zip(pieces[1::2], pieces[2::2], strict=True):
        fields.setdefault(key, plain(text))
    return fields


def _slashes(text: str) -> Label:
    pieces = _SLASH.split(text)
    fields: dict[str, str] = {}
    for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
        said = plain(value.strip("/"))
        if said and key not in fields:
            fields[key] = said
    counterparty = [plain(part) for part in fields.get("CNTP", "").split("/")]
    account = fields.get("IBAN", "") or counterparty[0]
    memo = plain(" ".join(fields[key] for key in ("REMI", "USTD") if key in fields))
    structured = fields.get("STRD", "") or fields.get("CDTRREF", "") or fields.get("CUR", "") or fields.get("ISO", "")
    reason = fields.get("RTRN", "")
    ultimate = fields.get("ULTD", "")
    words = memo or structured or plain(pieces[0]) or (plain(text) if not fields.get("NAME") else "")
    return Label(
        name=fields.get("NAME", "") or (counterparty[2] if len(counterparty) > 2 else ""),
        memo=f"{words} {ultimate}".strip(),
        iban="".join(account.split()),
        end_to_end=_given(fields.get("EREF", "")),
        creditor_reference=structured.rpartition("/")[2] or _creditor_reference(memo),
        reason=_reason(reason) or reason[:4],
        returned=bool(reason),
    )


def _french(text: str) -> Label:
    pieces = _FRENCH.split(text)
    fields: dict[str, str] = {}
    for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
        fields.setdefault(key, plain(value))
    memo = plain(" ".join(fields[key] for key in ("MOTIF", "REMI", "LIB") if key in fields))
    reference = _given(fields.get("EREF", "") or fields.get("REF", ""))
    kind = plain(pieces[0])
    return Label(
        name=fields.get("DE", "") or fields.get("FRM", "") or fields.get("BEN", ""),
        memo=memo or kind,
        end_to_end=reference,
        creditor_reference=_creditor_reference(memo),
        reason=_reason(text),
        returned=re.match(r"(?:REJET|RETOUR|IMPAYE|VIR(?:EMENT)? (?:REJETE|RETOURNE))", kind.upper()) is not None,
    )


def _reason(text: str) -> str:
    found = _REASON.search(text)
    return found.group(1) if found else ""


def _creditor_reference(text: str) -> str:
    """An RF reference (ISO 11649) in the purpose, where its check digits are right."""
    for found in re.finditer(r"\bRF[0-9]{2}[0-9A-Z]{0,21}(?: [0-9A-Z]{1,21}){0,6}", text[:500]):
        words = found.group().split(" ")
        for count in range(len(words), 0, -1):  # the words behind it may look like a part of it
            bare = "".join(words[:count])
            if len(bare) <= 25 and iso11649.is_valid(bare):
                return bare
    return ""


def _given(reference: str) -> str:
    return "" if _NOTHING.fullmatch(reference) else reference
