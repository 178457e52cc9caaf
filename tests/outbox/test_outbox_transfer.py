"""The QR code of a transfer: what a bank's app reads, and when none is made."""

from datetime import UTC, datetime
from decimal import Decimal
from email import message_from_bytes
from email.policy import default

import pytest
import segno
from outbox_letters import TEMPLATES, letter

from mailbot.bank.references import rf
from mailbot.model import Attachment
from mailbot.outbox.compose import Envelope, compose
from mailbot.outbox.transfer import as_png, grouped_reference, transfer_code

IBAN = "FR7630006000011234567890189"
DATE = datetime(2026, 11, 12, 9, tzinfo=UTC)


def code(**changed: object) -> segno.QRCode | None:
    facts: dict[str, object] = {
        "name": "Atelier Martin SARL", "iban": IBAN, "bic": "AGRIFRPP", "amount": Decimal("1200.00"),
        "currency": "EUR", "numbers": ["FA-2026-0412"], "rf": rf("FA-2026-0412"),
    }  # fmt: skip
    return transfer_code(**{**facts, **changed})  # type: ignore[arg-type]


def written(*lines: str) -> segno.QRCode:
    """A code that holds these lines, made without the function that is tried here."""
    return segno.make_qr("\n".join(lines).encode("iso-8859-1"), error="m", boost_error=False)


def test_a_code_says_who_gets_how_much_and_for_which_reference() -> None:
    made = code()
    said = ("BCD", "002", "2", "SCT", "AGRIFRPP", "Atelier Martin SARL", IBAN, "EUR1200", "", "RF84FA20260412")

    assert made is not None
    assert made.matrix == written(*said).matrix
    assert made.error == "M"


def test_several_invoices_stand_as_text() -> None:
    several = code(numbers=["FA-2026-0412", "FA-2026-0398"], rf="")

    assert several is not None
    assert several.matrix != code().matrix  # type: ignore[union-attr]


@pytest.mark.parametrize("amount", ["0", "0.00", "-1", "1000000000"])
def test_an_amount_that_no_transfer_can_have_makes_no_code(amount: str) -> None:
    assert code(amount=Decimal(amount)) is None


@pytest.mark.parametrize("amount", ["0.01", "999999999.99"])
def test_the_smallest_and_the_largest_transfer_make_one(amount: str) -> None:
    assert code(amount=Decimal(amount)) is not None


@pytest.mark.parametrize(
    "changed",
    [{"currency": "USD"}, {"iban": ""}, {"iban": "FR7630006000011234567890188"}, {"bic": "AGRI"}, {"name": " "}],
    ids=str,
)
def test_what_does_not_fit_makes_no_code(changed: dict[str, object]) -> None:
    assert code(**changed) is None


def test_a_reference_with_wrong_check_digits_is_never_in_a_code() -> None:
    wrong = code(rf="RF00FA20260412")

    assert wrong is not None
    assert wrong.matrix == code(rf="").matrix  # type: ignore[union-attr]


def test_more_numbers_than_a_bank_takes_are_cut_between_two() -> None:
    many = [f"FA-2026-{number:04d}" for number in range(30)]

    assert code(rf="", numbers=many).matrix == code(rf="", numbers=many[:10]).matrix  # type: ignore[union-attr]


def test_a_reference_is_printed_in_groups_and_found_again() -> None:
    assert grouped_reference(rf("FA-2026-0412")) == "RF84 FA20 2604 12"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_picture_travels_with_the_mail_and_its_words_stand_without_it(language: str) -> None:
    made = code()
    assert made is not None
    context = letter(language)
    rendered = TEMPLATES.render("reminder_1", language, context.values())
    picture = Attachment("transfer.png", "image/png", as_png(made))
    envelope = Envelope("a@atelier.example", "b@client.example", "<1@atelier.example>", DATE)
    raw = compose(rendered, envelope, [Attachment("FA.pdf", "application/pdf", b"%PDF")], {context.qr: picture})

    mail = message_from_bytes(raw, policy=default)
    [shown] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert shown["Content-ID"] == f"<{context.qr}>"
    assert shown.get_content_disposition() == "inline"
    assert len(raw) < 80_000
    assert [part.get_filename() for part in mail.iter_attachments()] == ["FA.pdf"]
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    text = plain.get_content()
    assert "FR76 3000 6000 0112 3456 7890 189" in text
    assert "RF84 FA20 2604 12" in text
    assert "FA-2026-0412" in text
    assert f'src="cid:{context.qr}"' in page.get_content()
    assert compose(rendered, envelope, [], {context.qr: picture}) == compose(
        rendered, envelope, [], {context.qr: picture}
    )
