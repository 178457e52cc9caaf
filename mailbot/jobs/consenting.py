"""A contact agrees to being tracked, or refuses: by the client's page, or noted by the owner."""

from datetime import datetime
from hashlib import sha256

from mailbot.jobs.office import Office, happened
from mailbot.ledger import consents
from mailbot.ledger.store import writing


def record_consent(office: Office, client: int, email: str, *, given: bool, by: str, note: str, now: datetime) -> bool:
    """What the person behind an address said; False where the same was said before. Raises LedgerError.

    `by` is "page" or "owner", `note` the words that were agreed to, or how the owner got the consent: the proof that
    the law asks for (GDPR, article 7.1). It takes effect at once, also for mails that have been sent.
    """
    name = "client.consented" if given else "client.refused"
    data = {"email": email.strip().lower(), "by": by, "note": note}
    with writing(office.engine) as conn:
        if not consents.keep(conn, office.key, email, given, by, note, now):
            return False
        return happened(
            conn, office, name, f"{_of_nobody(data['email'])}/{now.isoformat()}", now, client=client, data=data
        )


def _of_nobody(email: str) -> str:
    """What stands for an address in the id of an event, which outlives the erasure of its words."""
    return sha256(email.encode()).hexdigest()[:16]
