"""The numbers of invoices that a text names, as written: FA-2026-0412, 2026/0412, F0412, "facture 412"."""

import re

from mailbot.inbox.masks import EMAIL, LINK, blank

ISO_DAY = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])(?!\d)")
INVOICE = re.compile(
    r"(?<![\w@./-])(?:[A-Za-z]{1,6}[-_/]?\d{2,4}[-_/]\d{1,8}(?:[-_/]\d{1,6})?|[A-Z]{1,3} \d{4} \d{3,6}|"
    r"[A-Za-z]{1,5}[-_]\d{3,10}|[A-Z]{1,4}\d{4,10}|(?:19|20)\d{2}[-_/]\d{3,8})(?![\w@])"
)
_NAMED = re.compile(
    r"(?:factures?|facture (?:n|num|numero)|invoices?|invoice (?:no|number|nr)|fact|inv|rechnung|factura|"
    r"fattura|factuur)"
    r"(?: ?(?:n[°o.]{0,2}|num(?:ero)?|number|no\.?|nr\.?|"
    r"#))?\s{0,2}:?\s{0,2}#?(\d{3,10})(?![\w€$£.,/-]*\d)(?! ?(?:€|euros?|eur)\b)",
    re.IGNORECASE,
)


def invoice_numbers(text: str) -> tuple[str, ...]:
    """The invoice numbers that `text` names, as written, each once."""
    rest = LINK.sub(blank, EMAIL.sub(blank, text))
    found = [(m.start(), m[0]) for m in INVOICE.finditer(rest) if not ISO_DAY.fullmatch(m[0]) and not _is_other(m[0])]
    found += [
        (m.start(1), m[1]) for m in _NAMED.finditer(rest) if not any(s <= m.start(1) < s + len(n) for s, n in found)
    ]
    return tuple(dict.fromkeys(number for _, number in sorted(found)))


def _is_other(text: str) -> bool:
    """Words of the trade that look like a number: W-9 and W-8 forms, VAT-20, HT1234."""
    return text.upper().startswith(("W-", "ISO", "TVA", "VAT", "KW", "COVID", "RFC"))
