"""What the stories of the jobs have in common: days, words of clients, and how the owner types."""

from datetime import datetime, timedelta
from typing import Any

from e2e_house import LEMAIRE, House
from e2e_scene import MONDAY, at
from sqlalchemy import insert, update

from mailbot.jobs import ordering
from mailbot.ledger import outgoing, tables

SUNDAY = MONDAY - timedelta(days=1)
NOON = at(MONDAY, 12)
TUESDAY = MONDAY + timedelta(days=1)
THURSDAY = MONDAY + timedelta(days=3)
MUMBLED = "Bonjour,\n\nBleu chaise tableau hmm.\n\nCordialement,"
DISPUTED = "Bonjour,\n\nNous contestons la facture {} : il manque deux panneaux.\n\nCordialement,"


def typed(house: House, text: str, now: datetime) -> list[ordering.Carried]:
    house.now = now
    return ordering.obey_typed(house.office, text, now)[0]


def to_lemaire(house: House) -> list[Any]:
    return house.mails_to(LEMAIRE.person.email)


def newest(house: House, recipient: str) -> bytes:
    return [mail.raw for mail in house.mailer.sent if mail.recipient == recipient][-1]


def asked(house: House, kind: str) -> list[dict[str, Any]]:
    return house.rows("question", kind=kind)


def planned(house: House, count: int, domain: str = "client.example", kind: str = "owner") -> list[int]:
    """Mails that are due, to as many addresses of one domain."""

    def plan(conn: Any) -> list[int]:
        rows = [
            outgoing.plan(
                conn, house.office.key, dedupe_key=f"{domain}-{n}", kind=kind, what="digest", template="question",
                recipient=f"c{n}@{domain}", context=QUESTION, message_id=f"<{n}.{domain}@bot.example>",
                due_at=NOON, expires_at=NOON + timedelta(days=3), now=NOON,
            )
            for n in range(count)
        ]  # fmt: skip
        made = [row for row in rows if row is not None]
        if kind == "client":
            conn.execute(update(tables.outgoing).values(date_header=NOON))
            whose = {"business": house.office.key, "raw": b"a mail\r\n"}
            conn.execute(insert(tables.outgoing_bytes), [{**whose, "outgoing": row} for row in made])
        return made

    house.now = NOON
    return house.act(plan)


QUESTION = {"values": {"question": {"number": 1, "text": "?", "choices": []}}, "question": None, "answers": ""}
