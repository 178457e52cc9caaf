import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outbox_letters import INVOICES, TEMPLATES, letter

from mailbot.errors import DeliveryError, SettingsError
from mailbot.model import Attachment, Rendered
from mailbot.outbox.compose import Envelope, Templates, compose
from mailbot.outbox.wording import wrapped

MAIL = Rendered("Facture FA-1 – 12,00 €", "Bonjour,\n\nMerci.\n", "<p>Bonjour</p>\n")
ENVELOPE = Envelope(
    sender="factures@atelier.example",
    sender_name="Atelier Martin",
    recipient="compta@dupont.example",
    message_id="<ob.0123@atelier.example>",
    date=datetime(2026, 11, 12, 9, 30, tzinfo=UTC),
)


def parsed(raw: bytes) -> email.message.EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def write(folder: Path, text: str = "Subject: a\n\nb\n", html: str = "<p>b</p>") -> Path:
    (folder / "hello.en.txt.j2").write_text(text)
    (folder / "hello.en.html.j2").write_text(html)
    return folder


def test_the_same_facts_make_the_same_bytes() -> None:
    attachment = Attachment("FA-1.pdf", "application/pdf", b"%PDF-1.7")

    assert compose(MAIL, ENVELOPE, [attachment]) == compose(MAIL, ENVELOPE, [attachment])


def test_bytes_are_ascii_with_crlf_and_short_lines() -> None:
    raw = compose(replace(MAIL, text="é" * 3000 + "\n"), ENVELOPE)

    assert raw.isascii()
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_text_comes_before_html_and_attachments_last() -> None:
    message = parsed(compose(MAIL, ENVELOPE, [Attachment("état.pdf", "application/pdf", b"%PDF")]))
    types = [part.get_content_type() for part in message.walk() if not part.is_multipart()]

    assert types == ["text/plain", "text/html", "application/pdf"]
    assert [part.get_filename() for part in message.iter_attachments()] == ["état.pdf"]
    assert message["Subject"] == MAIL.subject


def test_a_long_thread_keeps_its_first_and_latest_ids_unencoded() -> None:
    ids = tuple(f"<ob.{number:040}@a-rather-long-sub-domain.of-the-atelier.example>" for number in range(30))
    raw = compose(MAIL, replace(ENVELOPE, references=ids))

    assert parsed(raw)["In-Reply-To"] == ids[-1]
    assert parsed(raw)["References"].split() == [ids[0], *ids[-9:]]
    assert b"=?" not in raw.partition(b"\r\nReferences:")[2].partition(b"\r\nAuto-Submitted:")[0]


def test_what_mail_programs_read_themselves_is_never_encoded_however_long_it_is() -> None:
    given = {
        "List-Unsubscribe": f"<https://pay.atelier-martin-et-fils.example/u/{'a' * 40}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Disposition-Notification-To": f"factures.{'b' * 50}@atelier-martin-et-fils.example",
    }
    envelope = replace(ENVELOPE, extra=tuple(given.items()))

    raw = compose(Rendered("a", "b\n", "<p>b</p>\n"), envelope)

    for name, value in given.items():
        assert f"\r\n{name}: {value}\r\n".encode() in raw


def test_robots_are_told_not_to_answer_and_reports_and_receipts_are_not_suppressed() -> None:
    message = parsed(compose(MAIL, ENVELOPE))

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert "X-Auto-Response-Suppress" not in parsed(compose(MAIL, replace(ENVELOPE, auto_submitted="")))


