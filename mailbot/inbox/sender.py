"""Who really wrote a mail: only the owner's authenticated mail gives orders.

A From header proves nothing. What counts is the topmost Authentication-Results header, and only when it
was written by the receiving server whose authserv-id is pinned in the settings (RFC 8601, section 5).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import getaddresses

from mailbot.inbox.mime import MAX_HEADER
from mailbot.model import Letter

_RESULT = re.compile(r"^\s*([a-z-]{2,20})\s*=\s*([a-z]{2,20})\b(.*)$", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(r"header\.(?:d|i)\s*=\s*(?:[^\s;@]*@)?([\w.-]+)", re.IGNORECASE)
_FROM = re.compile(r"header\.from\s*=\s*(?:[^\s;@]*@)?([\w.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sender:
    """The address that the mail claims, and whether that claim is proved.

    `authentic` is None where there is nothing to prove: no owner's address, or no server pinned.
    """

    address: str
    is_owner: bool
    authentic: bool | None
    why: str


def who(letter: Letter, owners: Sequence[str], authserv_id: str | None) -> Sender:
    """The sender of `letter`; `owners` are addresses, compared whole and without case."""
    address = letter.from_address
    if address not in {owner.strip().lower() for owner in owners}:
        return Sender(address, False, None, "not an owner's address")
    if authserv_id is None:
        return Sender(address, True, None, "no receiving server is pinned")
    proved, why = _authentic(letter, address.rpartition("@")[2], authserv_id)
    return Sender(address, True, proved, why)


def _authentic(letter: Letter, domain: str, authserv_id: str) -> tuple[bool, str]:
    froms = [value for name, value in letter.headers if name == "from"]
    if len(froms) != 1 or len([address for _, address in getaddresses(froms) if "@" in address]) != 1:
        return False, "the mail has more than one From"
    header = next((value for name, value in letter.headers if name == "authentication-results"), None)
    if header is None:
        return False, "no Authentication-Results"
    server, *results = _without_comments(header[:MAX_HEADER]).split(";")
    if server.split()[:1] != [authserv_id] and server.strip().lower() != authserv_id.lower():
        return False, "the topmost Authentication-Results is not of the pinned server"
    return _judge(results, domain)


def _judge(results: list[str], domain: str) -> tuple[bool, str]:
    aligned = False
    for method, verdict, properties in (m.groups() for m in map(_RESULT.match, results) if m):
        if method.lower() == "dmarc":
            named = _FROM.search(properties)
            if verdict.lower() != "pass":
                return False, f"dmarc={verdict.lower()}"
            aligned = aligned or named is None or named[1].lower() == domain
        elif method.lower() == "dkim" and verdict.lower() == "pass":
            signed = _DOMAIN.search(properties)
            aligned = aligned or (signed is not None and signed[1].lower() == domain)
    return (True, "dmarc or aligned dkim passed") if aligned else (False, "neither dmarc nor an aligned dkim passed")


def _without_comments(value: str) -> str:
    """The header without what stands in parentheses or quotes, where a sender's text could say "pass"."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and depth == 0:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif depth == 0:
            kept.append(char)
    return "".join(kept)
