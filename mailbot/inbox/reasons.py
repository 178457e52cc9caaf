"""Why a mail was not delivered, from what servers say; and whether the address is dead (hard) or not (soft).

Only an address or domain that does not exist is hard. Everything a server may take back (full, policy, spam,
too large, no answer yet) is soft, whatever its code says.
"""

import re
from typing import Literal

from mailbot.inbox.folding import folded

Reason = Literal["user_unknown", "mailbox_full", "policy", "spam", "dns", "size", "other"]
Class = Literal["hard", "soft", "other"]

_WORDS: tuple[tuple[Reason, str], ...] = (
    (
        "mailbox_full",
        (
            r"(?:mailbox|quota|inbox|account|boite|storage|disk|mail box|maildrop)(?: \S+){0,5} (?:full|"
            r"exceed|"
            r"pleine|limit|over|satur)|over ?(?:the )?(?:allowed )?quota|quota exceed|"
            r"exceed\w* (?:\S+ ){0,4}(?:quota|storage|disk)|insufficient (?:disk|storage|system storage)|"
            r"not enough (?:storage|space|disk)|mailbox_?full|user is over|out of (?:storage|disk)|"
            r"disk quota|"
            r"too many messages in|mailbox is full|(?:est|is) pleine"
        ),
    ),
    (
        "size",
        (
            r"message (?:size|is too|too|file)(?: \S+){0,5} (?:large|big|exceed|limit)|too large|"
            r"exceed\w*(?: \S+){0,5} (?:size|maximum (?:message )?size)|size limit|message length|"
            r"maximum message|message size"
        ),
    ),
    (
        "spam",
        (
            r"\bspam\b|junk mail|unsolicited|considered (?:as )?spam|spamhaus|spam ?(?:score|content|"
            r"message)|"
            r"bulk mail|looks like spam|surbl|uribl|phish|message content rejected|blocked using (?:trend|"
            r"spam)"
        ),
    ),
    ("policy", r"reverse dns|\bptr\b|valid sender domain|blacklisted"),
    (
        "user_unknown",
        (
            r"user (?:\S+ )?(?:unknown|not found|doesn'?t exist|does not exist|not exist|is not)|"
            r"unknown (?:user|recipient|address|local|mailbox)|no such (?:user|mailbox|recipient|address|"
            r"person|account|local)|(?:mailbox|account|address|recipient|adresse|user|"
            r"email)(?: \S+){0,6} (?:not found|does ?n[o']t exist|unknown|introuvable|inexistant|invalid|"
            r"not exist|not listed|could not be found|couldn't be found|no longer (?:valid|exists?|"
            r"available))|"
            r"not (?:a )?(?:valid|known) (?:user|mailbox|recipient|address)|invalid (?:recipient|mailbox|"
            r"address|user)|address (?:rejected: )?(?:unknown|not found)|recipient not found|"
            r"resolver\.adr\.(?:recip|ex)|no mailbox|does not like recipient|not listed in|nobody|"
            r"does not have (?:a|an) \S+ account|not our customer|bad destination mailbox|no account|"
            r"recipientnotfound|recipient unknown|unrouteable address|user_unknown|destinataire inconnu|"
            r"utilisateur inconnu|addressee unknown|no such domain user|undeliverable address|"
            r"inactive email address|mailbox unavailable|recipient address rejected: access denied|"
            r"requested action not taken: mailbox|no valid recipients|not exists?"
        ),
    ),
    (
        "dns",
        (
            r"host (?:\S+ )?(?:unknown|not found)|(?:domain|host)(?: \S+){0,4} (?:not found|"
            r"does ?n[o']t exist|"
            r"unknown|invalid)|unknown (?:host|domain)|no (?:such )?(?:mx|domain|host)|name server|nxdomain|"
            r"(?:host|domain) name lookup|unrouteable mail domain|name or service|bad (?:host|domain|"
            r"destination (?:host|system))|illegal host|null mx|nullmx|dns|(?:domain|"
            r"host) (?:\S+ ){0,2}unknown|couldn't find any host|does not accept mail|domain is not reachable|"
            r"no route to host|unable to route|mail domain"
        ),
    ),
    (
        "policy",
        (
            r"polic(?:y|ies)|access denied|blocked|blacklist|black list|block ?list|not (?:allowed|"
            r"authori[sz]ed|permitted|accepted)|denied|relay|spf|dkim|dmarc|authenticat|reputation|refused|"
            r"prohibited|restrict|rejected|banned|reverse dns|ptr|virus|rate limit|too many (?:connections|"
            r"recipients)|throttl"
        ),
    ),
)
_COMPILED = tuple((reason, re.compile(pattern)) for reason, pattern in _WORDS)
_SOFT_USER = re.compile(
    r"disabled|suspend|inactive (?!email)|deactivat|temporar|disconnected|not activ|too many|expired|"
    r"locked|moved|try again"
)
_EXPIRED = re.compile(
    r"try again|expired|timed? ?out|timeout|given up|giving up|retry|will be retried|delayed|"
    r"could not connect|connection (?:refused|reset|timed)|not respond|queue|too long|loop|too many hops|"
    r"for \d+ (?:hours|days)"
)
_BY_STATUS: dict[str, Reason] = {
    "1.1": "user_unknown",
    "1.0": "user_unknown",
    "1.2": "dns",
    "1.3": "user_unknown",
    "1.6": "user_unknown",
    "1.10": "dns",
    "2.2": "mailbox_full",
    "2.3": "size",
    "3.4": "size",
    "3.1": "mailbox_full",
    "7.1": "policy",
    "7.0": "policy",
    "4.4": "dns",
}


def reason_of(diagnostic: str, status: str | None, text: str) -> tuple[Reason, Class]:
    """The reason and class; `diagnostic` is the server's own line, `text` what the report says around it."""
    line = folded(diagnostic[:2000])
    detail = (status or "").partition(".")[2]
    by_words = _by_words(line)
    reason: Reason = by_words or _BY_STATUS.get(detail) or _by_words(folded(text[:4000])) or "other"
    if (
        by_words == "policy"
        and detail in ("1.1", "1.0")
        and re.search(r"recipient|user|address", line)
        and not re.search(r"spf|dkim|dmarc|block|spam|access", line)
    ):
        reason = "user_unknown"
    if by_words in (None, "policy") and detail in ("2.2", "1.1", "1.2") and not line.strip():
        reason = _BY_STATUS[detail]
    return reason, _class_of(reason, status, line)


def _by_words(text: str) -> Reason | None:
    return next((reason for reason, pattern in _COMPILED if pattern.search(text)), None)


def _class_of(reason: Reason, status: str | None, line: str) -> Class:
    temporary = (status or "").startswith("4")
    if reason == "user_unknown":
        return "soft" if temporary or _SOFT_USER.search(line) else "hard"
    if reason == "dns":
        return "soft" if temporary or _EXPIRED.search(line) else "hard"
    return "soft"
