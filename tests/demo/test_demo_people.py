"""The bot understands what the demo's people write, in every mail program and both languages."""

from collections.abc import Callable
from datetime import date, datetime
from email import message_from_bytes
from zoneinfo import ZoneInfo

import pytest
from demo_samples import BOT, INVOICE, NOW, REMINDER, owner, person

from mailbot.demo.abroad import ANSWERS
from mailbot.demo.documents import invoice_pdf
from mailbot.demo.feed import DemoAccount, statement
from mailbot.demo.people import bounce, forward_invoice, order, out_of_office, reply, send_statement
from mailbot.demo.story import cast
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.read import read_letter
from mailbot.invoices.read import read_letter_documents
from mailbot.model import InvoiceDocument, Kind, Letter, Reading

OWNERS = (owner().email,)
STYLES = ("gmail", "outlook", "apple", "plain")
PROMISE = {
    "fr": "Bonjour,\n\nToutes nos excuses. Nous ferons le virement le 15 avril 2026.\n\nCordialement,",
    "en": "Hello,\n\nSorry for the delay. We will pay on 15 April 2026.\n\nKind regards,",
}
DISPUTE = {
    "fr": "Bonjour,\n\nNous contestons cette facture : il manque deux panneaux.\n\nCordialement,",
    "en": "Hello,\n\nWe dispute this invoice: two panels were missing from the delivery.\n\nBest regards,",
}


def understood(raw: bytes) -> tuple[Letter, Reading]:
    letter = parse_letter(raw)
    return letter, read_letter(letter, OWNERS)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("style", STYLES)
def test_a_promise_is_read_as_one(style: str, language: str) -> None:
    _, reading = understood(reply(person(language), REMINDER, PROMISE[language], NOW, style))

    assert (reading.kind, reading.intent, reading.promise_date) == (Kind.REPLY, "promise", date(2026, 4, 15))
    assert reading.language == language


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("style", STYLES)
def test_a_dispute_is_read_as_one(style: str, language: str) -> None:
    _, reading = understood(reply(person(language), REMINDER, DISPUTE[language], NOW, style))

    assert (reading.kind, reading.intent) == (Kind.REPLY, "dispute")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("style", STYLES)
def test_only_what_the_person_typed_is_new_text(style: str, language: str) -> None:
    _, reading = understood(reply(person(language), REMINDER, PROMISE[language], NOW, style))

    assert reading.new_text == PROMISE[language].rpartition("\n\n")[0]
    assert "Menuiserie Perrin" in reading.signature


def from_abroad(key: str) -> bytes:
    client = cast("fr").client(key)
    return reply(client.person, REMINDER, ANSWERS[key].text.format(email=client.new_email), NOW, ANSWERS[key].style)


@pytest.mark.parametrize(
    ("key", "language", "intent", "fact"),
    [
        ("krause", "de", "promise", ("promise_date", date(2026, 4, 17))),
        ("olmedo", "es", "paid", ("paid_date", date(2026, 4, 6))),
        ("bassani", "it", "document_request", ("promise_date", None)),
        ("devries", "nl", "wrong_contact", ("new_contact", "facturen@devries-fietsen.example")),
    ],
)
def test_an_answer_from_abroad_is_understood_without_its_quote(
    key: str, language: str, intent: str, fact: tuple[str, object]
) -> None:
    _, reading = understood(from_abroad(key))

    assert (reading.kind, reading.language, reading.intent, reading.sure) == (Kind.REPLY, language, intent, True)
    assert getattr(reading, fact[0]) == fact[1]
    assert reading.new_text == ANSWERS[key].text.format(email=cast("fr").client(key).new_email).rpartition("\n\n")[0]


def test_a_quote_from_abroad_is_headed_as_the_program_of_that_country_heads_it() -> None:
    heads = {
        "krause": 'Gesendet: Montag, 06. April 2026 um 09:30\nVon: "Atelier Martin SARL" <factures@',
        "olmedo": "De: Atelier Martin SARL <factures@atelier-martin.example>\nEnviado: lunes, 6 de abril de 2026 9:30",
        "bassani": "> Il 06/04/2026 09:30 CEST Atelier Martin SARL <factures@atelier-martin.example> ha scritto:\n>",
        "devries": "Van: Atelier Martin SARL <factures@atelier-martin.example>\nVerzonden: maandag 6 april 2026 09:30",
    }

    assert [key for key, head in heads.items() if head not in parse_letter(from_abroad(key)).text] == []


@pytest.mark.parametrize("style", STYLES)
def test_an_answer_goes_to_the_reply_address_in_the_thread(style: str) -> None:
    letter, _ = understood(reply(person(), REMINDER, PROMISE["fr"], NOW, style))

    assert letter.to == ("factures+r.abcdefghijklmnopqrstuvwxyz234567@atelier-martin.example",)
    assert letter.in_reply_to == ("<reminder-2@atelier-martin.example>",)
    assert letter.references == (
        "<reminder-1@atelier-martin.example>",
        "<reminder-2@atelier-martin.example>",
    )
    assert letter.subject.lower() == "re: facture fa-2026-0412 - 1 617,60 €"
    assert (letter.from_name, letter.date) == ("Hélène Perrin", NOW)


