"""The words that stand before the fields of an invoice, in French, English and German.

All patterns are linear: no repetition stands inside a repetition.
"""

import re


def _any(*words: str, end: str = r"(?!\w)") -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)}){end}", re.IGNORECASE)


_SHEET = r"facture(?: d['’]avoir)?|avoir|note d['’]honoraires|invoice|credit note|rechnung|gutschrift"

NUMBER = _any(
    rf"(?:{_SHEET}|document) ?(?:n ?[°ºo]\.?|num[ée]ro|number|no\.?|nr\.?|r[ée]f\.?|#)",
    r"(?:num[ée]ro|n ?[°º]) de (?:la )?facture",
    r"rechnungs(?:nummer|nr\.?|-nr\.?)",
    r"invoice ?id",
    end=r"(?=[\s:.]|$)",
)
TITLE = re.compile(
    rf"(?:{_SHEET}) (?P<number>[A-Z0-9][A-Z0-9/_.-]{{1,34}})(?: ?$| (?:du|le|vom|of|dated|date|page|-|–))",
    re.IGNORECASE,
)
BARE_TITLE = re.compile(rf"(?:{_SHEET})", re.IGNORECASE)
BARE_NUMBER = re.compile(r"(?:n ?[°ºo]\.?|no\.?|nr\.?|#) ?:? ?(?P<number>[A-Z0-9][A-Z0-9/_.-]{1,34})", re.IGNORECASE)
NUMBER_TOKEN = re.compile(r"[A-Z0-9][A-Z0-9/_.-]{0,34}(?![\w/])", re.IGNORECASE)

ISSUED = _any(
    r"date (?:de (?:la )?facture|de facturation|d['’][ée]mission|d['’]avoir|of issue|of invoice)",
    r"[ée]mise? le",
    r"facture du",
    r"(?:invoice|issue|billing) date",
    r"(?:issued|dated)(?: on)?",
    r"rechnungsdatum",
    r"^date(?= ?:| \d|$)",
)
DATELINE = re.compile(r"[^\W\d][^\d,]{1,40}, (?:le|the|den) (?=\d)", re.IGNORECASE)
"""The head of a letter: "Saint-Elme, le 30 octobre 2026"."""
DUE = _any(
    r"(?:date d['’])?[ée]ch[ée]ance",
    r"date limite(?: de (?:paiement|r[èe]glement))?",
    r"(?:[àa] )?(?:payable|r[ée]gler|payer) (?:avant le|au plus tard le|le|avant)",
    r"payment due(?: date)?",
    r"due (?:date|on|by)",
    r"(?:pay|payable|payment) (?:by|before)",
    r"f[äa]llig(?:keit|keitsdatum)?(?: am)?",
    r"zahlbar bis(?: zum)?",
    r"[üu]berweisen sie bis(?: zum)?",
)
TERMS = _any(
    r"(?:conditions?|modalit[ée]s?|d[ée]lai) de (?:paiement|r[èe]glement)",
    r"(?:paiement|r[èe]glement)(?= [àa]| :| sous)",
    r"(?:payment )?terms",
    r"zahlungsbedingungen",
    r"zahlbar",
)

GROSS = _any(
    r"^(?:total|montant)(?: g[ée]n[ée]ral| net)?(?: de la facture)? ?"
    r"(?:ttc|t\.t\.c\.?|toutes taxes comprises)",
    r"^grand total",
    r"^(?:invoice )?total (?:\(?incl(?:uding|usive|\.)?|with|gross)(?: of)?(?: (?:vat|tax)\)?)?",
    r"^invoice total",
    r"^(?:rechnungsbetrag|bruttobetrag|bruttosumme|gesamtbetrag brutto)",
    r"^(?:gesamt)?summe (?:brutto|inkl\.? ust)",
)
WEAK_GROSS = _any(r"^total(?: eur| €)?")
NET = _any(
    r"^(?:total|montant)(?: net)? ?(?:ht|h\.t\.?|hors taxes?)",
    r"^(?:sub-?total|net total|total net|net amount)",
    r"^total \(?excl(?:uding|\.)?(?: (?:vat|tax)\)?)?",
    r"^(?:nettobetrag|nettosumme|summe netto|gesamtbetrag netto|rechnungssumme ohne ust)",
)
TAX = _any(
    r"^(?:total|montant)(?: de la)? (?:tva|taxes?)",
    r"^tva(?: \(?\d{1,2}(?:[.,]\d{1,2})? ?%\)?)?",
    r"^(?:vat|tax|total vat|total tax|vat total|tax total|sales tax)"
    r"(?: (?:@ )?\(?\d{1,2}(?:[.,]\d{1,2})? ?%\)?)?",
    r"^(?:zuz[üu]gl\.? )?(?:mwst|ust|umsatzsteuer|mehrwertsteuer|steuerbetrag)",
)
PAYABLE = _any(
    r"^(?:net|reste|solde|montant|total) (?:[àa] (?:payer|r[ée]gler)|d[ûu]|restant d[ûu])",
    r"^(?:amount|balance|total) (?:due|payable)",
    r"^(?:zahlbetrag|zu zahlen(?:der betrag)?)",
)
PREPAID = _any(
    r"acomptes?",
    r"d[ée]j[àa] (?:pay[ée]e?|r[ée]gl[ée]e?|vers[ée]e?)",
    r"deposit",
    r"prepaid",
    r"already paid",
    r"amount paid",
    r"advance payment",
    r"(?:erhaltene )?anzahlung(?:en)?",
)

_ADDRESSEE = (
    r"factur[ée]e? [àa]|client|adress[ée]e? [àa]|destinataire|[àa] l['’]attention de"
    r"|bill(?:ed)? to|invoiced? to|sold to|customer|rechnungsempf[äa]nger|rechnung an"
)
BUYER = re.compile(rf"^(?:{_ADDRESSEE}) ?(?::|$)", re.IGNORECASE)
NOT_A_NAME = re.compile(
    r"num|n ?[°º]|nr\.?(?!\w)|(?<!\w)(?:vat|tva|siren|siret|gln|tel|t[ée]l|code|ref|r[ée]f|contact|id)(?!\w)"
    r"|address|adresse|@|\d{4}|:|€",
    re.IGNORECASE,
)

SIREN = re.compile(r"(?<!\w)(?:siren|siret|rcs [^\W\d]{2,30}) ?:? ?((?:\d ?){9,14})(?!\d)", re.IGNORECASE)
VAT = re.compile(r"(?<![A-Z0-9])(FR ?[0-9A-Z]{2}(?: ?\d{3}){3})(?![A-Z0-9])")

CREDIT = re.compile(
    r"(?:facture d['’]avoir|avoir|note de cr[ée]dit|credit (?:note|memo)|stornorechnung|rechnungs-?korrektur)"
    r"(?!\w)",
    re.IGNORECASE,
)
SHEET = re.compile(rf"(?<!\w)(?:{_SHEET}|note de cr[ée]dit|credit memo|rechnungs(?:nummer|datum))", re.IGNORECASE)
ENGLISH = _any(r"invoice", r"due date", r"credit note", r"bill to", r"amount due")
