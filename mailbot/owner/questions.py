"""How each kind of question is put to the owner: one or two sentences and the answers that it takes.

Those about money stand in `money_questions`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import cast

import yaml

from mailbot.model import JSON
from mailbot.owner import money_questions
from mailbot.owner.question_words import (
    INTENTS,
    About,
    amount_words,
    as_list,
    as_mapping,
    candidate_words,
    cut_short,
    day_words,
    field_list,
    joined,
    step_label,
)

_YES_NO = {"in_doubt", "rules_changed", "unproven_owner", "revised", "address", "tool_copy"}
_FREE = {"no_contact"}
"""What an "ok" would not settle."""
_LONGEST_LABEL = 60
_PARENTHESES = re.compile(r" ?\([^()]*\)")


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    written = files("mailbot.owner").joinpath("questions.yaml").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, str]]", yaml.safe_load(written))


def question_text(kind: str, about: About, language: str) -> tuple[str, tuple[str, ...]]:
    """The question in the owner's language and its answers, mildest first; an empty tuple takes free text.

    A kind that is not known here is put as what `about` says in "text".
    """
    french = language == "fr"
    yes_no = ("oui", "non") if french else ("yes", "no")
    if kind.startswith("alert_"):
        keep = "Laisser les relances suspendues ?" if french else "Keep the reminders paused?"
        said = cut_short(about.get("text"))
        return f"{said if said.endswith(('.', '!', '?', '…')) else f'{said}.'} {keep}", yes_no
    if kind in _ASKERS:
        return _ASKERS[kind](about, french)
    if kind in _sentences():
        words = _Words({key: joined(value) for key, value in _prepared(about, language).items()})
        text = _sentences()[kind]["fr" if french else "en"].format_map(words)
        if kind in _FREE:
            return text, ()
        return text, yes_no if kind in _YES_NO else ("ok",)
    return cut_short(about.get("text")) or kind.replace("_", " "), ("ok",)


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def choice_labels(kind: str, about: About, choices: Sequence[str], language: str) -> tuple[str, ...]:
    """What stands on the button of each answer: its own word, or the name that its number in `choices` stands for.

    What a name has in parentheses (amounts, towns) is left out, unless two would be the same without it.
    """
    named = _NAMED.get(kind)
    full = named(about, language) if named is not None else []
    brief = [_PARENTHESES.sub("", name) for name in full]
    names = brief if len({*brief}) == len(brief) else full
    by_number = {str(at): _on_button(name) for at, name in enumerate(names, 1)}
    return tuple(by_number.get(choice, choice) for choice in choices)


def _on_button(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1].rstrip() + "…"


def _prepared(about: About, language: str) -> dict[str, JSON]:
    """What is written in sentences instead of raw values: megabytes, amounts with days, steps."""
    values = dict(about)
    if isinstance(size := about.get("size"), int):
        values["size"] = max(size // 1_000_000, 1)
    if isinstance(why := about.get("why"), str):
        values["why"] = cut_short(why).rstrip(".") + "."
    if isinstance(what := about.get("what"), str):
        values["what"] = step_label(what, language)
    for age in ("old", "new"):
        if f"{age}_amount" in about:
            amount = amount_words(about.get(f"{age}_amount"), about, language)
            due = day_words(about.get(f"{age}_due"), language)
            values[age] = ", ".join(
                filter(None, (amount, due and f"{'échéance' if language == 'fr' else 'due'} {due}"))
            )
    return values


def _approve(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    language = "fr" if french else "en"
    label = str(about.get("label") or step_label(str(about.get("what")), language))
    numbers, amount = joined(about.get("invoices")), amount_words(about.get("amount"), about, language)
    client, reason = cut_short(about.get("client_name")), cut_short(about.get("reason"))
    if warning := str(about.get("warning") or ""):
        reason = f"{reason} {warning}"
    if french:
        return f"Envoyer {label} à {client} ({numbers}, {amount}) ? {reason}".rstrip(), ("oui", "non")
    return f"Send {label} to {client} ({numbers}, {amount})? {reason}".rstrip(), ("yes", "no")


def _unclear(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    guess = about.get("guess")
    client, text = cut_short(about.get("client_name")), cut_short(about.get("text"))
    numbers = joined(about.get("invoices"))
    meant = INTENTS.get(str(guess), ("", ""))[0 if french else 1]
    day = day_words(about.get("promise_date"), "fr" if french else "en")
    words = ("promesse", "payé", "litige") if french else ("promise", "paid", "dispute")
    guessed = dict(zip(("promise", "paid", "dispute"), words, strict=True)).get(str(guess))
    others = tuple(word for word in words if word != guessed)
    if french:
        asked = f"Est-ce {meant}{f' pour le {day}' if day else ''} ?" if meant else "Que veut-il dire ?"
        said = f"{client} répond{f' ({numbers})' if numbers else ''} : « {text} » {asked}"
        return said, (*(("oui",) if meant else ()), *others, "non")
    asked = f"Is that {meant}{f' for {day}' if day else ''}?" if meant else "What does that mean?"
    said = f'{client} replies{f" ({numbers})" if numbers else ""}: "{text}" {asked}'
    return said, (*(("yes",) if meant else ()), *others, "no")


def _draft(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    missing, doubtful = field_list(about.get("missing"), french), _doubtful(about, french)
    kind = ("Avoir", "Credit note") if _is_credit(about) else ("Facture", "Invoice")
    parts = [f"{kind[0 if french else 1]} {cut_short(about.get('name'))}"]
    if read := _read_so_far(about, french):
        parts.append(f"{'j’y lis' if french else 'it seems to say'} {read}")
    if missing:
        parts.append(f"{'il manque' if french else 'still missing'} {', '.join(missing)}")
    if doubtful:
        parts.append(f"{'à vérifier :' if french else 'please check'} {', '.join(doubtful)}")
    parts += [cut_short(one).rstrip(".") for one in as_list(about.get("warnings"))]
    how = (
        "répondez avec une ligne par champ, par exemple « échéance 31/10/2026 »."
        if french
        else 'reply with one line for each field, for example "due date 31/10/2026".'
    )
    right = "Est-ce juste ? Sinon, " if french else "Is that right? If not, "
    how = how[:1].upper() + how[1:] if missing else right + how
    text = f"{parts[0]}{' : ' if french else ': '}{(' ; ' if french else '; ').join(parts[1:])}. {how}"
    return text, () if missing else (("oui", "non") if french else ("yes", "no"))


def _confirm(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """A serious order waits for its word."""
    return cut_short(about.get("text")), (f"ok {about.get('word')}", "non" if french else "no")


def _which(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """An order that can mean several things waits until one of them is named."""
    count = len(as_list(about.get("choices")))
    line = cut_short(about.get("line"))
    asked = f"« {line} » : {cut_short(about.get('text'))}" if french else f'"{line}": {cut_short(about.get("text"))}'
    return asked, (*(str(at) for at in range(1, count + 1)), "non" if french else "no")


def _which_names(about: About, _language: str) -> list[str]:
    return [cut_short(as_mapping(one).get("label")) for one in as_list(about.get("choices"))]


def _new_contact(about: About, french: bool) -> tuple[str, tuple[str, ...]]:
    """Another address that a client named; said where it is not one of the client's own domain."""
    client, email, sender = (cut_short(about.get(key)) for key in ("client_name", "email", "from"))
    if french:
        by = f" (demandé par {sender}, adresse inconnue)" if sender else ""
        odd = " Cette adresse n'est pas du domaine du client : vérifiez." if about.get("elsewhere") else ""
        asked = f"{client} demande d'écrire désormais à {email}{by}.{odd} Prendre cette adresse ?"
        return asked, ("oui", "non")
    by = f" (says {sender}, an unknown address)" if sender else ""
    odd = " That is not an address of the client's own domain: please check." if about.get("elsewhere") else ""
    return f"{client} asks to write to {email} from now on{by}.{odd} Use that address?", ("yes", "no")


