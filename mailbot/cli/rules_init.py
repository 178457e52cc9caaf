"""The five questions of `mailbot rules init`: a shipped policy with the owner's limits put in. Imported in commands."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from mailbot.cli.output import Status, say
from mailbot.config import shipped
from mailbot.rules import grammar
from mailbot.rules.calendar import known_regions

_CLOSED = re.compile(r"(\d{2}-\d{2})\.\.(\d{2}-\d{2})")
_WHAT = {
    "fr": "a small company in France",
    "en": "the same in English",
    "gentle": "associations and public bodies: more time",
    "firm": "firmer and quicker",
    "freelance": "few clients, a warm tone",
}


@dataclass(frozen=True, slots=True)
class _Question:
    flag: str
    text: str
    default: str
    good: Callable[[str], bool]
    like: str


def policy_from(given: Mapping[str, str | None], *, silent: bool) -> str:
    """The text of the new file. `silent`: exit status 2 with all that is wrong in the flags."""
    answers, wrong = {}, []
    if not silent:
        say("Five questions. Enter takes what stands in [brackets]; Ctrl-C leaves everything as it is.\n")
    for number, question in enumerate(_questions(), 1):
        answer = given[question.flag]
        if answer is None:
            answer = question.default if silent else _ask(number, question)
        elif not question.good(answer):
            wrong.append(f'--{question.flag}: "{answer}" is not known; write it like: {question.like}')
        answers[question.flag] = answer
    if wrong:
        say("\n".join(wrong))
        raise typer.Exit(Status.USAGE)
    return _written(_text(answers["policy"]), answers)


def _questions() -> tuple[_Question, ...]:
    names = sorted(path.stem for path in shipped("rules").glob("*.yaml"))
    kinds = "; ".join(f"{name}: {_WHAT[name]}" if name in _WHAT else name for name in names)
    return (
        _Question("policy", f"Which policy to begin with? {kinds}", "fr", names.__contains__, ", ".join(names)),
        _Question("holidays", "Whose public holidays? A country or region", "FR", _is_region, "FR, FR-57 or BE"),
        _Question("hours", "Hours in which mails may leave", "09:00-17:30", _is_hours, "09:00-17:30"),
        _Question("closed", "Yearly closure, or none", "none", _is_closure, "08-01..08-21, or none"),
        _Question("floor", "Below which amount is nothing sent?", "15 EUR", _is_money, "15 EUR"),
    )


def _ask(number: int, question: _Question) -> str:
    while True:
        answer = str(typer.prompt(f"{number}. {question.text}", default=question.default, err=True)).strip()
        if question.good(answer):
            return answer
        say(f"   Write it like: {question.like}")


def _is_region(text: str) -> bool:
    country, dash, part = text.partition("-")
    return country in (known := known_regions()) and (not dash or part in known[country])


def _is_hours(text: str) -> bool:
    return grammar.hours(text) is not None


def _is_money(text: str) -> bool:
    return grammar.money(text) is not None


def _is_closure(text: str) -> bool:
    found = _CLOSED.fullmatch(text)
    return text == "none" or (found is not None and all(grammar.calendar_day(day) for day in found.groups()))


def _text(name: str) -> str:
    return Path(shipped("rules") / f"{name}.yaml").read_text(encoding="utf-8")


def _written(text: str, answers: Mapping[str, str]) -> str:
    """The policy with the answers in it; comments stay."""
    for key, answer in (("holidays", "holidays"), ("send_hours", "hours"), ("min_amount", "floor")):
        text = re.sub(rf"(?m)^(  {key}: )[^#\n]*?( *#.*)?$", rf"\g<1>{answers[answer]}\g<2>", text, count=1)
    if found := _CLOSED.fullmatch(answers["closed"]):
        why = "Annual closure" if re.search(r"(?m)^language: en\b", text) else "Fermeture annuelle"
        entry = f"    - from: {found[1]}\n      to: {found[2]}\n      why: {why}\n"
        text = re.sub(r"(?m)^(  quiet_periods:.*\n)", rf"\g<1>{entry}", text, count=1)
    return text
