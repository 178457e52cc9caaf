"""Every mail that we ship, in every language and tone, is held against what mail readers can show.

The allow-list, with the source of each feature, is mail_features.yaml beside this file.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import html as markup
from outbox_letters import INVOICES, LETTERS, OWNER_MAILS, TEMPLATES, letter, letters_of, owner_mails
from ruamel.yaml import YAML

from mailbot.model import Rendered
from mailbot.outbox.letter import LANGUAGES

FEATURES: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("mail_features.yaml"))
TO_OWNER = ("digest", *OWNER_MAILS)
KINDS = [(name, language) for name in LETTERS for language in LANGUAGES]
KINDS += [(name, language) for name in TO_OWNER for language in ("fr", "en")]
each_kind = pytest.mark.parametrize(("name", "language"), KINDS)
PADDED = {"td", "th"}
WORDS = {
    "fr": ("Je paie le", "C'est déjà payé", "Il y a un problème"),
    "en": ("I will pay on", "Already paid", "There is a problem"),
    "de": ("Wir zahlen am", "Bereits bezahlt", "Es gibt ein Problem"),
    "es": ("Pagaré el", "Ya está pagada", "Hay un problema"),
    "it": ("Pagherò il", "Già pagata", "C'è un problema"),
    "nl": ("Ik betaal op", "Al betaald", "Er is een probleem"),
}


@cache
def mails(name: str, language: str) -> list[Rendered]:
    return letters_of(name, language) if name in LETTERS else owner_mails(name, language)


def pages(name: str, language: str) -> Iterator[markup.HtmlElement]:
    for mail in mails(name, language):
        yield markup.fromstring(mail.html)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def style(node: markup.HtmlElement) -> dict[str, str]:
    pairs = (part.partition(":") for part in node.get("style", "").split(";") if ":" in part)
    return {key.strip(): value.strip() for key, _, value in pairs}


def background(node: markup.HtmlElement) -> str:
    while node is not None:
        if node.get("bgcolor"):
            return str(node.get("bgcolor"))
        node = node.getparent()
    return "#ffffff"


def test_every_mail_is_there_in_every_language_that_its_readers_have() -> None:
    assert TEMPLATES.names() == {*LETTERS, *TO_OWNER}
    assert TEMPLATES.names("fr") == TEMPLATES.names("en") == TEMPLATES.names()
    for language in LANGUAGES:
        assert TEMPLATES.names(language) >= set(LETTERS), language


@each_kind
def test_the_language_and_direction_are_declared(name: str, language: str) -> None:
    for page in pages(name, language):
        assert (page.get("lang"), page.get("dir")) == (language, "ltr")
        assert (page.find("body").get("lang"), page.find("body").get("dir")) == (language, "ltr")
        assert page.findtext("head/title")


@each_kind
def test_layout_tables_say_so_and_data_tables_have_headers(name: str, language: str) -> None:
    for page in pages(name, language):
        for table in page.iter("table"):
            headers = table.xpath("./tbody/tr/th | ./tr/th")
            assert bool(headers) != (table.get("role") == "presentation")
            assert all(header.get("scope") == "col" for header in headers)


@each_kind
def test_only_features_are_used_that_mail_readers_show(name: str, language: str) -> None:
    needed, bonus = FEATURES["needed"], FEATURES["bonus"]
    for page in pages(name, language):
        for node in page.iter():
            assert node.tag in needed["tags"]
            assert set(node.keys()) <= needed["attributes"]["*"].keys() | needed["attributes"].get(node.tag, {}).keys()
            used = style(node)
            assert used.keys() <= needed["styles"].keys() | bonus["styles"].keys()
            assert node.tag in PADDED | {"body"} or "padding" not in used, node.tag
            units = set(re.findall(r"(?<![\w#])-?\d*\.?\d+([a-z%]+)", " ".join(used.values())))
            assert units <= set(FEATURES["units"])
        rules = "".join(page.xpath("//style/text()"))
        assert set(re.findall(r"([a-z-]+)\s*:", rules)) <= bonus["media"].keys()


@each_kind
def test_nothing_is_loaded_and_every_picture_says_what_it_shows(name: str, language: str) -> None:
    for mail in mails(name, language):
        page = markup.fromstring(mail.html)
        pictures = page.xpath("//img")
        assert page.xpath("//@src") == [picture.get("src") for picture in pictures]
        assert {picture.get("src").partition(":")[0] for picture in pictures} <= set(FEATURES["pictures"])
        # A picture travels with the mail, says in words what it shows, and has its room before it is there.
        assert all(picture.get(key) for picture in pictures for key in ("alt", "width", "height"))
        assert "url(" not in mail.html
        assert {link.partition(":")[0] for link in page.xpath("//a/@href")} <= set(FEATURES["links"])


@each_kind
def test_every_link_says_where_it_leads(name: str, language: str) -> None:
    for page in pages(name, language):
        for link in page.iter("a"):
            words = " ".join(link.text_content().split())
            assert len(words) > 1 or words.isdigit(), words
            assert words.casefold() not in {"ici", "here", "hier", "aquí", "qui", "cliquez ici", "click here"}


@each_kind
def test_every_colour_can_be_read_on_its_ground(name: str, language: str) -> None:
    for page in pages(name, language):
        for node in page.find("body").iter():
            colour = style(node).get("color")
            if colour and (node.text or "").strip():
                assert contrast(colour, background(node)) >= 4.5, markup.tostring(node)[:200]


@each_kind
def test_styles_are_inline_and_fills_do_not_need_css(name: str, language: str) -> None:
    for page in pages(name, language):
        rules = "".join(page.xpath("//style/text()"))
        assert re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", rules).strip() == ""
        assert not [node for node in page.find("body").iter() if "background-color" in style(node)]


@each_kind
def test_text_and_subject_are_plain(name: str, language: str) -> None:
    for mail in mails(name, language):
        for part in (mail.subject, mail.text):
            assert not re.search(r"[\u00a0\u202f]|\{\{|\{%|&nbsp;|&amp;|<p|None\b", part)
        assert 0 < len(mail.subject) <= 120
        assert max(len(line) for line in mail.text.splitlines() if "://" not in line) <= 90
        assert "\n\n\n" not in mail.text


@each_kind
def test_markup_is_resolved_and_no_mail_shouts(name: str, language: str) -> None:
    for mail in mails(name, language):
        assert not re.search(r"\{\{|\{%|&amp;nbsp;|&lt;/?(?:p|span|strong|td|br|a)\b|<p></p>|None\b", mail.html)
        visible = markup.fromstring(mail.html).find("body").text_content()
        assert "!" not in visible + mail.text + mail.subject


@each_kind
def test_no_mail_is_clipped(name: str, language: str) -> None:
    assert all(size_of(mail) < 80_000 for mail in mails(name, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_with_very_many_invoices_gets_one_mail_that_names_them_all_and_is_not_clipped(language: str) -> None:
    many = tuple(replace(INVOICES[0], number=f"FA-2026-{number:04}") for number in range(250))
    mail = TEMPLATES.render("reminder_2", language, letter(language, invoices=many).values())

    assert size_of(mail) < 80_000
    for part in (mail.text, markup.fromstring(mail.html).text_content()):
        assert all(one.number in part for one in many)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["courtesy", "due_today", "reminder_1", "reminder_2", "reminder_3", "formal_notice"])
def test_every_step_says_how_to_pay_and_how_to_answer_in_words_too(name: str, language: str) -> None:
    for mail in letters_of(name, language):
        shown = markup.fromstring(mail.html).find("body").text_content()
        for part in (mail.text, shown):
            assert "FR76 3000 6000 0112 3456 7890 189" in part
            assert "FA-2026-0412" in part
        assert all(words in shown for words in WORDS[language])
        assert WORDS[language][1].casefold() in mail.text.casefold()
        assert "https://pay.example/?ref=" in mail.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_firm_letter_is_not_worded_as_a_warm_one(language: str) -> None:
    for name in ("reminder_1", "reminder_2", "reminder_3", "promise_broken", "partial_thanks"):
        warm, firm = (TEMPLATES.render(name, language, letter(language, tone).values()) for tone in ("warm", "firm"))
        assert warm.text.split("\n\n", 1)[1] != firm.text.split("\n\n", 1)[1], name


def test_no_language_has_sentences_of_another() -> None:
    """The article of a law, which may fill a line, is named in French or English only."""
    for name in set(LETTERS) - {"owner_reply"}:  # in the owner's own words
        said = {language: letters_of(name, language)[2].text for language in LANGUAGES}
        for language, text in said.items():
            lines = [line for line in text.splitlines() if not line.startswith("(C. com. ")]
            prose = {line for line in lines if len(line.split()) > 4 and "  " not in line}
            others = {line for other, text_ in said.items() if other != language for line in text_.splitlines()}
            assert not prose & others, (name, language)


def size_of(mail: Rendered) -> int:
    """Bytes of the page as it goes over the wire (quoted-printable): what Gmail measures before it clips."""
    return len(quopri.encodestring(mail.html.encode()))


FACTS = re.compile(
    r"FA-\d{4}-\d{4}|€[\d,]+\.\d\d|\d[\d .]*,\d\d €|€ \d[\d.]*,\d\d|FR76[ \d]+\d|\d+ [a-zé]+ 20\d\d", re.IGNORECASE
)


def facts(pieces: list[str]) -> set[str]:
    return {fact for piece in pieces for fact in FACTS.findall(re.sub(r"\s+", " ", piece))}


@pytest.mark.parametrize(("name", "language"), [(name, language) for name, language in KINDS if name in LETTERS])
def test_text_and_html_of_a_letter_state_the_same_facts(name: str, language: str) -> None:
    for mail in letters_of(name, language):
        said = facts([piece for line in re.split(r"\n\n|  +", mail.text) for piece in [line]])
        shown = facts(list(markup.fromstring(mail.html).find("body").itertext()))

        assert said <= shown
        # The page also gives its own day, the whole amount of an invoice paid in part, and its preheader's date.
        assert {fact for fact in shown - said if not re.match(r"12 |€ ?12[,.]|12\.450|31 ", fact)} == set()