@pytest.mark.parametrize("hostile", ["a\r\nBcc: x@evil.example", "a\nb", "a\x00b", "a\rb", "a\u2028b"])
def test_a_line_break_in_a_header_is_refused(hostile: str) -> None:
    for changed in (
        {"sender_name": hostile},
        {"recipient": f"{hostile}@dupont.example"},
        {"reply_to": f"box@{hostile}"},
        {"message_id": f"<{hostile}>"},
        {"references": (hostile,)},
        {"extra": (("X-Note", hostile),)},
    ):
        with pytest.raises(DeliveryError) as refused:
            compose(MAIL, replace(ENVELOPE, **changed))
        assert not refused.value.temporary
    with pytest.raises(DeliveryError):
        compose(replace(MAIL, subject=hostile), ENVELOPE)
    with pytest.raises(DeliveryError):
        compose(MAIL, ENVELOPE, [Attachment(hostile, "application/pdf", b"")])


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@", "@b.example", "a b@c.example", "é@", "a@b@c", "<a@b.c>", "é..a@c.example", ".é@c.example",
     "é.@c.example", 'é"@c.example', "é @c.example", "é>@c.example", "é,b@c.example", "é\u2028@c.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(DeliveryError):
        compose(MAIL, replace(ENVELOPE, recipient=address))


def test_only_an_address_beyond_ascii_makes_headers_of_utf_8() -> None:
    raw = compose(MAIL, replace(ENVELOPE, recipient="jérôme.d'été@société.example", recipient_name="Jérôme"))

    head, _, body = raw.partition(b"\r\n\r\n")
    assert "To: Jérôme <jérôme.d'été@xn--socit-esab.example>\r\n".encode() in raw
    assert b"=?" not in head
    assert body.isascii()
    assert compose(MAIL, replace(ENVELOPE, recipient_name="Jérôme")).isascii()


def test_an_international_domain_is_written_in_ascii() -> None:
    assert b"compta@xn--socit-esab.example" in compose(MAIL, replace(ENVELOPE, recipient="compta@société.example"))


def test_hostile_names_are_shown_and_never_run() -> None:
    client = '<script>alert(1)</script>{{ 7*7 }}"\r\nBcc: x@evil.example\u202e'
    mail = TEMPLATES.render("reminder_1", "fr", letter(client=client, contact=client).values())

    assert "<script>" not in mail.html
    assert "{{ 7*7 }}" in mail.html
    assert "49" not in mail.html.replace("0412", "")
    assert "\u202e" not in mail.html + mail.text


@given(st.text(max_size=60))
def test_any_invoice_number_gives_a_mail_that_can_be_composed(number: str) -> None:
    named = letter(invoices=(replace(INVOICES[0], number=number), INVOICES[1]))
    mail = TEMPLATES.render("reminder_2", "fr", named.values())

    assert parsed(compose(mail, ENVELOPE))["To"] == "compta@dupont.example"


def test_every_mistake_in_the_templates_is_found_at_once(tmp_path: Path) -> None:
    write(tmp_path, text="Subject: a\n\n{% if %}\n")
    (tmp_path / "lonely.fr.txt.j2").write_text("Subject: a\n")
    (tmp_path / "hello.en.html.j2").write_text("<p>{{ </p>")

    with pytest.raises(SettingsError) as refused:
        Templates(tmp_path)

    assert len(refused.value.problems) == 3
    assert any("hello.en.txt.j2:3:" in problem for problem in refused.value.problems)


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no template"):
        Templates(tmp_path)


@pytest.mark.parametrize(
    "text", ["Subject: a\n\n{{ missing }}\n", "no subject\n", "Subject: a\n{{ ''.__class__.__mro__ }}"]
)
def test_a_template_that_asks_for_what_is_not_there_is_refused(tmp_path: Path, text: str) -> None:
    templates = Templates(write(tmp_path, text=text))

    with pytest.raises(SettingsError, match="hello"):
        templates.render("hello", "en", {})


@pytest.mark.parametrize(
    "text",
    ["{{ 1 / 0 }}", "{{ 1 + client }}", "{% for x in 5 %}{% endfor %}", '{{ "%d" | format("x") }}',
     "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}"],
)  # fmt: skip
def test_a_template_that_fails_is_a_mistake_in_the_settings(tmp_path: Path, text: str) -> None:
    templates = Templates(write(tmp_path, text=f"Subject: a\n\n{text}\n"))

    with pytest.raises(SettingsError, match=r"template hello\.en: \w+Error"):
        templates.render("hello", "en", {"client": "Dupont"})


