"""Which document of a mail an owner's field is for: one that still waits for its fields, by its number or its place."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.jobs.targets import UnclearError, question_number
from mailbot.jobs.turns import Turn
from mailbot.ledger import invoices, outgoing, questions
from mailbot.ledger.questions import Question
from mailbot.model import JSON
from mailbot.owner.outcomes import outcome
from mailbot.owner.words import fold

_QUESTION = "question "


def handle(question: Question) -> str:
    """How an order names exactly this question."""
    return f"{_QUESTION}{question.number}"


def draft_meant(conn: Connection, office: Office, target: str | None, turn: Turn) -> Question | None:
    """The open question about a document that these words mean; None where they mean no document that waits.

    Without words it is the question that is answered; a small number is the question or the place in the answered
    mail. Raises UnclearError where it is both, of two documents of that mail.
    """
    drafts = {one.number: one for one in questions.open_ones(conn, office.key) if one.kind == "draft"}
    if target is None:
        return drafts.get(turn.question) if turn.question is not None else None
    low = fold(target)
    if low.startswith(_QUESTION):
        return drafts.get(question_number(low.removeprefix(_QUESTION).strip()) or 0)
    if (place := question_number(target)) is None:
        return _of_number(conn, office, drafts, target)
    listed = _listed(conn, office, turn)
    placed = listed[place - 1].get("question") if 0 < place <= len(listed) else None
    there = drafts.get(placed) if isinstance(placed, int) else None
    by_number = drafts.get(place) if there is None or place in [one.get("question") for one in listed] else None
    if there is not None and by_number is not None and there != by_number:
        raise UnclearError(outcome("place_or_question", turn.language, target=place, other=there.number))
    return there or by_number


def invoice_at(conn: Connection, office: Office, target: str | None, turn: Turn) -> str | None:
    """The invoice that stands at that place of the answered mail's list, where it is entered."""
    place = question_number(target)
    listed = _listed(conn, office, turn) if place is not None else []
    line = listed[place - 1] if place is not None and 0 < place <= len(listed) else {}
    return str(line["number"]) if line.get("kind") in ("entered", "known") and line.get("number") else None


def _of_number(conn: Connection, office: Office, drafts: Mapping[int, Question], target: str) -> Question | None:
    if invoices.among(conn, office.key, [target, target.upper()]):
        return None
    wanted = _bare(target)
    found = [one for one in drafts.values() if wanted and _bare(_number(one)) == wanted]
    return found[0] if len(found) == 1 else None


def _number(question: Question) -> str:
    document = question.about.get("document")
    return str(document.get("number") or "") if isinstance(document, Mapping) else ""


def _bare(text: str) -> str:
    return "".join(sign for sign in fold(text) if sign.isalnum())


def _listed(conn: Connection, office: Office, turn: Turn) -> list[Mapping[str, JSON]]:
    """What stands in the list of documents in the mail that is answered; empty where it holds none."""
    row = outgoing.by_message_id(conn, office.key, turn.answers) if turn.answers else None
    if row is None or row.what != "received":
        return []
    values = row.context.get("values")
    lines = values.get("lines") if isinstance(values, Mapping) else None
    return cast("list[Mapping[str, JSON]]", lines) if isinstance(lines, list) else []
