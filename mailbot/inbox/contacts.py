"""The address to which a mail says one may write instead, also where it is spelt "name at firm.example"."""

import re
from collections.abc import Collection

from mailbot.inbox.dayrules import grammar
from mailbot.inbox.folding import folded
from mailbot.inbox.masks import EMAIL

_MAX_TEXT = 8_000
_DOT = r" ?(?:\.|\(dot\)|\[dot\]|(?<= )(?:dot|point|punkt|punto)(?= )) ?"
_SPOKEN = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64}) ?(?:\(at\)|\[at\]|\{at\}|(?<= )(?:at|arobase)(?= )) ?"
    rf"((?:[\w-]{{1,63}}{_DOT}){{1,4}}[a-z]{{2,24}})(?![\w-])",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;,:!?()\n]|(?<!\w)(?:mais|but|sondern|aber|sino|pero|ma|bensi|maar)(?!\w)")
_REACH = 80


def addresses(text: str) -> list[tuple[int, str]]:
    """The addresses in the first 8,000 characters of `text`, in lower case, with where each begins."""
    text = text[:_MAX_TEXT]
    found = {m.start(): m[0].lower() for m in EMAIL.finditer(text)}
    for spoken in _SPOKEN.finditer(text):
        found.setdefault(spoken.start(), f"{spoken[1]}@{re.sub(_DOT, '.', spoken[2], flags=re.IGNORECASE)}".lower())
    return sorted(found.items())


def new_contact(text: str, language: str, known: Collection[str] = ()) -> str | None:
    """The one address that `text` names and that is not `known` (the sender's, the creditor's).

    Of several, the one that is not denied ("not to a@…, but to b@…"); None where that leaves a choice.
    """
    found = [(at, address) for at, address in addresses(text) if address not in known]
    if len({address for _, address in found}) > 1:
        found = [(at, address) for at, address in found if not _is_denied(text, at, language)]
    new = {address for _, address in found}
    return new.pop() if len(new) == 1 else None


def _is_denied(text: str, at: int, language: str) -> bool:
    before = folded(_CLAUSE.split(text[max(0, at - _REACH) : at])[-1])
    return bool(grammar(language).denials.search(before))
