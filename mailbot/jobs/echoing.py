"""What the owner wrote in an answer that quotes our mail without marks: compared with the mail that it answers."""

import re
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.inbox.html import html_lines
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.quotes import strip_quotes
from mailbot.jobs.office import Office
from mailbot.ledger import outgoing
from mailbot.model import Letter, Reading
from mailbot.owner.echo import without_ours
from mailbot.owner.orders import parse_orders
from mailbot.owner.words import fold

_POINTS_BELOW = re.compile(
    r"\b(?:ci-dessous|ci dessous|plus bas|en dessous|dans le (?:texte|corps|mail|digest)|entre les lignes|en ligne|"
    r"below|in ?line|in the (?:text|mail|digest)|between the lines)\b"
)
_POINTER_WORDS = 15
_HEADER = re.compile(r"^\s*\*?(?:de|from|envoye|sent|a|to|cc|objet|subject|date|importance)\s?:", re.IGNORECASE)
_HEADER_LINES = 10


def own_words(conn: Connection, office: Office, answers: str, letter: Letter, found: Reading, now: datetime) -> Reading:
    """The reading of an owner's mail without what is ours in it; as it is where it quotes nothing unmarked.

    `answers` is the Message-ID of the mail of ours that it answers, "" for none.
    """
    seen = outgoing.by_message_id(conn, office.key, answers) if answers else None
    if seen is None or seen.raw is None:
        return found
    ours = parse_letter(seen.raw)
    texts = (ours.text, "\n".join(html_lines(ours.html)), ours.subject)
    written = _written(letter, found)
    own = without_ours(written, texts)
    if own == found.new_text:
        return found
    day = letter.date.date() if letter.date else office.day(now)
    orders, unknown = parse_orders(own, found.language or office.business.language, day)
    return replace(found, orders=orders, unknown_lines=unknown)


def _written(letter: Letter, found: Reading) -> str:
    """The new text; where it only points to answers between the lines, with the unmarked quote that follows it."""
    low = fold(found.new_text)
    if not _POINTS_BELOW.search(low) or len(low.split()) > _POINTER_WORDS or found.orders:
        return found.new_text
    quoted = strip_quotes(letter.text or "\n".join(html_lines(letter.html))).quoted.split("\n")
    if any(line.lstrip().startswith((">", "|")) for line in quoted):
        return found.new_text
    head = [at for at, line in enumerate(quoted[:_HEADER_LINES]) if _HEADER.match(fold(line))]
    return "\n".join(quoted[head[-1] + 1 :] if head else quoted)
