"""In which language a client is to be written to: "écris à Dupont en allemand", "language Dupont German"."""

import re
from collections.abc import Mapping

from mailbot.model import Order
from mailbot.owner.values import target_of
from mailbot.owner.words import fold

LANGUAGES: Mapping[str, str] = {
    "francais": "fr", "french": "fr", "anglais": "en", "english": "en", "allemand": "de", "german": "de",
    "espagnol": "es", "spanish": "es", "italien": "it", "italian": "it", "neerlandais": "nl", "hollandais": "nl",
    "dutch": "nl", "fr": "fr", "en": "en", "de": "de", "es": "es", "it": "it", "nl": "nl",
}  # fmt: skip
"""What an owner calls a language, folded, and its code."""
_NAMES = "|".join(sorted(LANGUAGES, key=len, reverse=True))
LANGUAGE_VERBS = frozenset({"langue", "language", "ecris", "ecrire", "ecrivez", "parle", "parler", "write", "speak"})
LANGUAGE_WORDS = (
    r"(?:langue|language)(?: (?:de|du|pour|of|for))?|"
    rf"(?:ecris|ecrire|ecrivez|parler?|write|speak)(?= .{{1,60}} (?:en|in) (?:{_NAMES})[\s.!]*$)"
)
"""How such a line begins. "Écris à Dupont: ..." is another order, a text for the client."""
_SAID = re.compile(rf"^(?P<target>.{{1,80}}?)\s*[\s:=,]\s*(?:en |in |est |is )?(?P<language>{_NAMES})$")


def language_order(verb: str, rest: str) -> Order | None:
    """ "à Dupont en allemand", "to Dupont in German", "Dupont : allemand"; None where no language is named."""
    bare = re.sub(r"^(?:a|à|au|to|avec|with|de|of)\s+", "", rest.strip().rstrip(" .!"), flags=re.IGNORECASE)
    if (found := _SAID.match(fold(bare))) is None:
        return None
    named = target_of(bare[: found.end("target")].strip(' «»"“”'))
    return Order(verb, named or None, {"language": LANGUAGES[found["language"]]})
