"""The line above a quote, "On Friday, Nora wrote:", as mail programs write it in their users' languages.

An attribution ends with a colon, has a verb of writing and says when or who: that is all its forms share. It is
looked for from its end, because programs wrap it over two to four lines; each line is looked at a few times at most.
"""

import re
from collections.abc import Iterator

from mailbot.inbox.folding import folded

_VERBS = {
    "en": "wrote|writes|has written|is quoting",
    "fr": "a ecrit|ecrit|ecrivait",
    "de": "schrieb|geschrieben|schreibt",
    "es": "escribio|ha escrito",
    "it": "ha scritto|scrisse|scriveva",
    "nl": "schreef|geschreven|heeft geschreven",
    "pt": "escreveu",
    "ca": "va escriure|ha escrit",
    "gl": "escribiu",
    "ro": "a scris|scrie",
    "sv, da, nb": "skrev",
    "is": "skrifadi|skrifaði",
    "fi": "kirjoitti",
    "et": "kirjutas",
    "lv, lt": "rakstija|raksti|rase",
    "pl": "napisał|napisała|napisał(a)|pisze",
    "cs": "napsal|napsala|napsal(a)|pise",
    "sk, sl": "napisal|napisala|napisal(a)|je napisal",
    "hr, sr": "napisao je|napisala je|napisao|je napisao|je napisao/la|пише|је написао",
    "hu": "irta|ezt irta",
    "ru": "написал|написала|написал(а)|пишет",
    "uk, bg": "написав|написала|написав(ла)|пише|написа",
    "el": "έγραψε",
    "tr": "yazdı|şunları yazdı",
    "id, ms, vi": "menulis|da viet|đã viết",
    "he, ar": "כתב|כתבה|כתב/ה|‫כתב|كتب",
    "zh, ja, ko": "写道|寫道|님이 작성|のメール|さんは書きました",
}
"""Folded at import, as the lines are."""
_UNSPACED = ("zh, ja, ko", "he, ar")
_OPENERS_WORDS = (
    "on le am el il op em den dnia w dne dana pe in la στις στη в на kell vao pada missatge el'  u a il giorno"
)
_OPENERS = frozenset(_OPENERS_WORDS.split())
_BOUNDED = "|".join(
    re.escape(folded(verb)) for key, verbs in _VERBS.items() if key not in _UNSPACED for verb in verbs.split("|")
)
_UNBOUNDED = "|".join(re.escape(folded(verb)) for key in _UNSPACED for verb in _VERBS[key].split("|"))
_VERB = re.compile(rf"(?<!\w)(?:{_BOUNDED})(?!\w)|{_UNBOUNDED}")
_ENDS_WITH_VERB = re.compile(rf"(?:(?<!\w)(?:{_BOUNDED})|{_UNBOUNDED})\s*(?:[:：]|-{{2,}})?\s*$")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}(?:[:h.]| h )\d\d(?!\d)|(?<!\d)\d{1,2} ?[ap]\.?m\b")
_NUMBER = re.compile(r"\d+")
_NAMED_FIRST = re.compile(r"^[^<>@]{0,80}[<(\[]?[^\s<>@]{1,64}@[^\s<>@]{1,190}[>)\]]?\W{0,3}")
_STAMPED = re.compile(r"-{2,3}\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4} \d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: [ap]m)?-{2,3}")
_DATED_SENDER = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}.{0,40}(?:<\S+@\S+>:?|gmt[+-]\d\d:\d\d .{2,60})$")
_SPOKEN = re.compile(
    r"\b(?:you|your|yours|our|my|me|us|we|he|she|they|votre|vos|notre|nos|nous|vous|elle|on m|m'a|j'ai|ihr|ihre|ihrem|"
    r"unser|unsere|mir|uns|wir|sie|su|sus|nuestro|nuestra|usted|ustedes|nos|vostro|vostra|nostro|nostra|mi|ci|vi|uw|"
    r"jullie|onze|ons|wij|mij)\b"
)
"""Words of people who tell what somebody wrote; mail programs use none of them."""
_FRAGMENT = re.compile(rf"^>?\s*(?:{_BOUNDED})?\s*[:：]$")
_MAX_HEADER = 600
_LINES = 5
_BLANKS = 3


