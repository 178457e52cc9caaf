"""What the owner says of money: a choice, another invoice or client, nobody's; the orders match and undo.

A yes teaches by whom the client pays, so that the next payment is booked without a question.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.bank.lessons import lessons
from mailbot.jobs import asking, booking, matching, material
from mailbot.jobs.office import Office
from mailbot.jobs.targets import UnclearError, described, question_number, resolve
from mailbot.ledger import aliases, allocations, bank, clients, invoices, questions
from mailbot.ledger.questions import Question
from mailbot.model import Line, Share
from mailbot.money import write_amount_plain
from mailbot.owner.outcomes import outcome

OTHER = frozenset({"other", "autre"})
NOBODY = frozenset({"no", "non"})
_APART = re.compile(r"[\s,;+&]+|\b(?:et|and)\b")
_SHORTEST_ID = 6


def answer_match(
    conn: Connection, office: Office, question: Question, choice: str, at: int | None, text: str, by: str, now: datetime
) -> str | None:
    """Let an answer about a bank line take effect; the sentence for the owner, None where the answer does not fit.

    `at` is the place of the chosen answer, from 0: the bookings that were offered, then "other", then "nobody's".
    `by` is the letter or command that says so.
    """
    line = bank.line(conn, office.key, str(question.about["line"]))
    offered = question.about["choices"]
    if line is None:
        return None
    if choice in OTHER or (at == len(offered) and not text):
        return _other(conn, office, question, line, text, by, now)
    if choice in NOBODY or at == len(offered) + 1:
        bank.set_line_state(conn, office.key, line.id, "ignored")
        asking.release(conn, office, question, now)
        return outcome("not_booked", office.business.language)
    if at is None or not 0 <= at < len(offered):
        return None
    shares = tuple(Share(share["invoice"], Decimal(share["amount"])) for share in offered[at])
    if line.amount < 0:
        payment = _payment(conn, office, line, {share.invoice for share in shares})
        if payment is not None:
            return _went_back(conn, office, question, line, payment, now)
        raise UnclearError(outcome("expired", office.business.language, target=question.number))
    waived = tuple(Share(share["invoice"], Decimal(share["waived"])) for share in offered[at] if "waived" in share)
    if not _still_open(conn, office, shares):
        raise UnclearError(outcome("expired", office.business.language, target=question.number))
    return _settle(conn, office, question, line, shares, waived, by, now)


def answer_overpaid(conn: Connection, office: Office, question: Question, choice: str, now: datetime) -> str | None:
    """Money that was too much goes back, on other invoices, or is what lateness cost."""
    refunded = choice in ("1", "a", "rembourser", "refund")
    penalties = choice in ("3", "c", "pénalités", "penalites", "penalties") and len(question.choices) > 2
    if not (refunded or penalties) and choice not in ("2", "b", "imputer", "set off"):
        return None
    row = next((one for one in allocations.kept(conn, office.key) if one.id == question.about["row"]), None)
    language = office.business.language
    if row is None:
        return outcome("expired", language, target=question.number)
    paid = booking.keep_for(conn, office, row, refunded=refunded, penalties=penalties, now=now)
    name = clients.get(conn, office.key, row.client).name
    amount = write_amount_plain(row.amount, str(question.about["currency"]), language)
    if paid:
        matching.reconsider(conn, office, now, certain=False)
        return outcome("booked", language, amount=amount, target=", ".join(paid))
    code = "refunded" if refunded else "penalties" if penalties else "kept"
    return outcome(code, language, amount=amount, target=name)


def match(conn: Connection, office: Office, line_name: str, named: Sequence[str], by: str, now: datetime) -> str:
    """The order `match`: give a line, by its question's number or its id, to the invoices that are named."""
    line, question = _line(conn, office, line_name)
    language = office.business.language
    if allocations.standing(conn, office.key, line.id):
        raise UnclearError(outcome("matched_before", language, target=line_name))
    numbers = _numbers(conn, office, named)
    if len(numbers) != len(named):
        missing = ", ".join(word for word in named if not _numbers(conn, office, [word]))
        raise UnclearError(outcome("unknown_target", language, target=missing or "?"))
    said = _give(conn, office, question, line, numbers, by, now)
    if question is not None:
        questions.answer(conn, office.key, question.number, "other", ", ".join(named), None, now)
    return said


