"""Who really wrote a mail: only the owner's authenticated mail gives orders.

A From header proves nothing. What counts is the topmost Authentication-Results header that the receiving server wrote
whose authserv-id is pinned in the settings (RFC 8601, section 5): it adds its own above whatever a sender put into the
mail. Headers of other servers prove nothing; one above it can only speak against the mail.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import getaddresses

from mailbot.inbox.mime import MAX_HEADER
from mailbot.model import Letter

_RESULT = re.compile(r"^\s*([a-z-]{2,20})\s*=\s*([a-z]{2,20})\b(.*)$", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(r"(?<!\S)header\.d\s*=\s*([^\s;]+)", re.IGNORECASE)
_IDENTITY = re.compile(r"(?<!\S)header\.i\s*=\s*[^\s;@]*@([^\s;]+)", re.IGNORECASE)
"""Who signed (RFC 6376: d=); only where that is not told, for whom (i=)."""
_UNDECIDED = frozenset({"pass", "none"})
"""What DMARC may say of an owner's mail: a domain without a policy has "none", and DKIM decides."""
_FOLDED = re.compile(rb"\n[ \t]+")
_NAMED = 30
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_FROM = re.compile(r"(?<!\S)header\.from\s*=\s*(?:[^\s;@]*@)?([^\s;]+)", re.IGNORECASE)


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
    if _is_resent_by_another(letter):
        return False, "somebody else sent the mail on"
    if _is_left_standing(letter.headers, authserv_id):
        return False, "a header by the pinned server stands in what came from elsewhere"
    for header in (value for name, value in letter.headers if name == "authentication-results"):
        results = _results(header, authserv_id)
        if results is not None:
            return _judge(results, domain) if not _contradicts(letter.headers, authserv_id) else (
                False, "the pinned server's results contradict each other"
            )  # fmt: skip
        if _failed(header):
            return False, "a server that had the mail later says that DMARC failed"
    return False, "no Authentication-Results of the pinned server"


def _is_resent_by_another(letter: Letter) -> bool:
    """Whether somebody else passed the mail on as it is (RFC 5322, 3.6.6): what the owner wrote was for others."""
    resent = [value for name, value in letter.headers if name in ("resent-from", "resent-sender")]
    return any(address.lower() != letter.from_address for _, address in getaddresses(resent))


def _contradicts(headers: Sequence[tuple[str, str]], authserv_id: str) -> bool:
    """Whether any header by the pinned server says that DMARC failed: its filters never say both of one mail."""
    mine = [value for name, value in headers if name == "authentication-results"]
    return any(_results(value, authserv_id) is not None and _failed(value) for value in mine)


def _is_left_standing(headers: Sequence[tuple[str, str]], authserv_id: str) -> bool:
    """Whether a second header by the pinned server stands below a Received that is below the first.

    What a server adds to one mail stands together (several filters may add one each). One further down came with the
    mail, and a server that follows RFC 8601, section 5, would have removed it: its results prove nothing.
    """
    seen = apart = False
    for name, value in headers:
        if name == "received":
            apart = seen
        elif name == "authentication-results" and _results(value, authserv_id) is not None:
            if apart:
                return True
            seen = True
    return False


def stamps(head: bytes, authserv_id: str) -> int:
    """How many Authentication-Results by this server the head of a mail has; `head` is bounded by the caller."""
    lines = _FOLDED.sub(b" ", head.replace(b"\r\n", b"\n").partition(b"\n\n")[0]).split(b"\n")
    values = [line.partition(b":") for line in lines if line[:_NAMED].lower().startswith(b"authentication-results")]
    return sum(_results(value.decode("utf-8", "replace"), authserv_id) is not None for _, _, value in values)


def _failed(header: str) -> bool:
    """Another server's header above the pinned one: it may only speak against the mail."""
    found = [match.groups() for match in map(_RESULT.match, _without_comments(header[:MAX_HEADER]).split(";")) if match]
    return any(method.lower() == "dmarc" and verdict.lower() not in _UNDECIDED for method, verdict, _ in found)


def _results(header: str, authserv_id: str) -> list[str] | None:
    """The results of one header, in its order; None where another server wrote it.

    The name stands alone, or with the version of the format (RFC 8601, 2.2: "example.net 1").
    """
    server, *results = _without_comments(header[:MAX_HEADER]).split(";")
    named, *version = server.split() or [""]
    is_pinned = named.lower() == authserv_id.lower() and _CONTROL.search(server) is None
    return results if is_pinned and (not version or (len(version) == 1 and version[0].isdigit())) else None


def _judge(results: list[str], domain: str) -> tuple[bool, str]:
    """A pass of DMARC for the domain, or of a DKIM signature by it; a DMARC that failed outweighs all."""
    aligned = False
    for method, verdict, properties in (m.groups() for m in map(_RESULT.match, results) if m):
        if method.lower() == "dmarc":
            named = {one.lower() for one in _FROM.findall(properties)}
            if verdict.lower() not in _UNDECIDED:
                return False, f"dmarc={verdict.lower()}"
            aligned = aligned or (verdict.lower() == "pass" and named <= {domain})
        elif method.lower() == "dkim" and verdict.lower() == "pass":
            signed = _DOMAIN.findall(properties) or _IDENTITY.findall(properties)
            aligned = aligned or {one.lower() for one in signed} == {domain}
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
