"""A plain PDF: what its text says for certain by labels, in French, English and German; the rest is a doubt."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pypdfium2

from mailbot.invoices import values
from mailbot.invoices.checks import checked
from mailbot.invoices.terms import dates_in, penalties_in
from mailbot.model import Doubt, InvoiceDocument, Party, Problem
from mailbot.money import parse_amount

_MAX_PAGES = 30
_MAX_LINES = 2000
_MAX_LINE = 400

_NUMBER = re.compile(
    r"\b(?:facture|avoir|invoice|credit note|rechnung|gutschrift|rechnungs)"
    r"[ -]?(?:n\s?[°ºo]\.?|num[ée]ro|number|no\.?|nr\.?|nummer|ref\.?|#)(?: de facture)?\s?[:#.]?\s?",
    re.IGNORECASE,
)
_NUMBER_TOKEN = re.compile(r"(?=[A-Z/_.-]{0,20}\d)[A-Z0-9][A-Z0-9/_.-]{0,34}(?![\w/])", re.IGNORECASE)
_ISSUED = re.compile(
    r"\bdate (?:de (?:la )?facture|de facturation|d['’][ée]mission|of issue|of invoice)|\b[ée]mise? le"
    r"|\binvoice date|\bissue date|\bissued(?: on)?|\bdated|\brechnungsdatum|\bfacture du|^date\b",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:date d['’])?[ée]ch[ée]ance|\bdate limite (?:de (?:paiement|r[èe]glement))?|\bdue(?: date| on| by|:)"
    r"|\bpayment due|\b(?:pay|payable|payment) (?:by|before)|\b(?:[àa] )?(?:payable|r[ée]gler|payer) (?:avant )?le\b"
    r"|\bf[äa]llig(?:keit)?|\bf[äa]lligkeitsdatum|\bzahlbar bis",
    re.IGNORECASE,
)
_GROSS = re.compile(
    r"\b(?:total|montant)(?: g[ée]n[ée]ral)? (?:de la facture )?(?:ttc|t\.t\.c\.?|toutes taxes comprises)"
    r"|\bgrand total|\btotal (?:incl(?:uding|\.|usive)?|with)(?: of)? (?:vat|tax)|\binvoice total"
    r"|\bgesamtbetrag|\brechnungsbetrag|\bbruttobetrag|\bgesamt(?:summe)? brutto|\btotal gross",
    re.IGNORECASE,
)
_NET = re.compile(
    r"\b(?:total|montant)(?: net)? (?:ht|h\.t\.?|hors taxes?)\b|\bsub-?total\b|\btotal (?:excl(?:uding|\.)?|net)"
    r"|\bnet total|\bnettobetrag|\bsumme netto|\bgesamt netto|\btotal ht\b",
    re.IGNORECASE,
)
_TAX = re.compile(
    r"\b(?:total|montant)(?: de la)? tva|^tva\b|\btotal (?:vat|tax)|^vat\b|\bmwst|\bumsatzsteuer|\bust\b",
    re.IGNORECASE,
)
_PAYABLE = re.compile(
    r"\b(?:net|reste|solde|montant|total) (?:[àa]|restant) ?(?:payer|r[ée]gler|d[ûu])|\b(?:amount|balance|total) due\b"
    r"|\bzahlbetrag|\bzu zahlen",
    re.IGNORECASE,
)
_PREPAID = re.compile(
    r"\bacompte|\bd[ée]j[àa] (?:pay|r[ée]gl)|\bdeposit|\bprepaid|\balready paid|\banzahlung", re.IGNORECASE
)
_BUYER = re.compile(
    r"^(?:factur[ée]e? [àa]|client|bill(?:ed)? to|invoice(?:d)? to|adress[ée]e? [àa]|destinataire|customer"
    r"|rechnungsempf[äa]nger|rechnung an)\s?:?\s?",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^(?:facture d['’]avoir|avoir|note de cr[ée]dit|credit note|gutschrift|stornorechnung)\b", re.IGNORECASE
)
_INVOICE = re.compile(r"factur|invoice|\bavoir\b|credit note|rechnung|gutschrift|€|\beur\b", re.IGNORECASE)
_ENGLISH = re.compile(r"\binvoice|\bdue\b|credit note", re.IGNORECASE)

_AMOUNT = re.compile(r"(?<![\w.,])[+-]?\d{1,3}(?:[ .,'’]\d{3}){0,4}[.,]\d{2}(?![\w%])(?!\s?%)")
_CURRENCIES = {"€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP", "CHF": "CHF", "USD": "USD", "CAD": "CAD"}
_CURRENCY = re.compile(r"€|£|\b(?:EUR|GBP|CHF|USD|CAD)\b")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


@dataclass(slots=True)
class _Page:
    """The lines of the document and what was doubtful on the way."""

    lines: list[str]
    doubts: list[Doubt] = field(default_factory=list)

    def after(self, label: re.Pattern[str]) -> Iterator[str]:
        """What stands after a label on its line, or on the next line where the label stands alone."""
        for index, line in enumerate(self.lines):
            for match in label.finditer(line):
                rest = line[match.end() :].strip(" :.\t")
                if rest:
                    yield rest
                elif index + 1 < len(self.lines):
                    yield self.lines[index + 1]

    def only(self, name: str, found: Sequence[object]) -> object | None:
        """The one value found; several different ones are a doubt and no value."""
        distinct = list(dict.fromkeys(found))
        if len(distinct) > 1:
            texts = tuple(str(value) for value in distinct[:5])
            self.doubts.append(Doubt(name, "the text gives several", texts))
        return distinct[0] if len(distinct) == 1 else None


def text_of(data: bytes) -> str | Problem:
    """The text layer of a PDF, pages one below the other; at most 30 pages are looked at."""
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            pages = [pdf[index] for index in range(min(len(pdf), _MAX_PAGES))]
            text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            return Problem(
                "encrypted", "The PDF is locked with a password. Send it without one, or send its fields."
            )
        return Problem("damaged", "The PDF is damaged or incomplete. Send it again.")
    if not text.strip():
        return Problem(
            "no_text", "The PDF holds a picture and no text. Send the one your software made, or send its fields."
        )
    return text


def read_text(text: str) -> InvoiceDocument | Problem:
    """What the labels of an invoice's text say; a field that is missing or has two values is None and doubtful."""
    raw = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\ufffe", "-").splitlines()[:_MAX_LINES]
    page = _Page([line for words in raw if (line := " ".join(words[:_MAX_LINE].split()))])
    if not any(_INVOICE.search(line) for line in page.lines):
        return Problem("not_an_invoice", "The text of the PDF does not look like an invoice.")
    english = any(_ENGLISH.search(line) for line in page.lines)
    currency = _currency(page)
    gross, net, tax = (_total(page, *named, currency) for named in _TOTALS)
    payable = _total(page, "amount_due", _PAYABLE, currency)
    prepaid = any(_PREPAID.search(line) for line in page.lines)
    if gross is None and payable is not None and not prepaid:
        gross = payable
    document = InvoiceDocument(
        source="pdf-text",
        profile=None,
        kind="credit_note" if any(_CREDIT.search(line) for line in page.lines) else "invoice",
        number=_number(page),
        issue_date=_day(page, "issue_date", _ISSUED, english),
        due_date=_day(page, "due_date", _DUE, english),
        currency=currency,
        total_net=net,
        total_tax=tax,
        total_gross=gross,
        prepaid=None if prepaid else Decimal("0.00"),
        amount_due=payable if payable is not None or prepaid else gross,
        seller=Party(iban=_account(page)),
        buyer=Party(name=_buyer(page)),
        penalty_terms=next((line for line in page.lines if penalties_in(line)), None),
    )
    return checked(document, page.doubts)


