"""Every mail that we ship, in every language and tone, is held against what mail readers can show."""

import quopri
import re
from dataclasses import replace

import pytest
from lxml import html as markup
from outbox_letters import INVOICES, LETTERS, OWNER_MAILS, TEMPLATES, every_mail, letter

from mailbot.model import Rendered

MAILS = [
    pytest.param(mail, language, id=f"{name}.{language}.{at}") for at, (name, language, mail) in enumerate(every_mail())
]
each_mail = pytest.mark.parametrize(("mail", "language"), MAILS)
FORBIDDEN_TAGS = (
    "svg",
    "form",
    "input",
    "script",
    "link",
    "iframe",
    "video",
    "object",
    "progress",
    "meter",
)


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


def test_every_mail_is_there_in_both_languages() -> None:
    expected = {*LETTERS, *OWNER_MAILS, "digest"}

    assert TEMPLATES.names() == expected
    assert TEMPLATES.names("fr") == TEMPLATES.names("en") == expected


@each_mail
def test_the_language_and_direction_are_declared(mail: Rendered, language: str) -> None:
    page = markup.fromstring(mail.html)

    assert (page.get("lang"), page.get("dir")) == (language, "ltr")
    assert (page.find("body").get("lang"), page.find("body").get("dir")) == (language, "ltr")
    assert page.findtext("head/title")


@each_mail
def test_layout_tables_say_so_and_data_tables_have_headers(mail: Rendered, language: str) -> None:
    for table in markup.fromstring(mail.html).iter("table"):
        headers = table.xpath("./tbody/tr/th | ./tr/th")
        assert bool(headers) != (table.get("role") == "presentation")
        assert all(header.get("scope") == "col" for header in headers)


@each_mail
def test_nothing_is_loaded_and_nothing_is_used_that_readers_drop(mail: Rendered, language: str) -> None:
    page = markup.fromstring(mail.html)

    assert not [node.tag for tag in FORBIDDEN_TAGS for node in page.iter(tag)]
    assert not page.xpath("//@background")
    pictures = page.xpath("//img")
    assert page.xpath("//@src") == [picture.get("src") for picture in pictures]
    # A picture travels with the mail, says in words what it shows, and has its room before it is there.
    assert all(picture.get("src").startswith("cid:") and picture.get("alt") for picture in pictures)
    assert all(picture.get("width") and picture.get("height") for picture in pictures)
    assert "url(" not in mail.html
    assert not re.search(r"display:\s*(flex|grid)|position:|float:|\brem\b|var\(", mail.html)
    assert {link.partition(":")[0] for link in page.xpath("//a/@href")} <= {"mailto", "https"}


@each_mail
def test_every_colour_can_be_read_on_its_ground(mail: Rendered, language: str) -> None:
    for node in markup.fromstring(mail.html).find("body").iter():
        colour = style(node).get("color")
        if colour and (node.text or "").strip():
            assert contrast(colour, background(node)) >= 4.5, markup.tostring(node)[:200]


@each_mail
def test_styles_are_inline_and_fills_do_not_need_css(mail: Rendered, language: str) -> None:
    page = markup.fromstring(mail.html)
    rules = "".join(page.xpath("//style/text()"))

    assert re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", rules).strip() == ""
    assert not [node for node in page.find("body").iter() if "background-color" in style(node)]


@each_mail
def test_text_and_subject_are_plain(mail: Rendered, language: str) -> None:
    for part in (mail.subject, mail.text):
        assert not re.search(r"[\u00a0\u202f]|\{\{|\{%|&nbsp;|&amp;|None\b", part)
    assert 0 < len(mail.subject) <= 120
    assert max(len(line) for line in mail.text.splitlines() if "://" not in line) <= 90
    assert "\n\n\n" not in mail.text


@each_mail
def test_markup_is_resolved_and_no_mail_shouts(mail: Rendered, language: str) -> None:
    assert not re.search(r"\{\{|\{%|&amp;nbsp;|&lt;p|None\b", mail.html)
    visible = markup.fromstring(mail.html).find("body").text_content()
    assert "!" not in visible + mail.text + mail.subject


@each_mail
def test_no_mail_is_clipped(mail: Rendered, language: str) -> None:
    assert size_of(mail) < 80_000


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_client_with_very_many_invoices_gets_one_mail_that_names_them_all_and_is_not_clipped(language: str) -> None:
    many = tuple(replace(INVOICES[0], number=f"FA-2026-{number:04}") for number in range(250))
    mail = TEMPLATES.render("reminder_2", language, letter(language, invoices=many).values())

    assert size_of(mail) < 80_000
    for part in (mail.text, markup.fromstring(mail.html).text_content()):
        assert all(one.number in part for one in many)


def size_of(mail: Rendered) -> int:
    """Bytes of the page as it goes over the wire (quoted-printable): what Gmail measures before it clips."""
    return len(quopri.encodestring(mail.html.encode()))


FACTS = re.compile(r"FA-\d{4}-\d{4}|€[\d,]+\.\d\d|\d[\d ]*,\d\d €|FR76[ \d]+\d|\d+ [a-zé]+ 20\d\d", re.IGNORECASE)


def facts(pieces: list[str]) -> set[str]:
    return {fact for piece in pieces for fact in FACTS.findall(re.sub(r"\s+", " ", piece))}


@pytest.mark.parametrize("mail", [mail for name, _, mail in every_mail() if name.partition(".")[0] in LETTERS])
def test_text_and_html_of_a_letter_state_the_same_facts(mail: Rendered) -> None:
    said = facts([piece for line in re.split(r"\n\n|  +", mail.text) for piece in [line]])
    shown = facts(list(markup.fromstring(mail.html).find("body").itertext()))

    assert said <= shown
    # The page also gives its own day, the whole amount of an invoice paid in part, and its preheader's date.
    assert {fact for fact in shown - said if not fact.startswith(("12 ", "€12,", "31 "))} == set()
