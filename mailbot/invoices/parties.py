"""Seller and buyer of an invoice: names, VAT numbers, SIREN, accounts and addresses, told apart by place and label.

The business reads its own sales invoices, so where its identity is given, whatever is its own belongs to the seller.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from mailbot.invoices import values
from mailbot.invoices.blocks import Block, Line, blocks_of, is_sender_line, lines_below, town_of
from mailbot.invoices.fields import Document
from mailbot.invoices.identifiers import Identifier, emails_in, ibans_in, national_vats_in, sirens_in, vats_in
from mailbot.invoices.labels import Mark
from mailbot.invoices.names import honorific_alone, name_in, names_of_letterhead
from mailbot.invoices.page import key_of
from mailbot.model import Doubt, Party

_BIC: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{4} ?[A-Z]{2} ?[A-Z0-9]{2}(?: ?[A-Z0-9]{3})?(?![A-Z0-9])")


_NEARLY: Final = 2 / 3
"""Of the weight of the best name in a letterhead: another that has so much may be the name, or its other half."""


@dataclass(slots=True)
class Parties:
    """Both sides, what is doubtful about them, and how certain their names are."""

    seller: Party = field(default_factory=Party)
    buyer: Party = field(default_factory=Party)
    doubts: list[Doubt] = field(default_factory=list)
    certainties: dict[str, float] = field(default_factory=dict)
    buyer_line: Line | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """A name, the line it stands in, and how certain it is."""

    name: str
    line: Line
    certainty: float


def parties_of(document: Document, own: Party | None) -> Parties:
    """Who sells and who buys; `own` is the business itself where it is known.

    A page that, read as anybody would, is another company's invoice to the business is read so.
    """
    found = _parties(document, own)
    if own is None or not own.name or found.seller.name != own.name:
        return found
    as_anybody = _parties(document, None)
    return as_anybody if _is_to(own, as_anybody) else found


def _is_to(own: Party, read: Parties) -> bool:
    """Whether the business buys here: its name where the client's is, beside a seller who has numbers of his own.

    Its own account on the page says that it sells; so does its number beside another name.
    """
    seller, buyer = read.seller, read.buyer
    if key_of(buyer.name or "") != key_of(own.name or "") or not seller.name:
        return False
    mine = {one for one in (own.siren, values.vat_of(own.vat), values.iban_of(own.iban)) if one}
    theirs = {one for one in (seller.siren, seller.vat) if one}
    return bool(theirs) and not mine & {*theirs, seller.iban}


def _parties(document: Document, own: Party | None) -> Parties:
    found = Parties()
    blocks = blocks_of(document.sheet)
    own_key = key_of(own.name) if own and own.name else ""
    announced = _announced_buyer(document, own_key)
    seller, certainty, rivals = _seller_name(document, blocks, own, own_key, announced.name if announced else None)
    seller_key = own_key or key_of(seller or "")
    buyer = announced or _addressed_buyer(document, blocks, seller_key)
    buyer = buyer or _addressed_buyer(document, blocks_of(document.sheet, gap=2.0), seller_key)
    found.buyer_line = buyer.line if buyer else None
    _identify(document, found, own, seller, buyer)
    found.certainties = {"seller.name": certainty, "buyer.name": buyer.certainty if buyer else 0.0}
    if buyer and own_key and key_of(buyer.name) == own_key:
        found.doubts.append(Doubt("buyer", "the invoice is addressed to the business itself", (buyer.name,)))
    if buyer and buyer.certainty < 0.7:
        others = (name for name in _other_names(document, blocks) if name not in (buyer.name, seller))
        candidates = (buyer.name, *dict.fromkeys(others))[:4]
        found.doubts.append(Doubt("buyer.name", "no label says who the client is", candidates))
    if seller and certainty < 0.7:
        found.doubts.append(Doubt("seller.name", "no label says whose invoice this is", (seller, *rivals)))
    return found


def _identify(document: Document, found: Parties, own: Party | None, seller: str | None, buyer: _Named | None) -> None:
    """The numbers of both sides."""
    inside = _reach(document, buyer.line if buyer else None)
    vats = _told_apart(document, _vats(document), "buyer_vat", inside, values.vat_of(own.vat) if own else None)
    sirens = _told_apart(document, _sirens(document), "buyer_siren", inside, own.siren if own else None)
    found.seller = Party(
        name=seller,
        vat=vats[0],
        siren=sirens[0] or values.siren_in_vat(vats[0]),
        iban=_account(document, own, found.doubts),
        bic=_bic(document),
    )
    found.buyer = Party(
        name=buyer.name if buyer else None,
        vat=vats[1],
        siren=sirens[1] or values.siren_in_vat(vats[1]),
        email=_buyer_email(document, inside),
        town=_town(document, buyer.line) if buyer else None,
    )


# ------------------------------------------------------------------------------------------------- names


def _announced_buyer(document: Document, own_key: str) -> _Named | None:
    """The name that a label introduces: "Facturé à", "Kunde:", "Spett.le"."""
    for mark in sorted(document.marks.get("buyer", ()), key=lambda one: (not one.ends, one.row)):
        found = _first_name(document, _announced(document, mark))
        if found and not (own_key and key_of(found[0]) == own_key):
            return _Named(*found, 0.9 if mark.ends else 0.75)
    return None


def _first_name(document: Document, lines: Iterable[Line]) -> tuple[str, Line] | None:
    """The first line that is a name; "Herrn" alone on its line goes before the next one."""
    title = ""
    for line in lines:
        if honorific_alone(line.text):
            title = line.text.strip() + " "
            continue
        if name := name_in(document, line):
            return title + name, line
    return None


def _announced(document: Document, mark: Mark) -> Iterator[Line]:
    """The lines that a label introduces: the rest of its own, the cell beside it, the lines below."""
    row = document.row(mark.row)
    cell = row.cells[mark.cell]
    own_line = Line(cell.text, row.number, mark.cell, row.top, row.bottom, cell.left, cell.right)
    if mark.last < cell.last:
        rest = " ".join(word.text for word in row.words[mark.last + 1 : cell.last + 1]).strip(" :–-")
        if rest and not (rest.startswith("(") and rest.endswith(")")) and not rest.startswith("/"):
            if mark.ends or len(mark.key) > 5:
                yield replace(own_line, text=rest, left=row.words[mark.last + 1].left)
            return
    elif mark.cell + 1 < len(row.cells):
        beside = row.cells[mark.cell + 1]
        labelled = any(one.first == beside.first and one.begins for one in document.by_row[mark.row])
        if not labelled and not any(character.isalpha() for character in beside.text):
            return
        if not labelled and beside.left - cell.right < 110:
            line = Line(
                beside.text.lstrip(": "), row.number, mark.cell + 1, row.top, row.bottom, beside.left, beside.right
            )
            yield line
            if any(character.isdigit() for character in beside.text) and name_in(document, line) is None:
                return
    if mark.begins:
        yield from lines_below(document.sheet, own_line)


def _addressed_buyer(document: Document, blocks: list[Block], seller_key: str) -> _Named | None:
    """The name of the address block that is not the seller's."""
    named = [
        (block, found)
        for block in blocks
        if _may_be_address(document, block)
        and (found := _first_name(document, [one for one in block.lines if not is_sender_line(one.text)]))
        and not (seller_key and _same(key_of(found[0]), seller_key))
    ]
    if not named:
        return None
    block, (name, line) = max(named, key=lambda one: _rank(one[0], document))
    clear = len(named) == 1 or _rank(block, document)[0] > sorted(_rank(one, document)[0] for one, _ in named)[-2]
    return _Named(name, line, 0.74 if clear and not block.contacts() else 0.6)


