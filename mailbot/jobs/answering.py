"""The owner's answer to a question: what each kind of question does with a yes, a no or a choice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from mailbot.jobs import clearing, redirecting, revising, standing
from mailbot.jobs.lately import spoken
from mailbot.jobs.mailing import short
from mailbot.jobs.office import Office, happened, refresh
from mailbot.jobs.targets import UnclearError
from mailbot.jobs.withholding import hindrance
from mailbot.ledger import clients, events, letters, questions
from mailbot.ledger.questions import Question
from mailbot.model import JSON
from mailbot.owner.outcomes import outcome
from mailbot.owner.question_words import answer_words, step_label
from mailbot.rules.keys import FORMAL

YES = frozenset({"yes", "ok", "oui"})
NO = frozenset({"no", "non"})


@dataclass(frozen=True, slots=True)
class _Answer:
    question: Question
    choice: str
    text: str
    cause: str
    letter: str | None
    now: datetime

    @property
    def yes(self) -> bool:
        return self.choice in YES

    @property
    def number(self) -> int | None:
        """The choice as an index from 0: "1" or "a" is the first."""
        place = place_of(self.choice)
        return 0 if place is None and self.yes else place


def answer(
    conn: Connection,
    office: Office,
    question: Question,
    choice: str,
    text: str,
    cause: str,
    letter: str | None,
    now: datetime,
) -> str:
    """Let one answer take effect; the sentence for the owner. An answer that does not fit changes nothing."""
    if question.state != "open":
        code = "expired" if question.state == "expired" else "answered_before"
        return outcome(code, office.business.language, target=question.number)
    given = _Answer(question, choice.strip().lower(), text, cause, letter, now)
    act = _KINDS.get(question.kind) or (_alert if question.kind.startswith("alert_") else _seen)
    fits = given.choice not in clearing.OTHER or question.kind == "match"
    said = act(conn, office, given) if fits else None
    if said is None:
        choices = ", ".join(question.choices) or "ok"
        return outcome("which_choice", office.business.language, target=question.number, choices=choices)
    questions.answer(conn, office.key, question.number, given.choice, text, letter, now)
    if question.kind not in _RECORDED and not question.kind.startswith("alert_"):
        happened(
            conn, office, "owner.answered", cause, now,
            client=question.client, invoice=question.invoice, data={"question": question.number}, letter=letter,
        )  # fmt: skip
    if question.client is not None:
        refresh(conn, office, question.client, now)
    return said


def place_of(choice: str) -> int | None:
    """ "1" or "a" is the first of a list, 0; None for other words."""
    bare = choice.strip().lower()
    if bare.isascii() and bare.isdigit():
        return int(bare) - 1
    return ord(bare) - ord("a") if len(bare) == 1 and bare.isalpha() else None


def takes_together(question: Question, choice: str) -> bool:
    """Whether "ok all" or "no all" may answer it: never what is serious, a fact, or a choice between several."""
    if question.kind in _ALONE or FORMAL & {question.about.get("mail"), question.about.get("what")}:
        return False
    if question.kind == "match":
        return choice in YES and len(question.about.get("choices") or ()) == 1
    if question.kind == "unclear":
        return choice in NO or question.about.get("guess") is not None
    return choice in YES or question.kind == "approve" or question.kind.startswith("alert_")


def _approve(conn: Connection, office: Office, given: _Answer) -> str | None:
    if given.choice not in YES | NO:
        return None
    about = given.question.about
    if given.yes and about.get("mail") == "formal_notice" and given.question.client is not None:
        numbers = [str(one) for one in cast("list[str]", about["invoices"])]
        if why_not := hindrance(conn, office, given.question.client, numbers):
            raise UnclearError(why_not)
    data: dict[str, JSON] = {
        "approves": about["what"],
        "lead": about["lead"],
        "yes": given.yes,
        "question": given.question.number,
    }
    happened(
        conn, office, "owner.answered", given.cause, given.now,
        client=given.question.client, invoice=cast("str | None", about["lead"]), data=data, letter=given.letter,
    )  # fmt: skip
    code = "approved" if given.yes else "refused"
    return outcome(
        code,
        office.business.language,
        what=about.get("label") or step_label(about["what"], office.business.language),
        target=about["client_name"],
    )


def _match(conn: Connection, office: Office, given: _Answer) -> str | None:
    by = given.letter or given.cause
    return clearing.answer_match(conn, office, given.question, given.choice, given.number, given.text, by, given.now)


def _overpaid(conn: Connection, office: Office, given: _Answer) -> str | None:
    return clearing.answer_overpaid(conn, office, given.question, given.choice, given.now)


def _unclear(conn: Connection, office: Office, given: _Answer) -> str | None:
    """A reply that was not understood: yes = as guessed; promise, paid, dispute or other = that; no = go on."""
    about = given.question.about
    choices = [choice.lower() for choice in given.question.choices]
    meant = cast("str | None", about.get("guess")) if given.yes else given.choice
    if given.number is not None and not given.yes and 0 <= given.number < len(choices):
        meant = choices[given.number]
    meant = _MEANT.get(meant or "", meant)
    if meant is None or (meant not in _SETTLING and given.choice not in NO):
        return None
    settled = meant if given.choice not in NO else None
    about_invoices = cast("list[str | None]", about["invoices"]) or [None]
    _reread(conn, office, given, str(about["letter"]), about_invoices, settled, about.get("promise_date"))
    for older in cast("list[str]", about.get("letters") or [])[:-1]:
        over: dict[str, JSON] = {"question": given.question.number, "go_on": True, "letter": older}
        happened(
            conn, office, "owner.answered", f"{given.cause}/{short(older)}", given.now,
            client=given.question.client, data=over, letter=given.letter,
        )  # fmt: skip
    return _noted(conn, office, given, settled or given.choice)


def _reread(
    conn: Connection, office: Office, given: _Answer, letter: str, numbers: list[str | None],
    meant: str | None, promise_date: object = None, together: list[JSON] | None = None,
) -> None:  # fmt: skip
    """What the letter started ends, and what the owner says that it means begins; kept as a case (`corrections`)."""
    answered: dict[str, JSON] = {"question": given.question.number, "go_on": True, "letter": letter}
    if together is not None:
        answered |= {"event": together[-1], "events": together}
    data = {"letter": letter, "promise_date": promise_date, "because": [], "by": "owner"}
    for number in numbers:
        # First, because it ends what this letter started: what the letter is said to mean comes after it and stays.
        happened(
            conn, office, "owner.answered", f"{given.cause}/{number or '*'}", given.now,
            client=given.question.client, invoice=number, data=answered, letter=given.letter,
        )  # fmt: skip
        if meant is not None:
            happened(
                conn, office, f"reply.{meant}", f"{letter}/{number or '*'}/{short(given.cause)}/owner", given.now,
                client=given.question.client, invoice=number, data=data, letter=given.letter,
            )  # fmt: skip


def _alert(conn: Connection, office: Office, given: _Answer) -> str | None:
    """A pause that waits for the owner: no ends it and no other one, yes leaves things as they are.

    Where a reply began it, what that reply really meant is an answer too ("this was a dispute").
    """
    meant = _MEANT.get(given.choice, given.choice)
    about = given.question.about
    event = str(about.get("event") or "")
    together = cast("list[JSON]", about.get("events") or [event])
    numbers = cast("list[str | None]", about.get("invoices") or [given.question.invoice])
    of_reply = event.split("/")
    if meant in _SETTLING and of_reply[0].startswith("reply.") and len(of_reply) > 1:
        _reread(conn, office, given, of_reply[1], numbers, meant, together=together)
        return _noted(conn, office, given, meant)
    if given.choice not in YES | NO:
        return None
    data: dict[str, JSON] = {"question": given.question.number, "event": event, "events": together}
    label = ", ".join(str(one) for one in numbers if one) or _label(conn, office, given.question)
    one_reply = of_reply[0].startswith("reply.") and of_reply[0] != "reply.dispute"
    if given.choice in NO and not one_reply:
        for place, number in enumerate(numbers):
            happened(
                conn, office, "owner.resolved", f"{given.cause}/{number}" if place else given.cause, given.now,
                client=given.question.client, invoice=number, data=dict(data), letter=given.letter,
            )  # fmt: skip
        return outcome("resolved", office.business.language, target=label)
    go_on: dict[str, JSON] = {"go_on": True} if given.choice in NO else {}
    happened(
        conn, office, "owner.answered", given.cause, given.now,
        client=given.question.client, invoice=numbers[0] if len(numbers) == 1 else None, data=data | go_on,
        letter=given.letter,
    )  # fmt: skip
    if given.choice in YES:
        return outcome("stays_paused", office.business.language, target=label)
    said = outcome("resolved", office.business.language, target=label)
    if of_reply[0] != "reply.insolvency":
        return said
    return (
        f"{said} {standing.note(conn, office, given.question.client, lifted=True, language=office.business.language)}"
    )


def _unproven(conn: Connection, office: Office, given: _Answer) -> str | None:
    """Yes: the mail was the owner's, and is read as such."""
    if given.choice not in YES | NO:
        return None
    if given.yes and given.question.letter is not None:
        letters.read_again(conn, office.key, given.question.letter)
    return _noted(conn, office, given, given.choice)


