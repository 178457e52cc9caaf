"""Bank lines against what is open: book what is certain, ask about the rest, and keep the questions true.

While a line could be a client's money and nobody has said so, the client is held: `bank.unmatched` until
`bank.explained`. A question stands for one state of the book: when what it names is paid, cancelled or corrected
otherwise, it expires and is asked anew under another number, so that an answer to yesterday's choices books nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from mailbot.bank.match import match_lines
from mailbot.bank.reversals import Payment
from mailbot.jobs.booking import book, reverse
from mailbot.jobs.mailing import ask
from mailbot.jobs.office import Office, happened
from mailbot.ledger import aliases, allocations, bank, clients, events, invoices, questions
from mailbot.ledger.questions import Question
from mailbot.ledger.store import reading, writing
from mailbot.model import JSON, Line, Match, OpenItem, Share

RETURNABLE = timedelta(days=400)
"""How long after it a payment may be taken back (13 months for a direct debit that nobody mandated)."""
MOST_CHOICES = 3
CHARGES, CHARGES_PART = Decimal(20), Decimal("0.03")
"""What a payment may lack for bank charges or an unannounced discount, for the owner to let go."""
SAME_PAYMENT_DAYS = 5
"""How far apart two formats may put one payment: value date and booking date, with a weekend between them."""
SAID_LATELY = timedelta(days=90)
"""So long the owner's word "paid" may speak of a line that comes only now."""


def open_items(conn: Connection, office: Office) -> list[OpenItem]:
    """What money may be given to, with the names and accounts that the owner taught.

    Invoices only: credit notes are taken off already (`rules.balance`).
    """
    names: dict[int, list[str]] = {}
    ibans: dict[int, list[str]] = {}
    for alias in aliases.known(conn, office.key):
        (names if alias.kind == "name" else ibans).setdefault(alias.client, []).append(alias.value)
    items = [item for item in invoices.open_items(conn, office.key) if item.kind == "invoice"]
    if not names and not ibans:
        return items
    owner_of = invoices.numbers(conn, office.key)
    return [
        replace(
            item,
            client_aliases=(*item.client_aliases, *names.get(owner_of[item.number], ())),
            payer_ibans=(*item.payer_ibans, *ibans.get(owner_of[item.number], ())),
        )
        for item in items
    ]


def match_new(conn: Connection, office: Office, lines: Sequence[Line], now: datetime) -> tuple[int, int]:
    """Match lines that have just been kept; (booked, asked about)."""
    booked = asked = 0
    fresh = {line.id for line in bank.lines_in_state(conn, office.key, "new")}
    lines = [line for line in lines if line.id in fresh]
    matches = match_lines(lines, open_items(conn, office), ours(office), returnable(conn, office, lines))
    by_id = {line.id: line for line in lines}
    returned = {match.reverses for match in matches}
    for match in sorted(matches, key=lambda match: (_place(match), by_id[match.line].date)):
        line = by_id[match.line]
        if match.reverses:
            _take_back(conn, office, line, match, now)
        elif _is_certain(conn, office, line, match) and not _said_already(conn, office, line, match, now):
            _book(conn, office, line, match, now)
            booked += 1
        elif match.decision == "none" or line.id in returned:
            bank.set_line_state(conn, office.key, line.id, "ignored")
        else:
            ask_about(conn, office, line, _asking(match), now)
            asked += 1
    return booked, asked


def match_earlier(conn: Connection, office: Office, number: str, now: datetime) -> None:
    """An invoice was entered: money that came before it, and lines that were asked about, may be its payment."""
    invoice = invoices.get(conn, office.key, number)
    if invoice is None or invoice.kind != "invoice":
        return
    lines = {
        line.id: line
        for line in bank.lines_in_state(conn, office.key, "ignored")
        if line.date >= invoice.issued and not _was_answered(conn, office, line)
    }
    matches = match_lines([*lines.values()], open_items(conn, office), ours(office)) if lines else []
    returned = {match.reverses for match in matches}
    for match in matches:
        line = lines[match.line]
        if line.amount <= 0 or line.id in returned:
            continue  # money that went out, and money that went back
        if number not in _named(match):
            continue
        if _is_certain(conn, office, line, match):
            _book(conn, office, line, match, now)
        elif match.decision != "none":
            ask_about(conn, office, line, _asking(match), now)
    reconsider(conn, office, now, certain=True)


