"""What cannot wait for the digest: a mail at once, once, and one more when what lasted is over.

Lasting: bank data that is too old, cash under the owner's limit. Events `warning.raised` and `warning.over` say what
was told. Happened: a formal notice that came back, told once, by its event. (An insolvency comes at once with what is
to be done: `handing`.)
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailbot.jobs.mailing import short, tell_owner
from mailbot.jobs.office import Office, happened
from mailbot.jobs.surveying import balances
from mailbot.ledger import bank, clients, events, outgoing
from mailbot.ledger.events import STATEMENT
from mailbot.ledger.store import reading, writing
from mailbot.model import Event
from mailbot.money import write_amount, write_day
from mailbot.rules.guards import bank_is_stale

RAISED, OVER = "warning.raised", "warning.over"
_LOOK_BACK = timedelta(days=2)
"""An incident that was recorded longer ago stood in a digest."""


def warn(office: Office, now: datetime) -> list[int]:
    """Plan the mails that the facts of this moment ask for; doing it again plans nothing."""
    with reading(office.engine) as conn:
        known = _lasting(conn, office, now)
        lasting = {kind: state for kind, state in known.items() if _is_news(conn, office, kind, state)}
        incidents = _incidents(conn, office, now)
    if not lasting and not incidents:
        return []
    planned: list[int] = []
    with writing(office.engine) as conn:
        for kind, (wrong, values) in lasting.items():
            name = RAISED if wrong else OVER
            if happened(conn, office, name, f"{kind}/{now.isoformat()}", now, data={"kind": kind}):
                said = {**_NOTHING, **values, "kind": kind, "over": not wrong}
                planned += tell_owner(conn, office, "urgent", f"urgent/{kind}/{now.isoformat()}", said, now)
        for event, kind in incidents:
            said = {**_NOTHING, **_of_client(conn, office, event), "kind": kind, "over": False}
            planned += tell_owner(conn, office, "urgent", f"urgent/{short(event.id)}", said, now)
    return planned


_NOTHING: Mapping[str, str] = dict.fromkeys(("client", "invoice", "address", "amount", "limit", "day"), "")
_State = tuple[bool, Mapping[str, str]]
"""Whether it is wrong, and the words of the mail."""


def _lasting(conn: Connection, office: Office, now: datetime) -> dict[str, _State]:
    language, day, found = office.business.language, office.day(now), dict[str, _State]()
    through = bank.through(conn, office.key)
    if through is not None:
        stale = bank_is_stale(office.rules, through, day)
        found["bank"] = (stale, {"day": write_day(through, language)})
    limit = office.business.digest.cash_below
    if limit is not None and through is not None:
        held = balances(events.of_all(conn, office.key, (STATEMENT,))).get("EUR")
        if held is not None:
            words = {
                "amount": write_amount(held, "EUR", language),
                "limit": write_amount(limit, "EUR", language),
                "day": write_day(through, language),
            }
            found["cash"] = (held < limit, words)
    return found


def _is_news(conn: Connection, office: Office, kind: str, state: _State) -> bool:
    """A trouble that was not told, or one that was told and is over."""
    told = [event for event in events.of_all(conn, office.key, (RAISED, OVER)) if event.data.get("kind") == kind]
    return state[0] != bool(told and told[-1].name == RAISED)


def _incidents(conn: Connection, office: Office, now: datetime) -> list[tuple[Event, str]]:
    found = []
    for event in events.between(conn, office.key, now - _LOOK_BACK, now + timedelta(microseconds=1)):
        hard = event.name == "mail.bounced" and event.data.get("class") == "hard"
        if hard and _is_notice(conn, office, event):
            found.append((event, "notice"))
    return found


def _is_notice(conn: Connection, office: Office, bounce: Event) -> bool:
    known = bounce.data.get("outgoing")
    row = outgoing.find(conn, office.key, known) if isinstance(known, int) else None
    return row is not None and row.template == "formal_notice"


def _of_client(conn: Connection, office: Office, event: Event) -> Mapping[str, str]:
    client = clients.get(conn, office.key, int(event.client)) if event.client else None
    return {
        "client": client.name if client is not None else "?",
        "invoice": event.invoice or "",
        "address": str(event.data.get("to") or ""),
    }
