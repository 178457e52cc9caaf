"""The numbers of invoices that a text names, as written: FA-2026-0412, 2026/0412, F0412, "factures 412 et 413".

A number is known by its form (letters, year, figures), or by the word for an invoice before it. The same form
after a word for something else (ticket, order, regulation, file at court) is no invoice. Dates, years, sums and
periods are none either.
"""

import re
from collections.abc import Iterator

from mailbot.inbox.folding import folded
from mailbot.inbox.masks import EMAIL, IBAN, LINK, blank

ISO_DAY = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])(?!\d)")
INVOICE = re.compile(
    r"(?<![\w@./-])(?:[A-Za-z]{1,6}[-_/]?\d{2,4}[-_/]\d{1,8}(?:[-_/]\d{1,6})?|[A-Z]{1,3} \d{4} \d{3,6}|"
    r"[A-Za-z]{1,5}[-_]\d{3,10}|[A-Z]{1,4}\d{4,10}|(?:INV|FT|FAC|FACT|RE|RG) \d{3,10}(?:/\d{2,4})?|"
    r"(?:19|20)\d{2}[-_/]\d{3,8})(?![\w@])"
)
_MARK = (
    r"(?:(?:con |mit |met |avec )?(?:(?:la |der |le |il |el )?"
    r"(?:numero|nummer|number|num\.?|no\.?|nr\.?|n[°º]\.?|n\.|n(?= ?\d)|"
    r"ref\.?|reference)(?![a-z]))|#)"
)
_NAMED = re.compile(
    r"(?<![\w-])(?:factures?|factuur(?:nummer)?|facturen|facturas?|fact\.?|fra\.?|fattur[ae]|fatt\.?|ft\.?|invoices?|inv\.?|"
    r"bills?|rechnung(?:en|s-?(?:nr|nummer|no))?\.?|re?g?\.?-?nr\.?|rg\.?|rg\.?-nr\.?)"
    rf" ?(?P<mark>s? ?:? ?{_MARK})? ?:? ?#?"
)
_TOKEN = re.compile(
    r"(?:(?:re|rg|rf|fa|fc|ft|fv|fac|fact|inv|si|[fravb]) (?=\d{3}))?(?=[\w./-]{0,24}\d)[a-z\d][\w./-]{0,24}"
)
_NEXT = re.compile(
    rf"\s?(?:, |,? ?(?:&|\+|(?<!\w)(?:et|and|und|y|e|en|sowie|ainsi que|plus)(?!\w)) ?)"
    rf"(?:la |die |the |el |il |de )?{_MARK}? ?"
)
_OTHER = re.compile(
    r"(?<!\w)(?:tickets?|vorgang\w*|dossier|aktenzeichen|az\.?|engagement|codes?|codigos?|dir3|cif|nif|nie|dni|siret|siren|"
    r"commande|bestell\w*|order|orders|po|p\.o\.|pedido|ordine|ordini|bestelling|auftrag\w*|lieferschein\w*|client|kunden\w*|"
    r"customer|cheque|check|vir|virement|reg|regolamento|reglement|regulation|verordnung|dsgvo|rgpd|gdpr|ue|eu|ce|steuer\w*|"
    r"tva|vat|iva|btw|ust\w*|devis|quote|angebot|presupuesto|preventivo|offerte|contrat|contract|vertrag|case|incident|"
    r"demande|request|solicitud|richiesta|expediente|rg n|pratica|lot|piece|cro|trn|konto|compte|account|marche|bon)"
    r"(?:[ -]?(?:id|nr|nummer|number|no|n°|nº|numero|num|lautet|:|is|est|es|de|di|vom))*[ .:#°-]{0,3}$"
)
_UNIT = re.compile(
    r" ?(?:[€$£%]|euros?\b|eur\b|chf\b|usd\b|gbp\b|pounds?\b|jours?\b|days?\b|tagen?\b|dias?\b|giorni\b|dagen\b|"
    r"mois\b|months?\b|"
    r"photos?\b|fotos?\b|x\b|h\b|lignes?\b|articles?\b|mal\b|fois\b|times\b)|[.,]\d"
)
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{2}|\d{4}))?\.?|20\d\d-\d\d-\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NO_INVOICE = ("W-", "ISO", "TVA", "VAT", "KW", "COVID", "RFC", "UTC", "GMT")


def invoice_numbers(text: str) -> tuple[str, ...]:
    """The invoice numbers that `text` names, as written and in its order, each once."""
    return tuple(dict.fromkeys(text[start:end] for start, end in number_spans(text)))


def number_spans(text: str) -> list[tuple[int, int]]:
    """Where those numbers stand in `text`, in its order."""
    rest = IBAN.sub(_if_account, LINK.sub(blank, EMAIL.sub(blank, text)))
    low = folded(rest)
    named = list(_named(low))
    found = [m.span() for m in INVOICE.finditer(rest) if _is_invoice(m[0], low[max(0, m.start() - 40) : m.start()])]
    return sorted(
        [span for span in found if not any(_meet(span, other) for other in named)]
        + [span for span in named if not any(_meet(span, other) and _holds(other, span) for other in found)]
        + [span for span in found if any(_meet(span, other) and _holds(span, other) for other in named)]
    )


def _named(low: str) -> Iterator[tuple[int, int]]:
    """Numbers behind a word for an invoice, and those listed after them."""
    for word in _NAMED.finditer(low):
        span = _token(low, word.end(), bool(word["mark"]))
        first = span
        while span:
            yield span
            further = _NEXT.match(low, span[1])
            span = _token(low, further.end(), marked=False) if further else None
            if span and first and not _alike(low[slice(*first)], low[slice(*span)]):
                span = None


def _token(low: str, at: int, marked: bool) -> tuple[int, int] | None:
    found = _TOKEN.match(low, at)
    if not found:
        return None
    token = found[0].rstrip("./-_")
    end = at + len(token)
    if _DAY.fullmatch(token) and not re.fullmatch(r"\d{1,2}-\d{3,}", token):
        return None
    if token.isdigit() and (_UNIT.match(low, end) or (not marked and (len(token) < 2 or _YEAR.fullmatch(token)))):
        return None
    return (at, end) if sum(c.isdigit() for c in token) and len(token) <= 24 else None


def _alike(first: str, other: str) -> bool:
    """Whether two listed numbers are of one make: figures of about one length, or both with letters or signs."""
    if first.isdigit() != other.isdigit():
        return False
    return not first.isdigit() or abs(len(first) - len(other)) <= 1


def _is_invoice(number: str, before: str) -> bool:
    if ISO_DAY.fullmatch(number) or number.upper().startswith(_NO_INVOICE):
        return False
    return not _OTHER.search(before)


def _if_account(match: re.Match[str]) -> str:
    return blank(match) if sum(c.isdigit() for c in match[0]) >= 10 else match[0]


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _holds(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether `one` holds all of `other` and more."""
    return one[0] <= other[0] and one[1] >= other[1] and one != other
