"""What is booked without a question: the evidence that suffices, and what speaks against it.

A claim says what a credit pays. It is made of a route (which evidence) and stands only where no doubt is raised.
Evidence are the reference (the payer named the invoice), the party (we know the payer) and the amount; two of them
must agree without the third speaking against it. A sum of invoices that nothing names is never a claim: on a price
list it is chance as often as truth.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mailbot.bank.openbook import ROUNDING, Credit, OpenBook, Shares, charges, discounted
from mailbot.bank.parties import is_batch, is_cheques, is_no_invoice, is_public, is_return
from mailbot.bank.references import canonical
from mailbot.bank.sums import MOST_AMOUNTS, sets_of_sum

_TELLING_LETTERS = 10
OLDEST = "the oldest of equal invoices (C. civ. 1342-10)"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a credit pays, by which evidence; credit notes first. `waived` are cents that the payer may keep."""

    shares: Shares
    how: str
    by_name: bool = False
    """The payer named no invoice: only who paid and how much."""
    waived: Shares = ()
    equal: tuple[str, ...] = ()
    """Invoices of this very amount, the oldest first: the payment goes on the first that is still open."""

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(number for number, _ in self.shares)


Route = Callable[[Credit, OpenBook], Claim | None]
Doubt = Callable[[Credit, Claim, OpenBook], Iterator[tuple[str, str]]]


def claim(credit: Credit, book: OpenBook) -> tuple[Claim | None, list[tuple[str, str]]]:
    """The first claim that no doubt stands against; else None and the doubts about the first one: (item, why)."""
    first: list[tuple[str, str]] = []
    for route in ROUTES:
        made = route(credit, book)
        if made is None:
            continue
        doubts = [found for doubt in DOUBTS for found in doubt(credit, made, book)]
        if not doubts:
            return made, []
        first = first or doubts
    return None, first


# ------------------------------------------------------------------------------------------------ routes


def named_numbers(credit: Credit, book: OpenBook) -> Claim | None:
    """Numbers or RF references, whole or written otherwise (FA/26/42), that make the amount."""
    return _exactly(credit.graded("full", "variant"), credit, book)


def digits_and_payer(credit: Credit, book: OpenBook) -> Claim | None:
    """Only digits of the number, of an invoice of the client whose name or account is on the line."""
    parties = credit.party.payers | credit.party.full
    digits = [number for number in credit.graded("digits") if book.items[number].client in parties]
    return _exactly((*credit.graded("full", "variant"), *digits), credit, book) if digits else None


def rounded_amount(credit: Credit, book: OpenBook) -> Claim | None:
    """One invoice in full, and up to five cents more or less."""
    numbers = credit.graded("full")
    if len(numbers) != 1 or not 0 < abs(book.owed[numbers[0]] - credit.cents) <= ROUNDING:
        return None
    [number] = numbers
    short = book.owed[number] - credit.cents
    paid = ((number, min(credit.cents, book.owed[number])),)
    return Claim(paid, "rounded", waived=((number, short),) if short > 0 else ())


def discount_in_time(credit: Credit, book: OpenBook) -> Claim | None:
    """One invoice, less the discount, to the cent, that its terms grant until a day that has not passed.

    Where so little is missing that a bank on the way may have kept it, only from the client itself.
    """
    numbers = credit.graded("full", "variant")
    if len(numbers) != 1:
        return None
    [number] = numbers
    owed = book.owed[number]
    taken = discounted(book.items[number], owed, credit.line.date) == credit.cents
    known = (credit.party.sure or credit.party.full) == {book.items[number].client}
    if not taken or (owed - credit.cents <= charges(owed) and not known):
        return None
    return Claim(((number, credit.cents),), "discount within its terms", waived=((number, owed - credit.cents),))


def announced_part(credit: Credit, book: OpenBook) -> Claim | None:
    """One invoice, and words that say that it is a part; not where charges may be all that is missing."""
    numbers = credit.graded("full", "variant")
    if len(numbers) != 1 or not credit.says_part():
        return None
    owed = book.owed[numbers[0]]
    if owed - credit.cents <= charges(owed):
        return None
    return Claim(((numbers[0], credit.cents),), "part payment")


def payer_and_amount(credit: Credit, book: OpenBook) -> Claim | None:
    """The payer is one client by account or whole name, and one invoice of it has this amount."""
    if len(credit.party.sure) != 1:
        return None
    return _only_one(next(iter(credit.party.sure)), credit, book)