def undo(conn: Connection, office: Office, target: str, now: datetime) -> str:
    """The order `undo`: take back what a line was given to, named by question, line, or an invoice that it paid.

    Of a line that took a payment back: that payment stands again. An invoice means what the bank did to it last.
    """
    language = office.business.language
    line = _booked_line(conn, office, target)
    if line is None or not allocations.standing(conn, office.key, line.id):
        raise UnclearError(outcome("nothing_to_undo", language, target=target or "?"))
    amount = write_amount_plain(abs(line.amount), line.currency, language)
    if line.amount < 0:
        paid = booking.restore(conn, office, line, now)
        matching.reconsider(conn, office, now, certain=False)
        return outcome("restored", language, amount=amount, target=", ".join(paid))
    reopened = booking.undo(conn, office, line, now)
    matching.ask_again(conn, office, line, now)
    matching.reopened(conn, office, reopened, now)
    return outcome("undone" if reopened else "freed", language, amount=amount, target=", ".join(reopened))


def _other(conn: Connection, office: Office, question: Question, line: Line, text: str, by: str, now: datetime) -> str:
    """The owner names the invoices, or the client, that no answer offered."""
    language = office.business.language
    words = [word for word in _APART.split(text.strip()) if word]
    numbers = _numbers(conn, office, words)
    if words and len(numbers) == len(words):
        return _give(conn, office, question, line, numbers, by, now)
    found = resolve(conn, office, re.sub(r"^client\s+", "", text.strip(), flags=re.IGNORECASE)) if text else []
    if len(found) > 1:
        choices = " ; ".join(described(conn, office, target) for target in found)
        raise UnclearError(outcome("several_targets", language, target=text, choices=choices))
    if not found or found[0].client is None:
        raise UnclearError(outcome("which_other", language, target=question.number))
    if line.amount < 0:
        raise UnclearError(outcome("no_payment", language, target=found[0].label))
    shares = booking.fill(conn, office, line, found[0].client)
    if not shares:
        return _keep(conn, office, question, line, found[0].client, found[0].label, now)
    return _settle(conn, office, question, line, shares, (), by, now)


def _keep(
    conn: Connection, office: Office, question: Question, line: Line, client: int, name: str, now: datetime
) -> str:
    """The client owes nothing that this line could pay: its money waits for the next invoice."""
    amount = booking.keep_whole(conn, office, line, client, now)
    asking.release(conn, office, question, now)
    language = office.business.language
    return outcome("kept", language, amount=write_amount_plain(amount, line.currency, language), target=name)


def _give(
    conn: Connection,
    office: Office,
    question: Question | None,
    line: Line,
    numbers: Sequence[str],
    by: str,
    now: datetime,
) -> str:
    """The line is for these invoices: its money pays them, or it takes back the payment that they had."""
    language = office.business.language
    if line.amount < 0:
        payment = _payment(conn, office, line, set(numbers))
        if payment is None:
            raise UnclearError(outcome("no_payment", language, target=", ".join(numbers)))
        return _went_back(conn, office, question, line, payment, now)
    shares = _filled(conn, office, line, numbers)
    if not shares:
        raise UnclearError(outcome("nothing_open", language, target=", ".join(numbers)))
    return _settle(conn, office, question, line, shares, (), by, now)


def _payment(conn: Connection, office: Office, debit: Line, numbers: set[str]) -> Line | None:
    """The latest payment that the debit may take back and that paid these invoices; rather these alone."""
    fitting = [
        (paid == numbers, payment.line.date, payment.line.id, payment.line)
        for payment in material.returnable(conn, office, [debit])
        if payment.line.date <= debit.date and numbers <= (paid := {share.invoice for share in payment.shares})
    ]
    return max(fitting)[-1] if fitting else None


def _went_back(
    conn: Connection, office: Office, question: Question | None, debit: Line, payment: Line, now: datetime
) -> str:
    """Open again what the payment had paid, as where the bank names it; what follows is the rules' to say."""
    reopened = booking.reverse(conn, office, debit, payment, now, "owner")
    if question is not None:
        asking.release(conn, office, question, now)
    matching.reopened(conn, office, reopened, now)
    language = office.business.language
    amount = write_amount_plain(-debit.amount, debit.currency, language)
    return outcome("went_back", language, amount=amount, target=", ".join(reopened))


