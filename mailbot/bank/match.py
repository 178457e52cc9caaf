"""Which line pays which invoices. Pure, and exact in integer cents.

Booked by itself is only what the payer named: the full number or RF reference of invoices of the same
currency whose open amounts make the line to the cent, or a part payment that says so. Everything else that
could be a client's money is a question: equal amounts alone are often chance where a business has a price
list.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from mailbot.bank.openbook import Credit, OpenBook, label_of
from mailbot.bank.parties import has_iban, is_batch, is_public
from mailbot.bank.proposals import Shares, proposals
from mailbot.model import Line, Match, OpenItem, Share
from mailbot.money import from_cents

_REJECTED = 10

Returned = dict[tuple[str, int], list[date]]
"""Days on which an amount that names an item went back: (item, cents) -> days."""


def match_lines(lines: Sequence[Line], items: Sequence[OpenItem], our_ibans: Collection[str] = ()) -> list[Match]:
    """One match a line, in the order of the lines. What is decided does not depend on the order of lines or
    items.

    Together the booked lines never give an invoice more than is open, and no line more than it has.
    `our_ibans` are the business's own accounts: money that comes from them is no client's.
    """
    book = OpenBook(items)
    matches: dict[int, Match] = {}
    found: dict[int, Credit] = {}
    returned: Returned = defaultdict(list)
    for at, line in enumerate(lines):
        if line.amount <= 0:
            matches[at] = _none(line, "not a credit")
            back = book.look(replace(line, amount=-line.amount))
            for number in back.strong:
                returned[number, back.cents].append(line.date)
        elif has_iban(label_of(line), our_ibans):
            matches[at] = _none(line, "transfer between own accounts")
        else:
            found[at] = book.look(line)
    booked = _settle(found, book, returned)
    for at, credit in found.items():
        matches[at] = booked.get(at) or _ask(credit, book, returned)
    return [matches[at] for at in range(len(lines))]


def _settle(found: Mapping[int, Credit], book: OpenBook, returned: Returned) -> dict[int, Match]:
    """What is booked by itself, earliest line first; `book.left` goes down by what is given.

    Of two lines of one day that claim the same invoice and say different things, neither is booked.
    """
    claims = {at: _claim(credit, book) for at, credit in found.items() if _certain(credit, book, returned)}
    left, refused = dict(book.left), set()
    taken: dict[str, list[int]] = defaultdict(list)
    order = sorted(claims, key=lambda at: (found[at].line.date, found[at].line.id, found[at].label))
    for at in order:
        if any(left[number] < cents for number, cents in claims[at]):
            rivals = {other for number, _ in claims[at] for other in taken[number]}
            refused |= {at, *(other for other in rivals if _rivals(found[other], found[at]))}
            continue
        for number, cents in claims[at]:
            left[number] -= cents
            taken[number].append(at)
    booked = [at for at in order if at not in refused]
    matches = {at: _auto(found[at], claims[at], book) for at in booked}
    for at in booked:
        for number, cents in claims[at]:
            book.left[number] -= cents
    return matches


def _certain(credit: Credit, book: OpenBook, returned: Returned) -> bool:
    """The payer named the invoices in full, the amount fits, and nothing speaks against it."""
    if not credit.strong or not credit.cents or _doubts(credit, book, returned):
        return False
    owed = sum(book.left[number] for number in credit.strong)
    return owed == credit.cents or (len(credit.strong) == 1 and credit.cents < owed and credit.says_part())


def _doubts(credit: Credit, book: OpenBook, returned: Returned) -> list[tuple[str, str]]:
    """(invoice, why it is not certain) of the invoices that the payer named."""
    doubts = []
    for number in credit.strong:
        item = book.items[number]
        if item.kind == "credit_note":
            doubts.append((number, "is a credit note"))
        if item.currency != credit.line.currency:
            doubts.append(
                (
                    number,
                    f"is in {item.currency}, the payment in {credit.line.currency or 'an unknown currency'}",
                )
            )
        if item.issue_date and credit.line.date < item.issue_date:
            doubts.append((number, f"was issued on {item.issue_date}, after the payment"))
        if credit.party.contradicts(item.client):
            doubts.append(
                (
                    number,
                    f"is owed by {item.client}, the payment names {credit.party.everyone}",
                )
            )
        if any(day >= credit.line.date for day in returned.get((number, credit.cents), ())):
            doubts.append((number, "the same amount with this reference goes back in the same statement"))
        if is_batch(credit.label, credit.line.type):
            doubts.append((number, "the line is a batch, a payout or a return"))
        if credit.line.type == "DEBIT":
            doubts.append((number, "the bank calls the line a debit"))
    return doubts


def _claim(credit: Credit, book: OpenBook) -> Shares:
    if len(credit.strong) == 1:
        return ((credit.strong[0], credit.cents),)
    return tuple((number, book.left[number]) for number in credit.strong)


def _rivals(one: Credit, other: Credit) -> bool:
    return one.line.date == other.line.date and one.label != other.label


def _auto(credit: Credit, shares: Shares, book: OpenBook) -> Match:
    part = len(shares) == 1 and credit.cents < book.left[shares[0][0]]
    amount = "part payment" if part else "exact amount" if len(shares) == 1 else "exact sum"
    return Match(
        credit.line.id,
        credit.line.amount,
        "auto",
        allocations=_priced(shares, credit.line.currency),
        evidence=(*_evidence(credit), amount),
    )


def _ask(credit: Credit, book: OpenBook, returned: Returned) -> Match:
    """A question where the line could be a client's money, else none."""
    line = credit.line
    if not credit.strong and is_batch(credit.label, line.type):
        return _none(line, "a batch, a payout, a return, interest or fees")
    if not (credit.strong or credit.weak or credit.party.full) and is_public(credit.label):
        return _none(line, "a public body that is no client")
    choices = proposals(credit, book)
    if not (choices or credit.strong or credit.weak or credit.party.full):
        return _none(line, "no reference, name or amount of an open invoice")
    evidence = _evidence(credit)
    return Match(
        line.id,
        line.amount,
        "ask",
        choices=tuple(_priced(shares, line.currency) for shares in choices),
        evidence=(*evidence, *_amount_evidence(credit, choices, book, alone=not evidence)),
        rejected=(*_doubts(credit, book, returned), *_passed_over(credit, choices, book))[:_REJECTED],
    )


