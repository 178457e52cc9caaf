"""Questions about bank lines, and who is held while they are open.

A question stands for one state of the book: `open` in it says what was owed when it was asked. It expires, and the
line is asked about anew under another number, when that is no longer so.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened
from mailbot.ledger import bank, clients, invoices, questions
from mailbot.ledger.questions import Question
from mailbot.model import JSON, Line, Match

MOST_CHOICES = 3
CHARGES, CHARGES_PART = Decimal(20), Decimal("0.03")
"""What a payment may lack for bank charges or an unannounced discount, for the owner to let go."""


def ask_about(
    conn: Connection, office: Office, line: Line, match: Match, now: datetime, settled: Sequence[str] = ()
) -> None:
    """Put one line to the owner, at most three answers, and hold the clients whose money it may be.

    `settled` are invoices that the line names and that another payment has settled.
    """
    named = named_in(match) | {number for number, _ in match.rejected}
    owner_of = invoices.among(conn, office.key, sorted(named))
    held = sorted(set(owner_of.values()))
    choices = _choices(conn, office, line, match)
    turn = _turn(conn, office, line)
    known = questions.by_dedupe_key(conn, office.key, _key(line, turn)) if turn else None
    if known is not None and known.state == "open":
        if known.about.get("choices") == choices:
            _keep(conn, office, known, held, _open_now(conn, office, owner_of), now)
            return
        close(conn, office, known, "the open invoices changed", now)
    mark = f"{line.id}#{turn + 1}" if turn else line.id
    about: dict[str, JSON] = {
        "line": line.id,
        "mark": mark,
        "amount": str(line.amount),
        "currency": line.currency,
        "date": line.date.isoformat(),
        "label": label(line),
        "evidence": list(match.evidence),
        "settled": list(settled),
        "choices": choices,
        "clients": [*held],
        "names": [clients.get(conn, office.key, client).name for client in held],
        "open": _open_now(conn, office, owner_of),
        "currencies": {item.number: item.currency for item in _billed(conn, office, owner_of)},
    }
    ask(conn, office, "match", _key(line, turn + 1), about, now)
    bank.set_line_state(conn, office.key, line.id, "asked")
    _hold(conn, office, line.id, mark, str(line.amount), held, now)


def explained(conn: Connection, office: Office, line: str, mark: str, held: Sequence[int], now: datetime) -> None:
    """A line that held these clients' mails back is settled, one way or the other; `mark` is the question's."""
    for client in held:
        data: dict[str, JSON] = {"line": mark}
        happened(conn, office, "bank.explained", f"{mark}/{client}", now, client=client, data=data, line=line)
        clients.set_next_look(conn, office.key, client, office.day(now))


def close(conn: Connection, office: Office, question: Question, why: str, now: datetime) -> None:
    """A question about a line is no longer put; whom it held is free of it."""
    if questions.expire(conn, office.key, question.number, why, now):
        release(conn, office, question, now)


def release(conn: Connection, office: Office, question: Question, now: datetime) -> None:
    """Free the clients that a question about a line held."""
    line = str(question.about["line"])
    held = [int(client) for client in question.about["clients"]]
    explained(conn, office, line, str(question.about.get("mark") or line), held, now)


def current_question(conn: Connection, office: Office, line: Line) -> Question | None:
    """The latest question about the line."""
    turn = _turn(conn, office, line)
    return questions.by_dedupe_key(conn, office.key, _key(line, turn)) if turn else None


def was_answered(conn: Connection, office: Office, line: Line) -> bool:
    """Whether the owner has said what the line is."""
    question = current_question(conn, office, line)
    return question is not None and question.state == "answered"


def outdated(conn: Connection, office: Office) -> list[Line]:
    """Lines whose question names an invoice of which not the same is open any more."""
    lines = []
    for question in questions.open_ones(conn, office.key):
        if question.kind != "match":
            continue
        stated = question.about.get("open") or {}
        current = {number: invoices.get(conn, office.key, number) for number in stated}
        changed = any(one is None or f"{one.open_amount:.2f}" != stated[number] for number, one in current.items())
        line = bank.line(conn, office.key, str(question.about["line"])) if changed else None
        if line is not None:
            lines.append(line)
    return lines


def named_in(match: Match) -> set[str]:
    """The invoices that a match gives money to, or offers."""
    return {share.invoice for shares in (match.allocations, *match.choices) for share in shares}


def label(line: Line) -> str:
    """Name and memo as one text; many banks cut the name at 32 characters and repeat it whole in the memo."""
    return line.memo if line.memo.startswith(line.name) else f"{line.name} {line.memo}".strip()


def _keep(
    conn: Connection, office: Office, question: Question, held: Sequence[int], open_now: JSON, now: datetime
) -> None:
    """The same answers are to be chosen from, though the book around them changed: whoever may be meant is held too."""
    about = dict(question.about)
    line, mark = str(about["line"]), str(about.get("mark") or about["line"])
    if about.get("open") == open_now and set(held) <= set(about["clients"]):
        return
    about |= {"open": open_now, "clients": sorted({*about["clients"], *held})}
    questions.update_about(conn, office.key, question.number, about)
    _hold(conn, office, line, mark, str(about["amount"]), held, now)


def _hold(
    conn: Connection, office: Office, line: str, mark: str, amount: str, held: Sequence[int], now: datetime
) -> None:
    for client in held:
        data: dict[str, JSON] = {"amount": amount, "line": mark}
        happened(conn, office, "bank.unmatched", f"{mark}/{client}", now, client=client, data=data, line=line)
        clients.set_next_look(conn, office.key, client, office.day(now))


def _billed(conn: Connection, office: Office, numbers: Iterable[str]) -> list[invoices.Invoice]:
    found = (invoices.get(conn, office.key, number) for number in sorted(numbers))
    return [one for one in found if one is not None]


def _open_now(conn: Connection, office: Office, numbers: Iterable[str]) -> JSON:
    """What is open of each invoice that a question names: when it changes, the question is looked at again."""
    return {one.number: f"{one.open_amount:.2f}" for one in _billed(conn, office, numbers)}


def _choices(conn: Connection, office: Office, line: Line, match: Match) -> list[JSON]:
    """The answers to choose from. A little short of one invoice: bank charges that close it, or a part of it?"""
    found: list[JSON] = []
    for shares in match.choices:
        plain: list[JSON] = [{"invoice": share.invoice, "amount": str(share.amount)} for share in shares]
        invoice = invoices.get(conn, office.key, shares[0].invoice) if len(shares) == 1 else None
        if invoice is not None and invoice.currency == line.currency:
            short = invoice.open_amount - shares[0].amount
            if 0 < short <= min(CHARGES, invoice.open_amount * CHARGES_PART):
                found.append([{"invoice": invoice.number, "amount": str(shares[0].amount), "waived": str(short)}])
        found.append(plain)
    return found[:MOST_CHOICES]


def _turn(conn: Connection, office: Office, line: Line) -> int:
    """How often the line was asked about."""
    turn = 0
    while questions.by_dedupe_key(conn, office.key, _key(line, turn + 1)) is not None:
        turn += 1
    return turn


def _key(line: Line, turn: int) -> str:
    return f"match/{line.id}" if turn == 1 else f"match/{line.id}/{turn}"
