"""Bank lines against what is open: book what is certain, ask about the rest, and keep the questions true.

While a line could be a client's money and nobody has said so, the client is held: `bank.unmatched` until
`bank.explained` (`asking`). When what a question names is paid, cancelled or corrected otherwise, it expires and is
asked anew under another number, so that an answer to yesterday's choices books nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.bank.match import match_lines
from mailbot.jobs.asking import ask_about, close, current_question, named_in, outdated, was_answered
from mailbot.jobs.booking import book, reverse
from mailbot.jobs.doubting import is_certain, said_already
from mailbot.jobs.material import open_items, ours, returnable, unspent
from mailbot.jobs.office import Office
from mailbot.ledger import allocations, bank, invoices
from mailbot.ledger.store import reading, writing
from mailbot.model import Line, Match


def match_new(conn: Connection, office: Office, lines: Sequence[Line], now: datetime) -> tuple[int, int]:
    """Match lines that have just been kept; (booked, asked about)."""
    booked = asked = 0
    fresh = {line.id for line in bank.lines_in_state(conn, office.key, "new")}
    lines = [line for line in lines if line.id in fresh]
    matches = match_lines(lines, open_items(conn, office), ours(office), returnable(conn, office, lines))
    by_id = {line.id: line for line in lines}
    returned = {match.reverses for match in matches}
    for match in sorted(matches, key=lambda match: (_place(match), by_id[match.line].date)):
        line = by_id[match.line]
        if match.reverses:
            _take_back(conn, office, line, match, now)
        elif is_certain(conn, office, line, match) and not said_already(conn, office, line, match, now):
            _book(conn, office, line, match, now)
            booked += 1
        elif match.decision == "none" or line.id in returned:
            bank.set_line_state(conn, office.key, line.id, "ignored")
        else:
            ask_about(conn, office, line, _asking(match), now)
            asked += 1
    return booked, asked


def match_earlier(conn: Connection, office: Office, number: str, now: datetime) -> None:
    """An invoice was entered: money that came before it, and lines that were asked about, may be its payment."""
    invoice = invoices.get(conn, office.key, number)
    if invoice is None or invoice.kind != "invoice":
        return
    lines = {
        line.id: line
        for line in bank.lines_in_state(conn, office.key, "ignored")
        if line.date >= invoice.issued and not was_answered(conn, office, line)
    }
    matches = match_lines([*lines.values()], open_items(conn, office), ours(office)) if lines else []
    returned = {match.reverses for match in matches}
    for match in matches:
        line = lines[match.line]
        if line.amount <= 0 or line.id in returned:
            continue  # money that went out, and money that went back
        if number not in named_in(match):
            continue
        if is_certain(conn, office, line, match):
            _book(conn, office, line, match, now)
        elif match.decision != "none":
            ask_about(conn, office, line, _asking(match), now)
    reconsider(conn, office, now, certain=True)


def reconsider(conn: Connection, office: Office, now: datetime, *, certain: bool) -> None:
    """Look at every line again that is asked about, with the book of this moment.

    `certain`: the evidence grew (a new invoice, a payer that is known now), so what is certain is booked. Where only
    something else was settled it is asked: one of two equal invoices that the owner called paid may be this very
    line's.
    """
    _look_again(conn, office, bank.lines_in_state(conn, office.key, "asked"), now, certain=certain)


def keep_true(office: Office, now: datetime) -> None:
    """Ask anew where what a question names has changed since it was asked."""
    with reading(office.engine) as conn:
        if not outdated(conn, office):
            return
    with writing(office.engine) as conn:
        look_at_outdated(conn, office, now)


def look_at_outdated(conn: Connection, office: Office, now: datetime) -> None:
    """The same in a transaction that changed what is open."""
    _look_again(conn, office, outdated(conn, office), now, certain=False)


def ask_again(conn: Connection, office: Office, line: Line, now: datetime) -> None:
    """The owner took a booking back: what does the line pay? It is never booked by itself again."""
    [match] = match_lines([line], open_items(conn, office), ours(office))
    ask_about(conn, office, line, _asking(replace(match, decision="ask")), now)


def _look_again(conn: Connection, office: Office, lines: Sequence[Line], now: datetime, *, certain: bool) -> None:
    if not lines:
        return
    lines = [unspent(conn, office, line) for line in lines]
    by_id = {line.id: line for line in lines}
    items, own = open_items(conn, office), ours(office)
    incoming, outgoing = ([line for line in lines if (line.amount > 0) == is_in] for is_in in (True, False))
    # apart, because a debit takes back what is booked, not what would be
    matches = match_lines(incoming, items, own)
    for match in [*matches, *match_lines(outgoing, items, own, returnable(conn, office, outgoing))]:
        line = by_id[match.line]
        if match.decision == "none" and allocations.standing(conn, office.key, line.id):
            continue  # what is left of a payment stays a question until the owner says what it is
        if match.decision == "none":
            question = current_question(conn, office, line)
            if question is not None:
                close(conn, office, question, "nothing that it could pay is open", now)
            bank.set_line_state(conn, office.key, line.id, "ignored")
        elif certain and not allocations.history(conn, office.key, line.id) and is_certain(conn, office, line, match):
            question = current_question(conn, office, line)
            _book(conn, office, line, match, now)
            if question is not None:
                close(conn, office, question, "it is certain by now", now)
        else:
            ask_about(conn, office, line, _asking(match), now)


def _place(match: Match) -> int:
    """Bookings first, then what takes them back, then questions, which see the book as it is in the end."""
    return 1 if match.reverses else 0 if match.decision == "auto" else 2


def _book(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> None:
    why = "discount" if any("discount" in said for said in match.evidence) else "rounding"
    book(conn, office, line, match.allocations, "auto", now, waived=match.waived, why=why)


def _take_back(conn: Connection, office: Office, debit: Line, match: Match, now: datetime) -> None:
    payment = bank.line(conn, office.key, match.reverses)
    if payment is None:
        bank.set_line_state(conn, office.key, debit.id, "ignored")
        return
    reverse(conn, office, debit, payment, now)
    if bank.line_state(conn, office.key, payment.id) == "asked":
        question = current_question(conn, office, payment)
        if question is not None:
            close(conn, office, question, "the bank took the payment back", now)
        bank.set_line_state(conn, office.key, payment.id, "ignored")


def _asking(match: Match) -> Match:
    """A match as a question: what would have been booked by itself is its first answer."""
    if match.decision != "auto" and not match.allocations:
        return match
    return replace(match, decision="ask", choices=(match.allocations, *match.choices)[:3], allocations=(), waived=())
