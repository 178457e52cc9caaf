"""Orders for papers and courts: the letter of a formal notice, its posting, the dossier, what happened at court."""

from collections.abc import Mapping

from sqlalchemy import Connection

from mailbot.jobs.handing import want_dossier
from mailbot.jobs.legal_steps import OF_THE_CLIENT, hear_of_insolvency, last_day_to_file, record
from mailbot.jobs.noticing import state_posting
from mailbot.jobs.office import Office
from mailbot.jobs.targets import Target, UnclearError, several
from mailbot.jobs.turns import Act, Turn, client_of, day_of, meant
from mailbot.jobs.withholding import hindrance, posted_late
from mailbot.ledger import clients, invoices
from mailbot.model import Order
from mailbot.owner.outcomes import outcome


def _notice(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """The letter is wanted, or was posted: then on which day, and under which number."""
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    sent_on, tracking = day_of(order, "sent_on", turn), order.fields.get("tracking", "")
    if sent_on is None and tracking:
        sent_on = office.day(turn.now)
    if sent_on is None:
        _still_owed(conn, office, client, target, turn)
        if why_not := hindrance(conn, office, client, [target.invoice] if target.invoice else []):
            raise UnclearError(why_not)
    try:
        state_posting(
            conn, office, client, target.invoice, turn.cause, turn.now, sent_on=sent_on, tracking=tracking,
            letter=turn.letter,
        )  # fmt: skip
    except ValueError as error:
        raise UnclearError(outcome("bad_field", turn.language, why=str(error))) from error
    if sent_on is None:
        return outcome("notice_asked", turn.language, target=target.label)
    done = outcome("notice_posted", turn.language, target=target.label, date=f"{sent_on:%d/%m/%Y}")
    return f"{done} {posted_late(conn, office, client, target.invoice, sent_on)}".rstrip()


def _dossier(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    want_dossier(conn, office, client, target.invoice, turn.cause, turn.now, letter=turn.letter)
    return outcome("dossier_asked", turn.language, target=target.label)


def _legal_step(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """A publication in BODACC, a claim that was filed, a step at court; an insolvency may be told without its day."""
    target = meant(conn, office, order, turn)
    client, step, day = client_of(target, order, turn), order.fields["step"], day_of(order, "date", turn)
    if day is None and step == "bodacc":
        new = hear_of_insolvency(conn, office, client, order.line.strip(), turn.cause, turn.now, letter=turn.letter)
        return outcome(
            "insolvency_heard" if new else "insolvency_known", turn.language, target=_client_name(conn, office, client)
        )
    day = day or office.day(turn.now)
    if step not in OF_THE_CLIENT and target.invoice is None:
        owed = [one.number for one in invoices.of_client(conn, office.key, client) if one.open_amount > 0]
        found = [Target(number, client, number) for number in owed] or [target]
        raise several(conn, office, target.label, found, turn.language)
    try:
        record(conn, office, client, target.invoice, step, day, turn.cause, turn.now, letter=turn.letter)
    except ValueError as error:
        raise UnclearError(outcome("bad_field", turn.language, why=str(error))) from error
    return outcome(
        f"legal_{step}", turn.language, target=target.invoice or target.label, date=f"{day:%d/%m/%Y}",
        until=f"{last_day_to_file(day):%d/%m/%Y}", client=_client_name(conn, office, client),
    )  # fmt: skip


def _client_name(conn: Connection, office: Office, client: int) -> str:
    return clients.get(conn, office.key, client).name


def _still_owed(conn: Connection, office: Office, client: int, target: Target, turn: Turn) -> None:
    billed = [one for one in invoices.of_client(conn, office.key, client) if target.invoice in (None, one.number)]
    if not any(one.open_amount > 0 for one in billed):
        raise UnclearError(outcome("nothing_open", turn.language, target=target.label))


ORDERS: Mapping[str, Act] = {"notice": _notice, "dossier": _dossier, "legal_step": _legal_step}
