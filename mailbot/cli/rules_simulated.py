"""Simulations for `mailbot rules simulate`: gather the book, run, print. Heavy: imported inside commands only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import typer

from mailbot.cli.installation import one_business
from mailbot.cli.output import Status, print_json, say, shown
from mailbot.cli.rules import case_lines, drawn, read_text
from mailbot.cli.rules_tests import load
from mailbot.config import shipped
from mailbot.jobs import simulating
from mailbot.model import Event
from mailbot.rules.canonical import read_case
from mailbot.rules.happenings import parse_event
from mailbot.rules.language import Rules
from mailbot.rules.simulate import NOT_SIMULATED, RUSH_DAYS, Change, Member, Planned, changes, coming, replayed, rush

SHOWN = 40
"""So many changes are listed for people; `--json` lists all."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is simulated: a book, the policy in force, and whether the business is in shadow mode."""

    book: list[Member]
    rules: Rules
    shadow: bool


@contextmanager
def stage(
    settings: Path, business: str | None, now: datetime | None, cases: Path | None, policy: Path | None,
    wanted: str | None,
) -> Iterator[Stage]:  # fmt: skip
    """The ledger of mailbot.yaml, or a file of cases; exit status 1 where the client is not found."""
    if cases is not None:
        book = list(_cases(cases))
        rules = policy_of(policy if policy is not None else shipped("rules") / "fr.yaml")
        yield Stage(_chosen(book, wanted), rules, shadow=False)
        return
    with one_business(settings, business, now) as (installation, office):
        book, shadow = simulating.book(office, installation.now(), wanted)
        if wanted is not None and not book:
            _unknown(wanted)
        yield Stage(book, policy_of(policy) if policy is not None else office.rules, shadow)


def policy_of(path: Path) -> Rules:
    """A rules file; one with mistakes is shown and ends the command with status 3."""
    loaded = load(path)
    if isinstance(loaded, Rules):
        return loaded
    text = read_text(path)
    for problem in loaded:
        say(drawn(problem, text if isinstance(text, str) else "") + "\n")
    raise typer.Exit(Status.INVALID)


def _cases(path: Path) -> Iterator[Member]:
    for number, line in case_lines(path):
        try:
            yield Member(*read_case(line))
        except ValueError as error:
            say(f"{path}:{number}: {error}")
            raise typer.Exit(Status.INVALID) from error


def _chosen(book: list[Member], wanted: str | None) -> list[Member]:
    if wanted is None:
        return book
    key = wanted.casefold()
    found = [
        m
        for m in book
        if wanted == m.client.id
        or key in m.client.name.casefold()
        or any(i.number.casefold() == key for i in m.client.invoices)
    ]
    return found or _unknown(wanted)


def _unknown(wanted: str) -> list[Member]:
    say(f"No client is meant by {wanted!r}: give a name, an invoice number or an id.")
    raise typer.Exit(Status.FAILURE)


# --------------------------------------------------------------------------------------------------- one client


def one(found: Stage, days: int, lines: Sequence[str], *, json: bool) -> None:
    """The coming mails of each client meant, with reasons."""
    for member in found.book:
        numbers = [i.number for i in member.client.invoices if i.kind == "invoice"]
        try:
            events = [parse_event(line, member.client.id, numbers, n) for n, line in enumerate(lines)]
        except ValueError as error:
            say(str(error))
            raise typer.Exit(Status.USAGE) from error
        mails = coming(
            found.rules, _with_past(member, events), days, events=_later(member, events), shadow=found.shadow
        )
        if json:
            _print_mails(mails)
            continue
        until = member.day + timedelta(days=days - 1)
        typer.echo(f"{shown(member.client.name)}, {member.day} to {until}   {found.rules.file} {found.rules.hash}")
        for mail in mails:
            typer.echo(f"  {mail.day:%a} {_line(mail)}\n      {mail.reason}")
        if not mails:
            typer.echo("  no mail")
    _limits(found, json=json)


def _with_past(member: Member, events: Sequence[Event]) -> Member:
    past = [event for event in events if event.day <= member.day]
    return replace(member, events=[*member.events, *past])


def _later(member: Member, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.day > member.day]


# --------------------------------------------------------------------------------------------------- the whole book


def everybody(found: Stage, days: int, *, json: bool) -> None:
    """The calendar of the whole book: mails a day, and what will wait for the owner's yes."""
    mails = sorted(_all(found, found.rules, days), key=lambda m: (m.day, m.name))
    if json:
        _print_mails(mails)
    else:
        for day in sorted({mail.day for mail in mails}):
            today = [mail for mail in mails if mail.day == day]
            kinds = ", ".join(f"{what} {n}" for what, n in sorted(Counter(m.what for m in today).items()))
            asks = sum(mail.asks for mail in today)
            waits = f"   {asks} need your yes" if asks else ""
            typer.echo(f"{day} {day:%a}  {len(today):>5}  {kinds}{waits}")
        typer.echo(f"{len(mails)} mails to {len({m.client for m in mails})} of {len(found.book)} clients")
    _limits(found, json=json)


