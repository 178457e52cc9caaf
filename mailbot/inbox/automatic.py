"""Mails that nobody wrote: absence notes, receipts of ticket systems, filters that ask for a proof, lists.

A header that says so is enough (RFC 3834), but every second absence note has none: then the subject or two turns of
speech in a mail without a quote tell. `X-Auto-Response-Suppress` alone proves nothing: ordinary Exchange mail has it.
"""

import re
from dataclasses import dataclass
from datetime import date

from mailbot.inbox.absence import return_date
from mailbot.inbox.folding import folded
from mailbot.inbox.html import html_lines
from mailbot.inbox.machines import machines
from mailbot.model import Letter

_MAX_TEXT = 4000
_MAX_RECEIPT = 1500
_VACATION_HEADERS = frozenset(
    {"x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation", "x-auto-reply", "x-mail-autoreply"}
)
_ANSWER = re.compile(r"\s*(?:re|aw|sv|rv|r|antw)\s*:", re.IGNORECASE)
_WROTE = re.compile(r" (?:a ecrit|wrote|escribio|ha scritto|schreef) ?:|\bschrieb (?:am )?[^:]{0,80}:")


@dataclass(frozen=True, slots=True)
class AutoReply:
    """An automatic answer; `return_date` is the day on which the sender says to be back, where it is said."""

    return_date: date | None
    why: str

    @property
    def by_header(self) -> bool:
        """The sending machine says so itself; else it was told by its subject or words."""
        return self.why not in ("subject", "words", "challenge", "note", "receipt")


def auto_reply(
    letter: Letter, language: str = "fr", base: date | None = None, *, month_first: bool = False
) -> AutoReply | None:
    """The absence note or receipt that `letter` is; `base` is its day, for days without a year.

    `month_first`: the sender writes 3/9 for 9 March.
    """
    text = letter.text if letter.text.strip() else "\n".join(html_lines(letter.html))
    why = _by_header(letter) or _by_words(letter, text)
    if not why:
        return None
    return AutoReply(return_date(text, language, base, month_first=month_first) if base else None, why)


def tells_of_absence(text: str) -> bool:
    """Whether a turn of speech of absence notes stands in `text`: whom to write to meanwhile is no new contact then."""
    return bool(machines().automatic_words.search(folded(text[:_MAX_TEXT])))


def is_receipt(text: str) -> bool:
    """Whether the new text of a mail is a ticket system's: what we wrote was given a number, and nothing is asked."""
    return len(text) <= _MAX_RECEIPT and "?" not in text and bool(machines().receipts.search(folded(text)))


def is_list_mail(letter: Letter) -> bool:
    """Whether the mail went to many: newsletters and lists, never a person's answer."""
    headers = dict(letter.headers)
    if "list-unsubscribe" in headers or "list-id" in headers:
        return not (letter.in_reply_to or letter.references)
    return (
        headers.get("precedence", "").strip().lower() in ("bulk", "list", "junk")
        and not letter.in_reply_to
        and not _ANSWER.match(letter.subject)  # desks that answer for a client mark all that they send as bulk
    )


def _by_header(letter: Letter) -> str:
    headers = dict(letter.headers)
    submitted = headers.get("auto-submitted", "no").split(";")[0].split("(")[0].strip().lower()
    if submitted not in ("no", "") and not submitted.startswith("auto-generated"):
        return "auto-submitted"
    if _VACATION_HEADERS & headers.keys():
        return "vacation header"
    if headers.get("precedence", "").strip().lower() == "auto_reply" or headers.get("x-apple-action") == "VACATION":
        return "vacation header"
    if (
        headers.get("x-auto-response-suppress", "").strip().lower() == "all"
        and "x-ms-exchange-inbox-rules-loop" in headers
    ):
        return "exchange rule"
    return "auto-generated" if submitted.startswith("auto-generated") and letter.in_reply_to else ""


def _by_words(letter: Letter, text: str) -> str:
    words = machines()
    if words.automatic_subjects.match(folded(letter.subject)):
        return "subject"
    low = folded(text[:_MAX_TEXT])
    if _has_quote(text):
        return ""
    if words.challenge.search(low):
        return "challenge"
    found = len(set(words.automatic_words.findall(low)))
    return "words" if found + 2 * bool(words.automatic_itself.search(low)) >= 2 else ""


def _has_quote(text: str) -> bool:
    return "\n>" in text or bool(_WROTE.search(folded(text[: 4 * _MAX_TEXT])))
