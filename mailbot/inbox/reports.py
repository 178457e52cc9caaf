"""Mails of machines about our mails: delivery reports, read receipts and complaints, by structure before words.

The order matters: a third of real bounces also say `Auto-Submitted: auto-replied`. The parts count and not the top
type: receipts arrive inside multipart/mixed. Hard or soft follows the reason, never a bare 5.x.x.
"""

import re
from dataclasses import replace
from email.parser import HeaderParser

from mailbot.inbox import certified, notifications
from mailbot.inbox.bounces import (
    MAX_TEXT,
    address_in,
    diagnostic_in,
    first,
    original_id,
    plain_bounce,
    recipient_in,
    returned_headers,
    said,
    status_in,
)
from mailbot.inbox.folding import folded
from mailbot.inbox.machines import machines
from mailbot.inbox.reasons import reason_of
from mailbot.model import Fate, Letter, Report

DELIVERED = frozenset({"delivered", "relayed", "expanded"})
"""Actions of a DSN that say that the mail went on its way (RFC 3464, 2.3.3)."""
_HEADERS = HeaderParser()
_TO_LINE = re.compile(r"^(?:x-hmxmroriginalrecipient|to):[ \t]*(.{1,300})$", re.IGNORECASE | re.MULTILINE)
_RELAYED = re.compile(r"\b[245]\.\d\.\d - [\w ]{3,60} (?=[45]\d\d-)")
"""What Amazon puts before the answer of the server that refused."""
_RANKS = {"failed": 0, "delayed": 1}
_MAX_BLOCKS = 200


def read_report(letter: Letter) -> Report | None:
    """The report that `letter` is: DSN (RFC 3464), MDN (RFC 8098), ARF (RFC 5965) or one in plain words."""
    parts = dict(reversed(letter.reports))
    if "message/feedback-report" in parts:
        return _complaint(letter, parts["message/feedback-report"])
    if "message/disposition-notification" in parts:
        return _receipt(letter, parts["message/disposition-notification"])
    if "message/delivery-status" in parts and (found := _delivery(letter, parts["message/delivery-status"])):
        return found
    proved = certified.read_receipt(letter) or notifications.read(letter)
    return proved or _plain_complaint(letter) or _plain_receipt(letter) or _bounce(letter)


def _bounce(letter: Letter) -> Report | None:
    """A failure in plain words; where a gateway wrapped the report of another server, that one says why."""
    found = plain_bounce(letter)
    if found is None or found.reason != "other" or not letter.enclosed:
        return found
    inner = dict(reversed(letter.enclosed[0].reports)).get("message/delivery-status")
    return (_delivery(letter.enclosed[0], inner) if inner else None) or found


def _blocks(text: str) -> list[dict[str, str]]:
    found = (b for b in re.split(r"\n[ \t]*\n", text[:MAX_TEXT])[:_MAX_BLOCKS] if b.strip())
    return [{k.lower(): " ".join(str(v).split()) for k, v in _HEADERS.parsestr(b.lstrip("\n")).items()} for b in found]


# ------------------------------------------------------------------------------------------ deliveries


def _delivery(letter: Letter, status_part: str) -> Report | None:
    blocks = _blocks(status_part)
    per_recipient = [b for b in blocks if {"final-recipient", "action", "status", "original-recipient"} & b.keys()]
    if not per_recipient:
        return None
    per_recipient.sort(key=lambda b: _RANKS.get(_word(b.get("action", "failed")), 2))
    envelope = first(b.get("original-envelope-id") for b in blocks)
    worst, *others = [_of_recipient(letter, block, envelope) for block in per_recipient]
    fates = (Fate(one.recipient, one.original_recipient, one.action, one.class_, one.reason) for one in others)
    return replace(worst, others=tuple(fates))


def _of_recipient(letter: Letter, block: dict[str, str], envelope: str | None) -> Report:
    text = said(letter)
    diagnostic = _RELAYED.sub("", block.get("diagnostic-code", "")) or diagnostic_in(text)
    status = _status(block.get("status", ""), diagnostic)
    action = _word(block.get("action", "")) or ("delayed" if (status or "5").startswith("4") else "failed")
    reason, class_ = reason_of(f"{diagnostic} {block.get('reason', '')}", status, text, gave_up=action != "delayed")
    if action in DELIVERED:
        reason, class_ = "other", "other"
    recipient = first(address_in(block.get(name, "")) for name in ("final-recipient", "original-recipient"))
    recipient = recipient or recipient_in(text, letter)
    return Report(
        "dsn", recipient, status, action, class_, reason, original_id(letter), diagnostic or None,
        address_in(block.get("original-recipient", "")), envelope,
    )  # fmt: skip


def _status(stated: str, diagnostic: str) -> str | None:
    """The status of the field; the server's own line where the field says no more than "5.0.0" (RFC 3463: other)."""
    outer, inner = status_in(stated), status_in(diagnostic)
    return inner if inner and (outer is None or outer.endswith(".0.0")) else outer


def _word(action: str) -> str:
    return action.split(" ")[0].split("(")[0].strip(";,").lower()


# ------------------------------------------------------------------------------------------ receipts


def _receipt(letter: Letter, part: str) -> Report:
    fields = {k: v for block in _blocks(part) for k, v in block.items()}
    disposition = fields.get("disposition", "").lower()
    done = disposition.rpartition(";")[2].split("/")[0].strip()
    action = "deleted" if "deleted" in disposition else done or "displayed"
    recipient = first(address_in(fields.get(name, "")) for name in ("final-recipient", "original-recipient"))
    original = _bracketed(fields.get("original-message-id", "")) or original_id(letter)
    return Report(
        "mdn", recipient or letter.from_address, None, action, "other", "other", original, disposition or None
    )


def _bracketed(message_id: str) -> str:
    """Some programs leave the angle brackets out."""
    return f"<{message_id}>" if message_id and not message_id.startswith("<") else message_id


def _plain_receipt(letter: Letter) -> Report | None:
    """A receipt without its machine part: the subject is that of a receipt, and the words agree."""
    words, subject = machines(), folded(letter.subject.strip())
    unread = words.receipt_unread.match(subject)
    if not (unread or words.receipt_read.match(subject)):
        return None
    text = folded(said(letter)[:4000])
    if not words.receipt_words.search(text):
        return None
    action = "deleted" if unread or words.receipt_deleted.search(text) else "displayed"
    return Report("mdn", letter.from_address, None, action, "other", "other", original_id(letter), None)


# ------------------------------------------------------------------------------------------ complaints


def _complaint(letter: Letter, part: str) -> Report:
    fields = {k: v for block in _blocks(part) for k, v in block.items()}
    recipient = first(address_in(fields.get(name, "")) for name in ("original-rcpt-to", "removal-recipient"))
    listed = (address_in(value) for value in _TO_LINE.findall(returned_headers(letter)))
    kind = fields.get("feedback-type")
    return Report("arf", recipient or first(listed), None, None, "other", "spam", original_id(letter), kind)


def _plain_complaint(letter: Letter) -> Report | None:
    """A complaint without its machine part, as Hotmail sends it: its subject, and the mail itself enclosed."""
    if not letter.enclosed or not machines().complaint_subjects.search(folded(letter.subject)):
        return None
    recipient = first(address_in(value) for value in _TO_LINE.findall(returned_headers(letter)))
    return Report("arf", recipient, None, None, "other", "spam", original_id(letter), None)
