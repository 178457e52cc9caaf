"""Why a mail was not delivered, from what servers say; and whether the address is dead (hard) or not (soft).

Only an address or a domain that does not exist is hard. Everything that a server may take back (full, policy, spam,
too large, no answer yet, a disabled account) is soft, whatever its code says. The words are data: reasons.yaml.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import yaml

from mailbot.inbox.folding import folded

Reason = Literal["user_unknown", "mailbox_full", "policy", "spam", "dns", "size", "other"]
Class = Literal["hard", "soft", "other"]

_MAX_LINE = 2000
_MAX_TEXT = 4000
_CLOSED = ("2.1", "7.13")
"""The mailbox is there but disabled (RFC 3463, 3.3), the account is disabled (RFC 5248)."""
_REPLY_4XX = re.compile(r"(?<![\d.])4[25]\d(?![\d.])")


@dataclass(frozen=True, slots=True)
class _Row:
    reason: Reason
    pattern: re.Pattern[str]
    weak: bool


@dataclass(frozen=True, slots=True)
class _Table:
    words: tuple[_Row, ...]
    alive: re.Pattern[str]
    no_answer: re.Pattern[str]
    after_text: re.Pattern[str]
    status: Mapping[str, Reason]


def reason_of(diagnostic: str, status: str | None, text: str, *, gave_up: bool = True) -> tuple[Reason, Class]:
    """The reason and class of one refusal.

    `diagnostic` is the server's own line, `status` its enhanced status (RFC 3463: "5.1.1"), `text` what the report
    says around it; `gave_up` is False for a warning that the mail is still tried.
    """
    line, around = folded(diagnostic[:_MAX_LINE]).strip(), folded(text[:_MAX_TEXT])
    detail = (status or "").partition(".")[2]
    reason = _reason(line, detail, around)
    return reason, _class_of(reason, status, line, around) if gave_up else "soft"


def names_a_reason(line: str) -> bool:
    """Whether a line of a report says why in words that leave no choice."""
    return _by_words(folded(line[:_MAX_LINE]), weak=False) is not None


def hints_at_a_reason(line: str) -> bool:
    """Whether a line of a report says why, if only in general words ("rejected")."""
    return _by_words(folded(line[:_MAX_LINE]), weak=True) is not None


def _reason(line: str, detail: str, around: str) -> Reason:
    return (
        _by_words(line, weak=False)
        or _table().status.get(detail)
        or _by_words(line, weak=True)
        or _by_words(around, weak=False)
        or _by_words(around, weak=True)
        or "other"
    )


def _by_words(text: str, *, weak: bool) -> Reason | None:
    return next((row.reason for row in _table().words if row.weak is weak and row.pattern.search(text)), None)


def _class_of(reason: Reason, status: str | None, line: str, around: str) -> Class:
    table = _table()
    if reason == "user_unknown":
        if (status or "").partition(".")[2] in _CLOSED and _by_words(line, weak=False) is None:
            return "soft"
        filtered = table.after_text.search(line) or (table.after_text.search(around) and not _names_the_address(status))
        return "soft" if filtered or table.alive.search(line) else "hard"
    if reason == "dns":
        temporary = (status or "").startswith("4") or _REPLY_4XX.search(line)
        return "soft" if temporary or table.no_answer.search(line) else "hard"
    return "soft"


def _names_the_address(status: str | None) -> bool:
    """Whether the status itself says that there is no such address: unknown, moved, null MX of Exchange."""
    return (status or "").partition(".")[2] in ("1.1", "1.6", "1.10", "1.351")


@cache
def _table() -> _Table:
    data = yaml.safe_load(resources.files(__package__).joinpath("reasons.yaml").read_text(encoding="utf-8"))
    return _Table(
        words=tuple(
            _Row(row["reason"], re.compile("|".join(row["any"])), row.get("weak", False)) for row in data["words"]
        ),
        alive=re.compile(data["alive"]),
        no_answer=re.compile(data["no_answer"]),
        after_text=re.compile(data["after_text"]),
        status=data["status"],
    )
