"""Who wrote a mail, what an owner forwards, and which client a mail is about."""

from datetime import date

import pytest

from mailbot.inbox.forwards import find_forward
from mailbot.inbox.letter import parse_letter
from mailbot.inbox.read import read_letter, read_raw
from mailbot.inbox.sender import who
from mailbot.inbox.threads import Known, thread_of
from mailbot.model import Kind, Letter

OWNER = "claire@atelier.example"
SERVER = "mx.atelier.example"
PASS = f"Authentication-Results: {SERVER}; dmarc=pass header.from=atelier.example\n"


def letter(head: str, text: str = "payé F-2026-014") -> Letter:
    return parse_letter(
        f"{head}From: Claire <{OWNER}>\nTo: bot@atelier.example\nSubject: Re: Point\n\n{text}\n".encode()
    )


@pytest.mark.parametrize(
    ("head", "proved"),
    [
        (PASS, True),
        (f"Authentication-Results: {SERVER}; dkim=pass header.d=atelier.example\n", True),
        ("", False),
        ("Authentication-Results: mx.evil.example; dmarc=pass header.from=atelier.example\n", False),
        ("Authentication-Results: mx.evil.example; dmarc=fail\n" + PASS, False),
        (f"Authentication-Results: {SERVER}; dmarc=fail header.from=atelier.example\n" + PASS, False),
        (f"Authentication-Results: {SERVER}; dkim=pass header.d=evil.example; spf=pass\n", False),
        (f"Authentication-Results: {SERVER}; spf=pass smtp.mailfrom=claire@atelier.example\n", False),
        (
            (
                f"Authentication-Results: {SERVER}; spf=fail (x; dmarc=pass header.from=atelier.example) "
                f"smtp.mailfrom=a\n"
            ),
            False,
        ),
        (f"Authentication-Results: {SERVER}; dmarc=pass header.from=evil.example\n", False),
        ("From: evil@evil.example\n" + PASS, False),
        (PASS + f"Authentication-Results: {SERVER}; dmarc=fail header.from=atelier.example\n", False),
        (PASS + f"Authentication-Results: {SERVER}; dkim=pass header.d=atelier.example\n", True),
        (PASS + "Resent-From: Evil <evil@evil.example>\n", False),
        (PASS + "Resent-Sender: evil@evil.example\n", False),
        (PASS + f"Resent-From: {OWNER}\n", True),
    ],
)
def test_only_the_pinned_server_proves_who_wrote(head: str, proved: bool) -> None:
    found = who(letter(head), [OWNER], SERVER)

    assert bool(found.authentic) is proved


def test_a_forged_owner_gives_no_order() -> None:
    assert read_letter(letter(""), [OWNER], SERVER).orders == ()
    assert [order.verb for order in read_letter(letter(PASS), [OWNER], SERVER).orders] == ["paid"]


def test_a_client_never_gives_an_order() -> None:
    found = read_letter(parse_letter(b"From: a@roux.example\n\nstop\npay\xc3\xa9 F-2026-014\n"), [OWNER], SERVER)

    assert found.kind is Kind.REPLY
    assert found.orders == ()


@pytest.mark.parametrize(
    ("style", "above"),
    [
        (
            "gmail",
            (
                "---------- Forwarded message ---------\nDe : Claire <c@atelier.example>\nDate: mer. 7 oct. "
                "2026 à 09:31\nSubject: Facture 14\nTo: <anne@roux.example>\n\n"
            ),
        ),
        (
            "thunderbird",
            (
                "-------- Message transféré --------\nSujet : \tFacture 14\nDate : \tWed, 7 Oct 2026\nDe : "
                "\tClaire <c@atelier.example>\nPour : \tanne@roux.example\n\n"
            ),
        ),
        (
            "apple",
            (
                "Début du message réexpédié :\n\n> De: Claire <c@atelier.example>\n> Objet: Facture 14\n> "
                "Date: 7 octobre 2026\n> À: anne@roux.example\n>\n> "
            ),
        ),
        (
            "outlook",
            (
                "________________________________\nDe : Claire <c@atelier.example>\nEnvoyé : mercredi 7 "
                "octobre 2026 09:31\nÀ : anne@roux.example\nObjet : Facture 14\n\n"
            ),
        ),
    ],
)
def test_the_original_of_a_forwarded_mail_is_found(style: str, above: str) -> None:
    found = find_forward(
        parse_letter((f"From: {OWNER}\nSubject: TR: Facture 14\n\nPour le robot.\n\n{above}Bonjour Anne\n").encode())
    )

    assert found is not None
    assert (found.style, found.to, found.subject, found.from_address) == (
        style,
        ("anne@roux.example",),
        "Facture 14",
        "c@atelier.example",
    )
    assert found.text == "Bonjour Anne"


