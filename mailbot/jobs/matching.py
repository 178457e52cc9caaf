"""Bank lines against what is open: book what is certain, ask about the rest, and keep the questions true.

While a line could be a client's money and nobody has said so, the client is held: `bank.unmatched` until
`bank.explained` (`asking`). When what a question names is paid, cancelled or corrected otherwise, it expires and is
asked anew under another number, so that an answer to yesterday's choices books nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.jobs.asking import ask_about, close, current_question, named_in, outdated, was_answered
from mailbot.jobs.booking import book, reverse
from mailbot.jobs.doubting import is_certain, paid_before, said_already
from mailbot.jobs.material import matched, returnable, unspent
from mailbot.jobs.office import Office
from mailbot.ledger import allocations, bank, invoices
from mailbot.ledger.store import reading, writing
from mailbot.model import Line, Match


def match_new(conn: Connection, office: Office, lines: Sequence[Line], now: datetime) -> tuple[int, int]:
    """Match lines that have just been kept; (booked, asked about)."""
    booked = asked = 0
    fresh = {line.id for line in bank.lines_in_state(conn, office.key, "new")}
    lines = [line for line in lines if line.id in fresh]
    matches = matched(conn, office, lines, returnable(conn, office, lines))
    by_id = {line.id: line for line in lines}
    returned = {match.reverses for match in matches}
    open_again: list[str] = []
    for match in sorted(matches, key=lambda match: (_place(match), by_id[match.line].date)):
        line = by_id[match.line]
        if match.reverses:
            open_again += _take_back(conn, office, line, match, now)
        elif is_certain(conn, office, line, match) and not said_already(conn, office, line, match, now):
            _book(conn, office, line, match, now)
            booked += 1
        elif line.id in returned or not _is_asked(conn, office, line, match, now):
            bank.set_line_state(conn, office.key, line.id, "ignored")
        else:
            asked += 1
    open_again += _look_at_returns(conn, office, lines, now)
    if open_again:
        _look_at_ignored(conn, office, open_again, now)
    return booked, asked


def match_earlier(conn: Connection, office: Office, number: str, now: datetime) -> None:
    """An invoice was entered: money that came before it, and lines that were asked about, may be its payment."""
    _look_at_ignored(conn, office, [number], now)
    reconsider(conn, office, now, certain=True)


def reopened(conn: Connection, office: Office, numbers: Sequence[str], now: datetime) -> None:
    """Invoices are open again: what was passed over while they were paid may be their payment."""
    _look_at_ignored(conn, office, numbers, now)
    reconsider(conn, office, now, certain=False)


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
    [match] = matched(conn, office, [line])
    ask_about(conn, office, line, _asking(replace(match, decision="ask")), now, paid_before(conn, office, line))


def _look_again(conn: Connection, office: Office, lines: Sequence[Line], now: datetime, *, certain: bool) -> None:
    if not lines:
        return
    lines = [unspent(conn, office, line) for line in lines]
    by_id = {line.id: line for line in lines}
    incoming, outgoing = ([line for line in lines if (line.amount > 0) == is_in] for is_in in (True, False))
    # apart, because a debit takes back what is booked, not what would be
    matches = matched(conn, office, incoming)
    for match in [*matches, *matched(conn, office, outgoing, returnable(conn, office, outgoing))]:
        line = by_id[match.line]
        if match.decision == "none" and allocations.standing(conn, office.key, line.id):
            continue  # what is left of a payment stays a question until the owner says what it is
        if certain and not allocations.history(conn, office.key, line.id) and is_certain(conn, office, line, match):
            question = current_question(conn, office, line)
            _book(conn, office, line, match, now)
            if question is not None:
                close(conn, office, question, "it is certain by now", now)
        elif not _is_asked(conn, office, line, match, now):
            question = current_question(conn, office, line)
            if question is not None:
                close(conn, office, question, "nothing that it could pay is open", now)
            bank.set_line_state(conn, office.key, line.id, "ignored")


def _is_asked(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> bool:
    """Ask about a line that is not booked; False where it is nobody's money, as far as the bot can tell."""
    settled = paid_before(conn, office, line)
    if match.decision == "none" and not settled:
        return False
    ask_about(conn, office, line, _asking(match), now, settled)
    return True


