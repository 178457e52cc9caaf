"""The language that a client is written to in: the owner's wish, else its own, else that of the owner's mail to it."""

from datetime import datetime

from sqlalchemy import Connection

from mailbot.inbox.languages import spoken
from mailbot.jobs.office import Office, happened
from mailbot.ledger import clients, events
from mailbot.model import Letter, Reading
from mailbot.rules.balance import taken_back


def learn(
    conn: Connection, office: Office, client: int, language: str, cause: str, now: datetime, *, letter: str | None
) -> None:
    """Write to the client in `language` from now on, unless the owner chose one."""
    before = clients.get(conn, office.key, client).language
    if language == before or _chosen(conn, office, client):
        return
    data = {"language": language, "before": before}
    if happened(conn, office, "client.language", f"{client}/{cause}", now, client=client, data=data, letter=letter):
        clients.set_language(conn, office.key, client, language)


def written_in(letter: Letter, found: Reading, contact: str | None) -> str | None:
    """The language of the mail by which an owner sent `contact` the invoice: the mail itself, or the one inside it.

    What an owner writes above a forwarded mail is for the bot, and says nothing of the client.
    """
    if contact in letter.to:
        return spoken(letter.text)
    return spoken(found.forwarded.text) if found.forwarded is not None else None


def learn_from_reply(conn: Connection, office: Office, client: int, text: str, letter: str, now: datetime) -> None:
    """A person of the client's wrote `text`, without what it quotes: who answers in German is written to in German."""
    if (language := spoken(text)) is not None:
        learn(conn, office, client, language, letter, now, letter=letter)


def _chosen(conn: Connection, office: Office, client: int) -> bool:
    known = events.of_client(conn, office.key, client)
    undone = taken_back(known)
    return any(
        event.name == "owner.policy" and event.data.get("language") and event.id not in undone for event in known
    )