def _same(key: str, seller_key: str) -> bool:
    return key == seller_key or (len(seller_key) > 5 and (key.startswith(seller_key) or seller_key.startswith(key)))


def _may_be_address(document: Document, block: Block) -> bool:
    """An address in the upper part of the first page, but not a place of delivery or what the seller's label names."""
    if (
        not block.is_address()
        or block.lines[0].row >= document.items_row()
        or block.top > 0.6 * document.sheet.heights[0]
        or document.row(block.lines[0].row).page
    ):
        return False
    first = block.lines[0]
    labels = {
        mark.field
        for number in (first.row - 2, first.row - 1, first.row)
        for mark in document.by_row.get(number, ())
        if mark.left < block.right and mark.right > block.left - 10 and mark.begins
    }
    return not labels & {"delivery", "seller"}


def _rank(block: Block, document: Document) -> tuple[int, int, float]:
    """Letterheads tell phones and numbers; of two plain addresses the righter or lower one is the client's."""
    right = block.left > 0.4 * document.sheet.width
    return 2 * (block.town() is not None) - 2 * min(block.contacts(), 2), int(right), block.top


def _other_names(document: Document, blocks: list[Block]) -> Iterator[str]:
    for block in blocks:
        if block.is_address() and (found := _first_name(document, block.lines)):
            yield found[0]


