"""A client is written to in its own language: as it answers, as the owner wrote to it, or as the owner orders."""

from email.message import EmailMessage

from e2e_house import DUE, LEMAIRE, House, answered, bank_file, forwarded
from e2e_scene import BOX, MONDAY, OWNER, at, bill
from jobs_story import SUNDAY, newest, to_lemaire, typed

from mailbot.demo.documents import invoice_pdf
from mailbot.ledger import clients

GERMAN = (
    "Guten Tag,\n\nwir haben Ihre Rechnung erhalten und werden sie am 27. März überweisen.\n\nMit freundlichen Grüßen"
)
FRENCH = "Bonjour,\n\nNous avons bien reçu votre facture et nous la réglerons le 27 mars.\n\nCordialement,"
ENGLISH = "OK, thanks"


def started(house: House) -> House:
    """The first reminder of one invoice has left, in French."""
    house.turn(at(MONDAY, 7), forwarded("FA-2026-0001", LEMAIRE, at(MONDAY, 7)), bank_file(SUNDAY, at(MONDAY, 7)))
    house.turn(at(MONDAY, 9, 20))
    assert len(to_lemaire(house)) == 1
    return house


def language(house: House) -> str:
    def read(conn: object) -> str:
        [client] = clients.everyone(conn, house.office.key)  # type: ignore[arg-type]
        return client.language

    return house.act(read)


def answer(house: House, text: str, hour: int) -> None:
    now = at(MONDAY, hour)
    house.turn(now, answered(LEMAIRE, newest(house, LEMAIRE.person.email), text, now))


def test_who_answers_in_german_is_written_to_in_german(house: House) -> None:
    answer(started(house), GERMAN, 10)
    assert language(house) == "de"

    [shown] = typed(house, "avant FA-2026-0001", at(MONDAY, 11))
    assert "Mit freundlichen Grüßen" in shown.result


def test_a_few_words_change_nothing(house: House) -> None:
    answer(started(house), ENGLISH, 10)

    assert language(house) == "fr"


def test_the_last_answer_counts(house: House) -> None:
    answer(started(house), GERMAN, 10)
    answer(house, FRENCH, 11)

    assert language(house) == "fr"


def test_the_owners_word_outranks_the_clients(house: House) -> None:
    started(house)

    [said] = typed(house, "écris à Lemaire en anglais", at(MONDAY, 10))
    answer(house, GERMAN, 11)

    assert "en anglais" in said.result
    assert language(house) == "en"


def test_the_order_is_taken_back(house: House) -> None:
    started(house)

    typed(house, "langue Lemaire néerlandais", at(MONDAY, 10))
    assert language(house) == "nl"
    typed(house, "annule", at(MONDAY, 11))
    assert language(house) == "fr"
    answer(house, GERMAN, 12)

    assert language(house) == "de"


def test_a_new_client_is_written_to_as_the_owner_wrote_to_it(house: House) -> None:
    mail = EmailMessage()
    mail["Authentication-Results"] = "mx.mailbot.test; dmarc=pass header.from=atelier-martin.example"
    mail["From"], mail["To"], mail["Bcc"] = OWNER.email, LEMAIRE.person.email, BOX
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 07:30:00 +0100", "<invoice@atelier-martin.example>"
    mail["Subject"] = "Invoice FA-2026-0001"
    mail.set_content("Hello,\n\nplease find our invoice attached. We thank you for your order.\n\nBest regards")
    document = invoice_pdf(bill("FA-2026-0001", LEMAIRE, DUE, "1000.00"))
    mail.add_attachment(document, maintype="application", subtype="pdf", filename="FA-2026-0001.pdf")

    house.turn(at(MONDAY, 7), mail.as_bytes())

    assert language(house) == "en"