_TOTALS = (("total_gross", _GROSS), ("total_net", _NET), ("total_tax", _TAX))


def _number(page: _Page) -> str | None:
    tokens = (_NUMBER_TOKEN.match(rest) for rest in page.after(_NUMBER))
    found = page.only("number", [token[0].rstrip(".-") for token in tokens if token])
    return found if isinstance(found, str) else None


def _day(page: _Page, name: str, label: re.Pattern[str], english: bool) -> date | None:
    found: list[date] = []
    for rest in page.after(label):
        position, readings = next(dates_in(rest, month_first=english), (99, ()))
        if position < 25:  # further right it belongs to something else
            found.extend(readings)
    day = page.only(name, found)
    return day if isinstance(day, date) else None


def _total(page: _Page, name: str, label: re.Pattern[str], currency: str | None) -> Decimal | None:
    """The last amount of a line is its total: what stands before it are rates and bases."""
    found = []
    for rest in page.after(label):
        amounts = _AMOUNT.findall(rest)
        if amounts:
            found.append(values.in_cents(_plain(amounts[-1]), currency))
    amount = page.only(name, found)
    return amount if isinstance(amount, Decimal) else None


def _plain(words: str) -> Decimal:
    """The pattern has two decimals at the end, so that whatever stands before them groups thousands."""
    return parse_amount(re.sub(r"[ .,'’]", "", words[:-3]) + "." + words[-2:])


def _currency(page: _Page) -> str | None:
    found = [_CURRENCIES[sign] for line in page.lines for sign in _CURRENCY.findall(line)]
    currency = page.only("currency", found)
    return currency if isinstance(currency, str) else None


def _account(page: _Page) -> str | None:
    found = [values.iban_of(match) for line in page.lines for match in _IBAN.findall(line)]
    number = page.only("seller.iban", [iban for iban in found if iban and values.is_true_iban(iban)])
    return number if isinstance(number, str) else None


def _buyer(page: _Page) -> str | None:
    found = [rest for rest in page.after(_BUYER) if _is_name(rest)]
    name = page.only("buyer", found)
    return name if isinstance(name, str) else None


def _is_name(words: str) -> bool:
    """Whether this can be a company's or person's name, and not a number, a label or a sentence."""
    letters = sum(character.isalpha() for character in words)
    return 2 <= letters and len(words) <= 70 and ":" not in words and letters * 2 > len(words)
