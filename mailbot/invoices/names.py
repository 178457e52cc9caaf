"""Names of companies and people on a page: which line is one, and which the seller's letterhead and footer repeat."""

import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Final

from mailbot.invoices.blocks import Block, Line, first_part, is_sender_line, is_street, is_town
from mailbot.invoices.fields import Document
from mailbot.invoices.identifiers import emails_in
from mailbot.invoices.labels import phrases
from mailbot.invoices.page import Cell, Row, key_of

HONORIFICS: Final = frozenset(
    (
        "herrn", "herr", "frau", "firma", "monsieur", "madame", "m", "mme", "mr", "mrs", "ms", "miss", "sig",
        "sigra", "dr", "sr", "sra", "spettle", "spett", "societe", "ste", "messrs", "egr", "gentle", "familie",
        "fam", "dhr", "mevr", "an", "spettabile", "attn", "herrnfrau", "eheleute", "monsieurmadame",
    )
)  # fmt: skip
LEGAL_FORM: Final = re.compile(
    r"(?<!\w)(?:SARL|SAS|SASU|EURL|SA|SCI|SNC|GmbH|AG|KG|OHG|UG|GbR|e\.K\.|eG|mbH|Ltd|Limited|LLP|PLC|LLC|Inc|B\.?V|N\.?V|VOF"
    r"|S\.?L\.?U?|S\.?A\.?U?|S\.?r\.?l\.?s?|S\.?p\.?A|S\.?n\.?c|S\.?a\.?s|SCOP|SCP|SELARL|Sàrl|BVBA|SRL|Coop|Stichting"
    r"|Association|Mairie|Commune|Universit\w*|Verein|e\.V|a\.G)\.?(?!\w)"
)
_NOT_A_NAME: Final = re.compile(
    r"@|€|https?:|www\.|^\W*\d[\d\s./-]*$|^(?:page|seite|pagina|página|pág|blad)\W|^\+?\d[\d ().-]{6,}$|:"
    r"|^(?:service|abt\.?|abteilung|dept|department|accounts payable|comptabilit[ée]|buchhaltung|afdeling)(?!\w)",
    re.IGNORECASE,
)
_COUNTRIES: Final = frozenset(
    (
        "france", "germany", "deutschland", "allemagne", "espana", "spain", "espagne", "italia", "italy", "italie",
        "nederland", "niederlande", "netherlands", "paysbas", "belgie", "belgium", "belgique", "osterreich",
        "austria", "autriche", "schweiz", "suisse", "switzerland", "luxembourg", "portugal", "unitedkingdom", "uk",
        "royaumeuni", "england", "ireland", "irlande", "usa", "unitedstates",
    )
)  # fmt: skip
_NAME_LABELS: Final = frozenset(
    (
        "name", "nom", "raisonsociale", "societe", "denominazione", "ragionesociale", "nombre", "razonsocial",
        "naam", "bedrijf", "bedrijfsnaam", "company", "firma", "companyname", "nombrerazonsocial", "entreprise",
        "organisation", "kunde", "client", "customer", "cliente", "klant", "denominacion",
    )
)  # fmt: skip
_HOLDER: Final = re.compile(
    r"(?:titulaire|kontoinhaber|account (?:holder|name)|intestat\w+|titular|t\.n\.v\.|beneficiary)\W+(.{3,50})$",
    re.IGNORECASE,
)
_FOOT: Final = re.compile(r" is registered| [·•|–—-] |, ")
_DIVIDED: Final = re.compile(r"\s[–—·•|]\s")
_NUMBERED: Final = re.compile(r"(?:n[°º]|nr|no|num[ée]ro|number|nummer|núm)\b\.?\s?[:#]?\s?\S*\d", re.IGNORECASE)
"""A number with its name: "Nummer 26.112"."""
_TO_SOMEBODY: Final = re.compile(r"(?:spett(?:\.le|\.|abile)|egr\.|gent\.(?:le|mo|ma)|herrn|messrs)\b", re.IGNORECASE)
"""How a letter addresses its reader, before the name."""
_VALUED: Final = frozenset(
    (
        "number", "vat", "siren", "client_number", "iban", "bic", "order", "due_date", "issue_date", "other_number",
        "other_date", "reference", "buyer_vat", "buyer_siren", "terms", "contact",
    )
)  # fmt: skip


def honorific_alone(text: str) -> bool:
    """ "Herrn" on a line of its own, above the name."""
    return key_of(text) in HONORIFICS and len(text) > 1


def name_in(document: Document, line: Line) -> str | None:
    """The name that a line says, without "Name:" and the address after it; None where it says something else."""
    text = line.text
    label, colon, rest = text.partition(":")
    beside = _beside(document, line)
    if colon and key_of(label) in _NAME_LABELS:
        text = rest.strip() or beside
    elif beside.startswith(":"):
        if key_of(text) not in _NAME_LABELS:
            return None
        text = beside.lstrip(": ")
    elif _begins_with_label(document, line) or _is_heading(document, text, line.row):
        return None
    if text.count(",") >= 2 or (text.count(",") == 1 and is_town(text.partition(",")[2].strip())):
        text = text.partition(",")[0]
    name, divided, rest = _DIVIDED.sub("\n", text, count=1).partition("\n")
    if divided and any(character.isdigit() for character in rest):
        text = name  # its number or address behind a dash
    words = text.split()
    if len(words) > 1 and key_of(words[0]) in ("firma", "spettle", "spett", "spettabile", "an"):
        words = words[1:]
    if len(words) > 1 and key_of(words[0]) in ("societe", "ste") and LEGAL_FORM.search(" ".join(words[1:])):
        words = words[1:]  # "Société Durand SARL"; in "Société Générale" it is the name
    text = " ".join(words).strip(" ,;–|•·")
    return text if is_name(text) else None


