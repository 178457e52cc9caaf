"""Which line pays which invoices. Pure, and exact in integer cents.

What is certain is booked (`certainty` says by which evidence), what could be a client's money is a question, and a
line that takes a payment back is tied to that payment. First the lines whose payer named the invoices are settled,
round by round, for what one of them pays cannot speak against another; then those where only payer and amount speak.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from mailbot.bank.certainty import Claim, claim
from mailbot.bank.openbook import Credit, OpenBook, Shares
from mailbot.bank.parties import has_iban, is_batch, is_cheques, is_public
from mailbot.bank.proposals import Proposal, candidates, proposals
from mailbot.bank.reversals import Payment, Reversals, TakenBack, is_return_of
from mailbot.model import Line, Match, OpenItem, Share
from mailbot.money import from_cents

_REJECTED = 10
_FEW = 3
"""So many invoices of the amount may stand in a question where nothing else is known."""

Doubts = list[tuple[str, str]]


def match_lines(
    lines: Sequence[Line],
    items: Sequence[OpenItem],
    our_ibans: Collection[str] = (),
    booked: Sequence[Payment] = (),
    *,
    oldest_first: bool = False,
) -> list[Match]:
    """One match a line, in the order of the lines. What is decided does not depend on the order of lines or items.

    Together the booked lines never give an invoice more than is open or was given back, and no line more than it has.
    `our_ibans` are the business's own accounts: money that comes from them is no client's. `booked` are payments of
    earlier statements: a line that takes one back says so in `reverses`, and its choice is what to take from where.
    `oldest_first`: a known payer that names nothing pays the oldest of its equal invoices; else that is a question.
    """
    book = OpenBook(items, oldest_first=oldest_first)
    matches: dict[int, Match] = {}
    found: dict[int, Credit] = {}
    debits: list[int] = []
    for at, line in enumerate(lines):
        if line.pending:
            matches[at] = _none(line, "announced and not booked yet")
        elif line.amount <= 0:
            debits.append(at)
        elif has_iban(line.payer_iban or f"{line.name} {line.memo}", our_ibans):
            matches[at] = _none(line, "transfer between own accounts")
        else:
            found[at] = book.look(line)
    reversals = Reversals(book, booked, found.values())
    back = dict(zip(debits, reversals.of([lines[at] for at in debits]), strict=True))
    settled = _Settlement(book, found, frozenset(taken.payment for taken in back.values() if taken.payment))
    for at, credit in found.items():
        matches[at] = settled.match(at) or _ask(credit, settled.doubts[at], book)
    given = {payment.line.id: payment.shares for payment in booked}
    given |= {match.line: match.allocations for match in matches.values()}
    for at in debits:
        matches[at] = _debit(lines[at], back[at], given, returned=is_return_of(lines[at]))
    return [matches[at] for at in range(len(lines))]


@dataclass
class _Settlement:
    """What is booked of all claims; `book.left` goes down by what is given, but for payments that went back."""

    book: OpenBook
    found: Mapping[int, Credit]
    returned: frozenset[str]
    claims: dict[int, Claim] = field(default_factory=dict)
    doubts: dict[int, Doubts] = field(default_factory=dict)
    booked: dict[int, Claim] = field(default_factory=dict)

    def __post_init__(self) -> None:
        before = -1
        while before < len(self.booked):
            before = len(self.booked)
            self._claim()
            self._settle_named([at for at in self._order() if not self.claims[at].by_name])
        self._settle_unnamed([at for at in self._order() if self.claims[at].by_name and not self.claims[at].equal])
        self._settle_equal([at for at in self._order() if self.claims[at].equal])

    def _claim(self) -> None:
        """What each line that is not booked says, with the book as it is left."""
        for at, credit in self.found.items():
            if at in self.booked:
                continue
            made, self.doubts[at] = claim(credit, self.book)
            if made:
                self.claims[at] = made

    def _order(self) -> list[int]:
        """The lines that claim something and are not booked, the earliest first."""
        return sorted((at for at in self.claims if at not in self.booked), key=self._place)

    def match(self, at: int) -> Match | None:
        """The match of a line that is booked."""
        made = self.booked.get(at)
        if made is None:
            return None
        credit = self.found[at]
        line = credit.line
        return Match(
            line.id,
            line.amount,
            "auto",
            allocations=_priced(made.shares, line.currency),
            evidence=(*_evidence(credit, made.numbers), made.how),
            waived=_priced(made.waived, line.currency),
        )

    def _settle_named(self, order: Sequence[int]) -> None:
        """Earliest line first. Of two lines of one day that claim one invoice and say different things, neither is
        booked.
        """
        left = dict(self.book.left)
        takers: dict[str, list[int]] = {}
        refused: set[int] = set()
        for at in order:
            shares = self.claims[at].shares
            if any(left[number] < abs(cents) for number, cents in shares):
                rivals = (other for number, _ in shares for other in takers.get(number, ()))
                refused |= {at, *(other for other in rivals if self._are_rivals(at, other))}
                continue
            for number, cents in shares:
                takers.setdefault(number, []).append(at)
                if self.found[at].line.id not in self.returned:
                    left[number] -= abs(cents)
        for at in order:
            self._refuse(at) if at in refused else self._book(at)

    def _settle_unnamed(self, order: Sequence[int]) -> None:
        """Only an invoice that no other line claims or names: by its amount alone, two lines are equally good."""
        wanted = Counter(number for at in order for number in self.claims[at].numbers)
        named = self._named()
        for at in order:
            [(number, cents)] = self.claims[at].shares
            free = wanted[number] == 1 and self.book.left[number] >= cents and number not in named
            self._book(at) if free else self._refuse(at)

    def _settle_equal(self, order: Sequence[int]) -> None:
        """Each on the oldest of its equal invoices that is still open and that no other line names."""
        named = self._named()
        for at in order:
            [(_, cents)] = self.claims[at].shares
            free = (one for one in self.claims[at].equal if self.book.left[one] >= cents and one not in named)
            oldest = next(free, None)
            if oldest is None:
                self._refuse(at)
                continue
            self.claims[at] = replace(self.claims[at], shares=((oldest, cents),))
            self._book(at)

    def _named(self) -> set[str]:
        """What lines name that are not booked."""
        left = (credit for at, credit in self.found.items() if at not in self.booked)
        return {number for credit in left for number in credit.graded("full", "variant")}

    def _book(self, at: int) -> None:
        self.booked[at] = self.claims[at]
        if self.found[at].line.id not in self.returned:
            for number, cents in self.claims[at].shares:
                self.book.left[number] -= abs(cents)

    def _refuse(self, at: int) -> None:
        self.doubts[at] = [(number, "another line of this statement may pay it") for number in self.claims[at].numbers]

    def _place(self, at: int) -> tuple[object, ...]:
        return (self.found[at].line.date, self.found[at].line.id, self.found[at].label)

    def _are_rivals(self, at: int, other: int) -> bool:
        one, two = self.found[at], self.found[other]
        return one.line.date == two.line.date and one.label != two.label


def _ask(credit: Credit, doubts: Doubts, book: OpenBook) -> Match:
    """A question where the line could be a client's money, else none."""
    line = credit.line
    named = credit.graded("full", "variant", "hint")
    known = credit.party.sure or credit.party.fits or credit.party.full
    cheques = is_cheques(credit.label)
    if not named and not cheques and (is_batch(credit.label, line.type) or line.count > 1):
        return _none(line, "a batch, a payout, a return, interest or fees")
    if not (named or credit.party.sure or credit.party.full) and is_public(credit.label):
        return _none(line, "a public body that is no client")
    choices = proposals(credit, book)
    if not (named or known):
        choices = _likely(choices, credit, book)
        if not (choices or cheques):
            return _none(line, "no reference, name or amount of an open invoice")
    evidence = _evidence(credit, ())
    shares = [choice.shares for choice in choices]
    return Match(
        line.id,
        line.amount,
        "ask",
        choices=tuple(_priced(each, line.currency) for each in shares),
        evidence=(*evidence, *_amount_evidence(credit, shares, book, alone=not evidence)),
        rejected=tuple(islice(chain(doubts, _passed_over(credit, shares, book)), _REJECTED)),
    )


