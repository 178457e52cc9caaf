"""A business's own words beside the shipped lexicon."""

from datetime import date

import pytest

from mailbot.inbox.intents import understand
from mailbot.inbox.lexicon.own import own_words
from mailbot.model import Intent

DAY = date(2026, 11, 18)
OWN = own_words(
    """
    fr:
      says: {dispute: ["(palette|palettes) .. filmee*"], promise: ["passe en caisse"]}
      denies: {dispute: ["bien filmee*"]}
      harmless: "grutier* benne"
      irony: "au paradis"
    """
)


def test_own_phrases_are_heard() -> None:
    text = "Les palettes étaient à peine filmées."

    assert understand(text, "fr", DAY, own_words=OWN).intent is Intent.DISPUTE
    assert understand(text, "fr", DAY).intent is not Intent.DISPUTE


def test_own_denials_irony_and_harmless_words_count() -> None:
    denied = understand("Les palettes sont bien filmées, merci, virement vendredi.", "fr", DAY, own_words=OWN)
    joked = understand("Le virement part vendredi, au paradis.", "fr", DAY, own_words=OWN)
    plain = "Je vous fais le virement vendredi, le grutier a du retard, la benne aussi."

    assert denied.intent is Intent.PROMISE
    assert not joked.sure
    assert understand(plain, "fr", DAY, own_words=OWN).sure
    assert not understand(plain, "fr", DAY).sure


def test_the_other_languages_stay_as_they_are() -> None:
    assert understand("We will pay on Friday.", "en", DAY, own_words=OWN) == understand(
        "We will pay on Friday.", "en", DAY
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pt: {harmless: obra}", "pt: is none of fr, en"),
        ("fr: {says: {nonsense: [a b]}}", "nonsense is no intent"),
        ("fr: {says: {dispute: [(a]}}", "bracket"),
        ("fr: {says: {dispute: ['(a)?']}}", "match everywhere"),
        ("fr: {says: {dispute: [<unknown> b]}}", "no group"),
        ("fr: {words: le la}", "the parts are"),
        ("fr: {irony: '(a+)+'}", "words only"),
        ("fr: [", "no YAML"),
        ("- a", "names languages"),
    ],
)
def test_each_mistake_is_named(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        own_words(text)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ValueError, match="nonsense") as raised:
        own_words("fr: {says: {nonsense: [a]}}\npt: {}")

    assert len(str(raised.value).split("\n")) == 2
