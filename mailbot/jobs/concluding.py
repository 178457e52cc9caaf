"""Answers to questions as orders, and by every verb what carries it out.

An answer may release an order that waited: for its word, or for which of several things it meant. It is carried out
here as if it were said now, so that answers and the table of all orders stand together.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from mailbot.jobs import (
    amending,
    answering,
    choosing,
    confirming,
    requesting,
    responding,
    settling,
    steering,
    telling,
    undoing,
)
from mailbot.jobs.office import Office
from mailbot.jobs.targets import UnclearError, question_number
from mailbot.jobs.turns import Act, Turn
from mailbot.ledger import outgoing, outgoing_lists, questions
from mailbot.ledger.questions import Question
from mailbot.model import Order
from mailbot.owner.orders import ALL
from mailbot.owner.outcomes import outcome
from mailbot.owner.words import fold

_LONE = re.compile(r"\W*(?:oui|non|yes|no)\W*(?:(?:merci|thanks|thank you|svp|please)\W*)?")
"""A plain answer, without a number."""


def _answer(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    if order.target is not None and fold(order.target) in ALL:
        return _answer_all(conn, office, order, turn)
    number = question_number(order.target) or turn.question
    if number is None and order.target is None:
        number = _only_one_asked(conn, office, order, turn)
    question = questions.get(conn, office.key, number) if number is not None else None
    if question is None and number is None and turn.about and order.fields.get("choice") in answering.YES:
        return outcome("answered", turn.language, what=", ".join(turn.about))
    if question is None:
        raise UnclearError(_which_question(conn, office, order, turn))
    if question.state != "open":
        raise UnclearError(_over(conn, office, question, turn))
    unseen = turn.seen_at is not None and question.asked_at > turn.seen_at
    if unseen and question.kind not in ("which", "confirm"):  # whose numbers only their own transcript tells
        raise UnclearError(outcome("asked_since", turn.language, target=question.number, text=question.text))
    return _settle(conn, office, question, order, turn)


def _only_one_asked(conn: Connection, office: Office, order: Order, turn: Turn) -> int | None:
    """The question that a lone "oui" or "no" answers: the only one of the digest that is answered, where it is open.

    "Ok" may only say that the digest was read, and what waits for its word wants that word.
    """
    seen = outgoing.by_message_id(conn, office.key, turn.answers) if turn.answers else None
    values = seen.context.get("values") if seen is not None and seen.template == "digest" else None
    if not isinstance(values, Mapping) or _LONE.fullmatch(fold(order.line)) is None or values.get("more_questions"):
        return None
    shown = values.get("questions")
    if not isinstance(shown, Sequence) or len(shown) != 1 or not isinstance(shown[0], Mapping):
        return None
    question = questions.get(conn, office.key, int(str(shown[0]["number"])))
    if question is None or question.state != "open":
        return None
    no = order.fields.get("choice") in answering.NO and answering.takes_together(question, "yes")
    return question.number if no or answering.takes_together(question, order.fields.get("choice", "yes")) else None


def _over(conn: Connection, office: Office, question: Question, turn: Turn) -> str:
    """That a question is not asked any more, and which one is asked in its place."""
    number = question.about.get("replaced_by")
    instead = questions.get(conn, office.key, number) if isinstance(number, int) else None
    if question.state == "expired" and instead is not None and instead.state == "open":
        return outcome("replaced", turn.language, target=question.number, number=instead.number, text=instead.text)
    return outcome(
        "expired" if question.state == "expired" else "answered_before", turn.language, target=question.number
    )


def _settle(conn: Connection, office: Office, question: Question, order: Order, turn: Turn) -> str:
    choice, text = order.fields.get("choice", "yes"), order.fields.get("text", "")
    if question.kind == "draft" and choice in answering.YES:
        return amending.complete(conn, office, question, {}, order, turn)
    if question.kind == "which" and choice not in answering.NO:
        return _chosen(conn, office, question, choice, text, turn)
    if question.kind == "confirm" and choice in answering.YES:
        return _confirm(conn, office, question, text, turn)
    said = answering.answer(conn, office, question, choice, text, turn.cause, turn.letter, turn.now)
    after = questions.get(conn, office.key, question.number)
    if after is not None and after.state == "open":
        raise UnclearError(said)
    return said


def _confirm(conn: Connection, office: Office, question: Question, text: str, turn: Turn) -> str:
    """The word was given: what it stands for is carried out as if it were said now."""
    order = confirming.confirmed(question, text)
    if order is None:
        raise UnclearError(outcome("which_word", turn.language, target=question.number, word=question.about["word"]))
    if turn.now - question.asked_at > confirming.LIFE:
        questions.expire(conn, office.key, question.number, "not confirmed in time", turn.now)
        return outcome("expired", turn.language, target=question.number)
    about = question.about["question"]
    meant = replace(turn, confirmed=True, question=about if isinstance(about, int) else None)
    said = ORDERS[order.verb](conn, office, order, meant)
    questions.answer(conn, office.key, question.number, "yes", text, turn.letter, turn.now)
    return said


def _chosen(conn: Connection, office: Office, question: Question, choice: str, text: str, turn: Turn) -> str:
    """One of several things was named: the order is carried out as if it had named it at once."""
    order = choosing.chosen(question, answering.place_of(choice), text)
    if order is None:
        choices = ", ".join(question.choices)
        raise UnclearError(outcome("which_choice", turn.language, target=question.number, choices=choices))
    if turn.now - question.asked_at > confirming.LIFE:
        questions.expire(conn, office.key, question.number, "not chosen in time", turn.now)
        return outcome("expired", turn.language, target=question.number)
    meant = replace(turn, question=None)
    asked = confirming.to_confirm(conn, office, order, meant)
    said = ORDERS[order.verb](conn, office, order, meant) if asked is None else confirming.put(
        conn, office, order, meant, asked
    )  # fmt: skip
    questions.answer(conn, office.key, question.number, choice, text, turn.letter, turn.now)
    return said


def _answer_all(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """One word for all questions that take it; what is serious or has several answers wants its own."""
    shown = _shown_last(conn, office, turn)
    asked = [
        one for one in questions.open_ones(conn, office.key)
        if (shown is None or one.number in shown) and (turn.seen_at is None or one.asked_at <= turn.seen_at)
    ]  # fmt: skip
    if not asked:
        raise UnclearError(outcome("nothing_asked", turn.language))
    said, left = [], []
    for question in asked:
        if not answering.takes_together(question, order.fields.get("choice", "yes")):
            left.append(question.number)
            continue
        one = replace(turn, cause=f"{turn.cause}/{question.number}", question=None)
        try:
            with conn.begin_nested():
                said.append(f"{question.number}. {_settle(conn, office, question, order, one)}")
        except UnclearError:
            left.append(question.number)
    if not said:
        raise UnclearError(outcome("one_by_one", turn.language, numbers=", ".join(map(str, left))))
    rest = [outcome("one_by_one", turn.language, numbers=", ".join(map(str, left)))] if left else []
    return "\n".join([outcome("answered_all", turn.language, count=len(said)), *said, *rest])


def _shown_last(conn: Connection, office: Office, turn: Turn) -> set[int] | None:
    """The questions that stood in the latest digest: nobody says yes to what he has not seen. None: no digest yet."""
    row = outgoing_lists.latest_of(conn, office.key, "digest")
    values = row.context.get("values") if row is not None else None
    if not isinstance(values, Mapping) or turn.letter is None:
        return None
    return {int(one["number"]) for one in values.get("questions", ())}


def _which_question(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    if order.target is not None:
        return outcome("no_question", turn.language, target=order.target)
    asked = [str(one.number) for one in questions.open_ones(conn, office.key)]
    if not asked:
        return outcome("nothing_asked", turn.language)
    return outcome("which_question", turn.language, numbers=", ".join(asked))


ORDERS: Mapping[str, Act] = {
    "answer": _answer,
    **settling.ORDERS,
    **amending.ORDERS,
    **steering.ORDERS,
    **telling.ORDERS,
    **responding.ORDERS,
    **requesting.ORDERS,
    **undoing.ORDERS,
}
"""What carries out the orders, by their verbs."""