def _none(line: Line, why: str) -> Match:
    return Match(line.id, line.amount, "none", evidence=(why,))


def _evidence(credit: Credit) -> tuple[str, ...]:
    named = [
        f"reference {number}" if number in credit.strong else f"perhaps {number} ({token!r})"
        for number, token in credit.tokens
    ]
    parties = [f"{how} of {client}" for client, how in credit.party.evidence]
    parts = [f"part of the name of {client}" for client in sorted(credit.party.part - credit.party.full)]
    return (*named[:_REJECTED], *parties[:_REJECTED], *parts[:_REJECTED])


def _amount_evidence(credit: Credit, choices: Sequence[Shares], book: OpenBook, *, alone: bool) -> Iterable[str]:
    if not choices:
        return
    best = choices[0]
    owed = sum(book.left[number] for number, _ in best)
    currency = credit.line.currency
    if owed == credit.cents:
        yield "only the amount agrees" if alone else "exact amount" if len(best) == 1 else "exact sum"
    elif owed > credit.cents:
        yield f"{from_cents(owed - credit.cents, currency)} {currency} short"
    else:
        yield f"{from_cents(credit.cents - owed, currency)} {currency} too much"


def _passed_over(credit: Credit, choices: Sequence[Shares], book: OpenBook) -> Iterable[tuple[str, str]]:
    """Invoices of that amount which are not proposed, and why."""
    proposed = {number for shares in choices for number, _ in shares}
    for number in book.by_amount.get((credit.line.currency, credit.cents), ()):
        if number in proposed or number in credit.strong:
            continue
        if book.left[number] < credit.cents:
            yield number, "another line of this statement pays it"
        elif credit.party.contradicts(book.items[number].client):
            yield number, f"the payment names {credit.party.everyone}"
        else:
            yield number, "the same amount, but others are likelier"


def _priced(shares: Shares, currency: str) -> tuple[Share, ...]:
    return tuple(Share(number, from_cents(cents, currency)) for number, cents in shares)
