"""What clients write in six languages, sentence by sentence and letter by letter, as people labelled it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbot.inbox.intents import understand
from mailbot.inbox.lexicon import LANGUAGES
from mailbot.model import Intent

CASES = Path(__file__).parent.parent / "cases" / "sentences"
DAY = date(2026, 11, 18)
LETS_RUN = {Intent.PROMISE, Intent.PAID, Intent.ACKNOWLEDGED, Intent.UNRELATED}


def read(name: str) -> Any:
    return yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))


def sentences() -> Iterator[Any]:
    for language in LANGUAGES:
        for intent, texts in read(language).items():
            yield from (pytest.param(language, intent, text, id=f"{language} {text}") for text in texts)


def traps() -> Iterator[Any]:
    for language, texts in read("traps").items():
        yield from (pytest.param(language, text, id=f"{language} {text}") for text in texts)


@pytest.mark.parametrize(("language", "intent", "text"), [s for s in sentences() if s.values[1] != "unsure"])
def test_a_sentence_says_what_its_label_says(language: str, intent: str, text: str) -> None:
    found = understand(text, language, DAY)

    assert (found.intent, found.language) == (Intent(intent), language)
    assert all(words in text for words in found.because)


@pytest.mark.parametrize(("language", "intent", "text"), [s for s in sentences() if s.values[1] == "unsure"])
def test_a_doubtful_sentence_is_not_acted_on(language: str, intent: str, text: str) -> None:
    found = understand(text, language, DAY)

    assert not (found.sure and found.intent in LETS_RUN), found


@pytest.mark.parametrize(("language", "text"), list(traps()))
def test_a_complaint_that_speaks_of_paying_is_not_acted_on(language: str, text: str) -> None:
    found = understand(text, language, DAY)

    assert not (found.sure and found.intent in LETS_RUN), found


@pytest.mark.parametrize(("language", "intent", "text"), read("letters"))
def test_a_plain_letter_is_understood_without_being_told_its_language(language: str, intent: str, text: str) -> None:
    found = understand(text, None, DAY)

    assert (found.intent, found.language) == (Intent(intent), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_plain_sentences_are_acted_on(language: str) -> None:
    plain = [text for intent, texts in read(language).items() if intent != "unsure" for text in texts]

    assert sum(understand(text, language, DAY).sure for text in plain) / len(plain) >= 0.8


def test_a_text_too_long_to_be_read_whole_is_asked_about() -> None:
    found = understand("Le virement part vendredi. " + "Merci beaucoup. " * 2000, "fr", DAY)

    assert not found.sure