def reconsider(conn: Connection, office: Office, now: datetime, *, certain: bool) -> None:
    """Look at every line again that is asked about, with the book of this moment.

    `certain`: the evidence grew (a new invoice, a payer that is known now), so what is certain is booked. Where only
    something else was settled it is asked: one of two equal invoices that the owner called paid may be this very
    line's.
    """
    _look_again(conn, office, bank.lines_in_state(conn, office.key, "asked"), now, certain=certain)


def keep_true(office: Office, now: datetime) -> None:
    """Ask anew where what a question names has changed since it was asked."""
    with reading(office.engine) as conn:
        if not _outdated(conn, office):
            return
    with writing(office.engine) as conn:
        look_at_outdated(conn, office, now)


def look_at_outdated(conn: Connection, office: Office, now: datetime) -> None:
    """The same in a transaction that changed what is open."""
    _look_again(conn, office, _outdated(conn, office), now, certain=False)


def ask_again(conn: Connection, office: Office, line: Line, now: datetime) -> None:
    """The owner took a booking back: what does the line pay? It is never booked by itself again."""
    [match] = match_lines([line], open_items(conn, office), ours(office))
    ask_about(conn, office, line, _asking(replace(match, decision="ask")), now)


def ask_about(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> None:
    """Put one line to the owner, at most three answers, and hold the clients whose money it may be."""
    named = _named(match) | {number for number, _ in match.rejected}
    owner_of = invoices.among(conn, office.key, sorted(named))
    held = sorted(set(owner_of.values()))
    choices = _choices(conn, office, line, match)
    turn = _turn(conn, office, line)
    known = questions.by_dedupe_key(conn, office.key, _key(line, turn)) if turn else None
    if known is not None and known.state == "open":
        if known.about.get("choices") == choices:
            _keep(conn, office, known, held, _open_now(conn, office, owner_of), now)
            return
        close(conn, office, known, "the open invoices changed", now)
    mark = f"{line.id}#{turn + 1}" if turn else line.id
    about: dict[str, JSON] = {
        "line": line.id,
        "mark": mark,
        "amount": str(line.amount),
        "currency": line.currency,
        "date": line.date.isoformat(),
        "label": label(line),
        "evidence": list(match.evidence),
        "choices": choices,
        "clients": [*held],
        "names": [clients.get(conn, office.key, client).name for client in held],
        "open": _open_now(conn, office, owner_of),
        "currencies": {item.number: item.currency for item in _billed(conn, office, owner_of)},
    }
    ask(conn, office, "match", _key(line, turn + 1), about, now)
    bank.set_line_state(conn, office.key, line.id, "asked")
    _hold(conn, office, line.id, mark, str(line.amount), held, now)


def explained(conn: Connection, office: Office, line: str, mark: str, held: Sequence[int], now: datetime) -> None:
    """A line that held these clients' mails back is settled, one way or the other; `mark` is the question's."""
    for client in held:
        data: dict[str, JSON] = {"line": mark}
        happened(conn, office, "bank.explained", f"{mark}/{client}", now, client=client, data=data, line=line)
        clients.set_next_look(conn, office.key, client, office.day(now))


def close(conn: Connection, office: Office, question: Question, why: str, now: datetime) -> None:
    """A question about a line is no longer put; whom it held is free of it."""
    if questions.expire(conn, office.key, question.number, why, now):
        release(conn, office, question, now)


def release(conn: Connection, office: Office, question: Question, now: datetime) -> None:
    """Free the clients that a question about a line held."""
    line = str(question.about["line"])
    held = [int(client) for client in question.about["clients"]]
    explained(conn, office, line, str(question.about.get("mark") or line), held, now)


def current_question(conn: Connection, office: Office, line: Line) -> Question | None:
    """The latest question about the line."""
    turn = _turn(conn, office, line)
    return questions.by_dedupe_key(conn, office.key, _key(line, turn)) if turn else None


def returnable(conn: Connection, office: Office, lines: Sequence[Line]) -> list[Payment]:
    """Earlier payments of the amounts that these lines take away: booked, or still asked about."""
    debits = [line for line in lines if line.amount < 0]
    if not debits:
        return []
    amounts, since = {-line.amount for line in debits}, min(line.date for line in debits) - RETURNABLE
    found = []
    for line_id in allocations.paying_lines(conn, office.key, amounts, since):
        line = bank.line(conn, office.key, line_id)
        rows = allocations.standing(conn, office.key, line_id)
        shares = tuple(Share(row.invoice, row.amount) for row in rows if row.invoice and row.kind == "paid")
        if line is not None:
            found.append(Payment(line, shares))
    waiting = bank.lines_in_state(conn, office.key, "asked")
    return [*found, *(Payment(line, ()) for line in waiting if line.amount in amounts)]


def label(line: Line) -> str:
    """Name and memo as one text; many banks cut the name at 32 characters and repeat it whole in the memo."""
    return line.memo if line.memo.startswith(line.name) else f"{line.name} {line.memo}".strip()


def _keep(
    conn: Connection, office: Office, question: Question, held: Sequence[int], open_now: JSON, now: datetime
) -> None:
    """The same answers are to be chosen from, though the book around them changed: whoever may be meant is held too."""
    about = dict(question.about)
    line, mark = str(about["line"]), str(about.get("mark") or about["line"])
    if about.get("open") == open_now and set(held) <= set(about["clients"]):
        return
    about |= {"open": open_now, "clients": sorted({*about["clients"], *held})}
    questions.update_about(conn, office.key, question.number, about)
    _hold(conn, office, line, mark, str(about["amount"]), held, now)


def _hold(
    conn: Connection, office: Office, line: str, mark: str, amount: str, held: Sequence[int], now: datetime
) -> None:
    for client in held:
        data: dict[str, JSON] = {"amount": amount, "line": mark}
        happened(conn, office, "bank.unmatched", f"{mark}/{client}", now, client=client, data=data, line=line)
        clients.set_next_look(conn, office.key, client, office.day(now))


def _billed(conn: Connection, office: Office, numbers: Iterable[str]) -> list[invoices.Invoice]:
    found = (invoices.get(conn, office.key, number) for number in sorted(numbers))
    return [one for one in found if one is not None]


def _open_now(conn: Connection, office: Office, numbers: Iterable[str]) -> JSON:
    """What is open of each invoice that a question names: when it changes, the question is looked at again."""
    return {one.number: f"{one.open_amount:.2f}" for one in _billed(conn, office, numbers)}


def _look_again(conn: Connection, office: Office, lines: Sequence[Line], now: datetime, *, certain: bool) -> None:
    if not lines:
        return
    by_id = {line.id: line for line in lines}
    items, own = open_items(conn, office), ours(office)
    incoming, outgoing = ([line for line in lines if (line.amount > 0) == is_in] for is_in in (True, False))
    # apart, because a debit takes back what is booked, not what would be
    matches = match_lines(incoming, items, own)
    for match in [*matches, *match_lines(outgoing, items, own, returnable(conn, office, outgoing))]:
        line = by_id[match.line]
        if match.decision == "none":
            question = current_question(conn, office, line)
            if question is not None:
                close(conn, office, question, "nothing that it could pay is open", now)
            bank.set_line_state(conn, office.key, line.id, "ignored")
        elif certain and not allocations.history(conn, office.key, line.id) and _is_certain(conn, office, line, match):
            question = current_question(conn, office, line)
            _book(conn, office, line, match, now)
            if question is not None:
                close(conn, office, question, "it is certain by now", now)
        else:
            ask_about(conn, office, line, _asking(match), now)


def _place(match: Match) -> int:
    """Bookings first, then what takes them back, then questions, which see the book as it is in the end."""
    return 1 if match.reverses else 0 if match.decision == "auto" else 2


def _was_answered(conn: Connection, office: Office, line: Line) -> bool:
    question = current_question(conn, office, line)
    return question is not None and question.state == "answered"


def _outdated(conn: Connection, office: Office) -> list[Line]:
    """Lines whose question names an invoice of which not the same is open any more."""
    lines = []
    for question in questions.open_ones(conn, office.key):
        if question.kind != "match":
            continue
        stated = question.about.get("open") or {}
        current = {number: invoices.get(conn, office.key, number) for number in stated}
        changed = any(one is None or f"{one.open_amount:.2f}" != stated[number] for number, one in current.items())
        line = bank.line(conn, office.key, str(question.about["line"])) if changed else None
        if line is not None:
            lines.append(line)
    return lines


def _book(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> None:
    why = "discount" if any("discount" in said for said in match.evidence) else "rounding"
    book(conn, office, line, match.allocations, "auto", now, waived=match.waived, why=why)


def _take_back(conn: Connection, office: Office, debit: Line, match: Match, now: datetime) -> None:
    payment = bank.line(conn, office.key, match.reverses)
    if payment is None:
        bank.set_line_state(conn, office.key, debit.id, "ignored")
        return
    reverse(conn, office, debit, payment, now)
    if bank.line_state(conn, office.key, payment.id) == "asked":
        question = current_question(conn, office, payment)
        if question is not None:
            close(conn, office, question, "the bank took the payment back", now)
        bank.set_line_state(conn, office.key, payment.id, "ignored")


def _is_certain(conn: Connection, office: Office, line: Line, match: Match) -> bool:
    """Whether a line is booked without a question.

    The same payment in a second format has another account and may have another label and day: equal money of the
    same client that stands under another account is the owner's to tell apart.
    """
    if match.decision != "auto":
        return False
    payers = set(invoices.among(conn, office.key, [share.invoice for share in match.allocations]).values())
    for other in bank.equal_elsewhere(conn, office.key, line.id, SAME_PAYMENT_DAYS):
        given = [row.invoice for row in allocations.standing(conn, office.key, other) if row.invoice]
        clients_of = set(invoices.among(conn, office.key, given).values())
        twin = bank.line(conn, office.key, other)
        question = current_question(conn, office, twin) if twin is not None and not given else None
        if question is not None:
            clients_of |= {int(client) for client in question.about["clients"]}
        if clients_of & payers:
            return False
    return True


def _said_already(conn: Connection, office: Office, line: Line, match: Match, now: datetime) -> bool:
    """The owner said not long ago that this client paid this amount: the line may be that payment.

    Only where the payer named no invoice; a payment that names an open one is another.
    """
    if any(said.startswith("reference ") for said in match.evidence):
        return False
    owner_of = invoices.among(conn, office.key, [share.invoice for share in match.allocations])
    since = office.day(now) - SAID_LATELY
    for client in sorted(set(owner_of.values())):
        for event in events.of_client(conn, office.key, client):
            if (
                event.name == "owner.paid"
                and event.day >= since
                and _is_that(conn, office, event.invoice, line, event.data.get("amount"))
            ):
                return True
    return False


def _is_that(conn: Connection, office: Office, number: str | None, line: Line, amount: JSON) -> bool:
    if isinstance(amount, str):
        return Decimal(amount) == line.amount
    known = invoices.get(conn, office.key, number) if number else None
    if known is None:
        return True  # "paid" for all that the client owed: no amount tells it from this line
    return known.amount == line.amount and not allocations.of_invoice(conn, office.key, known.number)


def _choices(conn: Connection, office: Office, line: Line, match: Match) -> list[JSON]:
    """The answers to choose from. A little short of one invoice: bank charges that close it, or a part of it?"""
    found: list[JSON] = []
    for shares in match.choices:
        plain: list[JSON] = [{"invoice": share.invoice, "amount": str(share.amount)} for share in shares]
        invoice = invoices.get(conn, office.key, shares[0].invoice) if len(shares) == 1 else None
        if invoice is not None and invoice.currency == line.currency:
            short = invoice.open_amount - shares[0].amount
            if 0 < short <= min(CHARGES, invoice.open_amount * CHARGES_PART):
                found.append([{"invoice": invoice.number, "amount": str(shares[0].amount), "waived": str(short)}])
        found.append(plain)
    return found[:MOST_CHOICES]


def _asking(match: Match) -> Match:
    """A match as a question: what would have been booked by itself is its first answer."""
    if match.decision != "auto" and not match.allocations:
        return match
    return replace(match, decision="ask", choices=(match.allocations, *match.choices)[:3], allocations=(), waived=())


def _named(match: Match) -> set[str]:
    return {share.invoice for shares in (match.allocations, *match.choices) for share in shares}


def _turn(conn: Connection, office: Office, line: Line) -> int:
    """How often the line was asked about."""
    turn = 0
    while questions.by_dedupe_key(conn, office.key, _key(line, turn + 1)) is not None:
        turn += 1
    return turn


def _key(line: Line, turn: int) -> str:
    return f"match/{line.id}" if turn == 1 else f"match/{line.id}/{turn}"


def ours(office: Office) -> tuple[str, ...]:
    """The business's own accounts."""
    return (office.business.iban,) if office.business.iban else ()