def is_name(text: str) -> bool:
    """Whether this can be the name of a company or a person: no number, label, address or sentence."""
    letters = sum(character.isalpha() for character in text)
    digits = sum(character.isdigit() for character in text)
    if letters < 2 or digits > letters or len(text) > 80 or _NOT_A_NAME.search(text):
        return False
    if key_of(text) in HONORIFICS | _COUNTRIES or is_town(text):
        return False
    return bool(LEGAL_FORM.search(text)) or not is_street(text)


def _beside(document: Document, line: Line) -> str:
    cells = document.row(line.row).cells
    return cells[line.cell + 1].text if line.cell + 1 < len(cells) else ""


def _begins_with_label(document: Document, line: Line) -> bool:
    """Whether a label fills the line, or stands before a value in it."""
    row = document.row(line.row)
    cell = row.cells[line.cell]
    for mark in document.by_row.get(line.row, ()):
        if mark.first == cell.first and mark.begins:
            rest = row.words[mark.last + 1 : cell.last + 1]
            if line.text != cell.text:
                return False  # the line is what follows a label in its cell
            if not rest or mark.ends:
                return len(mark.key) > 3 or mark.ends
            if mark.field in _VALUED and any(c.isdigit() for word in rest for c in word.text):
                return True
    return False


# ------------------------------------------------------------------------------------------------- the letterhead


def names_of_letterhead(document: Document, blocks: list[Block]) -> Iterator[tuple[str, float]]:
    """(name, weight) of all names that signs of the page tell to be those of whose paper it is."""
    rows = document.sheet.rows
    domains = {key_of(one.value.partition("@")[2]) for row in rows for one in emails_in(row)}
    domains |= {key_of(match[1]) for match in re.finditer(r"www\.([\w-]+)\.", document.text)}
    everything = key_of(document.text)
    usual = median([row.height for row in rows]) if rows else 10.0
    weights: dict[str, float] = {}
    spelled: dict[str, str] = {}
    for name, weight, row in _signs(document, blocks, usual):
        key = key_of(name)
        if key and is_name(name) and not _is_of_the_invoice(document, name, row):
            spelled.setdefault(key, name)
            weights[key] = min(weights.get(key, 0.0) + weight, 3.5) - 0.001 * row
    for key, name in spelled.items():
        bare = key_of(LEGAL_FORM.sub("", name))
        owned = len(bare) > 3 and any(
            bare in domain or (len(domain) > 8 and domain.startswith(bare[:8])) for domain in domains
        )
        repeated = len(key) > 4 and everything.count(key) > 1
        yield name, weights[key] + 1.8 * owned + 0.8 * repeated + 0.8 * bool(LEGAL_FORM.search(name))


def _is_of_the_invoice(document: Document, name: str, row: int) -> bool:
    """Whether this is a heading with a number ("Facture F-12 du 02/10"), a label, a reader or an item with a price."""
    if _TO_SOMEBODY.match(name):
        return True
    if LEGAL_FORM.search(name):
        return False
    if key_of(name) in phrases() or _NUMBERED.match(name):
        return True
    return _is_heading(document, name, row) or any(
        one.exact and document.row(row).cell_of(one.first) > 0 for one in document.amounts.get(row, ())
    )


def _is_heading(document: Document, text: str, row: int) -> bool:
    """Whether a text is what the invoice calls itself, alone or with its number ("Rechnung 2026-58")."""
    key, numbered = key_of(text), any(character.isdigit() for character in text)
    headings = [mark.key for mark in document.by_row.get(row, ()) if mark.field in ("title", "credit", "number")]
    return any(key == heading or (numbered and key.startswith(heading)) for heading in headings)


def _signs(document: Document, blocks: list[Block], usual: float) -> Iterator[tuple[str, float, int]]:
    """(what may be a name, weight, row) from the head, the address blocks, the foot and the account holder."""
    rows = document.sheet.rows
    for row in rows:
        yield from ((name, 2.8, row.number) for name in _senders(row))
        yield from ((match[1], 1.0, row.number) for match in _HOLDER.finditer(row.text))
    for row in rows[:10]:
        weight = 0.8 + (row.height > 1.25 * usual)
        yield from ((cell.text, weight, row.number) for cell in row.cells if _is_free(document, row, cell))
    for block in blocks[:30]:
        yield from _heads(block)
    for row in rows[-10:]:
        for cell in row.cells:
            head = _FOOT.split(cell.text)[0]
            if head != cell.text or LEGAL_FORM.search(cell.text):
                yield head, 0.7, row.number


def _senders(row: Row) -> Iterator[str]:
    """The name in the line above an envelope's window, whose parts may stand in several cells."""
    if sum(row.text.count(bullet) for bullet in "·•|●■▪") >= 2 and is_sender_line(row.text):
        yield first_part(row.text)
    yield from (first_part(cell.text) for cell in row.cells if is_sender_line(cell.text))


def _heads(block: Block) -> Iterator[tuple[str, float, int]]:
    """The name above an address with phone or numbers; the first lines together where a name fills two."""
    names = [line for line in block.lines if is_name(line.text)]
    if block.contacts() and names:
        yield names[0].text, 0.9, names[0].row
    for first, second in pairwise(block.lines[:3]):
        if first.row < 8 and abs(first.height - second.height) < 2:
            yield f"{first.text} {second.text}", -0.6, first.row


def _is_free(document: Document, row: Row, cell: Cell) -> bool:
    """Whether no label stands in a cell."""
    return not any(
        cell.first <= mark.first <= cell.last and mark.begins for mark in document.by_row.get(row.number, ())
    )