def _settle(
    conn: Connection,
    office: Office,
    question: Question | None,
    line: Line,
    shares: tuple[Share, ...],
    waived: tuple[Share, ...],
    by: str,
    now: datetime,
) -> str:
    """Book as the owner says, free who was held, learn the payer, and look at the other questions again."""
    language = office.business.language
    booking.book(conn, office, line, shares, "owner", now, waived=waived, why="fees")
    if question is not None:
        asking.release(conn, office, question, now)
    taught = _teach(conn, office, line, shares, by, now)
    matching.reconsider(conn, office, now, certain=bool(taught))
    known = invoices.get(conn, office.key, shares[0].invoice)
    currency = known.currency if known is not None else line.currency
    total = write_amount_plain(sum((share.amount for share in shares), Decimal(0)), currency, language)
    said = outcome("booked", language, amount=total, target=", ".join(share.invoice for share in shares))
    return f"{said} {outcome('taught', language, payer=taught[0], target=taught[1])}" if taught else said


def _teach(
    conn: Connection, office: Office, line: Line, shares: Sequence[Share], by: str, now: datetime
) -> tuple[str, str] | None:
    """Note by which name or account the client paid; (that, the client), None where there is nothing to learn."""
    owner_of = invoices.among(conn, office.key, [share.invoice for share in shares])
    if len(set(owner_of.values())) != 1:
        return None
    client = next(iter(owner_of.values()))
    name = clients.get(conn, office.key, client).name
    taught = [alias for alias in aliases.known(conn, office.key) if alias.kind == "name"]
    others = [one.name for one in clients.everyone(conn, office.key) if one.id != client]
    others += [alias.value for alias in taught if alias.client != client]
    learned = None
    for kind, value in lessons(line, name, others, material.ours(office)):
        if aliases.teach(conn, office.key, client, kind, value, line.id, by, now):
            learned = learned or value
    return (learned, name) if learned else None


def _still_open(conn: Connection, office: Office, shares: Sequence[Share]) -> bool:
    found = [(share, invoices.get(conn, office.key, share.invoice)) for share in shares]
    return all(known is not None and share.amount <= known.open_amount for share, known in found)


def _numbers(conn: Connection, office: Office, words: Sequence[str]) -> list[str]:
    """The invoices that these words are the numbers of, written in any case."""
    known = {number.upper(): number for number in invoices.numbers(conn, office.key)}
    return [known[word.upper()] for word in words if word.upper() in known]


def _filled(conn: Connection, office: Office, line: Line, numbers: Sequence[str]) -> tuple[Share, ...]:
    """The line's money on these invoices, in this order; one of another currency is paid whole."""
    left, shares = allocations.unused(conn, office.key, line.id), []
    for number in dict.fromkeys(numbers):
        invoice = invoices.get(conn, office.key, number)
        if invoice is None or invoice.kind != "invoice" or left <= 0:
            continue
        same = invoice.currency == line.currency
        part = min(left, invoice.open_amount) if same else invoice.open_amount
        left -= part if same else left
        if part > 0:
            shares.append(Share(number, part))
    return tuple(shares)


def _line(conn: Connection, office: Office, name: str) -> tuple[Line, Question | None]:
    """The line that a question is about, or that begins so. Raises UnclearError where there is not just one."""
    number = question_number(name)
    question = questions.get(conn, office.key, number) if number is not None else None
    if question is not None and question.kind == "match":
        line = bank.line(conn, office.key, str(question.about["line"]))
        if line is not None:
            return line, asking.current_question(conn, office, line)
    found = bank.lines_called(conn, office.key, name) if len(name) >= _SHORTEST_ID else []
    if len(found) != 1:
        raise UnclearError(outcome("unknown_line", office.business.language, target=name or "?"))
    return found[0], asking.current_question(conn, office, found[0])


def _booked_line(conn: Connection, office: Office, target: str) -> Line | None:
    """The line whose booking is meant; of several that paid an invoice, or took that back, the latest."""
    number = _about_invoice(conn, office, target)
    if number is None:
        return _line(conn, office, target)[0]
    rows = [*allocations.of_invoice(conn, office.key, number), *allocations.reversals(conn, office.key, number)]
    return bank.line(conn, office.key, max(rows, key=lambda row: row.id).line) if rows else None


def _about_invoice(conn: Connection, office: Office, target: str) -> str | None:
    """The invoice that is named, or that a question is about which is none about a line ("the bank took it back")."""
    numbers = _numbers(conn, office, [target])
    number = question_number(target)
    question = questions.get(conn, office.key, number) if not numbers and number is not None else None
    if question is not None and question.kind != "match":
        return question.invoice
    return numbers[0] if numbers else None
