"""Is the machine well? The same answers for /healthz, `mailbot health`, `status` and the digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.jobs.office import Office
from mailbot.jobs.refusals import TOLD_AFTER
from mailbot.ledger import bank, letters, outgoing_lists, questions, sign_ins
from mailbot.ledger.store import reading
from mailbot.model import JSON
from mailbot.outbox.session import SIGN_IN_CODES

LATE = timedelta(hours=1)
"""A mail that should have left so long ago means that no worker runs."""


@dataclass(frozen=True, slots=True)
class BusinessHealth:
    """One business in figures."""

    key: str
    unread: int
    queued: int
    late: int
    """Mails that should have left over an hour ago."""
    refused: int
    """Mails that wait because a server has put them off again and again."""
    signed_in: bool
    """False: the mail server or the provider refuses the sign-in, so that nothing can leave."""
    in_doubt: int
    questions: int
    bank_through: str | None
    bank_days: int | None
    """How old that is; None before the first statement."""

    @property
    def well(self) -> bool:
        return self.late == 0 and self.unread < 50 and self.signed_in


@dataclass(frozen=True, slots=True)
class Health:
    """All businesses of an installation."""

    businesses: tuple[BusinessHealth, ...]

    @property
    def well(self) -> bool:
        return all(business.well for business in self.businesses)

    def as_json(self) -> dict[str, JSON]:
        """For scripts; no addresses and no names."""
        rows: list[JSON] = [
            {
                "business": one.key, "well": one.well, "unread": one.unread, "queued": one.queued, "late": one.late,
                "refused": one.refused, "signed_in": one.signed_in, "in_doubt": one.in_doubt,
                "questions": one.questions, "bank_through": one.bank_through, "bank_days": one.bank_days,
            }
            for one in self.businesses
        ]  # fmt: skip
        return {"well": self.well, "businesses": rows}


def health(offices: Sequence[Office], now: datetime) -> Health:
    """Look at the ledger; raises LedgerError where it cannot be reached."""
    return Health(tuple(_of(office, now) for office in offices))


def _of(office: Office, now: datetime) -> BusinessHealth:
    with reading(office.engine) as conn:
        waiting = outgoing_lists.queued(conn, office.key)
        sign_in = sign_ins.find(conn, office.key)
        through = bank.through(conn, office.key)
        return BusinessHealth(
            key=office.key,
            unread=len(letters.unread(conn, office.key)),
            queued=len(waiting),
            late=sum(1 for row in waiting if row.due_at < now - LATE),
            refused=sum(1 for row in waiting if row.attempt >= TOLD_AFTER),
            signed_in=(sign_in is None or sign_in.refused_at is None)
            and not any(row.smtp_code in SIGN_IN_CODES for row in waiting),
            in_doubt=len(outgoing_lists.in_doubt(conn, office.key)),
            questions=len(questions.open_ones(conn, office.key)),
            bank_through=through.isoformat() if through else None,
            bank_days=(office.day(now) - through).days if through else None,
        )
