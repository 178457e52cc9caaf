"""Orders for papers: the letter of a formal notice, what became of it at the post office, the dossier."""

from collections.abc import Mapping

from sqlalchemy import Connection

from mailbot.jobs.handing import want_dossier
from mailbot.jobs.noticing import state_posting
from mailbot.jobs.office import Office
from mailbot.jobs.targets import Target, UnclearError
from mailbot.jobs.turns import Act, Turn, client_of, day_of, meant
from mailbot.ledger import invoices
from mailbot.model import Order
from mailbot.owner.outcomes import outcome


def _notice(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    """The letter is wanted, or was posted: then on which day, and under which number."""
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    _still_owed(conn, office, client, target, turn)
    sent_on, tracking = day_of(order, "sent_on", turn), order.fields.get("tracking", "")
    if sent_on is None and tracking:
        sent_on = office.day(turn.now)
    if sent_on is not None and sent_on > office.day(turn.now):
        raise UnclearError(outcome("bad_field", turn.language, why=f"{sent_on:%d/%m/%Y} ?"))
    state_posting(
        conn, office, client, target.invoice, turn.cause, turn.now, sent_on=sent_on, tracking=tracking,
        letter=turn.letter,
    )  # fmt: skip
    if sent_on is None:
        return outcome("notice_asked", turn.language, target=target.label)
    return outcome("notice_posted", turn.language, target=target.label, date=f"{sent_on:%d/%m/%Y}")


def _dossier(conn: Connection, office: Office, order: Order, turn: Turn) -> str:
    target = meant(conn, office, order, turn)
    client = client_of(target, order, turn)
    want_dossier(conn, office, client, target.invoice, turn.cause, turn.now, letter=turn.letter)
    return outcome("dossier_asked", turn.language, target=target.label)


def _still_owed(conn: Connection, office: Office, client: int, target: Target, turn: Turn) -> None:
    billed = [one for one in invoices.of_client(conn, office.key, client) if target.invoice in (None, one.number)]
    if not any(one.open_amount > 0 for one in billed):
        raise UnclearError(outcome("nothing_open", turn.language, target=target.label))


ORDERS: Mapping[str, Act] = {"notice": _notice, "dossier": _dossier}
