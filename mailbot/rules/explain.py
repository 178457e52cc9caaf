"""A decision for people: the verdict in one sentence, every test with its actual values, what comes next.

Conditions stand as they are written in the file; values, dates and all other words are in the language asked for.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from mailbot.model import Decision, Trace, Verdict
from mailbot.money import write_amount_plain
from mailbot.rules.language import Rules
from mailbot.rules.signals import SIGNALS
from mailbot.rules.wording import written_day

_MARK = {True: "✔", False: "✘", None: "?"}
_NAME = re.compile(r"(?:not +)?([a-z_]+\.[a-z_0-9]+)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "head": "{client}, le {day}   règles {hash}",
        "actual": "(valeur : {value})",
        "next": "prochain examen : {day}",
        "never": "prochain examen : au prochain événement",
        "alert": "à voir : {text}",
        "shadow": "à blanc : rien n'est envoyé",
        "approval": "attend votre accord",
        "to": "à : {to}",
        "lists": "factures : {invoices}",
        "profile": "profil", "guard": "limite", "reaction": "réaction", "step": "étape",
        "any": "au moins une", "all": "toutes", "not": "aucune",
        "?": "inconnue", "true": "oui", "false": "non",
        "from": "à partir du", "since": "depuis le", "after": "après",
        "expired": "expirée le", ": not sent": " : pas envoyée", ": from": " : à partir du",
        "owner.policy": "votre choix pour ce client", "owner.sent_now": "à votre demande",
        "day": "{n} jour", "days": "{n} jours",
        "business day": "{n} jour ouvré", "business days": "{n} jours ouvrés",
    },
    "en": {
        "head": "{client}, {day}   rules {hash}",
        "actual": "(actual: {value})",
        "next": "next look: {day}",
        "never": "next look: when something happens",
        "alert": "to see: {text}",
        "shadow": "shadow: nothing is sent",
        "approval": "waits for your yes",
        "to": "to: {to}",
        "lists": "invoices: {invoices}",
        "profile": "profile", "guard": "guard", "reaction": "reaction", "step": "step",
        "any": "one of", "all": "all of", "not": "none of", "?": "not known", "true": "yes", "false": "no",
        "from": "from", "since": "since", "after": "after", "expired": "expired",
        ": not sent": ": not sent", ": from": ": from",
        "owner.policy": "your choice for this client", "owner.sent_now": "as you asked",
        "day": "{n} day", "days": "{n} days", "business day": "{n} business day", "business days": "{n} business days",
    },
}  # fmt: skip
_VERDICTS = {
    "fr": {"send": "ENVOYER", "act": "AGIR", "wait": "ATTENDRE", "hold": "RETENU", "nothing": "RIEN À FAIRE"},
    "en": {"send": "SEND", "act": "ACT", "wait": "WAIT", "hold": "HELD", "nothing": "NOTHING TO DO"},
}


def explain(decision: Decision, rules: Rules, language: str, name: str | None = None) -> str:
    """Why it was decided so, in French or English; labels stay as the owner wrote them in the rules file.

    `name`: the client's, for the first line; without it the client's id stands there.
    """
    words = _WORDS.get(language, _WORDS["en"])
    verdict = _VERDICTS.get(language, _VERDICTS["en"])[decision.verdict.value]
    day = written_day(decision.day, language)
    lines = [
        words["head"].format(client=_about(name or decision.client, decision), day=day, hash=decision.rules_hash),
        decision.reason if language == rules.language else f"{verdict}: {decision.reason}",
    ]
    lines += [f"  {line}" for line in _facts(decision, words)]
    lines += [f"    {trace_line(trace, rules.file, language)}" for trace in decision.trace]
    if decision.verdict is not Verdict.NOTHING:
        coming = decision.next
        lines.append("  " + (words["next"].format(day=written_day(coming, language)) if coming else words["never"]))
    return "\n".join(lines)


def _facts(decision: Decision, words: Mapping[str, str]) -> list[str]:
    found = []
    if decision.mode == "shadow":
        found.append(words["shadow"])
    if decision.verdict is Verdict.SEND:
        listed = words["lists"].format(invoices=", ".join(decision.invoices))
        to = words["to"].format(to=decision.use_contact or "-")
        found.append(" · ".join([f"{decision.what} ({decision.tone})", listed, to]))
    if decision.approval:
        found.append(words["approval"])
    return found + [words["alert"].format(text=alert.text) for alert in decision.alerts]


def _about(client: str, decision: Decision) -> str:
    """The client, and the invoice that leads where there is one."""
    return f"{client}, {decision.lead}" if decision.lead is not None else client


def trace_line(trace: Trace, file: str, language: str) -> str:
    """One test: mark, rule or condition with its actual value, invoice, file:line."""
    words = _WORDS.get(language, _WORDS["en"])
    kind, _, rest = trace.rule.partition(" ")
    if trace.depth == 0:
        text = f"{words.get(kind, kind)} {rest}"
        shown = f"{text}   {_detail(trace.detail, words, language)}" if trace.detail else text
        if trace.invoice is not None:
            shown = f"{shown}   {trace.invoice}"
        place = f"{file}:{trace.line}" if trace.line is not None else ""
        return f"{_MARK[trace.result]} {shown:<72} {place}".rstrip()
    indent = "  " * trace.depth
    if not trace.detail:
        return f"{indent}{_MARK[trace.result]} {words.get(trace.rule, trace.rule)}"
    return (
        f"{indent}{_MARK[trace.result]} {trace.rule}   {words['actual'].format(value=_value(trace, words, language))}"
    )


def _detail(detail: str, words: Mapping[str, str], language: str) -> str:
    """The little words and dates of a step or reaction."""
    first, space, rest = detail.partition(" ")
    for inner in (": not sent", ": from"):
        rest = rest.replace(inner, words[inner])
    return _ISO.sub(
        lambda day: written_day(date.fromisoformat(day[0]), language), words.get(first, first) + space + rest
    )


def _value(trace: Trace, words: Mapping[str, str], language: str) -> str:
    """What a condition found: "12 jours", "1 200,00 EUR", "40 %", "oui"."""
    found = _NAME.match(trace.rule)
    signal = SIGNALS.get(found[1]) if found is not None else None
    if trace.detail in words or signal is None:
        return words.get(trace.detail, trace.detail)
    try:
        match signal.type:
            case "days":
                unit = "business day" if "business day" in trace.rule else "day"
                single = trace.detail in ("1", "-1") or (trace.detail == "0" and language == "fr")
                return words[unit if single else f"{unit}s"].format(n=trace.detail)
            case "money":
                return write_amount_plain(Decimal(trace.detail), trace.rule.rstrip()[-3:], language)
            case "percent":
                share = f"{Decimal(trace.detail) * 100:.2f}".rstrip("0").rstrip(".") + " %"
                return share.replace(".", ",") if language == "fr" else share
            case _:
                return trace.detail
    except ArithmeticError:
        return trace.detail
