"""The next mail to a client, composed as it would leave, without a row in the outbox and without its tokens."""

from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy import Connection

from mailbot.errors import DeliveryError
from mailbot.jobs.deciding import is_live, letter_wishes, listed
from mailbot.jobs.lettering import letter_context
from mailbot.jobs.office import Office
from mailbot.ledger import clients, events
from mailbot.ledger.outgoing import Outgoing
from mailbot.model import Decision, Rendered, Verdict
from mailbot.rules.forecast import forecast

AHEAD_DAYS = 90
"""What would only leave later is not looked for."""


@dataclass(frozen=True, slots=True)
class NextMail:
    """A mail that is to come: what the rules say of it, and its words."""

    decision: Decision
    mail: Rendered


def next_mail(conn: Connection, office: Office, client: int, invoice: str | None, now: datetime) -> NextMail | None:
    """The first mail to the client within ninety days if nothing happens, about the invoice where one is named.

    None where no mail is to come. A mail that waits for the owner's yes is one too.
    """
    facts, known = clients.facts(conn, office.key, client), events.for_rules(conn, office.key, client)
    shadow = not is_live(conn, office, client)
    for decision in forecast(office.rules, facts, known, office.day(now), AHEAD_DAYS, shadow=shadow):
        if decision.verdict is not Verdict.SEND or not decision.mail or invoice not in (None, *listed(decision)):
            continue
        row = _row(office, client, decision, now)
        day = max(now, datetime.combine(decision.day, time(12), tzinfo=office.business.zone))
        try:
            context = letter_context(conn, office, row, day)
        except DeliveryError:
            return None  # what it would list is settled by then
        plain = replace(context, reply_to=office.business.mailbox.mail_address, page_url="", pixel_url="")
        return NextMail(decision, office.templates.render(row.template, plain.language, plain.values()))
    return None


def _row(office: Office, client: int, decision: Decision, now: datetime) -> Outgoing:
    """The mail as the outbox would hold it; it has no number, because it is never put there."""
    nothing = dict.fromkeys(
        ("decision", "raw", "date_header", "lease_owner", "lease_until", "armed_at", "smtp_code", "smtp_reply",
         "evidence", "why", "sent_at", "thread")
    )  # fmt: skip
    return Outgoing(
        id=0, business=office.key, dedupe_key="", kind="client", what=decision.what or "",
        template=decision.mail or "", recipient=decision.use_contact or "", client=client, invoices=listed(decision),
        levels=dict(decision.levels), amounts_hash="", context=letter_wishes(office, decision), message_id="",
        trigger=decision.trigger, generation=decision.generation, tone=decision.tone, state="queued", held=False,
        due_at=now, expires_at=now, attempt=0, created_at=now, changed_at=now, **nothing,
    )  # fmt: skip