def _in_doubt(conn: Connection, office: Office, given: _Answer) -> str | None:
    """A mail of which nobody knew whether it left: yes, it did; no, it goes again. The clock does what was said."""
    if given.choice not in YES | NO:
        return None
    return _noted(conn, office, given, given.choice)


def _rules_changed(_conn: Connection, office: Office, given: _Answer) -> str | None:
    """A change of the rules that would write to many: the clock puts it in force after a yes."""
    if given.choice not in YES | NO:
        return None
    return outcome("rules_accepted" if given.yes else "rules_refused", office.business.language)


def _refuse(conn: Connection, office: Office, given: _Answer) -> str | None:
    """A serious order that waited for its word (`jobs.ordering`): here only a no ends it, and its pause with it."""
    if given.choice not in NO:
        return None
    about, language = given.question.about, office.business.language
    said = outcome("confirm_refused", language, line=str(about["line"]).strip())
    if not _lift_pause(conn, office, given):
        return said
    return f"{said} {outcome('confirm_lifted', language, paused=about.get('paused') or '?')}"


def _lift_pause(conn: Connection, office: Office, given: _Answer) -> bool:
    """Take back the pause that a confirmation kept while it waited; False where it kept none."""
    cause = given.question.dedupe_key.partition("/")[2]
    waited = next((one for one in spoken(conn, office) if one.cause == cause), None)
    if waited is None or waited.first.name != "owner.paused":
        return False
    client, ids = events.client_number(waited.first.client), [event.id for event in waited.events]
    happened(
        conn, office, "owner.undone", given.cause, given.now,
        client=client, invoice=waited.first.invoice, data={"events": ids, "undoes": cause}, letter=given.letter,
    )  # fmt: skip
    if client is not None:
        refresh(conn, office, client, given.now)
    return True


