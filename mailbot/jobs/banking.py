"""Bank statements: keep, number the new lines, match, book what is certain, ask about the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from mailbot.bank.read import FOR_INFORMATION, in_own_currency, is_same_account, until
from mailbot.jobs.lines import keep_lines
from mailbot.jobs.mailing import ask, short, tell_owner
from mailbot.jobs.matching import look_at_outdated, match_new
from mailbot.jobs.office import Office, happened
from mailbot.ledger import bank, clients
from mailbot.model import JSON, Account, Problem, Statement
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
    statement = in_own_currency(until(statement, office.day(now)), office.business.iban or "")
    doubtful = any(problem.code not in FOR_INFORMATION for problem in statement.problems)
    kept, _ = bank.keep_statement(conn, office.key, sha256(raw).hexdigest(), raw, statement.format, letter, now)
    new = known = booked = asked = changed = 0
    language = office.business.language
    problems = [problem_words(problem.code, problem.message, language) for problem in statement.problems]
    if statement.format == "csv" and any(not line.currency for account in statement.accounts for line in account.lines):
        problems.append(problem_words("no_currency", "The table does not say its currency.", language))
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
        matched, open_questions = match_new(conn, office, lines.fresh, now)
        booked, asked = booked + matched, asked + open_questions
        if account.from_ and account.to and not doubtful and not account.difference:
            for name in _names(conn, office, account):
                bank.cover(conn, office.key, name, account.from_, account.to)
            _covered(conn, office, kept, account, now, sha256(raw).hexdigest())
    if booked:
        look_at_outdated(conn, office, now)
    return Imported(new, known, booked, asked, tuple(problems), changed)


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


def _names(conn: Connection, office: Office, account: Account) -> set[str]:
    """The names under which days of this account are known: OFX has its number, CAMT its IBAN, many tables nothing.

    Else an account would lag for ever where the business changes the format. What is read is of the business's IBAN,
    where the settings name one.
    """
    iban, number = office.business.iban, account.iban or account.id
    known = bank.covered(conn, office.key)
    same = {name for name in known if iban or is_same_account(name, number) or is_same_account(number, name)}
    return {account.id, *same}


def _has_no_account(statement: Statement) -> bool:
    """A table that names no account at all, as many banks write them, is taken for the business's own."""
    return statement.format == "csv" and not any(account.id for account in statement.accounts)


def _covered(
    conn: Connection, office: Office, statement: int, account: Account, now: datetime, file_sha256: str
) -> None:
    through = bank.through(conn, office.key)
    if through is None:
        return
    cause = f"{through.isoformat()}/{statement}"
    data = {"through": through.isoformat(), "file": file_sha256}
    if account.balance is not None and account.to is not None:
        cause += f"/{short(account.id)}"  # each account has its own balance
        iban = office.business.iban  # one account is one in every format, or its balance would count twice
        name = f"{iban}/{account.currency}" if iban else account.id
        data |= {"account": name, "balance": str(account.balance), "currency": account.currency,
                 "balance_on": account.to.isoformat()}  # fmt: skip
    if happened(conn, office, "bank.statement", cause, now, data=data):
        day = office.day(now)
        # who is held for an old statement, or waits for a payment to show, is looked at again the next open day
        clients.look_sooner(conn, office.key, day, office.rules.calendar.next_open(day + timedelta(days=1)))
