"""Owners' orders: each line is carried out on its own, and one mail says what became of every line.

What an order does stands with its kind, and the table of them all in `concluding`. Here is what all have in common:
their turn, one savepoint each, contradictions, what has to be confirmed first, the transcript.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.errors import LedgerError, MailbotError
from mailbot.jobs import choosing, confirming, drafted
from mailbot.jobs.concluding import ORDERS
from mailbot.jobs.mailing import short, tell_owner
from mailbot.jobs.office import Office
from mailbot.jobs.targets import SeveralError, UnclearError, names_listed, resolve
from mailbot.jobs.turns import Turn
from mailbot.ledger import letters, orders, outgoing, questions
from mailbot.ledger.orders import DoneOrder
from mailbot.ledger.questions import Question
from mailbot.ledger.store import writing
from mailbot.model import JSON, Order, Reading
from mailbot.owner.answers import agrees_to_something_else
from mailbot.owner.contradictions import contradicting
from mailbot.owner.courtesy import without_opening
from mailbot.owner.denials import denied
from mailbot.owner.doubt import uncertain
from mailbot.owner.lines import holds_others, sounds_like_order
from mailbot.owner.nearest import meant_order, nearest_order, settled_order
from mailbot.owner.orders import THE_SAME, parse_orders
from mailbot.owner.outcomes import outcome
from mailbot.owner.retractions import retracts_at_end
from mailbot.owner.verb_table import begins_with_verb
from mailbot.owner.words import fold

_FOR_EACH = frozenset({"pause", "resume", "send", "paid", "resolve", "policy", "status", "why", "preview"})
"""Orders that may name several clients at once."""
_UNDOABLE = frozenset(
    {"paid", "match", "pause", "resume", "promise", "dispute", "resolve", "skip", "policy", "send", "contact",
     "correct", "cancel", "write_off", "answer", "reply", "digest"}
)  # fmt: skip
"""After which the transcript says how to take it back."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An order, whether it was carried out, and the sentence that answers it (with more lines below it)."""

    verb: str
    line: str
    done: bool
    result: str
    asked: bool = False
    """The owner is asked to confirm it, or which of several things is meant."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where the orders of a mail stand, and what is known of that mail."""

    letter: str
    owner: str
    question: int | None = None
    """The question that the mail answers, by its address."""
    answers: str = ""
    """The Message-ID of the mail of ours that it answers."""
    proved: bool = True
    """It answers a mail that only the owner got."""
    seen_at: datetime | None = None
    """When that mail was planned, however old it is: what was asked since stood in none that the owner answers."""


def obey(conn: Connection, office: Office, written: Written, found: Reading, now: datetime) -> None:
    """Carry out the orders of an authenticated owner's mail and answer with a transcript, once."""
    language = office.business.language
    seen = outgoing.by_message_id(conn, office.key, written.answers) if written.answers else None
    asked = Turn(written.letter, now, language, written.letter, written.question, answers=written.answers)
    given = _merged(conn, office, found.orders, asked)
    turns = [
        Turn(
            f"{written.letter}/{position}", now, language, written.letter, written.question,
            about=seen.invoices if seen is not None else (), answers=written.answers,
            seen_at=written.seen_at, proved=written.proved,
        )
        for position in range(len(given))
    ]  # fmt: skip
    kept = {one.position: one for one in orders.done(conn, office.key, written.letter)}
    done = _in_turn(conn, office, given, turns, kept)
    for position, (order, one) in enumerate(zip(given, done, strict=True)):
        orders.keep(conn, office.key, written.letter, position, order, one.result, now)
    lines: list[JSON] = [_line(one.line, one.result) for one in done]
    lines += [_line(line, said) for line, said in refusals(found.unknown_lines, language)]
    if not lines:
        return
    info = letters.info(conn, office.key, written.letter)
    values: dict[str, JSON] = {
        "lines": lines,
        "help": bool(found.unknown_lines) or any(one.verb == "help" for one in done),
        "done": sum(one.done and not one.asked for one in done),
        "asked": sum(one.asked for one in done),
        "undo": any(one.done and one.verb in _UNDOABLE for one in done),
    }
    tell_owner(
        conn, office, "transcript", f"transcript/{written.letter}", values, now,
        to=(written.owner,), answers=info.message_id if info else "", question=_asked_once(conn, office, turns),
    )  # fmt: skip


