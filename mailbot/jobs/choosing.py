"""An order that could mean several things: a numbered list of them; the owner names one, and then it is carried out."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office
from mailbot.jobs.targets import Choice
from mailbot.jobs.turns import Turn
from mailbot.ledger.questions import Question
from mailbot.model import JSON, Order
from mailbot.owner.outcomes import outcome
from mailbot.owner.words import fold

MOST = 9
"""So many are listed; who means another one says its number."""


def put(conn: Connection, office: Office, order: Order, turn: Turn, choices: tuple[Choice, ...], why: str) -> str:
    """Ask which one is meant: the sentence `why` and the list. Nothing is changed."""
    listed = choices[:MOST]
    about: dict[str, JSON] = {
        "verb": order.verb,
        "fields": dict(order.fields),
        "line": order.line,
        "text": f"{why} " + " ; ".join(f"{at}) {one.label}" for at, one in enumerate(listed, 1)),
        "choices": [{"label": one.label, "target": one.target, "fields": dict(one.fields)} for one in listed],
    }
    number = ask(conn, office, "which", f"which/{turn.cause}", about, turn.now)
    rows = [f"{at}) {one.label}" for at, one in enumerate(listed, 1)]
    return "\n".join([outcome("which_of_these", turn.language, why=why, target=number), *rows])


def chosen(question: Question, at: int | None, text: str) -> Order | None:
    """The order with what was chosen: by its place in the list, from 0, or by words that only one of them has."""
    listed = cast("list[Mapping[str, JSON]]", question.about["choices"])
    if at is None and (wanted := _letters(text)):
        alike = [place for place, one in enumerate(listed) if wanted in _letters(str(one["label"]))]
        at = alike[0] if len(alike) == 1 else None
    if at is None or not 0 <= at < len(listed):
        return None
    fields = cast("Mapping[str, str]", question.about["fields"])
    named = cast("Mapping[str, str]", listed[at]["fields"])
    target = listed[at]["target"]
    return Order(
        str(question.about["verb"]), None if target is None else str(target), {**fields, **named},
        str(question.about["line"]),
    )  # fmt: skip


def _letters(text: str) -> str:
    """Without spaces: a SIREN is written with and without them."""
    return "".join(fold(text).removeprefix("siren").split())
