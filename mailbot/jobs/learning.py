"""What confirmed invoices teach about the business's own layouts, for the reader of the next one.

A lesson is drawn from the kept document in the child process, before a mail is read and outside of any transaction: a
confirmation only notes which invoice there is to learn from.
"""

from collections.abc import Mapping

from mailbot.errors import ReaderError
from mailbot.jobs.office import Office, plain
from mailbot.ledger import invoices, layouts
from mailbot.ledger.store import reading, writing
from mailbot.model import JSON, Lesson

_NOTHING: Mapping[str, JSON] = {"places": {}}
"""Of a page that taught nothing: it is not tried again."""


def lessons(office: Office) -> list[dict[str, JSON]]:
    """All that is known of the business's layouts, as the readers take it; draws the lessons that are not drawn yet."""
    with reading(office.engine) as conn:
        untaught = [(one.fingerprint, one.invoice) for one in layouts.untaught(conn, office.key)]
        material = {
            layout: (invoices.document(conn, office.key, number), invoices.get(conn, office.key, number))
            for layout, number in untaught
            if number is not None
        }
    for layout, (kept, known) in material.items():
        learned = _NOTHING
        if kept is not None and known is not None:
            learned = _learned(office, kept[1], plain(known.document)) or _NOTHING
        with writing(office.engine) as conn:
            layouts.teach(conn, office.key, layout, learned)
    with reading(office.engine) as conn:
        known_ones = layouts.known(conn, office.key)
    return [{"layout": layout, "places": learned["places"]} for layout, learned in known_ones.items() if learned]


def _learned(office: Office, content: bytes, document: JSON) -> Mapping[str, JSON] | None:
    try:
        lesson: Lesson | None = office.sandbox.run("lesson", content, confirmed=document)
    except ReaderError:
        return None
    return {"places": dict(lesson.places)} if lesson is not None else None
