"""What the stories of the jobs have in common: days, words of clients, and how the owner types."""

from datetime import datetime, timedelta
from typing import Any

from e2e_house import LEMAIRE, House
from e2e_scene import MONDAY

from mailbot.jobs import ordering

SUNDAY = MONDAY - timedelta(days=1)
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
