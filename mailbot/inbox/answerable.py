"""Which mails a program must not answer: those that a machine sent, or that went to many (RFC 3834, section 2).

Two robots that answer each other do not stop. What only may come from a machine is not answered either: a client who
gets no copy by return is written to by the owner. The words of such a mail still count as what they say.
"""

import re

from mailbot.model import Letter

_LOCAL = re.compile(
    r"(?:(?:no|do|ne|nicht|keine?|non|niet|geen)[-_.]?(?:not[-_.]?|pas[-_.]?)?"
    r"(?:reply|repl[iy]|repondre|reponse|antwort(?:en)?|responder|rispondere|beantwoorden|antwoord(?:en)?)"
    r"|mailer[-_.]?daemon|post[-_.]?master|bounces?|notifications?|auto[-_.]?(?:reply|mailer|confirm)|listserv|majordomo)"
    r"(?:$|[-_.+\d])|owner-|.{1,60}-(?:owner|request|bounces)$",
    re.IGNORECASE,
)
_MANY = frozenset({"bulk", "list", "junk", "auto_reply"})
_SUPPRESSED = frozenset({"all", "autoreply"})
_MARKS = frozenset({
    "list-id", "list-unsubscribe", "list-post", "feedback-id", "x-autoreply", "x-autorespond", "x-autoresponder",
    "x-auto-reply", "x-vacation", "x-mail-autoreply", "x-failed-recipients",
})  # fmt: skip
"""Headers that no mail program of a person writes."""


def wants_no_answer(letter: Letter) -> bool:
    """Whether no program may answer `letter`; what a person writes may be answered whatever this says."""
    return bool(_LOCAL.match(letter.from_address.partition("@")[0])) or any(
        _speaks_against(name, text) for name, text in letter.headers
    )


def _speaks_against(name: str, text: str) -> bool:
    """One header, `name` in lower case."""
    value = text.split("(")[0].strip().lower()
    if name in _MARKS:
        return True
    if name == "auto-submitted":
        return value.split(";")[0].strip() not in ("no", "")
    if name == "x-auto-response-suppress":
        return bool(_SUPPRESSED & {one.strip() for one in value.split(",")})
    if name == "return-path":
        return value.replace(" ", "") == "<>"
    return name == "precedence" and value in _MANY