def payer_and_oldest(credit: Credit, book: OpenBook) -> Claim | None:
    """The payer is one client, names nothing, and several of its invoices have this amount: the oldest is paid.

    A debtor who does not say which debt it pays settles those that are due first, and of equal ones the oldest
    (C. civ. 1342-10). Only where the business wants it so, and where the bank shows all that the payer wrote: a number
    that the bank cut off would have been its word.
    """
    if not (book.oldest_first and credit.silent) or len(credit.party.sure) != 1:
        return None
    client = next(iter(credit.party.sure))
    same = book.of_client(client, credit.line.currency, credit.cents)
    issued = ((number, book.items[number].issue_date) for number in same)
    own = sorted((number for number, day in issued if day is None or day <= credit.line.date), key=book.age)
    if len(own) < 2 or len(book.by_client[client]) > MOST_AMOUNTS:
        return None
    return Claim(((own[0], credit.cents),), OLDEST, by_name=True, equal=tuple(own))


def cut_payer_and_rare_amount(credit: Credit, book: OpenBook) -> Claim | None:
    """The bank cut the name, and of all invoices only one of a client whose name begins so has this odd amount."""
    if not credit.party.fits or credit.cents % 100 == 0:
        return None
    near = book.of_amount(credit.line.currency, credit.cents, within=ROUNDING)
    if len(near) != 1 or book.items[near[0]].client not in credit.party.fits:
        return None
    return _only_one(book.items[near[0]].client, credit, book)


def _exactly(numbers: tuple[str, ...], credit: Credit, book: OpenBook) -> Claim | None:
    """All of these, credit notes taken off, make the amount."""
    if not numbers or sum(_signed(number, book) for number in numbers) != credit.cents:
        return None
    shares = ((number, _signed(number, book)) for number in numbers)
    how = "exact amount" if len(numbers) == 1 else "exact sum"
    return Claim(tuple(sorted(shares, key=lambda share: (share[1] > 0, share[0]))), how)


def _only_one(client: str, credit: Credit, book: OpenBook) -> Claim | None:
    """The client's one invoice of this amount; none where it has too many to be sure that no sum makes it too."""
    if len(book.by_client[client]) > MOST_AMOUNTS:
        return None
    own = book.of_client(client, credit.line.currency, credit.cents)
    return Claim(((own[0], credit.cents),), "exact amount", by_name=True) if len(own) == 1 else None


def _signed(number: str, book: OpenBook) -> int:
    return -book.owed[number] if book.items[number].kind == "credit_note" else book.owed[number]


ROUTES: tuple[Route, ...] = (
    named_numbers,
    digits_and_payer,
    rounded_amount,
    discount_in_time,
    announced_part,
    payer_and_amount,
    payer_and_oldest,
    cut_payer_and_rare_amount,
)
"""In the order in which they are tried."""


# ------------------------------------------------------------------------------------------------ doubts


