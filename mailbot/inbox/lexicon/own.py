"""A business's own words for reading replies, beside those that ship: checked once, then handed on as text.

The file has the shape of the shipped ones with any of the parts below, under the name of a language:

    fr:
      says: {dispute: ["(palette|palettes) .. filmee*"]}
      harmless: "chantier* grue*"
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from mailbot.inbox.lexicon.phrases import anchors, expanded, phrase
from mailbot.model import Intent

PHRASES = ("says", "denies")
"""Parts that are phrases for each intent."""
WORDS = ("harmless",)
"""Parts that are words, separated by blanks."""
ALTERNATIVES = ("irony", "hedges", "limits", "idle")
"""Parts that are alternatives, separated by |."""
MAX_BYTES = 200_000
LANGUAGES = ("fr", "en", "de", "es", "it", "nl")
_MAX_LINE = 2_000


def own_words(text: str) -> str:
    """`text`, YAML, as the JSON that `read_letter` takes; raises ValueError with every mistake, one a line."""
    if len(text) > MAX_BYTES:
        raise ValueError(f"the file has more than {MAX_BYTES} bytes")
    try:
        data = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"this is no YAML: {' '.join(str(error).split())}") from error
    mistakes = list(_mistakes(data))
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def merged(shipped: Mapping[str, object], own: Mapping[str, Any]) -> dict[str, object]:
    """The shipped parts of a language with a business's own added to them."""
    whole: dict[str, object] = dict(shipped)
    for name, value in own.items():
        there = shipped[name]
        if isinstance(there, Mapping):
            whole[name] = {**there, **{intent: [*there.get(intent, []), *lines] for intent, lines in value.items()}}
        else:
            whole[name] = f"{there}{' ' if name in WORDS else '|'}{value}"
    return whole


def _mistakes(data: object) -> Iterator[str]:
    if not isinstance(data, dict):
        yield "the file names languages, each with its parts"
        return
    for language, parts in data.items():
        if language not in LANGUAGES or not isinstance(parts, dict):
            yield f"{language}: is none of {', '.join(LANGUAGES)} with its parts below it"
            continue
        for name, value in parts.items():
            yield from (f"{language}.{name}: {why}" for why in _of_part(str(name), value))


def _of_part(name: str, value: object) -> Iterator[str]:
    if name in PHRASES and isinstance(value, dict):
        for intent, lines in value.items():
            if intent not in {one.value for one in Intent}:
                yield f"{intent} is no intent"
            elif not isinstance(lines, list):
                yield f"{intent}: is a list of phrases"
            else:
                yield from (f"{intent}: {why}" for line in lines if (why := _wrong(line)))
    elif name in (*WORDS, *ALTERNATIVES) and isinstance(value, str):
        if not value.replace(" ", "").replace("|", "").replace("*", "").replace("'", "").replace("-", "").isalpha():
            yield "holds words only"
    else:
        yield f"the parts are {', '.join((*PHRASES, *WORDS, *ALTERNATIVES))}"


def _wrong(line: object) -> str | None:
    if not isinstance(line, str) or not line.strip() or len(line) > _MAX_LINE:
        return f"{str(line)[:60]!r} is no phrase"
    try:
        written = expanded(line)
        anchors(written)
        found = phrase(written)
    except ValueError as error:
        return str(error)
    return f"{line!r} would match everywhere" if found.search("") else None