def test_a_template_cannot_reach_python(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, text="Subject: a\n\n{{ name.__class__ }}{{ columns.__globals__ }}\n"))

    with pytest.raises(SettingsError):
        templates.render("hello", "en", {"name": "x"})


def test_a_language_that_is_missing_is_written_in_english(tmp_path: Path) -> None:
    assert Templates(write(tmp_path)).render("hello", "de", {}).text == "b\n"


def test_a_picture_is_in_the_page_only_where_it_was_agreed() -> None:
    agreed = letter(pixel_url="https://bot.example/o/abc.gif")

    assert (
        '<img src="https://bot.example/o/abc.gif" alt=""' in TEMPLATES.render("reminder_1", "fr", agreed.values()).html
    )
    assert '<img src="http' not in TEMPLATES.render("reminder_1", "fr", letter().values()).html


def test_totals_of_two_currencies_are_never_added() -> None:
    mixed = letter("en", invoices=(INVOICES[0], replace(INVOICES[1], currency="USD")))

    assert mixed.values()["total"] == "€1,200.00 + $9,450.00"
    assert "40" not in TEMPLATES.render("reminder_2", "en", mixed.values()).text.replace("0412", "")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_fixed_sum_is_named_to_businesses_only(language: str) -> None:
    business = TEMPLATES.render("reminder_2", language, letter(language, b2b=True).values())
    consumer = TEMPLATES.render("reminder_2", language, letter(language, b2b=False).values())

    assert re.search(r"€40|40\s€", business.text)
    assert not re.search(r"€40|40\s€", consumer.text)


def test_the_subject_stays_the_same_over_the_ladder_until_the_formal_notice() -> None:
    ladder = ("courtesy", "due_today", "reminder_1", "reminder_2", "promise_broken", "partial_thanks")
    open_less = (replace(INVOICES[0], open=Decimal("700.00")),)
    subjects = {TEMPLATES.render(name, "fr", letter(invoices=INVOICES).values()).subject for name in ladder}
    later = TEMPLATES.render("reminder_2", "fr", letter(invoices=open_less, today=date(2026, 12, 1)).values()).subject
    notice = TEMPLATES.render("formal_notice", "fr", letter().values()).subject

    assert subjects == {later} == {"Facture FA-2026-0412 – 1 200,00 € – échéance 31 octobre 2026"}
    assert notice == "Relance avant action en justice – 2 factures – 10 650,00 €"


@pytest.mark.parametrize(
    ("language", "named", "registered"),
    [
        ("fr", "Relance", "ne tient pas lieu de lettre recommandée"),
        ("en", "Reminder", "not take the place of a registered letter"),
        ("de", "Zahlungserinnerung", "ersetzt sie kein Einschreiben"),
        ("es", "Recordatorio", "no sustituye a una carta certificada"),
        ("it", "Sollecito", "non sostituisce una lettera raccomandata"),
        ("nl", "Herinnering", "vervangt het geen aangetekende brief"),
    ],
)
def test_the_mail_with_the_notice_s_text_is_named_a_reminder(language: str, named: str, registered: str) -> None:
    made = TEMPLATES.render("formal_notice", language, letter(language).values())

    assert made.subject.startswith(named)
    assert named.upper() in made.text
    assert registered in " ".join(made.text.split())
    assert f"<title>{named}" in made.html


def test_a_formal_notice_holds_what_makes_it_one() -> None:
    text = TEMPLATES.render("formal_notice", "fr", letter(invoices=INVOICES[:1]).values()).text

    for part in (
        "mettons en demeure",
        "C. com. L441-10 II et D441-5",
        "20 novembre 2026",
        "1 200,00 €",
        "SIREN 732829320",
        "Dupont & Fils SARL",
    ):
        assert part in text
    assert "1344-1" not in text


def test_no_line_of_the_text_form_breaks_inside_an_amount_or_before_its_sign() -> None:
    said = "La facture est arrivée une seconde fois avec d'autres données : 1 020,00 €, échéance " * 6

    for start in range(12):
        for line in wrapped("x" * start + " " + said).split("\n")[1:]:
            assert not line.startswith(("020", "€", ":", "?")), line