def another_currency(credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    for number in made.numbers:
        if book.items[number].currency != credit.line.currency:
            theirs = credit.line.currency or "an unknown currency"
            yield number, f"is in {book.items[number].currency}, the payment in {theirs}"


def two_items_of_one_number(_credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    for number in made.numbers:
        if number in book.uncertain:
            yield number, "is the number of two open items"


def issued_later(credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    for number in made.numbers:
        issued = book.items[number].issue_date
        if issued and credit.line.date < issued:
            yield number, f"was issued on {issued}, after the payment"


def another_payer(credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    """The line names another client: as its payer, or more faintly and that one has an invoice of this amount too,
    which no line has settled that names it.
    """
    party = credit.party
    telling = party.sure or party.called or (party.fits if len(party.payer) > 1 else frozenset())
    for number in made.numbers:
        client = book.items[number].client
        faint = (party.full | party.part | party.fits) - telling
        own = client in party.payers or client in party.called or client in party.mentioned
        if own or (client in party.full and not telling):
            continue
        if telling or any(rival != client and _owes(rival, credit, book) for rival in faint):
            yield number, f"is owed by {client}, the payment names {party.everyone}"


def no_single_payer(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    """A card batch, a payout, a return, cheques."""
    if is_batch(credit.label, credit.line.type) or is_cheques(credit.label) or credit.line.count > 1:
        yield from ((number, "the line is a batch, a payout or a return") for number in made.numbers)


def our_money_back(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    """The bank takes back what it had booked, or a transfer of ours came back: nobody has paid."""
    if credit.line.reversal or is_return(credit.label):
        yield from ((number, "the bank calls the line a return") for number in made.numbers)


def called_a_debit(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    if credit.line.type == "DEBIT":
        yield from ((number, "the bank calls the line a debit") for number in made.numbers)


def more_is_named(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    """The payer names an invoice in full that the claim leaves out."""
    for number in credit.graded("full", "variant"):
        if number not in made.numbers:
            yield number, "is named too"


def only_credit_notes(_credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    """A credit note is what we owe: nobody pays it."""
    if all(book.items[number].kind == "credit_note" for number in made.numbers):
        yield from ((number, "is a credit note") for number in made.numbers)


def strange_number(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    """The payer names a number that is not this invoice's: of one paid long ago, or of somebody else.

    It does not matter beside a number that is written out in full.
    """
    full = credit.graded("full")
    for number in made.numbers:
        if number not in full:
            ours = canonical(number)
            strange = [token for token in credit.strange if not ours.startswith(token)]
            others = credit.graded("digits", "hint") if made.by_name and number not in credit.hits else ()
            if strange or others:
                yield number, f"the payment names {', '.join((*strange, *others))}"


# What follows is asked where the payer named no invoice.


def same_amount_twice(credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    """Another invoice of the client has this amount too, but for some cents or after its discount."""
    if made.by_name:
        for number in _invoices_of(made, book):
            owed = book.owed[number]
            near = abs(owed - credit.cents) <= ROUNDING
            if number not in (*made.numbers, *made.equal) and (
                near or discounted(book.items[number], owed, credit.line.date) == credit.cents
            ):
                yield number, "is as likely"


def another_sum(credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    """Other invoices of whoever it may be make the amount together, as far as no line has settled them."""
    if made.by_name:
        for client in sorted(credit.party.payers):
            others = [number for number in book.by_client[client] if number not in (*made.numbers, *made.equal)]
            others = [number for number in others if book.items[number].currency == credit.line.currency]
            others = [number for number in others if book.left[number]]
            found = next(sets_of_sum([_signed(number, book) for number in others], credit.cents), None)
            if found is not None:
                yield made.numbers[0], f"{' + '.join(others[at] for at in found)} make the same amount"


def said_to_be_a_part(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    if made.by_name and credit.says_part():
        yield made.numbers[0], "the payer calls it a part"


def no_payment_of_invoices(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    """Rent, a loan, wages, a refund of the state: clients pay for other things too."""
    if made.by_name and (is_no_invoice(credit.label) or is_public(credit.label)):
        yield made.numbers[0], "the payer calls it something else"


def names_somebody_else(credit: Credit, made: Claim, book: OpenBook) -> Iterator[tuple[str, str]]:
    """The payer's name is a client's, but what it wrote names another one."""
    if made.by_name:
        for other in sorted(credit.party.mentioned - {book.items[made.numbers[0]].client}):
            yield made.numbers[0], f"the payment names {other} too"


def begins_too_little(credit: Credit, made: Claim, _book: OpenBook) -> Iterator[tuple[str, str]]:
    """So little is left of a cut name that it could be anybody's."""
    if made.by_name and not credit.party.sure and len("".join(credit.party.payer)) < _TELLING_LETTERS:
        yield made.numbers[0], "too little of the name is left"


def _invoices_of(made: Claim, book: OpenBook) -> list[str]:
    own = book.by_client[book.items[made.numbers[0]].client]
    return [number for number in own if book.items[number].kind == "invoice"]


def _owes(client: str, credit: Credit, book: OpenBook) -> bool:
    return any(book.left[number] for number in book.of_client(client, credit.line.currency, credit.cents))


DOUBTS: tuple[Doubt, ...] = (
    another_currency,
    two_items_of_one_number,
    issued_later,
    another_payer,
    no_single_payer,
    our_money_back,
    called_a_debit,
    more_is_named,
    only_credit_notes,
    strange_number,
    same_amount_twice,
    another_sum,
    said_to_be_a_part,
    no_payment_of_invoices,
    names_somebody_else,
    begins_too_little,
)