def test_a_reply_forwards_nothing() -> None:
    assert (
        find_forward(
            parse_letter(
                b"From: a@b.example\nSubject: Re: x\n\nOui.\n\nOn 7/9/2026 08:30, Bob <b@c.example> wrote:\n> Non.\n"
            )
        )
        is None
    )


def known() -> Known:
    return Known(
        token=lambda address: 7 if "+r.abc@" in address else None,
        by_message_id=lambda message_id: 8 if message_id == "<rem.2@atelier.example>" else None,
        outgoing_client=lambda outgoing: {7: (1, ("F-1-2026",)), 8: (2, ("F-2-2026",))}.get(outgoing),
        invoices=lambda numbers: {n: c for n, c in {"F-1-2026": 1, "F-2-2026": 2}.items() if n in numbers},
        contact=lambda address: {"anne@roux.example": [1], "cabinet@compta.example": [1, 2]}.get(address, []),
        company=lambda domain: {"roux.example": [1], "compta.example": [1], "gmail.com": [2]}.get(domain, []),
    )


@pytest.mark.parametrize(
    ("head", "text", "client", "invoices"),
    [
        ("From: x@y.example\nTo: bot+r.abc@atelier.example", "ok", 1, ("F-1-2026",)),
        ("From: x@y.example\nIn-Reply-To: <rem.2@atelier.example>", "ok", 2, ("F-2-2026",)),
        ("From: x@y.example", "au sujet de F-2-2026", 2, ("F-2-2026",)),
        ("From: anne@roux.example", "ok", 1, ()),
        ("From: bob@roux.example", "ok", 1, ()),
        ("From: bob@gmail.com", "ok", None, ()),
        ("From: cabinet@compta.example", "ok", None, ()),
        ("From: x@y.example", "ok\n\n> Write to bot+r.abc@atelier.example", 1, ("F-1-2026",)),
        ("From: anne@roux.example", "au sujet de F-2-2026", None, ()),
        ("From: x@y.example\nTo: bot+r.abc@atelier.example", "au sujet de F-2-2026", None, ()),
    ],
)
def test_a_mail_finds_its_client_and_two_clients_make_it_a_question(
    head: str, text: str, client: int | None, invoices: tuple[str, ...]
) -> None:
    mail = parse_letter(f"{head}\nSubject: Bonjour\n\n{text}\n".encode())

    thread = thread_of(mail, read_letter(mail), known())

    assert (thread.client, thread.invoices) == (client, invoices)


def test_an_owners_absence_note_gives_no_orders() -> None:
    raw = (
        b"From: claire@atelier-martin.example\r\nTo: factures@atelier-martin.example\r\nSubject: Re: 3 decisions\r\n"
        b"Authentication-Results: mx.example; dmarc=pass header.from=atelier-martin.example\r\n"
        b"Auto-Submitted: auto-replied\r\nMessage-ID: <1@x.example>\r\n\r\nJe suis absente.\r\nstop\r\npause tout\r\n"
    )

    _, reading = read_raw(raw, ["claire@atelier-martin.example"], "mx.example", date(2026, 11, 20))

    assert reading.kind is Kind.AUTO_REPLY
    assert reading.orders == ()


def test_an_order_in_the_subject_of_an_empty_mail_counts_and_an_answers_subject_does_not() -> None:
    def verbs(subject: bytes) -> list[str]:
        raw = (
            b"From: claire@atelier-martin.example\r\nTo: factures@atelier-martin.example\r\nSubject: "
            + subject
            + b"\r\n"
            b"Authentication-Results: mx.example; dmarc=pass header.from=atelier-martin.example\r\n"
            b"Message-ID: <1@x.example>\r\n\r\n\r\n"
        )
        _, reading = read_raw(raw, ["claire@atelier-martin.example"], "mx.example", date(2026, 11, 20))
        return [order.verb for order in reading.orders]

    assert verbs(b"paye FA-2026-0002") == ["paid"]
    assert verbs(b"ok 1 [abcdefgh]") == ["answer"]
    assert verbs(b"Re: stop") == []


@pytest.mark.parametrize(
    ("sender", "proved"),
    [
        (f"{OWNER}, evil@evil.example", False),
        (f'"Martin, Claire" <{OWNER}>', True),
        (f"=?utf-8?q?Martin=2C_Claire?= <{OWNER}>", True),
    ],
)
def test_a_from_with_a_second_address_proves_nothing(sender: str, proved: bool) -> None:
    mail = parse_letter(f"Authentication-Results: {SERVER}; dmarc=pass\nFrom: {sender}\n\nstop\n".encode())

    assert bool(who(mail, [OWNER], SERVER).authentic) is proved