def _likely(choices: Sequence[Proposal], credit: Credit, book: OpenBook) -> list[Proposal]:
    """Of answers about an unknown payer those that explain the amount, and none of many that are equally likely."""
    explained = [choice for choice in choices if choice.explained]
    hinted = [choice for choice in explained if choice.reference <= 3 or choice.party <= 3]
    if hinted:
        return hinted
    return explained if len(candidates(credit, book)) <= _FEW else []


def _debit(line: Line, back: TakenBack, given: Mapping[str, tuple[Share, ...]], *, returned: bool) -> Match:
    """A line that takes money away: of a payment that is known, of one of some, or of nothing that concerns us."""
    payments = (back.payment,) if back.payment else back.perhaps
    if not payments:
        return _none(line, "a return of no known payment" if returned else "not a credit")
    choices = (tuple(Share(share.invoice, -share.amount) for share in given.get(payment, ())) for payment in payments)
    of = "and its charges" if back.charged else "of this amount"
    said = "takes back a payment" if back.payment else f"may take back a payment {of}"
    return Match(
        line.id,
        line.amount,
        "ask",
        choices=tuple(dict.fromkeys(filter(None, choices))),
        evidence=(said, *([f"reason {line.reason}"] if line.reason else [])),
        reverses=back.payment,
    )