def attribution(lines: list[str], low: list[str], end: int) -> int | None:
    """The first line of the attribution that ends at line `end`; None where none ends there.

    `low` are the lines folded (`folding.folded`) and without quote marks and blanks at their ends.
    """
    last = low[end]
    if (last[:1].isdigit() and _DATED_SENDER.match(last)) or ("---" in last and _STAMPED.search(last)):
        return end
    if not _may_end(last):
        return None
    followed = _is_followed_by_quote(lines, end)
    found = None
    for at, joined in _upwards(lines, low, end):
        if _is_attribution(joined, followed):
            found = at
            if _opens(low[at]):
                break
    return found


def _upwards(lines: list[str], low: list[str], end: int) -> Iterator[tuple[int, str]]:
    """Each line from `end` up that may begin the attribution, with all text from it on."""
    marked, fragment = _is_marked(lines[end]), bool(_FRAGMENT.match(low[end]))
    joined, taken = "", 0
    for at in range(end, max(end - _LINES - _BLANKS, -1), -1):
        if not low[at]:
            if fragment or joined.startswith(("<", "mailto")):
                continue
            return
        if at < end and ((_is_marked(lines[at]) != marked and not fragment) or _is_sentence(low[at])):
            return
        joined, taken = f"{low[at]} {joined}".strip(), taken + 1
        if len(joined) > _MAX_HEADER or taken > _LINES:
            return
        yield at, joined


def _may_end(low: str) -> bool:
    return low.endswith((":", "：", "--")) or bool(_ENDS_WITH_VERB.search(low[-40:]))


def _is_attribution(joined: str, followed: bool) -> bool:
    address = "@" in joined
    if not address and not followed and not _NUMBER.search(joined):
        return False
    clock = bool(_CLOCK.search(joined))
    dated = len(_NUMBER.findall(_CLOCK.sub(" ", joined, count=1))) >= 1
    if not _VERB.search(joined):
        return address and clock and dated and joined.endswith((":", "：")) and _opens(joined)
    if joined.endswith(">") and not joined.endswith("->"):
        return False
    if not followed and not address and _SPOKEN.search(joined):
        return False
    if (clock and dated) or address:
        return _opens(joined) or (address and bool(_NAMED_FIRST.match(joined)))
    return followed and (dated or _opens(joined) or len(joined.split()) < 8) and joined.endswith((":", "：", "--"))


def _opens(low: str) -> bool:
    """Whether a line begins as an attribution does: by an opening word, a date, or with a time or an address in it."""
    if not low or low.startswith(("<", "(", "[", "mailto:")) or low.count(">") > low.count("<"):
        return False
    first = low.split(maxsplit=1)[0].strip(",.*-")
    return (
        (first in _OPENERS and bool(_NUMBER.search(low)))
        or low[:1].isdigit()
        or bool(_CLOCK.search(low))
        or "<" in low[:80]
        or bool(_NAMED_FIRST.match(low))
        or low.startswith(("在", "---", "于"))
    )


def _is_sentence(low: str) -> bool:
    """Whether a line ends a sentence, so that nothing of an attribution stands in it. "16 oct." does not."""
    if not low.endswith((".", "!", "?", "…")):
        return False
    word = low.rstrip(".").rpartition(" ")[2]
    return not (low.endswith(".") and (word.isdigit() or len(word) <= 5) and bool(_NUMBER.search(low)))


def _is_marked(line: str) -> bool:
    return line.lstrip().startswith((">", "|"))


def _is_followed_by_quote(lines: list[str], end: int) -> bool:
    following = next((line for line in lines[end + 1 : end + 4] if line.strip()), "")
    return _is_marked(following)