def _seller_name(
    document: Document, blocks: list[Block], own: Party | None, own_key: str, buyer: str | None
) -> tuple[str | None, float, list[str]]:
    """(name, certainty, others that are nearly as likely): the business itself where it is printed; else what most
    signs of the page agree on."""
    if own and own_key and own_key in key_of(document.text):
        return own.name, 0.98, []
    for mark in document.marks.get("seller", ()):
        lines = list(_announced(document, mark))
        if found := _first_name(document, lines):
            next_lines = lines[lines.index(found[1]) + 1 :] if found[1] in lines else []
            goes_on = bool(next_lines) and name_in(document, next_lines[0]) is not None
            return found[0], 0.65 if goes_on else 0.9, []  # the name may fill two lines
    signs: dict[str, float] = defaultdict(float)
    spelled: dict[str, str] = {}
    for name, weight in names_of_letterhead(document, blocks):
        key = key_of(name)
        if key and not (buyer and _same(key, key_of(buyer))):
            signs[key] += weight
            spelled.setdefault(key, name)
    if not signs:
        return None, 0.0, []
    best, *others = sorted(signs, key=lambda key: -signs[key])
    rivals = [spelled[key] for key in others if signs[key] >= _NEARLY * signs[best]]
    certainty = 0.8 if signs[best] >= 3 else 0.72 if signs[best] >= 1.5 else 0.5
    return spelled[best], min(certainty, 0.6) if rivals else certainty, rivals[:3]


# ------------------------------------------------------------------------------------------------- numbers


def _reach(document: Document, line: Line | None) -> Callable[[Identifier], bool]:
    """Whether something stands in the block of the buyer: below its name, at most nine lines, in its column."""
    if line is None:
        return lambda _: False
    below = list(lines_below(document.sheet, line, most=9))
    places = {(one.row, one.cell) for one in (line, *below)}

    def inside(one: Identifier) -> bool:
        return (one.row, document.row(one.row).cell_of(one.first)) in places

    return inside


def _vats(document: Document) -> list[Identifier]:
    found = [one for row in document.sheet.rows for one in vats_in(row)]
    if document.language in ("es", "it"):
        covered = {(one.row, index) for one in found for index in range(one.first, one.last + 1)}
        for row in document.sheet.rows:
            found += [
                one
                for one in national_vats_in(row, document.language)
                if (one.row, one.first) not in covered and _has_label(document, one, ("vat", "buyer_vat", "siren"))
            ]
    return found


def _has_label(document: Document, one: Identifier, names: Iterable[str]) -> bool:
    """Whether one of these labels stands before it on its row, or alone right above it."""
    wanted = set(names)
    before = [mark for mark in document.by_row.get(one.row, ()) if mark.last < one.first]
    if any(mark.field in wanted and one.first - mark.last <= 3 for mark in before):
        return True
    if before and before[-1].field in wanted:
        return True
    above = document.by_row.get(one.row - 1, ())
    return any(mark.field in wanted and mark.left < one.right and mark.right > one.left for mark in above)


def _sirens(document: Document) -> list[Identifier]:
    if not (document.has("siren") or document.has("buyer_siren")):
        return []
    found = (one for row in document.sheet.rows for one in sirens_in(row))
    return [one for one in found if _has_label(document, one, ("siren", "buyer_siren"))]


def _told_apart(
    document: Document,
    found: list[Identifier],
    buyers_label: str,
    inside: Callable[[Identifier], bool],
    mine: str | None,
) -> tuple[str | None, str | None]:
    """(the seller's, the buyer's) of these numbers."""
    theirs = [
        one.value for one in found if one.value != mine and (_has_label(document, one, (buyers_label,)) or inside(one))
    ]
    others = [one.value for one in found if one.value not in theirs]
    seller = mine if mine and mine in others else next(iter(others), None)
    if mine and seller != mine:
        theirs, seller = theirs or others, None
    left = list(dict.fromkeys(value for value in others if value != seller))
    buyer = theirs[0] if theirs else left[0] if len(left) == 1 and seller else None
    return seller, buyer


def _account(document: Document, own: Party | None, doubts: list[Doubt]) -> str | None:
    rows = document.sheet.rows
    labelled = {mark.row for mark in document.marks.get("iban", ())}
    found = [
        one.value
        for row, below in zip(rows, [*rows[1:], None], strict=True)
        for one in ibans_in(row, below, labelled=bool({row.number, row.number - 1} & labelled))
    ]
    accounts = list(dict.fromkeys(found))
    mine = values.iban_of(own.iban) if own else None
    if mine and mine in accounts:
        return mine
    valid = [one for one in accounts if values.is_true_iban(one)] or accounts
    if len(valid) > 1:
        doubts.append(Doubt("seller.iban", "the page shows several accounts", tuple(valid[:5])))
    return valid[0] if valid else None


def _bic(document: Document) -> str | None:
    for mark in document.marks.get("bic", ()):
        rest = document.row(mark.row).words[mark.last + 1 : mark.last + 5]
        if match := _BIC.search(" ".join(word.text for word in rest)):
            return match[0].replace(" ", "")
    return None


def _town(document: Document, line: Line) -> str | None:
    """The town of the postal address below the buyer's name: "69002 LYON" says "Lyon"."""
    return next((town for one in lines_below(document.sheet, line, most=5) if (town := town_of(one.text))), None)


def _buyer_email(document: Document, inside: Callable[[Identifier], bool]) -> str | None:
    found = [one for row in document.sheet.rows for one in emails_in(row)]
    return next((one.value for one in found if inside(one)), None)
