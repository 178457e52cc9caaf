"""Bounces, complaints and deliveries that Amazon SES reports as JSON, by mail through SNS.

The notification stands in the text, either by itself or as a string inside the envelope of SNS. Lines that a mail
server broke ("!", line end, space) are joined again.
"""

import json
import re
from typing import Any

from mailbot.inbox.masks import EMAIL
from mailbot.inbox.reasons import reason_of
from mailbot.model import Letter, Report

_MAX_TEXT = 64 * 1024
_BROKEN = re.compile(r"!\r?\n ")
_NAMED = re.compile(r'\\?"(?:notificationType|eventType)\\?"')
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


def read(letter: Letter) -> Report | None:
    """The report that the JSON in `letter` is, None where it has none."""
    text = letter.text[:_MAX_TEXT]
    if not _NAMED.search(text):
        return None
    said = _decoded(_BROKEN.sub("", text))
    kind = said.get("notificationType") or said.get("eventType")
    original = _original_id(_object(said, "mail"))
    match kind:
        case "Bounce":
            return _bounce(_object(said, "bounce"), original)
        case "Complaint":
            address = _address(_object(said, "complaint").get("complainedRecipients"))
            return Report("arf", address, None, None, "other", "spam", original, None)
        case "Delivery":
            address = _address(_object(said, "delivery").get("recipients"))
            return Report("dsn", address, None, "delivered", "other", "other", original, None)
    return None


def _bounce(bounce: dict[str, Any], original: str | None) -> Report:
    recipients = bounce.get("bouncedRecipients")
    one = recipients[0] if isinstance(recipients, list) and recipients and isinstance(recipients[0], dict) else {}
    diagnostic = str(one.get("diagnosticCode") or "")[:600]
    found = _STATUS.search(str(one.get("status") or "")) or _STATUS.search(diagnostic)
    status = found[1] if found else None
    action = str(one.get("action") or "failed").lower()[:20]
    reason, class_ = reason_of(diagnostic, status, "", gave_up=action != "delayed")
    return Report("dsn", _address(recipients), status, action, class_, reason, original, diagnostic or None)


def _decoded(text: str) -> dict[str, Any]:
    """The notification, out of its envelope; empty where it is no JSON."""
    for _ in range(2):
        start = text.find("{")
        if start < 0:
            return {}
        try:
            found, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(found, dict) or not isinstance(found.get("Message"), str):
            return found if isinstance(found, dict) else {}
        text = found["Message"]
    return {}


def _object(said: dict[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _address(recipients: object) -> str | None:
    """The first address of a list of addresses or of objects with `emailAddress`."""
    first = recipients[0] if isinstance(recipients, list) and recipients else None
    value = first.get("emailAddress") if isinstance(first, dict) else first
    found = EMAIL.search(value[:400]) if isinstance(value, str) else None
    return found[0].lower() if found else None


def _original_id(mail: dict[str, Any]) -> str | None:
    """The Message-ID that our mail had when it was handed over, else the one that Amazon gave it."""
    value, given = _object(mail, "commonHeaders").get("messageId"), mail.get("messageId")
    if isinstance(value, str) and value.startswith("<"):
        return value[:400]
    return f"<{given[:100]}@email.amazonses.com>" if isinstance(given, str) else None
