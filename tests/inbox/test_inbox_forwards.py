"""Forwarded mails: the original as each mail program writes it, attached or resent (tests/cases/forwards)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbot.inbox.forwards import find_forward, inline_forward
from mailbot.inbox.letter import parse_letter

CASES = yaml.safe_load(
    (Path(__file__).parent.parent / "cases" / "forwards" / "inline.yaml").read_text(encoding="utf-8")
)
INNER = (
    b"From: Claire Martin <claire@atelier-martin.example>\nTo: Paul <paul@mercier-bois.example>\n"
    b"Cc: odile@mercier-bois.example\nDate: Fri, 16 Oct 2026 08:02:11 +0200\nSubject: Facture FA-2026-0412\n"
)
PDF = b"--i\nContent-Type: application/pdf; name=facture.pdf\n\n%PDF-\n--i--\n"
BODY = b"Content-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: text/plain\n\nVoici la facture.\n" + PDF


def collapsed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_original_comes_out_of_a_forward(case: dict[str, Any]) -> None:
    found = inline_forward(case["text"], case["subject"])

    assert (found is not None) == case.get("forwarded", True)
    if found is None:
        return
    above, original = found
    got = {
        "above": collapsed(above),
        "from": original.from_address,
        "to": list(original.to),
        "cc": list(original.cc),
        "date": original.date,
        "mail_subject": original.subject,
        "body": collapsed(original.text),
    }
    expected = {key: case[key] for key in got if key in case}
    assert {key: got[key] for key in expected} == expected
    assert original.cc == tuple(case.get("cc", ()))


def test_an_attached_mail_is_the_original_with_its_files() -> None:
    raw = (
        b"From: nora@atelier-martin.example\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=o\n\n"
        b"--o\nContent-Type: text/plain\n\nSee below\n--o\nContent-Type: message/rfc822\n\n"
        + INNER
        + BODY
        + b"\n--o--\n"
    )

    found = find_forward(parse_letter(raw))

    assert found is not None
    assert found.style == "attached"
    assert (found.from_address, found.to, found.cc) == (
        "claire@atelier-martin.example",
        ("paul@mercier-bois.example",),
        ("odile@mercier-bois.example",),
    )
    assert (found.subject, found.attachments) == ("Facture FA-2026-0412", ("facture.pdf",))
    assert found.text.strip() == "Voici la facture."


def test_a_resent_mail_is_its_own_original() -> None:
    raw = b"Resent-From: nora@atelier-martin.example\nResent-To: bot@atelier-martin.example\n" + INNER + BODY

    found = find_forward(parse_letter(raw))

    assert found is not None
    assert (found.style, found.to, found.cc) == (
        "resent",
        ("paul@mercier-bois.example",),
        ("odile@mercier-bois.example",),
    )
    assert found.attachments == ("facture.pdf",)


def test_an_inline_forward_has_the_files_of_the_mail_that_carries_it() -> None:
    text = b"---------- Forwarded message ---------\n" + INNER.replace(b"\n", b"\n") + b"\nVoici\n"
    raw = (
        b"From: nora@atelier-martin.example\nSubject: Fwd: Facture\nContent-Type: multipart/mixed; boundary=i\n\n"
        b"--i\nContent-Type: text/plain\n\n" + text + PDF
    )

    found = find_forward(parse_letter(raw))

    assert found is not None
    assert (found.style, found.attachments) == ("gmail", ("facture.pdf",))


def test_an_html_forward_reads_as_its_text_does() -> None:
    html = (
        '<div dir="ltr">À suivre<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message '
        "---------<br>De : <b>Claire</b> &lt;claire@atelier-martin.example&gt;<br>Date: ven. 16 oct. 2026<br>Subject: "
        "Facture<br>To: &lt;paul@mercier-bois.example&gt;<br></div>Voici la facture.</div></div>"
    )
    raw = b"From: a@b.example\nSubject: Fwd: Facture\nContent-Type: text/html; charset=utf-8\n\n" + html.encode()

    found = find_forward(parse_letter(raw))

    assert found is not None
    assert (found.from_address, found.to) == ("claire@atelier-martin.example", ("paul@mercier-bois.example",))
    assert found.text == "Voici la facture."
