"""What the owner said that replies meant, kept as cases, and the present reader tried on them.

An answer to the question "how is this reply to be read?" is an event with the letter and the meaning; nothing
else is stored. The letters are in the ledger, so that every case can be read again with every later version.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailbot.errors import ReaderError
from mailbot.jobs.office import Office
from mailbot.ledger import events, letters
from mailbot.ledger.store import reading
from mailbot.model import Intent


@dataclass(frozen=True, slots=True)
class Case:
    """One letter and what the owner said that it means."""

    letter: str
    meant: Intent
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """A case and how the present reader reads it."""

    case: Case
    subject: str
    sender: str
    got: Intent | None
    sure: bool
    because: tuple[str, ...] = ()
    problem: str | None = None
    """Why the letter could not be read."""

    @property
    def right(self) -> bool:
        return self.got is self.case.meant

    @property
    def harmless(self) -> bool:
        """Right, or a question to the owner: only what is wrong and sure would be acted on."""
        return self.right or not self.sure


def kept(office: Office) -> list[Case]:
    """The cases of the business, one a letter, oldest first; what the owner said last counts."""
    with reading(office.engine) as conn:
        said = events.said_by_owner(conn, office.key)
    known = {f"reply.{intent.value}": intent for intent in Intent}
    cases = {
        str(event.data["letter"]): Case(str(event.data["letter"]), known[event.name], event.at)
        for event in said
        if event.name in known and event.data.get("letter")
    }
    return sorted(cases.values(), key=lambda case: case.said_at)


def replay(office: Office, now: datetime) -> Iterator[Tried]:
    """Read the letter of every case again, with the words of today; nothing of it takes effect."""
    for case in kept(office):
        with reading(office.engine) as conn:
            raw = letters.raw(conn, office.key, case.letter)
        try:
            letter, found = office.sandbox.run(
                "letter", raw,
                owners=list(office.business.owners), authserv_id=office.business.mailbox.authserv_id,
                today=office.day(now), own_words=office.lexicon,
            )  # fmt: skip
        except ReaderError as error:
            yield Tried(case, "", "", None, sure=False, problem=str(error))
            continue
        yield Tried(case, letter.subject, letter.from_address, found.intent, found.sure, found.because)
