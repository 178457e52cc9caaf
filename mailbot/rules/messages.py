"""What the checker says: its sentences filled in, the nearest right word, and the phrases that go into them."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from mailbot.rules.sentences import MESSAGES
from mailbot.rules.suite_sentences import SUITE_MESSAGES

_SENTENCES: Mapping[str, tuple[str, str]] = {**MESSAGES, **SUITE_MESSAGES}
_WORDS: Mapping[str, tuple[str, str]] = {
    "near": ('did you mean "{close}"? ', "vouliez-vous dire « {close} » ? "),
    "known": ("known: {listed}", "connus : {listed}"),
    "here": ("known here: {listed}", "connues ici : {listed}"),
    "tab": (
        "use spaces, not a tab, at the beginning of a line",
        "en début de ligne, mettez des espaces et non une tabulation",
    ),
    "colon": (
        'a ": " inside a text needs quotes around the whole text',
        "un texte qui contient « : » doit être entre guillemets",
    ),
    "quotes": ("quotes that are opened must be closed", "un guillemet ouvert doit être refermé"),
    "dash": (
        "put a space after the dash, and keep all lines of a block at the same column",
        "mettez une espace après le tiret, et alignez toutes les lignes d'un bloc sur la même colonne",
    ),
    "region": (
        "a country of two letters, or a part of it, for example: FR, FR-57, BE, CH, LU",
        "un pays en deux lettres, ou une de ses régions, par exemple : FR, FR-57, BE, CH, LU",
    ),
    "level.invoice": ("invoice", "une facture"),
    "level.event": ("event", "un événement"),
    "disabled": ("disabled", "désactivée"),
    "shadow": ("in shadow", "à blanc"),
    "promise": (
        "the client is left in peace until the promised day",
        "le client est laissé en paix jusqu'à la date promise",
    ),
    "never-comes": ("it never happens", "il ne se produit jamais"),
    "waits": ("such an answer waits for you", "une telle réponse attend votre décision"),
    "nothing": ("nothing happens then", "rien ne se passe alors"),
    "unknown-holds": (
        "it is always unknown, and so every mail is held back",
        "il est toujours inconnu, et tous les messages sont donc retenus",
    ),
    "unknown-fails": (
        "it is always unknown, and so the condition never holds",
        "il est toujours inconnu, et la condition n'est donc jamais remplie",
    ),
    "unknown-zero": (
        "nothing of the kind is ever recorded, so it says nothing",
        "rien de tel n'est jamais enregistré : il ne dit donc rien",
    ),
    "why.gap": ("min_gap after the mail before it", "min_gap, compté depuis le message précédent"),
    "why.after": (
        'its "after", which counts from the day the other one really left',
        "son « after », compté depuis le départ réel de l'autre étape",
    ),
}  # fmt: skip

_YAML_FRENCH: Mapping[str, str] = {
    "mapping values are not allowed in this context": "un « : » n'est pas possible à cet endroit",
    "found character that cannot start any token": "un caractère ne peut pas commencer une valeur ici",
    "did not find expected key": "une clé était attendue ici",
    "did not find expected '-' indicator": "un tiret était attendu ici",
    "did not find expected ',' or ']'": "une virgule ou « ] » manque ici",
    "did not find expected ',' or '}'": "une virgule ou « } » manque ici",
    "could not find expected ':'": "un « : » était attendu ici",
    "found unexpected end of stream": "le fichier s'arrête au milieu d'un texte",
    "did not find expected <document start>": "ce texte n'est pas à sa place",
    "block sequence entries are not allowed in this context": "un tiret n'est pas possible à cet endroit",
}


def message(language: str, key: str, /, **values: object) -> str:
    """The sentence of a key, and below it what would be right."""
    return _SENTENCES[key][language == "fr"].format_map(values).rstrip()


def word(language: str, key: str, /, **values: object) -> str:
    """A phrase that goes into a sentence."""
    return _WORDS[key][language == "fr"].format_map(values)


def nearest(language: str, wrong: str, known: Sequence[str], *, key: str = "known") -> str:
    """The nearest right word, if any is near, then all that are known."""
    close = _close(wrong, known)
    listed = word(language, key, listed=", ".join(known[:40]))
    return (word(language, "near", close=close[0]) if close else "") + listed


def near(language: str, wrong: str, known: Sequence[str]) -> str:
    """The nearest right word with a question mark, or nothing."""
    close = _close(wrong, known)
    return word(language, "near", close=close[0]) if close else ""


def _close(wrong: str, known: Sequence[str]) -> list[str]:
    return get_close_matches(wrong[:80], known, n=1, cutoff=0.6) if wrong else []


def yaml_sentence(language: str, said: str) -> str:
    """The parser's own sentence; the usual ones in French too."""
    return _YAML_FRENCH.get(said, said) if language == "fr" else said
