"""How text is laid out: aligned columns, broken lines, mailto links for buttons, grouped IBANs."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from textwrap import fill
from urllib.parse import quote

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from mailbot.model import JSON
from mailbot.money import write_amount, write_day

_WIDTH = 76
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_BEFORE, _AFTER = re.compile(r" (?=[:;?%»€])"), re.compile(r"(?<=«) ")
_TEXTS = re.compile(r"(?<=>)([^<>]+)(?=<)")
_NUMBERS = re.compile(r"(?<=[^\w&#;/.+@-])[A-Z]{1,8}(?:-\d{1,8}){1,3}(?![\w@-])")
_SUMS = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?=,\d\d|[ \u00a0]?€)|\d (?=€)")
_WHOLE = r'<span class="whole">\g<0></span>'
_MOST_NUMBERS = 16
_PROSE = 400
"""Letters of a sentence; what is longer is a list."""
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")


def columns(rows: Sequence[Mapping[str, JSON]], keys: Sequence[str], header: Sequence[str], align: str) -> str:
    """Rows as aligned lines of text under a header; `align` has one `<` or `>` for each column."""
    lines = [list(header), *([str(row[key]) for key in keys] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(keys))]
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(line, align, widths, strict=True)).rstrip()
        for line in lines
    )


def wrapped(text: str) -> str:
    """Prose broken into lines of at most 76 characters; aligned lines and links stay as they are."""
    return "\n".join(
        line if len(line) <= _WIDTH or "  " in line.strip() or "://" in line else _fill(line)
        for line in text.split("\n")
    )


def _fill(line: str) -> str:
    indent = "  " if line.startswith(("- ", "  ")) else ""
    kept = _THOUSANDS.sub("\u00a0", no_break(line))
    return fill(kept, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def mailto(address: str, subject: str, body: str = "") -> str:
    """A link that opens a mail already begun (RFC 6068: spaces are %20, line ends %0D%0A)."""
    link = f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}"
    lines = body.replace("\r\n", "\n").replace("\n", "\r\n")
    return f"{link}&body={quote(lines, safe='')}" if body else link


def order_for(number: int, choice: str, position: int, language: str) -> str:
    """The line that gives this answer to a question: "ok 3", "non 3", or "3 2" for its second choice.

    A serious order is confirmed with its word, "ok 3 KXPT".

    "other" is left for the owner to complete: "3 autre FA-…".
    """
    if choice.casefold() in {"ok", "oui", "yes"}:
        return f"ok {number}"
    if choice.startswith("ok "):
        return f"ok {number} {choice[3:]}"
    if choice.casefold() in {"autre", "other"}:
        return f"{number} autre FA-…" if language == "fr" else f"{number} other FA-…"
    if choice.casefold() in {"non", "no", "pas un client", "not a client"}:
        return f"{'non' if language == 'fr' else 'no'} {number}"
    return f"{number} {position}"


def answer_link(reply_to: str, order: str) -> str:
    """A mailto link that carries an order, with the address's token in the subject as well."""
    token = reply_to.partition("+r.")[2].partition("@")[0]
    return mailto(reply_to, f"{order} [{token}]" if token else order, f"{order}\n")


@pass_context
def money(context: Context, amount: str, currency: str) -> str:
    """A stored amount ("1200.00") as the mail's language writes it."""
    return write_amount(Decimal(amount), currency, str(context["language"]))


@pass_context
def day(context: Context, iso: str) -> str:
    """A stored day ("2026-10-31") as the mail's language writes it."""
    return write_day(date.fromisoformat(iso), str(context["language"]))


def paragraphs(prose: Markup) -> Markup:
    """Escaped prose as HTML: a blank line parts paragraphs, a line end is one."""
    pieces = [piece.strip() for piece in _BLANK_LINES.split(str(prose)) if piece.strip()]
    joined = "\n".join(f"<p>{'<br>'.join(line.strip() for line in piece.splitlines())}</p>" for piece in pieces)
    return Markup(joined)  # noqa: S704 - it came in escaped


def no_break(text: str) -> str:
    """French has a space before : ; ? and inside its quotation marks, at which no line may break."""
    return _AFTER.sub("\u00a0", _BEFORE.sub("\u00a0", text))


def unbroken(html: str) -> str:
    """The page of a mail whose invoice numbers and sums stand on one line each: phones break "FA-2026-" and "0412".

    Of the numbers only the first ones are kept whole, so that a long digest does not grow by what few phones need.
    """
    head, body, rest = html.partition("<body")
    pieces, left = _TEXTS.split(rest), _MOST_NUMBERS
    for at in range(1, len(pieces), 2):  # the texts between tags
        text = _SUMS.sub(lambda found: found[0].replace(" ", "\u00a0"), pieces[at])
        begins = len(text) - len(text.lstrip())  # a number that begins its line breaks nowhere
        kept, count = _NUMBERS.subn(_WHOLE, text[begins:], count=left) if left and len(text) <= _PROSE else (None, 0)
        pieces[at] = text if kept is None else text[:begins] + kept
        left -= count
    return head + body + "".join(pieces)


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as banks print it."""
    bare = "".join(iban.split()).upper()
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))
