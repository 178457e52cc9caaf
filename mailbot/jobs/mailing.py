"""Questions to the owner and mails to the owner: both planned in the transaction of what caused them."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs.office import Office
from mailbot.ledger import outgoing, questions
from mailbot.model import JSON
from mailbot.owner.questions import choice_labels, question_text

OWNER_MAIL_DAYS = 3
"""An owner's mail that could not leave for so long says nothing new any more."""


def ask(
    conn: Connection,
    office: Office,
    kind: str,
    dedupe_key: str,
    about: Mapping[str, object],
    now: datetime,
    *,
    client: int | None = None,
    invoice: str | None = None,
    letter: str | None = None,
) -> int:
    """Put a question to the owner once; returns its number. It stands in the digest until it is answered."""
    known = cast("dict[str, JSON]", dict(about))
    text, choices = question_text(kind, known, office.business.language)
    number, _ = questions.ask(
        conn, office.key, kind=kind, dedupe_key=dedupe_key, text=text, choices=list(choices), about=known,
        client=client, invoice=invoice, letter=letter, now=now,
    )  # fmt: skip
    return number


def mail_question(
    conn: Connection, office: Office, number: int, dedupe_key: str, now: datetime, *, answers: str = "",
    refused: Sequence[Mapping[str, JSON]] = (),
) -> None:  # fmt: skip
    """Mail one question at once instead of leaving it to the digest; the answer to that mail is about it.

    `refused`: orders of the mail that it is about which are not carried out, as lines of a transcript.
    """
    question = questions.get(conn, office.key, number)
    if question is not None and question.state == "open":
        labels = choice_labels(question.kind, question.about, question.choices, office.business.language)
        asked = {"number": number, "text": question.text, "choices": list(question.choices), "labels": list(labels)}
        values = {"question": asked, "refused": [dict(one) for one in refused]}
        tell_owner(conn, office, "question", dedupe_key, values, now, question=number, answers=answers)


def message_id(office: Office, dedupe_key: str) -> str:
    """The Message-ID of a planned mail: the same for the same mail, and no stranger can guess it."""
    domain = office.business.mailbox.mail_address.rpartition("@")[2]
    return f"<{office.tokens.mark(f'{office.key}|{dedupe_key}')}@{domain}>"


def tell_owner(
    conn: Connection,
    office: Office,
    template: str,
    dedupe_key: str,
    context: Mapping[str, object],
    now: datetime,
    *,
    to: Sequence[str] = (),
    question: int | None = None,
    answers: str = "",
    attached: Sequence[Mapping[str, str]] = (),
    invoices: Sequence[str] = (),
) -> list[int]:
    """Plan a mail to every owner (or `to`): it leaves at once, also on Sundays, and once.

    `question`: the answer to this mail is about that question. `answers`: the Message-ID that it replies to.
    `attached`: files of the mail, each the id of the `letter` that holds it, its `name` and its `type`.
    `invoices`: what the mail is about, in its order; an answer that names nothing means them.
    """
    planned = []
    for owner in to or office.business.owners:
        key = f"{dedupe_key}|{owner}"
        row = outgoing.plan(
            conn, office.key, dedupe_key=key, kind="owner", what=template, template=template, recipient=owner,
            invoices=invoices,
            context={
                "values": cast("dict[str, JSON]", dict(context)), "question": question, "answers": answers,
                **({"attached": [dict(one) for one in attached]} if attached else {}),
            },
            message_id=message_id(office, key), due_at=now, expires_at=now + timedelta(days=OWNER_MAIL_DAYS), now=now,
        )  # fmt: skip
        if row is not None:
            planned.append(row)
    return planned


def short(text: str) -> str:
    """A hash for keys that must not grow with what they are about."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
