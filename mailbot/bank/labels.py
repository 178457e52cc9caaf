"""What a bank's label says, by the grammars that banks use: who pays, and what the payer wrote.

French: `VIR SEPA RECU /DE <name> /MOTIF <text> /REF <r>` (also /FRM, /BEN, /EID, /RNF), `VIR RECU 123Z DE: <name>
MOTIF: <text> REF: <r>`, `VIR INST RE 123 DE: <name> DATE: ..`, `VIR SEPA <name> Motif : <text>`, `VIREMENT DE <name>`.
German `SVWZ+ EREF+ ABWA+`, Dutch `IBAN: Naam: Omschrijving:`. Where the format has a field of its own for the payer,
that one counts.
"""

import re
from dataclasses import dataclass

from mailbot.bank.references import CUT_LENGTHS, fold
from mailbot.model import Line

LONGEST_TEXT = 2000
"""Letters of a field that are looked at: no bank writes more."""
_CUT_PAYERS = frozenset({27, 35, 54, 70, 140})
"""Where MT940 and CAMT end a payer's name."""
_MARK = re.compile(
    r"(?P<payer>/(?:DE|FRM|BEN|NAME)\b|\b(?:DE|NAAM|NOM|DONNEUR D ORDRE|FROM|NAME) ?:|\bABWA\+)"
    r"|(?P<motive>/(?:MOTIF|RNF|LIB|REMI)\b|\b(?:MOTIF|OMSCHRIJVING|LIBELLE|VERWENDUNGSZWECK) ?:|\bSVWZ\+)"
    r"|(?P<other>/(?:REF|EID|IBAN|BIC|CPY|OCMT)\b|\b(?:REF|DATE|IBAN|BIC|KENMERK) ?:"
    r"|\b(?:EREF|KREF|MREF|CRED|IBAN|BIC)\+)"
)
_LEAD = re.compile(
    r"(?:\b(?:VIR|VIREMENTS?|VIRT|SEPA|RECU|INST|INSTANTANE|PERMANENT|EUROPEEN|ETRANGER|FAVEUR|EMIS|DE|TRANSFER|FROM"
    r"|PAYMENT|CREDIT|GUTSCHRIFT|UBERWEISUNG|OVERBOEKING|BONIFICO|SCT|RE)\b[ .:/-]{0,4})+"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A label taken apart; all texts folded. `payers` are readings of the payer's name, the likeliest first."""

    payers: tuple[str, ...]
    motive: str
    cut: bool
    """The bank may have cut the payer's name."""
    runs_on: bool
    """Nothing separates the name from what the payer wrote: "VIR DUPONT FACTURE 42"."""
    whole: str
    """Every word of the line."""


def take_apart(line: Line) -> Spoken:
    """Who pays and what is written, as far as the label tells; no reading of the payer where it names nobody."""
    fields = (line.name, line.memo, line.payer, line.reference, line.creditor_reference, line.end_to_end)
    name, memo, payer, *structured = (fold(text[:LONGEST_TEXT]).strip() for text in fields)
    whole = " ".join(text for text in (name, memo, *structured, payer) if text)
    if payer:
        motive = " ".join((name, memo)).replace(payer, " ")
        return Spoken((payer,), motive, cut=len(line.payer) in _CUT_PAYERS, runs_on=False, whole=whole)
    if memo.startswith(name) and memo:
        return _grammar(memo, "", whole)
    return _grammar(name, memo, whole)


def _grammar(name: str, memo: str, whole: str) -> Spoken:
    """`memo` is empty where it only repeats the name field."""
    told = _segments(memo)
    if "payer" in told:  # the memo has the name whole
        return Spoken((told["payer"],), told.get("motive", ""), cut=False, runs_on=False, whole=whole)
    head = _segments(name)
    ended = len(name) not in CUT_LENGTHS
    if "payer" in head:
        closed = len(head.keys() - {""}) > 1
        readings, cut = _continued(head["payer"], memo, ended=closed or ended)
        motive = told.get("motive") or head.get("motive") or told.get("", "")
        return Spoken(readings, motive, cut=cut, runs_on=False, whole=whole)
    text = head.get("", "")
    lead = _LEAD.match(text)
    payer = text[lead.end() :].strip() if lead else text
    if "motive" in head:
        return Spoken(_some(payer), head["motive"], cut=False, runs_on=False, whole=whole)
    motive = told.get("motive", memo)
    return Spoken(_some(payer), motive, cut=not ended, runs_on=not memo, whole=whole)


def _continued(payer: str, memo: str, *, ended: bool) -> tuple[tuple[str, ...], bool]:
    """Readings of a name that may go on in the memo, and whether it may have been cut."""
    if ended:
        return _some(payer), False
    mark = _MARK.search(memo)
    rest = memo[: mark.start()].strip() if mark else ""
    if not rest:
        return _some(payer), True
    return (f"{payer} {rest}", f"{payer}{rest}"), False


def _segments(text: str) -> dict[str, str]:
    """The texts after the marks of a label, by kind of mark; what stands before the first mark under ""."""
    found: dict[str, str] = {}
    kind, start = "", 0
    for mark in _MARK.finditer(text):
        found.setdefault(kind, text[start : mark.start()].strip())
        kind, start = mark.lastgroup or "", mark.end()
    found.setdefault(kind, text[start:].strip(" :"))
    return found


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
