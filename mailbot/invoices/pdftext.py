"""A plain PDF: what its labels say for certain in French, English and German; the rest is a doubt."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeVar

import pypdfium2  # type: ignore[import-untyped]  # ships none

from mailbot.invoices import labels, values
from mailbot.invoices.checks import checked
from mailbot.invoices.duedate import choose_due
from mailbot.invoices.terms import Order, dates_in, penalties_in, slash_order
from mailbot.model import Doubt, InvoiceDocument, Party, Problem

_Value = TypeVar("_Value")

_MAX_PAGES: Final = 30
_MAX_LINES: Final = 2000
_MAX_LINE: Final = 400
_REACH: Final = 20  # a date further than this from its label belongs to something else

_AMOUNT = re.compile(r"(?<![\w.,])([+-]?\d{1,3}(?:[ .,'’]?\d{3}){0,4})[.,](\d{2})(?![\w%.,])(?! ?%)")
_CURRENCY = re.compile(r"€|£|(?<![A-Z])(?:EUR|GBP|CHF|USD|CAD)(?![A-Z])")
_SIGNS = {"€": "EUR", "£": "GBP"}
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])")


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
                elif match.start() == 0 and index + 1 < len(self.lines):
                    yield self.lines[index + 1]

    def has(self, label: re.Pattern[str]) -> bool:
        return any(label.search(line) for line in self.lines)

    def only(self, name: str, found: Sequence[_Value]) -> _Value | None:
        """The one value found; several different ones are a doubt and no value."""
        distinct = list(dict.fromkeys(found))
        if len(distinct) > 1:
            self.doubts.append(Doubt(name, "the text gives several", tuple(map(str, distinct[:5]))))
        return distinct[0] if len(distinct) == 1 else None


def text_of(data: bytes) -> str | Problem:
    """The text layer of a PDF, pages one below the other; at most 30 pages are looked at."""
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            pages = (pdf[index] for index in range(min(len(pdf), _MAX_PAGES)))
            text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            why = "The PDF is locked with a password. Send it without one, or send its fields."
            return Problem("encrypted", why)
        return Problem("damaged", "The PDF is damaged or incomplete. Send it again.")
    if not any(character.isalnum() for character in text):
        why = "The PDF is a picture without text. Send the one that your software made, or send its fields."
        return Problem("no_text", why)
    return text


def read_text(text: str) -> InvoiceDocument | Problem:
    """What an invoice's labels say; a field that is missing or has two values is None and a doubt."""
    page = _Page(list(_lines(text)))
    if not page.has(labels.SHEET):
        return Problem("not_an_invoice", "The text of the PDF does not look like an invoice.")
    order = _order(page)
    issued = _day(page, "issue_date", labels.ISSUED, order) or _day(page, "issue_date", labels.DATELINE, order)
    currency = page.only("currency", _currencies(page))
    gross, net, tax = _totals(page, currency)
    payable = page.only("amount_due", _amounts(page, labels.PAYABLE, currency))
    prepaid = page.has(labels.PREPAID) or (payable is not None and gross is not None and payable != gross)
    if gross is None and not prepaid and payable is not None and payable == _biggest(page, currency):
        gross = payable
    seller, buyer = _registered(page)
    credit = any(labels.CREDIT.match(line) for line in page.lines) or (gross is not None and gross < 0)
    document = InvoiceDocument(
        source="pdf-text",
        profile=None,
        kind="credit_note" if credit else "invoice",
        number=page.only("number", list(_numbers(page))),
        issue_date=issued,
        due_date=_due(page, issued, order),
        currency=currency,
        total_net=net,
        total_tax=tax,
        total_gross=gross,
        prepaid=_prepaid(gross, payable) if prepaid else Decimal("0.00"),
        amount_due=payable if payable is not None or prepaid else gross,
        seller=replace(seller, iban=page.only("seller.iban", list(_accounts(page)))),
        buyer=replace(buyer, name=page.only("buyer", list(filter(_is_name, page.after(labels.BUYER))))),
        penalty_terms=next((line for line in page.lines if penalties_in(line)), None),
    )
    return checked(document, page.doubts)


def _lines(text: str) -> Iterator[str]:
    plain = text.replace("\ufffe", "-").replace("\u2212", "-")  # PDFium's sign for a soft hyphen; the minus sign
    for line in plain.splitlines()[:_MAX_LINES]:
        if words := " ".join(line[:_MAX_LINE].split()):
            yield words


def _order(page: _Page) -> Order:
    """The order of slashed dates: day first, except that English is what its other dates prove, or either."""
    return slash_order("\n".join(page.lines)) if page.has(labels.ENGLISH) else "day"