@pytest.mark.parametrize("style", STYLES)
def test_an_answer_to_an_answer_keeps_one_re(style: str) -> None:
    first = reply(person(), REMINDER, "Bonjour,", NOW, style)

    letter, _ = understood(reply(owner(), first, "Bien reçu.", NOW, style))

    assert letter.subject.lower().count("re:") == 1
    assert len(letter.references) == 3


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_absence_note_is_an_automatic_reply_with_the_day_of_return(language: str) -> None:
    _, reading = understood(out_of_office(person(language), REMINDER, date(2026, 4, 20), NOW))

    assert (reading.kind, reading.return_date) == (Kind.AUTO_REPLY, date(2026, 4, 20))


def test_a_bounce_is_a_hard_one_of_that_mail() -> None:
    raw = bounce(REMINDER, "helene@perrin.example", NOW)

    letter, reading = understood(raw)

    assert reading.kind is Kind.BOUNCE
    assert reading.report is not None
    assert (reading.report.type, reading.report.status, reading.report.class_, reading.report.reason) == (
        "dsn",
        "5.1.1",
        "hard",
        "user_unknown",
    )
    assert reading.report.recipient == "helene@perrin.example"
    assert reading.report.original_message_id == "<reminder-2@atelier-martin.example>"
    assert dict(letter.headers)["return-path"] == "<>"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("style", ["gmail", "outlook", "bcc"])
def test_a_forwarded_or_copied_invoice_says_to_whom_it_was_sent(style: str, language: str) -> None:
    raw = forward_invoice(
        owner(language), BOT, INVOICE.buyer_email, invoice_pdf(INVOICE), "FA-2026-0412.pdf",
        "Facture FA-2026-0412", NOW, style,
    )  # fmt: skip

    letter, reading = understood(f"Delivered-To: {BOT}\r\n".encode() + raw)
    ((_, document),) = read_letter_documents(letter)

    assert reading.kind is Kind.INVOICE
    assert reading.forwarded is not None
    assert (reading.forwarded.to, reading.forwarded.style) == ((INVOICE.buyer_email,), style)
    assert reading.forwarded.subject == "Facture FA-2026-0412"
    assert isinstance(document, InvoiceDocument)
    assert document.number == "FA-2026-0412"


def test_a_bank_file_arrives_byte_for_byte() -> None:
    ofx = statement(DemoAccount(), (), date(2026, 3, 1), date(2026, 3, 9), INVOICE.gross)

    letter, reading = understood(send_statement(owner(), BOT, ofx, "releve.ofx", NOW))

    assert reading.kind is Kind.BANK_FEED
    assert [(one.name, one.content) for one in letter.attachments] == [("releve.ofx", ofx)]


def test_an_answer_to_a_digest_gives_its_lines_as_orders() -> None:
    _, reading = understood(order(owner(), REMINDER, ["ok 1", "pause Dupont 10j"], NOW))

    assert reading.kind is Kind.ORDER
    assert [(one.verb, one.line) for one in reading.orders] == [
        ("answer", "ok 1"),
        ("pause", "pause Dupont 10j"),
    ]
    assert reading.unknown_lines == ()


def mails() -> list[Callable[[], bytes]]:
    pdf = b"%PDF-1.7 invented"
    return [
        *(lambda style=style: reply(person(), REMINDER, PROMISE["fr"], NOW, style) for style in STYLES),
        *(lambda key=key: from_abroad(key) for key in ANSWERS),
        lambda: out_of_office(person(), REMINDER, date(2026, 4, 20), NOW),
        lambda: bounce(REMINDER, "helene@perrin.example", NOW),
        *(
            lambda style=style: forward_invoice(owner(), BOT, "a@b.example", pdf, "é.pdf", "Facture", NOW, style)
            for style in ("gmail", "outlook", "bcc")
        ),
        lambda: send_statement(owner(), BOT, b"OFXHEADER:100", "r.ofx", NOW),
        lambda: order(owner(), REMINDER, ["stop"], NOW),
    ]


@pytest.mark.parametrize("write", mails())
def test_the_same_words_give_the_same_bytes_with_lines_ended_as_smtp_asks(write: Callable[[], bytes]) -> None:
    raw = write()

    assert raw == write()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_every_mail_has_an_id_of_its_own() -> None:
    ids = [message_from_bytes(write())["Message-ID"] for write in mails()]

    assert len(set(ids)) == len(ids)


def test_a_quote_shows_the_clock_of_the_person_who_answers() -> None:
    tokyo = datetime(2026, 4, 7, 15, 12, tzinfo=ZoneInfo("Asia/Tokyo"))

    assert "Le lun. 6 avr. 2026 à 16:30" in parse_letter(reply(person(), REMINDER, "Bonjour", tokyo, "gmail")).text
