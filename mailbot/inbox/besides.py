"""What stands in a mail beside the text that is read: words below the signature mark, and its other form.

Neither ever changes what a mail is taken to say, since signatures, disclaimers and the HTML of a text mail say nothing
of their own. Where a person's words of trouble stand there all the same ("Edit: we dispute this invoice"), or where the
two forms of a mail say different things, what it seems to say is no longer sure, and the owner is told why.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mailbot.inbox.clauses import sentences
from mailbot.inbox.closings import is_disclaimer, is_notice
from mailbot.inbox.doubts import TROUBLE
from mailbot.inbox.folding import folded
from mailbot.inbox.html import html_lines
from mailbot.inbox.intents import Understanding, understand
from mailbot.inbox.languages import detect
from mailbot.inbox.lexicon import LANGUAGES, lexicon
from mailbot.inbox.quotes import NewText, strip_quotes
from mailbot.inbox.signers import is_contact, is_said
from mailbot.model import Intent, Letter, Reading

BELOW_SIGNATURE = "below_signature"
TWO_VERSIONS = "two_versions"
_MAX_SIGNATURE = 4000
_AT_MOST = 0.65
"""The confidence in what a mail says that says something else elsewhere."""
_TERMS = re.compile(
    r"\b(?:toute|any|all|every|jegliche|etwaige|cualquier|toda|qualsiasi|ogni|elke|iedere) (?:contestation|reclamation|"
    r"dispute|claim|complaint|reklamation|beanstandung|reclamacion|contestazione|reclamo|klacht|betwisting|geschil)|"
    r"\b(?:terms (?:and|&) conditions|conditions generales|agb|condiciones generales|condizioni generali|"
    r"algemene voorwaarden|tribunal competent|foro competente|gerichtsstand)\b"
)
"""General terms, which say how disputes are to be made and dispute nothing."""
_WORD = re.compile(r"[^\W_]+")


def doubted_besides(found: Reading, letter: Letter, base: date, own_words: str | None) -> Reading:
    """`found`, a client's mail, with what the owner must see of the rest of `letter`; its intent stays as it is.

    `base` and `own_words` as for `intents.understand`.
    """
    known = {found.intent, *found.also}
    below = trouble_below(found.signature, found.language, own_words)
    if not known.issuperset(below):
        found = _doubted(found, BELOW_SIGNATURE, below)
    if found.sure and (other := other_version(letter, found.new_text)):
        said = understand(other.text, found.language, base, own_words=own_words)
        if _contradicts(found, said):
            found = _doubted(found, TWO_VERSIONS, (said.intent, *said.also))
    return found


def trouble_below(signature: str, language: str | None, own_words: str | None) -> tuple[Intent, ...]:
    """The trouble that sentences of a person tell of in what was split off as a signature; none in most mails."""
    text = words_below(signature)
    spoken = dict.fromkeys(one for one in (language, detect(text, language)) if one in LANGUAGES) if text else ()
    heard = [
        said.intent
        for one in spoken
        for sentence in sentences(text, lexicon(one, own_words))
        for said in sentence.said
        if said.intent in TROUBLE
    ]
    return tuple(dict.fromkeys(heard))


def words_below(signature: str) -> str:
    """What somebody says in a signature, without names, numbers, slogans and disclaimers; empty in most mails."""
    return "\n\n".join(_passages(signature[:_MAX_SIGNATURE]))


def other_version(letter: Letter, text: str) -> NewText | None:
    """The new text of the HTML beside the text that was read, where it has other words; else None."""
    if not letter.text.strip() or not letter.html:
        return None
    other = strip_quotes("\n".join(html_lines(letter.html)), letter.from_name, letter.from_address)
    return other if other.text.strip() and _words(other.text) != _words(text) else None


def _passages(signature: str) -> Iterator[str]:
    """The paragraphs of a signature that somebody says: no names, numbers, slogans, disclaimers or notices."""
    for paragraph in re.split(r"\n\s*\n", signature):
        lines = [line.strip(" *_") for line in paragraph.split("\n")]
        if is_disclaimer(" ".join(folded(line) for line in lines)):
            continue
        kept = [line for line in lines if line and not is_contact(line) and not _is_notice(folded(line))]
        if any(is_said(line) for line in kept):
            yield "\n".join(kept)


def _is_notice(low: str) -> bool:
    return is_notice(low) or bool(_TERMS.search(low))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(folded(text)))


def _contradicts(found: Reading, said: Understanding) -> bool:
    """Whether the other form says something else; one in which nothing was heard may be an image or a footer."""
    if said.intent is Intent.QUESTION and not said.heard:
        return False
    return (found.intent, found.promise_date, found.paid_date) != (said.intent, said.promise_date, said.paid_date)


def _doubted(found: Reading, flag: str, heard: tuple[Intent, ...]) -> Reading:
    also = tuple(dict.fromkeys((*found.also, *(one for one in heard if one in TROUBLE and one is not found.intent))))
    low = min(found.confidence, _AT_MOST)
    return replace(found, sure=False, confidence=low, also=also, flags=(*found.flags, flag))
