"""The ladder about an invoice is one correspondence in the client's mail program, and is signed where that is set."""

from dataclasses import replace
from datetime import timedelta

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from e2e_house import LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import MONDAY, at
from jobs_story import SUNDAY, to_lemaire

from mailbot.outbox.dkim import read_key

THANKS = "Bonjour,\n\nBien reçu, merci.\n\nCordialement,"


def first_reminder(house: House) -> bytes:
    house.turn(
        at(MONDAY, 7, 40), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7, 40)), bank_file(SUNDAY, at(MONDAY, 7, 40))
    )
    house.turn(at(MONDAY, 9, 20))
    return next(mail.raw for mail in house.mailer.sent if mail.recipient == LEMAIRE.person.email)


def test_the_next_reminder_answers_the_first_and_what_the_client_wrote(house: House) -> None:
    first = first_reminder(house)
    reply = answered(LEMAIRE, first, THANKS, at(MONDAY, 14))
    house.turn(at(MONDAY, 16), reply)
    for ahead in range(1, 20):
        day = MONDAY + timedelta(days=ahead)
        house.turn(at(day, 7, 40), bank_file(day - timedelta(days=1), at(day, 7, 40)))
        house.turn(at(day, 9, 20))
        house.turn(at(day, 10))

    mails = to_lemaire(house)
    said = next(line for line in reply.decode().splitlines() if line.lower().startswith("message-id:")).split()[1]
    assert len(mails) >= 2
    assert mails[1]["References"].split() == [mails[0]["Message-ID"], said]
    assert mails[1]["In-Reply-To"] == said
    assert mails[0]["References"] is None


def test_every_mail_is_signed_when_it_is_frozen(house: House) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = read_key(pem, "mailbot", house.office.business.mailbox.mail_address.rpartition("@")[2])
    house.office = replace(house.office, dkim=key)

    first_reminder(house)

    assert len(house.mailer.sent) >= 2
    for mail in house.mailer.sent:
        assert dkim.verify(mail.raw, dnsfunc=lambda _name, timeout=5: key.published.encode())
        assert mail.raw in [row["raw"] for row in house.rows("outgoing")]
