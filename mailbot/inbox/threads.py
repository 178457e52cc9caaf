"""Which client and invoices a mail is about, and why: from the surest sign to the weakest.

Reply-address token, then References, then the original's Message-ID in a report, then an address of ours with a token
in the quoted text, then an invoice number in the new text, then the sender's address, then the sender's company. Two
signs that name two clients make it nobody's: the owner is asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailbot.inbox.free_mail import FREE_MAIL
from mailbot.inbox.masks import EMAIL
from mailbot.inbox.numbers import invoice_numbers
from mailbot.model import Letter, Reading, Thread

_WORD = re.compile(r"[\w./_#-]{3,30}")
_ANSWER = re.compile(r"\s*(?:re|aw|sv|rv|r|antw|rép|rif)\s*:", re.IGNORECASE)
_IN_SUBJECT = " in the subject"
_MAX_TEXT = 20_000
_MAX_NUMBERS = 200
_MAX_QUOTED = 64 * 1024
_MAX_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows, as lookups. `token` turns an address into the outgoing mail that it answers."""

    token: Callable[[str], int | None] = lambda _address: None
    by_message_id: Callable[[str], int | None] = lambda _message_id: None
    outgoing_client: Callable[[int], tuple[int, tuple[str, ...]] | None] = lambda _outgoing: None
    invoices: Callable[[Sequence[str]], Mapping[str, int]] = lambda _numbers: {}
    """Those of some numbers that are in the ledger, with their clients."""
    contact: Callable[[str], Sequence[int]] = lambda _address: ()
    """The clients whom one writes to at an address."""
    company: Callable[[str], Sequence[int]] = lambda _domain: ()
    """The clients with addresses at a domain."""


@dataclass(frozen=True, slots=True)
class _Sign:
    client: int
    invoices: tuple[str, ...]
    outgoing: int | None
    evidence: str


def thread_of(letter: Letter, reading: Reading, known: Known) -> Thread:
    """The client, invoices and outgoing mail that `letter` is about; client None where unknown or in doubt."""
    answered = next(_answered(letter, reading, known), None)
    named = list(_named(letter, reading, known))
    sender = _sender(letter, reading, known)
    signs = [sign for sign in (answered, *named, sender) if sign]
    if not signs:
        return Thread(None, (), None, ())
    evidence = tuple(dict.fromkeys(sign.evidence for sign in signs))
    outgoing = answered.outgoing if answered else None
    if len({sign.client for sign in signs}) > 1 and not _agree(answered, named):
        return Thread(None, (), outgoing, (*evidence, "these name different clients"))
    lead = signs[0]
    said = [sign for sign in named if not (answered and _is_our_subject(letter, sign, answered))]
    in_text = tuple(dict.fromkeys(number for sign in said for number in sign.invoices if sign.client == lead.client))
    return Thread(lead.client, in_text or lead.invoices, outgoing, evidence, named=bool(in_text))


def _is_our_subject(letter: Letter, sign: _Sign, answered: _Sign) -> bool:
    """The number stands in the subject of our own mail, which has but the first of the invoices that the mail lists."""
    ours = bool(letter.in_reply_to or letter.references or _ANSWER.match(letter.subject))
    return ours and sign.evidence.endswith(_IN_SUBJECT) and set(sign.invoices) <= set(answered.invoices)


def _agree(answered: _Sign | None, named: list[_Sign]) -> bool:
    """A mail of a stranger's address that answers ours and names none of another's invoices is the client's."""
    return answered is not None and all(sign.client == answered.client for sign in named)


def _answered(letter: Letter, reading: Reading, known: Known) -> Iterator[_Sign]:
    for address in letter.to:
        yield from _outgoing(known.token(address), f"reply address {address}", known)
    for message_id in (*letter.in_reply_to, *reversed(letter.references)):
        yield from _outgoing(known.by_message_id(message_id), f"answers {message_id}", known)
    if reading.report and reading.report.original_message_id:
        original = reading.report.original_message_id
        yield from _outgoing(known.by_message_id(original), f"report about {original}", known)
    yield from _quoted(letter, known)


def _quoted(letter: Letter, known: Known) -> Iterator[_Sign]:
    """Our own address with a token in what the mail quotes: mail programs that drop References quote it."""
    text = (letter.text or letter.html)[:_MAX_QUOTED]
    addresses = dict.fromkeys(found[0].lower() for found in EMAIL.finditer(text) if "+" in found[0])
    for address in list(addresses)[:_MAX_ADDRESSES]:
        yield from _outgoing(known.token(address), f"quotes {address}", known)


def _outgoing(outgoing: int | None, evidence: str, known: Known) -> Iterator[_Sign]:
    about = known.outgoing_client(outgoing) if outgoing is not None else None
    if about is not None:
        yield _Sign(about[0], tuple(about[1]), outgoing, evidence)


def _named(letter: Letter, reading: Reading, known: Known) -> Iterator[_Sign]:
    said = (
        (" in the text", reading.invoices, reading.new_text),
        (_IN_SUBJECT, invoice_numbers(letter.subject), letter.subject),
    )
    for where, guessed, text in said:
        wanted = list(dict.fromkeys((*guessed, *_tokens(text))))[:_MAX_NUMBERS]
        spellings = dict.fromkeys(form for number in wanted for form in (number, number.upper(), _bare(number)))
        found = known.invoices(list(spellings)) if spellings else {}
        for number in (form for form in spellings if form in found):
            yield _Sign(found[number], (number,), None, f"{number}{where}")
        if found:
            return


def _tokens(text: str) -> list[str]:
    """Words that could be an invoice number of any form; bare digits only from five on, years are no invoices."""
    words = (word.strip(".,:;()") for word in _WORD.findall(text[:_MAX_TEXT]))
    return [w for w in words if any(c.isdigit() for c in w) and (not w.isdigit() or len(w) > 4)]


def _bare(number: str) -> str:
    return number.upper().replace(" ", "")


def _sender(letter: Letter, reading: Reading, known: Known) -> _Sign | None:
    address = reading.report.recipient if reading.report and reading.report.recipient else letter.from_address
    clients = set(known.contact(address))
    if clients:
        return _Sign(clients.pop(), (), None, f"known address {address}") if len(clients) == 1 else None
    domain = address.rpartition("@")[2]
    clients = set() if domain in FREE_MAIL else set(known.company(domain))
    return _Sign(clients.pop(), (), None, f"company {domain}") if len(clients) == 1 else None
