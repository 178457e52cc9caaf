"""The pages of single exhibits: a mail as people read it, payments, sightings, the computation of interest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.evidence import pages
from mailbot.evidence.dossier import charges
from mailbot.evidence.pages import Page
from mailbot.evidence.parties import Charge
from mailbot.evidence.wording import words as words_of

MOST_ATTACHMENTS = 40


@dataclass(frozen=True, slots=True)
class MailShown:
    """A mail for its page; all texts are ready to print."""

    title: str
    sender: str
    to: str
    date: str
    subject: str
    message_id: str
    sha256: str
    text: str | None
    """None where it could not be read."""
    attachments: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    """What servers answered, one line each."""
    understood: tuple[str, ...] = ()
    """As what, on which words, confirmed by whom."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages of one dossier share."""

    language: str
    author: str
    footer: str
    on: date


def mail_page(mail: MailShown, frame: Frame) -> Page:
    """The mail with its headers, what servers said of it, and its text."""
    words = words_of("dossier", frame.language)
    names = ("from", "to", "date", "subject", "message_id", "sha256")
    values = (mail.sender, mail.to, mail.date, mail.subject, mail.message_id, mail.sha256)
    rows = [[words[name], value] for name, value in zip(names, values, strict=True) if value]
    more = (("server", mail.server), ("understood", mail.understood), ("attachments", mail.attachments))
    rows += [[words[name], "\n".join(values[:MOST_ATTACHMENTS])] for name, values in more if values]
    shown = mail.text if mail.text is not None else words["unreadable_text"]
    blocks = [
        pages.title(mail.title), pages.table([], rows, [1, 4]), pages.letter(shown), pages.small(words["part_text"]),
    ]  # fmt: skip
    return _page(mail.title, blocks, frame)


def table_page(name: str, rows: Sequence[Sequence[str]], frame: Frame) -> Page:
    """One table: `payments` or `sightings` (see words.yaml), with its note where it has one."""
    words = words_of("dossier", frame.language)
    widths, right = _TABLES[name]
    note = [pages.small(words[f"{name}_note"])] if f"{name}_note" in words else []
    blocks = [pages.title(words[name]), *note, pages.table(words[f"{name}_head"].split("|"), rows, widths, right)]
    return _page(words[name], blocks, frame)


_TABLES: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "payments": ((2, 2, 2, 5, 2), (2,)),
    "sightings": ((2, 3, 3, 3), ()),
}
"""Widths, and which columns are figures."""


def interest_page(listed: Sequence[Charge], computed: Sequence[tuple[str, Sequence[str]]], frame: Frame) -> Page:
    """What the law adds; `computed`: (invoice, line by line how it came about)."""
    words = words_of("dossier", frame.language)
    blocks = [pages.title(words["interest"]), *(charges(listed, frame.on, frame.language) if listed else [])]
    for number, lines in computed:
        blocks += [pages.heading(number), pages.listing(lines)]
    return _page(words["interest"], blocks, frame)


def _page(title: str, blocks: Sequence[pages.Block], frame: Frame) -> Page:
    return Page(title, frame.author, frame.language, frame.footer, frame.on, blocks)