def _revised(conn: Connection, office: Office, given: _Answer) -> str | None:
    if given.choice not in YES | NO:
        return None
    return revising.answer_revised(
        conn, office, given.question, given.yes, given.cause, given.letter, given.now
    )  # fmt: skip


def _address(conn: Connection, office: Office, given: _Answer) -> str | None:
    return revising.answer_address(conn, office, given.question, given.yes) if given.choice in YES | NO else None


def _new_contact(conn: Connection, office: Office, given: _Answer) -> str | None:
    """Whether the address that the client named is taken; also settles what was not sure of that letter."""
    if given.choice not in YES | NO:
        return None
    about = given.question.about
    if about["unsure"]:
        numbers = cast("list[str | None]", about["invoices"]) or [None]
        _reread(conn, office, given, str(about["letter"]), numbers, "wrong_contact" if given.yes else None)
    act = redirecting.take if given.yes else redirecting.leave
    return act(conn, office, given.question, f"{given.cause}/contact", given.letter, given.now)


def _credit(conn: Connection, office: Office, given: _Answer) -> str | None:
    none = given.choice in NO | {"aucune", "none"}
    return revising.answer_credit(conn, office, given.question, given.number, given.text, none, given.now)


def _credit_rest(conn: Connection, office: Office, given: _Answer) -> str | None:
    return revising.answer_credit_rest(conn, office, given.question, given.choice, given.cause, given.now)


def _note(conn: Connection, office: Office, given: _Answer) -> str | None:
    """Words above an invoice that ask for nothing: its reminders go on."""
    if given.choice not in YES:
        return None
    happened(
        conn, office, "owner.resumed", given.cause, given.now,
        client=given.question.client, invoice=given.question.invoice, letter=given.letter,
    )  # fmt: skip
    return outcome("resumed", office.business.language, target=_label(conn, office, given.question))


def _seen(conn: Connection, office: Office, given: _Answer) -> str | None:
    return _noted(conn, office, given, given.choice)


def _noted(conn: Connection, office: Office, given: _Answer, what: str) -> str:
    """What was answered, in words, and what it is about."""
    words = answer_words("yes" if what in YES else "no" if what in NO else what, office.business.language)
    return outcome("noted", office.business.language, what=words, about=_label(conn, office, given.question))


def _label(conn: Connection, office: Office, question: Question) -> str:
    if question.invoice:
        return question.invoice
    if question.client is not None:
        return clients.get(conn, office.key, question.client).name
    return f"question {question.number}"


_SETTLING = frozenset({"promise", "paid", "dispute", "instalments", "document_request", "wrong_contact",
                       "insolvency", "refusal", "question", "acknowledged", "stop"})  # fmt: skip
_MEANT = {"promesse": "promise", "paye": "paid", "payé": "paid", "regle": "paid", "litige": "dispute"}

_KINDS: Mapping[str, Callable[[Connection, Office, _Answer], str | None]] = {
    "approve": _approve,
    "match": _match,
    "overpaid": _overpaid,
    "unclear": _unclear,
    "unproven_owner": _unproven,
    "tool_copy": _unproven,
    "in_doubt": _in_doubt,
    "revised": _revised,
    "address": _address,
    "new_contact": _new_contact,
    "credit_reference": _credit,
    "credit_rest": _credit_rest,
    "rules_changed": _rules_changed,
    "confirm": _refuse,
    "which": _refuse,
    "note": _note,
}
_RECORDED = frozenset({"approve", "match", "overpaid", "unclear"})
"""Kinds whose answer is an event of its own."""
_ALONE = frozenset(
    {"in_doubt", "unproven_owner", "rules_changed", "confirm", "which", "overpaid", "bank_change", "look_alike",
     "revised", "address", "new_contact", "credit_reference", "note",
     "tool_copy", "credit_rest"}
)  # fmt: skip