def _doubtful(about: About, french: bool) -> list[str]:
    """The doubtful fields, each with the values that it may have where several were found: both of two totals."""
    language, document, found = "fr" if french else "en", about.get("document"), about.get("candidates")
    currency = {"currency": document.get("currency")} if isinstance(document, Mapping) else {}
    said = []
    for field in map(str, as_list(about.get("doubtful"))):
        texts = as_list(found.get(field)) if isinstance(found, Mapping) else []
        several = candidate_words(field, texts, currency, language)
        said += [f"{name} ({several})" if several else name for name in field_list([field], french)]
    return said


def _is_credit(about: About) -> bool:
    document = about.get("document")
    return isinstance(document, Mapping) and document.get("kind") == "credit_note"


def _read_so_far(about: About, french: bool) -> str:
    document = about.get("document")
    if not isinstance(document, Mapping):
        return ""
    language = "fr" if french else "en"
    buyer = document.get("buyer")
    amount = amount_words(document.get("amount_due"), {"currency": document.get("currency")}, language)
    due = None if _is_credit(about) else day_words(document.get("due_date"), language)
    name = cut_short(buyer.get("name")) if isinstance(buyer, Mapping) else ""
    number = cut_short(document.get("number"))
    to = "" if _is_credit(about) else cut_short(about.get("reminders_to"))
    said = (
        number,
        name,
        amount,
        due and f"{'échéance le' if french else 'due'} {due}",
        to and f"{'rappels à' if french else 'reminders to'} {to}",
    )
    return ", ".join(filter(None, said))


_ASKERS: Mapping[str, Callable[[About, bool], tuple[str, tuple[str, ...]]]] = {
    "approve": _approve,
    "match": money_questions.match,
    "overpaid": money_questions.overpaid,
    "unclear": _unclear,
    "draft": _draft,
    "credit_reference": money_questions.credit_reference,
    "credit_rest": money_questions.credit_rest,
    "new_contact": _new_contact,
    "confirm": _confirm,
    "which": _which,
}
_NAMED: Mapping[str, Callable[[About, str], list[str]]] = {
    "match": money_questions.match_names,
    "credit_reference": money_questions.credit_names,
    "which": _which_names,
}
"""Kinds of questions whose answers are numbers that stand for names."""
