"""What follows when a backup was put in the ledger's place."""

from datetime import datetime

from mailbot.jobs.office import Office
from mailbot.jobs.ordering import obey_typed


def halt(office: Office, now: datetime) -> None:
    """Nothing leaves after a restore until an owner says so: mails sent since the backup are not in it."""
    obey_typed(office, "stop", now)