def _numbers(page: _Page) -> Iterator[str]:
    for rest in page.after(labels.NUMBER):
        if token := labels.NUMBER_TOKEN.match(rest):
            yield from _number(token[0])
    for line in page.lines:
        if title := labels.TITLE.match(line):
            yield from _number(title["number"])
    for above, line in pairwise(page.lines):
        if labels.BARE_TITLE.fullmatch(above) and (bare := labels.BARE_NUMBER.fullmatch(line)):
            yield from _number(bare["number"])


def _number(token: str) -> Iterator[str]:
    """A number has a digit and is no date."""
    number = token.rstrip(".-/_")
    if any(character.isdigit() for character in number) and not list(dates_in(number)):
        yield number


def _day(page: _Page, name: str, label: re.Pattern[str], order: Order) -> date | None:
    found: list[date] = []
    for rest in page.after(label):
        position, readings = next(dates_in(rest, order=order), (_REACH, ()))
        if position < _REACH:
            found.extend(readings)
    return page.only(name, found)


def _due(page: _Page, issued: date | None, order: Order) -> date | None:
    """The due date by its label, else what the payment terms make of the issue date, in doubt."""
    day = _day(page, "due_date", labels.DUE, order)
    if day or any(doubt.field == "due_date" for doubt in page.doubts):
        return day
    day, doubts = choose_due([], "\n".join(page.after(labels.TERMS)), issued)
    page.doubts.extend(doubts)
    return day


def _totals(page: _Page, currency: str | None) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """(gross, net, tax). A gross is certain where net and tax add up to it, or where nothing is bigger."""
    nets, taxes = (_amounts(page, label, currency) for label in (labels.NET, labels.TAX))
    totals = _amounts(page, labels.GROSS, currency) or _amounts(page, labels.WEAK_GROSS, currency)
    sums = {(gross, net) for gross in totals for net in nets if _is_tax(gross - net, taxes)}
    if len(sums) == 1:
        ((gross, net),) = sums
        return gross, net, gross - net
    biggest = _biggest(page, currency)
    if totals and set(totals) == {biggest} and not nets:
        return biggest, None, None
    if totals:
        why = "the total is not confirmed by net and tax"
        page.doubts.append(Doubt("total_gross", why, tuple(map(str, dict.fromkeys(totals)))))
    return None, None, None


def _is_tax(difference: Decimal, taxes: Sequence[Decimal]) -> bool:
    """Whether the tax lines say this: one of them, all of them together, or none where there is no tax."""
    return difference in taxes or difference == sum(taxes) or (difference == 0 and not taxes)


def _amounts(page: _Page, label: re.Pattern[str], currency: str | None) -> list[Decimal]:
    """The last amount of each line with this label: what stands before it are rates and bases."""
    found = (_AMOUNT.findall(rest) for rest in page.after(label))
    return [_decimal(amounts[-1], currency) for amounts in found if amounts]


def _biggest(page: _Page, currency: str | None) -> Decimal | None:
    found = [_decimal(amount, currency) for line in page.lines for amount in _AMOUNT.findall(line)]
    return max(found, key=abs, default=None)


def _decimal(parts: tuple[str, str], currency: str | None) -> Decimal:
    """Whatever groups the digits before the two decimals groups thousands."""
    whole = re.sub(r"[ .,'’]", "", parts[0])
    return values.in_cents(Decimal(f"{whole}.{parts[1]}"), currency)


def _prepaid(gross: Decimal | None, payable: Decimal | None) -> Decimal | None:
    return gross - payable if gross is not None and payable is not None else None


def _currencies(page: _Page) -> list[str]:
    return [_SIGNS.get(sign, sign) for line in page.lines for sign in _CURRENCY.findall(line)]


def _accounts(page: _Page) -> Iterator[str]:
    for line in page.lines:
        for match in _IBAN.findall(line):
            iban = values.iban_of(match)
            if iban and values.is_true_iban(iban):
                yield iban


def _registered(page: _Page) -> tuple[Party, Party]:
    """Seller and buyer by French numbers: the seller prints its SIREN, and its VAT number ends with it."""
    text = "\n".join(page.lines)
    sirens = {siren for match in labels.SIREN.findall(text) if (siren := values.siren_of(match))}
    vats = {vat for match in labels.VAT.findall(text) if (vat := values.vat_of(match))}
    if len(sirens) != 1:
        return Party(), Party()
    (siren,) = sirens
    own = [vat for vat in vats if values.siren_in_vat(vat) == siren]
    others = [vat for vat in vats if vat not in own]
    buyer = others[0] if len(own) == len(others) == 1 else None
    return Party(siren=siren, vat=own[0] if own else None), Party(vat=buyer, siren=values.siren_in_vat(buyer))


def _is_name(words: str) -> bool:
    """Whether this can be a company's or person's name, and not a number, a label or a sentence."""
    letters = sum(character.isalpha() for character in words)
    return letters >= 3 and len(words) <= 70 and words[0].isalnum() and not labels.NOT_A_NAME.search(words)
