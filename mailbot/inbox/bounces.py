"""Delivery failures that say so in plain words only, as Exchange, Exim, qmail, Notes, webmail and providers write them.

A mail counts as one where its sender, its subject, its empty envelope sender and its words agree: no single one of
them is enough, for people write about failed deliveries too. flufl.bounce knows formats that are rare by now; it is
asked last, and caught, because it raises on real mails.
"""

import logging
import re
from collections.abc import Iterable
from email.message import Message

from flufl.bounce import scan_message

from mailbot.inbox.folding import folded
from mailbot.inbox.html import html_lines
from mailbot.inbox.machines import machines
from mailbot.inbox.masks import EMAIL
from mailbot.inbox.reasons import hints_at_a_reason, names_a_reason, reason_of
from mailbot.model import Letter, Report

logging.getLogger("flufl.bounce").disabled = True  # it logs a traceback for each odd mail, and goes on
MAX_TEXT = 32 * 1024
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}|said: ?[45]\d\d|\b[45]\d\d[ :-]{1,3}[A-Za-z<]")
_BARE_STATUS = re.compile(r"[45]\.\d{1,3}\.\d{1,3}")
_TRANSCRIPT = re.compile(r"transcript|error|following|fehler|erreur", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"^[> ]{0,4}message-id:[ \t\n]*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)
_TO_LINE = re.compile(r"^to:[ \t]*(.{1,300})$", re.IGNORECASE | re.MULTILINE)
_MACHINE_LINE = re.compile(
    r"\b(?:message-?id|references|in-reply-to|with (?:e?smtp|id)|reporting-mta|report(?:ed)? to)\b", re.IGNORECASE
)
_FIELD = re.compile(
    r"(?:status|action|(?:final|original)-recipient|last-attempt|remote-mta|received-from-mta|arrival-date|reporting-mta)[\w-]{0,20}:",
    re.IGNORECASE,
)
_ANSWERED = ("re:", "tr:", "fw", "aw:", "sv:")
_LEAD = re.compile(r"^[ \t>]{0,8}<?([^\s<>@]{1,64}@[^\s<>:;,]{3,190})>?[ \t]{0,4}(?::|$|\(|\.\.\.)", re.MULTILINE)
_DIAGNOSTIC_LINES = 3
_MAX_LINES = 400


def plain_bounce(letter: Letter) -> Report | None:
    """The failure or delay that `letter` tells in words, None where it tells none."""
    text = said(letter)
    if not _is_bounce(letter, text):
        return None
    diagnostic = diagnostic_in(text)
    status = status_in(diagnostic) or status_in(text)
    words, low = machines(), folded(text[:2000])
    delayed = bool(words.delays.search(f"{folded(letter.subject)} {low}")) and not words.gave_up.search(folded(text))
    reason, class_ = reason_of(diagnostic, status, text, gave_up=not delayed)
    recipient = recipient_in(text, letter) or _found_by_flufl(letter, text)
    action = "delayed" if delayed else "failed"
    return Report("plain", recipient, status, action, class_, reason, original_id(letter), diagnostic or None)


def _is_bounce(letter: Letter, text: str) -> bool:
    words, headers = machines(), dict(letter.headers)
    subject, low = folded(letter.subject), folded(text)
    if "x-failed-recipients" in headers:
        return True
    null = headers.get("return-path", "x").strip() in ("<>", "")
    daemon = any(words.bounce_senders.search(folded(one)) for one in (letter.from_address, letter.from_name))
    titled = bool(words.bounce_subjects.search(subject)) and not subject.startswith(_ANSWERED)
    worded = bool(words.bounce_words.search(low))
    returned = bool(letter.enclosed) or words.returned.search(text) is not None
    coded = bool(_STATUS.search(text) or _REPLY_CODE.search(text))
    return (
        (daemon and (worded or titled or coded))
        or (titled and (null or (worded and (coded or returned or not letter.in_reply_to))) and not _is_answer(letter))
        or (null and worded and (titled or coded or returned))
    )


def _is_answer(letter: Letter) -> bool:
    return bool(letter.in_reply_to) and "auto-submitted" not in dict(letter.headers)


def said(letter: Letter) -> str:
    """What the report says in words: its text, attached texts too, up to where the returned mail begins."""
    text = letter.text if letter.text.strip() else "\n".join(html_lines(letter.html))
    if len(text.strip()) < 20:
        text += "\n".join(
            a.content[:MAX_TEXT].decode("utf-8", "replace") for a in letter.attachments if a.type.startswith("text/")
        )
    text = text[:MAX_TEXT]
    for found in machines().returned.finditer(text):
        if found.start() > 40 and not _TRANSCRIPT.search(found[0]):
            return text[: found.start()]
    return text


def diagnostic_in(text: str) -> str:
    """The line that says why, with the two after it (servers wrap), of at most 600 characters."""
    lines = [line.strip(" >\t")[:500] for line in text.split("\n", _MAX_LINES)[:_MAX_LINES]]
    tests = (_REPLY_CODE.search, _BARE_STATUS.search, names_a_reason, hints_at_a_reason)
    for test in tests:
        for at, line in enumerate(lines):
            if line and not _FIELD.match(line) and test(line):
                return " ".join(part for part in lines[at : at + _DIAGNOSTIC_LINES] if part)[:600]
    return ""


def status_in(text: str) -> str | None:
    """The first enhanced status (RFC 3463) in `text` that says more than "other"; else the first."""
    found = _STATUS.findall(text)
    return next((status for status in found if not status.endswith(".0.0")), found[0] if found else None)


def recipient_in(text: str, letter: Letter) -> str | None:
    """The address that could not be reached: of its header, a line of its own, the words, or the returned mail's To."""
    headers = dict(letter.headers)
    named = address_in(headers.get("x-failed-recipients", ""))
    if named:
        return named
    kept = "\n".join(line for line in text.split("\n") if not _MACHINE_LINE.search(line[:200]))
    ours = {letter.from_address, *letter.to}
    leading = [one for one in map(address_in, _LEAD.findall(kept)) if one]
    found = [str(a).lower() for a in EMAIL.findall(kept)]
    named_ones = [a for a in (*leading, *found) if not _is_daemon(a)]
    strangers = [a for a in named_ones if a not in ours]
    returned = returned_headers(letter) or letter.text[len(text) :][:MAX_TEXT]
    listed = [one for one in map(address_in, _TO_LINE.findall(returned)) if one]
    confirmed = (a for a in strangers if a in listed)
    return first((*(a for a in leading if a in strangers), *confirmed, *strangers, *listed, *named_ones))


def returned_headers(letter: Letter) -> str:
    """The headers of the mail that came back, where they are a part of their own."""
    return "\n".join(text for kind, text in letter.reports if kind == "message/rfc822-headers")[:MAX_TEXT]


def original_id(letter: Letter) -> str | None:
    """The Message-ID of the mail that the report is about."""
    for text in (returned_headers(letter), letter.text[:MAX_TEXT]):
        if found := _MESSAGE_ID.search(text):
            return found[1]
    return first(letter.in_reply_to) or first(reversed(letter.references))


def address_in(value: str) -> str | None:
    """The first address in `value`, in lower case."""
    found = EMAIL.search(value)
    return found[0].lower() if found else None


def first(values: Iterable[str | None]) -> str | None:
    """The first that says something."""
    return next((v for v in values if v), None)


def _is_daemon(address: str) -> bool:
    return bool(machines().bounce_senders.search(address))


def _found_by_flufl(letter: Letter, text: str) -> str | None:
    """The address that flufl.bounce finds in a copy of the report with ASCII only: 8-bit headers make it raise."""
    message = Message()
    for name, value in (("From", letter.from_address), ("Subject", letter.subject)):
        message[name] = value.encode("ascii", "replace").decode()
    message.set_payload(text.encode("ascii", "replace").decode())
    try:
        found = scan_message(message)
    except Exception:  # noqa: BLE001 - thirty detectors written over twenty years, each raising what it likes
        return None
    return min((address_in(one.decode("ascii", "replace")) or "" for one in found), default=None) or None