def _asked_once(conn: Connection, office: Office, turns: Sequence[Turn]) -> int | None:
    """The one thing that the transcript asks (which of several, or a word): a bare answer to it is about that."""
    keys = [f"{kind}/{turn.cause}" for turn in turns for kind in ("which", "confirm")]
    asked = [one for key in keys if (one := questions.by_dedupe_key(conn, office.key, key)) is not None]
    return asked[0].number if len(asked) == 1 and asked[0].state == "open" else None


def obey_typed(office: Office, text: str, now: datetime) -> tuple[list[Carried], tuple[str, ...]]:
    """Orders that were typed, each in a transaction of its own; also the lines that are none.

    The same text at the same instant is the same orders: they act once. Who types on the machine itself is not asked
    to confirm.
    """
    language = office.business.language
    found, unknown = parse_orders(text, language, office.day(now))
    done: list[Carried] = []
    for position, order in enumerate(found):
        cause = f"do/{short(text)}/{now.isoformat()}/{position}"
        with writing(office.engine) as conn:
            named = _named(order, [one.target for one in found[:position]])
            done.append(_carried(conn, office, named, Turn(cause, now, language, confirmed=True)))
    return done, unknown


def carry_out(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """One order; the sentence that answers it. Nothing is changed where it is not clear."""
    return _carried(conn, office, order, turn).result


def _in_turn(
    conn: Connection, office: Office, given: Sequence[Order], turns: Sequence[Turn], kept: Mapping[int, DoneOrder]
) -> list[Carried]:
    """One after the other; two that say the contrary of the same thing are both left undone.

    `kept`: what of them was carried out when the letter was read before.
    """
    named = [_named(order, [one.target for one in given[:at]]) for at, order in enumerate(given)]
    clash = contradicting([replace(order, target=_key(conn, office, order, turns[0])) for order in named])
    done = []
    for at, (order, turn) in enumerate(zip(named, turns, strict=True)):
        if at in kept:
            done.append(Carried(order.verb, order.line, False, kept[at].result))
        elif at in clash:
            other = given[clash[at]].line.strip()
            said = outcome("contradicts", turn.language, other=other)
            done.append(Carried(order.verb, order.line, False, said))
        else:
            done.append(_carried(conn, office, order, turn))
    return done


def _named(order: Order, before: Sequence[str | None]) -> Order:
    """ "it" and "le même" are what the last order named."""
    if order.target is None or fold(order.target) not in THE_SAME:
        return order
    last = next((name for name in reversed(before) if name and fold(name) not in THE_SAME), None)
    return replace(order, target=last) if last is not None else order


def _key(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """What an order is about, the same for every way to name it."""
    if order.verb == "answer":
        return f"question {order.target or turn.question or ''}"
    found = resolve(conn, office, order.target, turn.question)
    return f"{found[0].client}/{found[0].invoice or ''}" if len(found) == 1 else fold(order.target or "")


def _carried(conn: Connection, office: Office, order: Order, turn: Turn) -> Carried:
    """One order, carried out; "pause Dupont et Lemaire" for each of them, where nobody has both names."""
    listed = order.verb in _FOR_EACH and "amount" not in order.fields
    if listed and (named := names_listed(conn, office, order.target or "", turn.question)):
        each = [
            _carried_one(conn, office, replace(order, target=name), replace(turn, cause=f"{turn.cause}/{at}"))
            for at, name in enumerate(named)
        ]
        said = "\n".join(one.result for one in each)
        return Carried(
            order.verb, order.line, any(one.done for one in each), said, asked=any(one.asked for one in each)
        )
    return _carried_one(conn, office, order, turn)


def _carried_one(conn: Connection, office: Office, order: Order, turn: Turn) -> Carried:
    act = ORDERS.get(order.verb)
    if act is None:
        return Carried(order.verb, order.line, False, outcome("not_by_mail", turn.language, verb=order.line.strip()))
    try:
        with conn.begin_nested():  # what one line trips over must not take back the other lines of the mail
            asked = confirming.to_confirm(conn, office, order, turn)
            if asked is not None:
                return _put(order, confirming.put(conn, office, order, turn, asked))
            return Carried(order.verb, order.line, True, act(conn, office, order, turn))
    except SeveralError as several:
        put = turn.letter is not None  # who types on the machine says it again, more exactly
        said = choosing.put(conn, office, order, turn, several.choices, several.why) if put else str(several)
        return _put(order, said)
    except UnclearError as unclear:
        return Carried(order.verb, order.line, False, str(unclear))
    except LedgerError:
        raise  # the ledger is out of reach: the letter is read again
    except (MailbotError, ValueError, LookupError, ArithmeticError):
        # Whatever an odd value sets off in one order is that order's matter: the owner is told, the rest goes on.
        return Carried(order.verb, order.line, False, outcome("failed", turn.language))


def _put(order: Order, said: str) -> Carried:
    return Carried(order.verb, order.line, False, said, asked=True)


def _merged(conn: Connection, office: Office, given: Sequence[Order], turn: Turn) -> Sequence[Order]:
    """The fields of an incomplete invoice come one a line and count together, for each such invoice."""
    merged: list[Order] = []
    places: dict[int, int] = {}
    for order in given:
        draft = _draft_of(conn, office, order, turn)
        if draft is None:
            merged.append(order)
            continue
        own = {key.replace("email", "contact"): text for key, text in order.fields.items() if key != "action"}
        at = places.setdefault(draft.number, len(merged))
        before = merged[at : at + 1]
        target = None if draft.number == turn.question else drafted.handle(draft)
        fields = {**(before[0].fields if before else {}), **own}
        merged[at:] = [Order("correct", target, fields, " · ".join([*(one.line for one in before), order.line])),
                       *merged[at + 1 :]]  # fmt: skip
    return merged


def _draft_of(conn: Connection, office: Office, order: Order, turn: Turn) -> Question | None:
    if order.verb not in ("correct", "contact"):
        return None
    try:
        return drafted.draft_meant(conn, office, order.target, turn)
    except UnclearError:
        return None  # said when its turn comes


def _line(line: str, result: str) -> dict[str, JSON]:
    """One line of the transcript: what was written, the sentence, and what stands below it."""
    first, *more = result.split("\n")
    return {"order": line, "result": first, "more": list(more)}


def refusals(unknown: Sequence[str], language: str) -> list[tuple[str, str]]:
    """Why each of the lines that are no order was not carried out."""
    holding = next((line for line in unknown if holds_others(fold(line))), None)
    others = [line for line in unknown if line != holding]
    if holding is None or not others:
        return [(line, _not_understood(line, language)) for line in unknown]
    return [(line, outcome("held_by", language, line=holding.strip())) for line in others]


def _not_understood(line: str, language: str) -> str:
    low = fold(without_opening(line))
    if sounds_like_order(low) and (uncertain(low) or retracts_at_end(low)):
        return outcome("is_asked" if "?" in low else "is_unsure", language)
    if agrees_to_something_else(low):
        return outcome("is_unsure", language)
    if (what := denied(low)) is not None:
        instead = what.instead(without_opening(line), language)
        return " ".join(
            [outcome("is_denied", language), *([outcome("order_for_that", language, order=instead)] if instead else [])]
        )
    if begins_with_verb(low) == "dispute":
        return outcome("dispute_or_not", language)
    said = outcome("not_understood", language)
    near = settled_order(line, language) or meant_order(line, language) or nearest_order(line, language)
    return f"{said} {outcome('did_you_mean', language, near=near)}" if near else said
