"""Bank statements: keep, number the new lines, match, book what is certain, ask about the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import Connection

from mailbot.bank.match import match_lines
from mailbot.bank.read import FOR_INFORMATION, is_same_account, until
from mailbot.jobs.lines import keep_lines
from mailbot.jobs.mailing import ask, tell_owner
from mailbot.jobs.office import Office, happened, refresh
from mailbot.ledger import bank, clients, invoices
from mailbot.model import JSON, Account, Line, Match, Problem, Share, Statement
from mailbot.owner.problems import problem_words


@dataclass(frozen=True, slots=True)
class Imported:
    """What one statement brought: counts of lines, and the questions that it raised."""

    new: int
    known: int
    booked: int
    asked: int
    problems: tuple[str, ...] = ()
    changed: int = 0
    """Lines that are known, but say something else now; what was kept first stays."""


def take_mailed(
    conn: Connection, office: Office, letter_id: str, subject: str, message_id: str, to: str,
    found: Sequence[tuple[str, bytes, Statement | Problem]], now: datetime,
) -> None:  # fmt: skip
    """The statements of an owner's mail; what cannot be read is kept and asked about, the rest answered."""
    for name, content, statement in found:
        if isinstance(statement, Problem):
            about: dict[str, JSON] = {
                "name": name,
                "why": problem_words(statement.code, statement.message, office.business.language),
                "subject": subject[:200],
            }
            ask(
                conn,
                office,
                "unreadable_statement",
                f"statement/{letter_id}/{name}",
                about,
                now,
                letter=letter_id,
            )
            continue
        done = take_statement(conn, office, content, statement, letter_id, now)
        if not done.new and not done.problems:
            continue  # a feed that comes every morning and brings nothing is the digest's to tell
        values: dict[str, JSON] = {
            "name": name, "new": done.new, "known": done.known, "booked": done.booked, "asked": done.asked,
            "problems": [*done.problems],
        }  # fmt: skip
        tell_owner(
            conn,
            office,
            "statement",
            f"statement/{letter_id}/{name}",
            values,
            now,
            to=(to,),
            answers=message_id,
        )


def take_statement(
    conn: Connection, office: Office, raw: bytes, statement: Statement, letter: str | None, now: datetime
) -> Imported:
    """Take a statement in; the same file or an overlapping one again books nothing twice.

    An account that is not the business's is kept and asked about, and none of its lines is matched.
    """
    statement = until(statement, office.day(now))
    doubtful = any(problem.code not in FOR_INFORMATION for problem in statement.problems)
    kept, _ = bank.keep_statement(conn, office.key, sha256(raw).hexdigest(), raw, statement.format, letter, now)
    new = known = booked = asked = changed = 0
    language = office.business.language
    problems = [problem_words(problem.code, problem.message, language) for problem in statement.problems]
    if doubtful:
        _ask_about_problems(conn, office, statement, raw, letter, now)
    for account in statement.accounts:
        if not _is_ours(account, office.business.iban) and not _has_no_account(statement):
            ask(
                conn,
                office,
                "foreign_account",
                f"account/{account.id}",
                {"account": account.iban or account.id},
                now,
                letter=letter,
            )
            number = account.iban or account.id
            problems.append(
                {
                    "fr": f"Le compte {number} n'est pas celui des réglages : rien n'en a été lu.",
                    "en": f"Account {number} is not the one of the settings: nothing of it was read.",
                }[language]
            )
            continue
        lines = keep_lines(conn, office, kept, account)
        new, known, changed = new + lines.new, known + lines.known, changed + lines.changed
        problems += [problem_words(problem.code, problem.message, language) for problem in lines.problems]
        matched, open_questions = _book(conn, office, lines.fresh, now)
        booked, asked = booked + matched, asked + open_questions
        if account.from_ and account.to and not doubtful and not account.difference:
            bank.cover(conn, office.key, account.id, account.from_, account.to)
            _covered(conn, office, kept, now)
    return Imported(new, known, booked, asked, tuple(problems), changed)