def _look_at_ignored(conn: Connection, office: Office, numbers: Sequence[str], now: datetime) -> None:
    """Lines that were nobody's, and that the owner has said nothing of, as far as they could pay these invoices."""
    found = (invoices.get(conn, office.key, number) for number in numbers)
    issued = [one.issued for one in found if one is not None and one.kind == "invoice"]
    lines = {
        line.id: line
        for line in (bank.lines_in_state(conn, office.key, "ignored") if issued else [])
        if line.date >= min(issued) and not was_answered(conn, office, line)
    }
    matches = matched(conn, office, [*lines.values()]) if lines else []
    returned = {match.reverses for match in matches}
    for match in matches:
        line = lines[match.line]
        if line.amount <= 0 or line.id in returned:
            continue  # money that went out, and money that went back
        if not named_in(match) & set(numbers):
            continue
        if is_certain(conn, office, line, match) and not allocations.history(conn, office.key, line.id):
            _book(conn, office, line, match, now)
        elif match.decision != "none":
            ask_about(conn, office, line, _asking(match), now)


def _look_at_returns(conn: Connection, office: Office, fresh: Sequence[Line], now: datetime) -> list[str]:
    """Returns that were read before the payments that they take back, because the files came in another order; the
    invoices that are open again.
    """
    came = {line.id: line for line in fresh if line.amount > 0}
    amounts = {-line.amount for line in came.values()}
    since = min((line.date for line in came.values()), default=None)
    debits = {
        line.id: line
        for line in (bank.lines_in_state(conn, office.key, "ignored") if since else [])
        if line.amount in amounts and since and line.date >= since and not _is_decided(conn, office, line)
    }
    open_again: list[str] = []
    for match in matched(conn, office, [*debits.values()], returnable(conn, office, [*debits.values()])):
        if match.reverses in came:
            open_again += _take_back(conn, office, debits[match.line], match, now)
        elif match.decision == "ask" and not match.reverses:
            ask_about(conn, office, debits[match.line], match, now)
    return open_again


def _is_decided(conn: Connection, office: Office, line: Line) -> bool:
    """Whether the owner has said what the line is."""
    return bool(allocations.history(conn, office.key, line.id)) or was_answered(conn, office, line)


def _place(match: Match) -> int:
    """Bookings first, then what takes them back, then questions, which see the book as it is in the end."""
    return 1 if match.reverses else 0 if match.decision == "auto" else 2


def _book(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> None:
    why = "discount" if any("discount" in said for said in match.evidence) else "rounding"
    book(conn, office, line, match.allocations, "auto", now, waived=match.waived, why=why)


def _take_back(conn: Connection, office: Office, debit: Line, match: Match, now: datetime) -> list[str]:
    """The bank took a payment back; the invoices that are open again."""
    payment = bank.line(conn, office.key, match.reverses)
    if payment is None:
        bank.set_line_state(conn, office.key, debit.id, "ignored")
        return []
    open_again = reverse(conn, office, debit, payment, now)
    if bank.line_state(conn, office.key, payment.id) == "asked":
        question = current_question(conn, office, payment)
        if question is not None:
            close(conn, office, question, "the bank took the payment back", now)
        bank.set_line_state(conn, office.key, payment.id, "ignored")
    return open_again


def _asking(match: Match) -> Match:
    """A match as a question: what would have been booked by itself is its first answer."""
    if match.decision != "auto" and not match.allocations:
        return match
    return replace(match, decision="ask", choices=(match.allocations, *match.choices)[:3], allocations=(), waived=())
