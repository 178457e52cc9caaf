"""The words by which mails of machines are known, read once from machines.yaml."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Machines:
    """One pattern for each list of machines.yaml, to be used on folded text; `returned` on lines as they are."""

    bounce_senders: re.Pattern[str]
    bounce_subjects: re.Pattern[str]
    bounce_words: re.Pattern[str]
    delays: re.Pattern[str]
    gave_up: re.Pattern[str]
    returned: re.Pattern[str]
    complaint_subjects: re.Pattern[str]
    receipt_read: re.Pattern[str]
    receipt_unread: re.Pattern[str]
    receipt_words: re.Pattern[str]
    receipt_deleted: re.Pattern[str]
    automatic_subjects: re.Pattern[str]
    automatic_words: re.Pattern[str]
    automatic_itself: re.Pattern[str]
    receipts: re.Pattern[str]
    challenge: re.Pattern[str]


@cache
def machines() -> Machines:
    """The words as they are shipped."""
    data = yaml.safe_load(resources.files(__package__).joinpath("machines.yaml").read_text(encoding="utf-8"))
    bounce, receipt, automatic = data["bounce"], data["receipt"], data["automatic"]
    return Machines(
        bounce_senders=_any(bounce["senders"]),
        bounce_subjects=_any(bounce["subjects"]),
        bounce_words=_any(bounce["words"]),
        delays=_any(bounce["delays"]),
        gave_up=_any(bounce["gave_up"]),
        returned=re.compile("|".join(bounce["returned"]), re.MULTILINE | re.IGNORECASE),
        complaint_subjects=_any(data["complaint"]["subjects"]),
        receipt_read=_any(receipt["read"]),
        receipt_unread=_any(receipt["unread"]),
        receipt_words=_any(receipt["words"]),
        receipt_deleted=_any(receipt["deleted"]),
        automatic_subjects=re.compile(rf"\s*(?:(?:re|aw|sv|tr): ?)?(?:{'|'.join(automatic['subjects'])})"),
        automatic_words=_any(automatic["words"]),
        automatic_itself=_any(automatic["itself"]),
        receipts=_any(automatic["receipts"]),
        challenge=_any(automatic["challenge"]),
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))