def difference(found: Stage, other: Rules, days: int, *, json: bool) -> None:
    """What moves if the other policy were in force from today."""
    before, after = list(_all(found, found.rules, days)), list(_all(found, other, days))
    if not json:
        typer.echo(f"{found.rules.file} {found.rules.hash} -> {other.file} {other.hash}, {days} days")
    _print_changes(before, after, json=json)
    _print_rush(found, other, before, after, json=json)
    _limits(found, json=json)


def _print_rush(
    found: Stage, other: Rules, before: Sequence[Planned], after: Sequence[Planned], *, json: bool
) -> None:  # fmt: skip
    """Whether a running bot would ask before it takes up the other policy."""
    if not found.book:
        return
    first = rush(before, after, found.book[0].day, other)
    if json:
        print_json({"within_days": RUSH_DAYS, "more_clients": first.clients, "more_formal": first.formal,
                    "needs_your_yes": first.is_large})  # fmt: skip
        return
    verdict = "a running bot asks you before it uses these rules" if first.is_large else "used without asking"
    typer.echo(f"within {RUSH_DAYS} days: {first.clients} more clients written to, {first.formal} more formal notices; "
               f"{verdict}")  # fmt: skip


def replay(found: Stage, rules: Rules, days: int, *, json: bool) -> None:
    """The last days again, beside what was really sent."""
    really: list[Planned] = []
    would: list[Planned] = []
    for member in found.book:
        was, now = replayed(rules, member, days, shadow=found.shadow)
        really += was
        would += now
    if not json:
        typer.echo(f"the last {days} days: really sent -> by {rules.file} {rules.hash}")
    _print_changes(really, would, json=json)
    _limits(found, json=json)


def _all(found: Stage, rules: Rules, days: int) -> Iterator[Planned]:
    for member in found.book:
        yield from coming(rules, member, days, shadow=found.shadow)


# --------------------------------------------------------------------------------------------------- printing


def _print_changes(before: Sequence[Planned], after: Sequence[Planned], *, json: bool) -> None:
    found = changes(before, after)
    counts = Counter(change.kind for change in found)
    new_asks = sum(change.kind == "appears" and change.mail.asks for change in found)
    if json:
        for change in found:
            print_json({"change": change.kind, **_record(change.mail), "from": _day(change.before)})
        print_json({
            "mails_before": len(before), "mails_after": len(after), "appear": counts["appears"],
            "disappear": counts["disappears"], "move": counts["moves"], "new_approvals": new_asks,
        })  # fmt: skip
        return
    for change in found[:SHOWN]:
        typer.echo(f"  {_WORDS[change.kind]:<10} {_line(change.mail)}{_from(change)}   {shown(change.mail.name)}")
    if len(found) > SHOWN:
        typer.echo(f"  and {len(found) - SHOWN} more (--json lists all)")
    typer.echo(
        f"{len(before)} mails before, {len(after)} after: {counts['appears']} new, {counts['disappears']} gone, "
        f"{counts['moves']} on another day; {new_asks} new ones need your yes"
    )


_WORDS = {"appears": "new", "disappears": "gone", "moves": "moved"}


def _from(change: Change) -> str:
    return f" (was {change.before.day})" if change.kind == "moves" and change.before is not None else ""


def _day(mail: Planned | None) -> str | None:
    return mail.day.isoformat() if mail is not None else None


def _line(mail: Planned) -> str:
    tone = f" ({mail.tone})" if mail.tone else ""
    asks = "   needs your yes" if mail.asks else ""
    return f"{mail.day} {mail.what}{tone}  {', '.join(mail.invoices)}{asks}"


def _print_mails(mails: Sequence[Planned]) -> None:
    for mail in mails:
        print_json(_record(mail))


def _record(mail: Planned) -> dict[str, object]:
    return {
        "client": mail.client, "name": mail.name, "day": mail.day.isoformat(), "what": mail.what, "lead": mail.lead,
        "invoices": list(mail.invoices), "tone": mail.tone, "reason": mail.reason, "approval": mail.asks,
    }  # fmt: skip


def _limits(found: Stage, *, json: bool) -> None:
    sentence = NOT_SIMULATED[found.rules.language]
    if json:
        print_json({"not_simulated": sentence})
    else:
        typer.echo(sentence)