def allocate(conn: Connection, office: Office, line: Line, shares: tuple[Share, ...], how: str, now: datetime) -> None:
    """Give amounts of a line to invoices: allocation, payment event and open amount in this transaction."""
    numbers = invoices.numbers(conn, office.key)
    for share in shares:
        client = numbers[share.invoice]
        open_before = next(
            (item.amount_due for item in invoices.open_items(conn, office.key) if item.number == share.invoice),
            Decimal(0),
        )
        if not bank.allocate(conn, office.key, line.id, share.invoice, share.amount, how, now):
            continue
        data = {"amount": str(share.amount), "line": line.id, "paid_on": line.date.isoformat()}
        cause = f"{line.id}/{share.invoice}"
        happened(
            conn,
            office,
            "bank.payment",
            cause,
            now,
            client=client,
            invoice=share.invoice,
            data=dict(data),
            line=line.id,
        )
        if share.amount < open_before:
            happened(
                conn, office, "bank.partial_payment", cause, now,
                client=client, invoice=share.invoice, data=dict(data), line=line.id,
            )  # fmt: skip
        refresh(conn, office, client, now)
    bank.set_line_state(conn, office.key, line.id, "matched")


def explained(conn: Connection, office: Office, line: str, held: Sequence[int], now: datetime) -> None:
    """A line that held these clients' mails back is settled, one way or the other."""
    for client in held:
        data: dict[str, JSON] = {"line": line}
        happened(conn, office, "bank.explained", f"{line}/{client}", now, client=client, data=data, line=line)
        clients.set_next_look(conn, office.key, client, office.day(now))


def _ask_about_problems(
    conn: Connection, office: Office, statement: Statement, raw: bytes, letter: str | None, now: datetime
) -> None:
    """A line that could not be read may be somebody's payment: the days of this file do not count as covered."""
    language = office.business.language
    told = [problem_words(problem.code, problem.message, language) for problem in statement.problems]
    why = " ".join(dict.fromkeys(told[:3]))
    about = {
        "why": why,
        "count": len(statement.problems),
        "lines": [problem.line for problem in statement.problems[:10]],
    }
    ask(conn, office, "statement_problems", f"problems/{sha256(raw).hexdigest()}", about, now, letter=letter)


def _is_ours(account: Account, iban: str | None) -> bool:
    return iban is None or is_same_account(account.iban or account.id, iban)


def _has_no_account(statement: Statement) -> bool:
    """A table that names no account at all, as many banks write them, is taken for the business's own."""
    return statement.format == "csv" and not any(account.id for account in statement.accounts)


def _book(conn: Connection, office: Office, lines: list[Line], now: datetime) -> tuple[int, int]:
    by_id = {line.id: line for line in lines}
    booked = asked = 0
    for match in match_lines(lines, invoices.open_items(conn, office.key), _ours(office)):
        line = by_id[match.line]
        if match.decision == "auto":
            allocate(conn, office, line, match.allocations, "auto", now)
            booked += 1
        elif match.decision == "ask":
            _ask(conn, office, line, match, now)
            asked += 1
        else:
            bank.set_line_state(conn, office.key, line.id, "ignored")
    return booked, asked


def _label(line: Line) -> str:
    """Name and memo as one text; many banks cut the name at 32 characters and repeat it whole in the memo."""
    return line.memo if line.memo.startswith(line.name) else f"{line.name} {line.memo}".strip()


def _ours(office: Office) -> tuple[str, ...]:
    return (office.business.iban,) if office.business.iban else ()


def _ask(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> None:
    numbers = invoices.numbers(conn, office.key)
    named = {share.invoice for shares in match.choices for share in shares} | {number for number, _ in match.rejected}
    held = sorted({numbers[number] for number in named if number in numbers})
    about: dict[str, JSON] = {
        "line": line.id,
        "amount": str(line.amount),
        "currency": line.currency,
        "date": line.date.isoformat(),
        "label": _label(line),
        "evidence": list(match.evidence),
        "choices": [[{"invoice": s.invoice, "amount": str(s.amount)} for s in shares] for shares in match.choices],
        "clients": [*held],
        "names": [clients.get(conn, office.key, client).name for client in held],
    }
    ask(conn, office, "match", f"match/{line.id}", about, now)
    bank.set_line_state(conn, office.key, line.id, "asked")
    for client in held:
        data: dict[str, JSON] = {"amount": str(line.amount), "line": line.id}
        happened(conn, office, "bank.unmatched", f"{line.id}/{client}", now, client=client, data=data, line=line.id)
        clients.set_next_look(conn, office.key, client, office.day(now))


def _covered(conn: Connection, office: Office, statement: int, now: datetime) -> None:
    through = bank.through(conn, office.key)
    if through is None:
        return
    cause = f"{through.isoformat()}/{statement}"
    if happened(conn, office, "bank.statement", cause, now, data={"through": through.isoformat()}):
        day = office.day(now)
        # who is held for an old statement, or waits for a payment to show, is looked at again the next open day
        clients.look_sooner(conn, office.key, day, office.rules.calendar.next_open(day + timedelta(days=1)))
