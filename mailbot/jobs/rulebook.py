"""Which version of the rules is in force, and what becomes of a rules file that changed while the bot runs.

The ledger says which version is in force, so that the clock and every worker decide by the same one. A file with a
mistake changes nothing: the last good version stays, and the owner is told once, and once more when it is mended.
A good file takes effect at the next look of the clock, unless it would write to many people at once: then the
version in force stays until the owner says yes.
"""

from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs.answering import YES
from mailbot.jobs.deciding import is_live
from mailbot.jobs.mailing import ask, mail_question, tell_owner
from mailbot.jobs.office import Office, happened
from mailbot.jobs.simulating import book
from mailbot.ledger import decisions, events, questions
from mailbot.ledger.store import reading, writing
from mailbot.model import Event
from mailbot.owner.rules import trouble_line
from mailbot.rules.language import Rules
from mailbot.rules.simulate import RUSH_DAYS, Rush, coming, rush
from mailbot.rulesfile import RulesFile

IN_FORCE, BROKEN, WAITING = "rules.in_force", "rules.broken", "rules.waiting"
_STATES = (IN_FORCE, BROKEN, WAITING)
SHOWN = 3
"""So many mistakes stand in the owner's mail; `mailbot rules check` shows all."""


def in_force(conn: Connection, business: str) -> str | None:
    """The version of the rules that was put in force last; None while there was none."""
    found = events.latest(conn, business, [IN_FORCE])
    return str(found.data["version"]) if found is not None else None


def take_up(office: Office, found: RulesFile, now: datetime) -> None:
    """Let a rules file, as it is now, take effect; or keep the version in force and tell the owner why.

    `office` works by the version in force. Doing it again with the same file changes nothing.
    """
    with reading(office.engine) as conn:
        last = events.latest(conn, office.key, _STATES)
        current = in_force(conn, office.key)
        live = is_live(conn, office)
    if last is not None and last.data["version"] == found.version:
        if last.name == WAITING and found.rules is not None and _said_yes(office, last):
            _put_in_force(office, found, last, now)
        return
    if found.rules is None:
        _keep_the_last_good(office, found, last, now)
        return
    known = current in (None, found.version) or not live
    danger = Rush(0, 0) if known else _rush(office, found.rules, now)
    if danger.is_large:
        _wait_for_the_owner(office, found, danger, now)
    else:
        _put_in_force(office, found, last, now)


def trouble(conn: Connection, office: Office) -> list[str]:
    """For the digest: that the rules file as it is now is not the one in force, and why."""
    last = events.latest(conn, office.key, _STATES)
    if last is None or last.name == IN_FORCE:
        return []
    if last.name == WAITING and not _is_answered(conn, office, last):
        return []  # the question stands in the digest
    return [trouble_line(last.name.partition(".")[2], last.data, office.business.language)]


def _rush(office: Office, other: Rules, now: datetime) -> Rush:
    """What the other rules would set off within days, in the whole book."""
    members, shadow = book(office, now)
    before = [mail for one in members for mail in coming(office.rules, one, RUSH_DAYS, shadow=shadow)]
    after = [mail for one in members for mail in coming(other, one, RUSH_DAYS, shadow=shadow)]
    return rush(before, after, office.day(now), other)


def _put_in_force(office: Office, found: RulesFile, last: Event | None, now: datetime) -> None:
    with writing(office.engine) as conn:
        decisions.keep_rules(conn, office.key, found.version, found.text, now)
        _withdraw(conn, office, last, now)
        _record(conn, office, IN_FORCE, found, now)
        if last is not None and last.name == BROKEN:
            values = {"file": found.name, "mended": True, "mistakes": [], "more": 0, "version": found.version}
            tell_owner(conn, office, "rules", f"rules/{found.version}/{now.isoformat()}", values, now)


def _keep_the_last_good(office: Office, found: RulesFile, last: Event | None, now: datetime) -> None:
    """The owner gets one mail when a good file becomes a bad one; the digest goes on saying what is wrong."""
    mistakes = list(found.mistakes[:SHOWN])
    more = len(found.mistakes) - len(mistakes)
    with writing(office.engine) as conn:
        _withdraw(conn, office, last, now)
        _record(conn, office, BROKEN, found, now, mistake=mistakes[0])
        if last is None or last.name != BROKEN:
            values = {"file": found.name, "mended": False, "mistakes": mistakes, "more": more,
                      "version": office.rules.hash}  # fmt: skip
            tell_owner(conn, office, "rules", f"rules/{found.version}/{now.isoformat()}", values, now)


def _wait_for_the_owner(office: Office, found: RulesFile, danger: Rush, now: datetime) -> None:
    key = f"rules/{found.version}/{now.isoformat()}"
    about = {"file": found.name, "clients": danger.clients, "formal": danger.formal, "days": RUSH_DAYS}
    with writing(office.engine) as conn:
        _withdraw(conn, office, events.latest(conn, office.key, _STATES), now)
        number = ask(conn, office, "rules_changed", key, about, now)
        mail_question(conn, office, number, key, now)
        _record(conn, office, WAITING, found, now, question=number)


def _record(conn: Connection, office: Office, state: str, found: RulesFile, now: datetime, **more: object) -> None:
    data = {"version": found.version, "file": found.name, **more}
    happened(conn, office, state, f"{found.version}/{now.isoformat()}", now, data=data)


def _withdraw(conn: Connection, office: Office, last: Event | None, now: datetime) -> None:
    """A question about a version that the file no longer holds, or that is in force now, is none any more."""
    if last is not None and last.name == WAITING:
        questions.expire(conn, office.key, cast("int", last.data["question"]), "settled", now)


def _said_yes(office: Office, waiting: Event) -> bool:
    with reading(office.engine) as conn:
        question = questions.get(conn, office.key, cast("int", waiting.data["question"]))
    return question is not None and question.state == "answered" and question.choice in YES


def _is_answered(conn: Connection, office: Office, waiting: Event) -> bool:
    question = questions.get(conn, office.key, cast("int", waiting.data["question"]))
    return question is not None and question.state == "answered"
