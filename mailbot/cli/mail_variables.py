"""Which names the mails use that nobody fills in: found before a mail is due, not on the day it should leave."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, TemplateError, meta, nodes

from mailbot.outbox.compose import Templates
from mailbot.outbox.letter import LetterContext, ListedInvoice
from mailbot.rulesfile import TO_OWNERS

_ALWAYS = frozenset({"language", "columns", "mailto", "order_for", "answer_link", "money", "day", "form"})
LAYOUTS = ("_letter.txt.j2", "_letter.html.j2")
_HELPERS = frozenset({"caller", "loop", "self", "super", "varargs", "kwargs"})


def letter_variables() -> frozenset[str]:
    """The names that a mail to a client gets."""
    day = date(2026, 3, 2)
    invoice = ListedInvoice("F-1", day, day, Decimal(1), Decimal(1))
    return frozenset(LetterContext("", "", "en", "neutral", day, (invoice,), "").values()) | _ALWAYS


def unknown_variables(folder: Path) -> Mapping[str, frozenset[str]]:
    """Mail -> the names used by it, or by what it extends and includes, that it does not get."""
    known = letter_variables()
    jinja = Environment(loader=FileSystemLoader(folder), autoescape=True)
    jinja.globals.update(dict.fromkeys(_ALWAYS, ""))
    jinja.filters.update(money=str, day=str, paragraphs=str)
    found: dict[str, frozenset[str]] = {}
    for name in sorted(Templates(folder).names() - TO_OWNERS):
        used: set[str] = set()
        set_: set[str] = set()
        for file in sorted(folder.glob(f"{name}.*.j2")):
            _collect(jinja, file.name, used, set_, set())
        found[name] = frozenset(used - set_ - known - _HELPERS)
    return found


def _collect(jinja: Environment, file: str, used: set[str], set_: set[str], seen: set[str]) -> None:
    """Names used and set in one file and in all that it is made of."""
    if file in seen or jinja.loader is None:
        return
    seen.add(file)
    try:
        tree = jinja.parse(jinja.loader.get_source(jinja, file)[0])
    except TemplateError:
        return  # `Templates` refuses it with file and line
    used |= meta.find_undeclared_variables(tree)
    set_ |= {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    set_ |= {macro.name for macro in tree.find_all(nodes.Macro)}
    for other in meta.find_referenced_templates(tree):
        for part in LAYOUTS if other is None else (other,):  # None: the layout is chosen by the form
            _collect(jinja, part, used, set_, seen)