def _none(line: Line, why: str) -> Match:
    return Match(line.id, line.amount, "none", evidence=(why,))


def _evidence(credit: Credit, paid: Collection[str]) -> tuple[str, ...]:
    named = [
        f"reference {number}" if hit.grade == "full" or number in paid else f"perhaps {number} ({hit.token!r})"
        for number, hit in sorted(credit.hits.items())
    ]
    parties = [f"{how} of {client}" for client, how in credit.party.evidence]
    begun = [f"beginning of the name of {client}" for client in sorted(credit.party.fits - credit.party.full)]
    rest = credit.party.part - credit.party.full - credit.party.fits
    parts = [f"part of the name of {client}" for client in sorted(rest)]
    return (*named[:_REJECTED], *parties[:_REJECTED], *begun[:_REJECTED], *parts[:_REJECTED])


def _amount_evidence(credit: Credit, choices: Sequence[Shares], book: OpenBook, *, alone: bool) -> Iterable[str]:
    if not choices:
        return
    best = choices[0]
    currency = credit.line.currency
    if any(book.items[number].currency != currency for number, _ in best):
        return
    owed = sum(book.signed(number) for number, _ in best)
    if owed == credit.cents:
        yield "only the amount agrees" if alone else "exact amount" if len(best) == 1 else "exact sum"
    elif owed > credit.cents:
        yield f"{from_cents(owed - credit.cents, currency)} {currency} short"
    else:
        yield f"{from_cents(credit.cents - owed, currency)} {currency} too much"


def _passed_over(credit: Credit, choices: Sequence[Shares], book: OpenBook) -> Iterable[tuple[str, str]]:
    """Invoices of that amount which are not proposed, and why."""
    proposed = {number for shares in choices for number, _ in shares} | set(credit.graded("full"))
    for number in book.by_amount.get((credit.line.currency, credit.cents), ()):
        if number in proposed:
            continue
        if book.left[number] < credit.cents:
            yield number, "another line of this statement pays it"
        elif credit.party.payers and not credit.party.speaks_of(book.items[number].client):
            yield number, f"the payment names {credit.party.everyone}"
        else:
            yield number, "the same amount, but others are likelier"


def _priced(shares: Shares, currency: str) -> tuple[Share, ...]:
    return tuple(Share(number, from_cents(cents, currency)) for number, cents in shares)
