"""What a mail may be besides what it says: a try to have bank details changed, or a sender who only looks known.

Invoice fraud is made of these two. Nothing here decides what the mail means; the owner is told, and what the mail
seems to say is no longer sure.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from mailbot.inbox.folding import folded
from mailbot.inbox.free_mail import FREE_MAIL

BANK_CHANGE = "bank_change"
LOOK_ALIKE = "look_alike"
ENCRYPTED = "encrypted"
CHALLENGE = "challenge"
CALENDAR = "calendar"
_MAX_TEXT = 16_000
_MAX_SENTENCE = 300
_MAX_DOMAIN = 100
_MOST_APART = 6
"""Letters by which a domain and its double differ in length at most: another ending, "rn" for "m"."""
_SENTENCE = re.compile(r"[^.!?;\n]{1,300}(?:\n(?!\n)[^.!?;\n]{1,300})?")
_TWINS = str.maketrans({
    "0": "o", "1": "l", "3": "e", "5": "s", "i": "l", "|": "l", "а": "a", "е": "e", "о": "o", "р": "p", "с": "c",
    "х": "x", "у": "y", "і": "l", "ј": "j", "ѕ": "s", "ԁ": "d", "ɡ": "g", "ο": "o", "α": "a", "ν": "v", "ι": "l",
    "ı": "l",
})  # fmt: skip
"""Letters that look alike, Cyrillic and Greek ones among them, as one letter (Unicode TR 39, the part for domains)."""


@dataclass(frozen=True, slots=True)
class _Words:
    details: re.Pattern[str]
    changed: re.Pattern[str]
    harmless: re.Pattern[str]


def asks_for_other_bank_details(text: str) -> str | None:
    """The sentence in which `text` says that bank details are new or are to be changed; None where none does."""
    words, low = _words(), folded(text[:_MAX_TEXT])
    if not words.details.search(low):
        return None
    for sentence in _SENTENCE.finditer(text[:_MAX_TEXT]):
        said = low[sentence.start() : sentence.end()]
        if words.details.search(said) and words.changed.search(said) and not words.harmless.search(said):
            return " ".join(sentence[0].split())[:_MAX_SENTENCE]
    return None


def looks_like(domain: str, known: Iterable[str]) -> str | None:
    """The known domain that `domain` is made to look like; None for a known one and for one like no other.

    Alike means: the same once letters that look the same are one, one letter more, less, other or swapped, or the same
    name under another ending. Names of fewer than five letters and free-mail domains are never compared.
    """
    shown = _shown(domain)
    named = {one.lower() for one in known}
    if domain.lower() in named or not shown or any(domain.lower().endswith("." + one) for one in named):
        return None
    near = (one for one in named - FREE_MAIL if abs(len(one) - len(shown)) <= _MOST_APART)
    return min((one for one in near if _alike(shown, one)), default=None)


def _alike(shown: str, known: str) -> bool:
    name, _, ending = shown.rpartition(".")
    known_name, _, known_ending = known[:_MAX_DOMAIN].rpartition(".")
    if len(known_name) < 5:
        return False
    if name == known_name:
        return ending != known_ending
    ours, theirs = _skeleton(known_name), _skeleton(name)
    return ours == theirs or (len(known_name) > 5 and _one_step(known_name, name))


def _shown(domain: str) -> str:
    """The domain as people see it: international names decoded."""
    try:
        return domain[:_MAX_DOMAIN].lower().encode("ascii").decode("idna")
    except UnicodeError:
        return domain[:_MAX_DOMAIN].lower()


def _skeleton(name: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return bare.translate(_TWINS).replace("rn", "m").replace("vv", "w").replace("-", "").replace("cl", "d")


def _one_step(a: str, b: str) -> bool:
    """Whether `b` is `a` with one letter more, less or other, or with two neighbours swapped."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[at:], b[at:]
    swapped = len(rest_a) > 1 and rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return swapped or rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]


@cache
def _words() -> _Words:
    data = yaml.safe_load(resources.files(__package__).joinpath("risks.yaml").read_text(encoding="utf-8"))
    return _Words(
        details=re.compile("|".join(data["bank_details"])),
        changed=re.compile(rf"\b(?:{'|'.join(data['changed'])})\b"),
        harmless=re.compile("|".join(data["harmless"])),
    )
