"""Letters and owner mails with realistic facts, for the tests of this folder."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from mailbot.model import JSON, Rendered
from mailbot.outbox.compose import LetterContext, ListedInvoice, Templates
from mailbot.owner.digest import Asked, DigestFacts, Row, values
from mailbot.owner.standing import Expected, Sales, Week

TEMPLATES = Templates(Path(__file__).parents[2] / "templates")
REPLY_TO = "factures+r.aeaaabcdefghijklmnopq@atelier.example"
TONES = ("warm", "neutral", "direct", "firm")
LETTERS = (
    "courtesy",
    "due_today",
    "reminder_1",
    "reminder_2",
    "reminder_3",
    "formal_notice",
    "promise_broken",
    "proof_request",
    "partial_thanks",
    "invoice_copy",
    "promise_noted",
    "payment_check",
    "payment_thanks",
    "human_takes_over",
    "owner_reply",
)
INVOICES = (
    ListedInvoice("FA-2026-0412", date(2026, 10, 1), date(2026, 10, 31), Decimal("1200.00"), Decimal("1200.00")),
    ListedInvoice("FA-2026-0398", date(2026, 9, 15), date(2026, 10, 15), Decimal("12450.00"), Decimal("9450.00")),
)


def letter(language: str = "fr", tone: str = "neutral", **changed: object) -> LetterContext:
    """A letter about two invoices; `changed` replaces any field."""
    facts: dict[str, object] = {
        "business": "Atelier Martin SARL",
        "client": "Dupont & Fils SARL",
        "language": language,
        "tone": tone,
        "today": date(2026, 11, 12),
        "invoices": INVOICES,
        "reply_to": REPLY_TO,
        "signature": "Claire Martin",
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPP",
        "reference": "FA-2026-0412",
        "rf": "RF84FA20260412",
        "qr": "transfer.k1@atelier.example",
        "qr_points": 135,
        "pay_url": "https://pay.example/?ref=FA-2026-0412&amount=1200.00",
        "previous_on": date(2026, 11, 3),
        "promise_date": date(2026, 11, 10),
        "paid_amount": Decimal("500.00"),
        "paid_on": date(2026, 11, 9),
        "deadline": date(2026, 11, 20),
        "b2b": True,
        "interest_law": "C. com. L441-10 II",
        "indemnity_law": "C. com. L441-10 II et D441-5",
        "siren": "732829320",
        "attached": ("FA-2026-0412.pdf",),
        "words": ("Bonjour Madame,", "nous reprenons les deux panneaux <manquants> lundi."),
    }
    return LetterContext(**{**facts, **changed})  # type: ignore[arg-type]


def digest_facts(language: str = "fr", **changed: object) -> DigestFacts:
    """A digest with something in every list; `changed` replaces any field."""
    row = Row("Dupont & Fils SARL", "deuxième relance", Decimal(1890), ("FA-2026-0398",), "échue depuis 10 jours")
    facts: dict[str, object] = {
        "business": "Atelier Martin SARL",
        "language": language,
        "at": datetime(2026, 11, 22, 7, 30),  # noqa: DTZ001  local time is what is printed
        "reply_to": REPLY_TO,
        "questions": (Asked(7, "Virement de 1 234,56 € : règle-t-il FA-2026-0410 ?", amount=Decimal("1234.56")),),
        **dict.fromkeys(
            (
                "paid",
                "received",
                "understood",
                "sent",
                "failed",
                "unreadable",
                "promises",
                "kept",
                "legal",
                "risks",
                "today",
                "later",
                "held",
            ),
            (row,),
        ),
        "ageing": {
            "EUR": {"not_due": Decimal(21000), "1_30": Decimal(9320), "over_90": Decimal(2400)},
            "GBP": {"1_30": Decimal("1250.50")},
        },
        "sales": Sales(47, -2, "EUR"),
        "expected": Expected(
            (Week(date(2026, 11, 16), date(2026, 11, 22), {"EUR": Decimal(9300)}, {"EUR": Decimal(4000)}),),
            {"EUR": Decimal(2400)},
        ),
        "balance": {"EUR": Decimal("18432.10")},
        "cash_below": Decimal(20000),
        "mailbox_minutes": 2,
        "backup_on": date(2026, 11, 22),
        "consent_days": 12,
        "head": "1234 " + "9f86d081" * 8,
        "bank_through": date(2026, 11, 21),
        "waiting": 1,
        "in_doubt": 1,
        "problems": ("smtp.password_file is missing: mailbot doctor",),
    }
    return DigestFacts(**{**facts, **changed})  # type: ignore[arg-type]


INVOICE: dict[str, JSON] = {
    "number": "FA-2026-0420",
    "kind": "invoice",
    "client": "Dupont & Fils SARL",
    "contacts": ["compta@dupont.example"],
    "amount": "890.00",
    "currency": "EUR",
    "due_date": "2026-12-21",
    "doubts": [{"field": "due_date", "why": "two dates are possible"}],
    "reply_to": REPLY_TO,
}
URGENT: dict[str, JSON] = {
    "kind": "cash", "over": False, "client": "Dupont & Fils SARL", "invoice": "FA-2026-0420", "amount": "900,00 €",
    "address": "compta@dupont.example", "limit": "1 000,00 €", "day": "22 novembre 2026", "reply_to": REPLY_TO,
}  # fmt: skip
CREDIT_NOTE: dict[str, JSON] = {
    **INVOICE, "number": "AV-2026-0031", "kind": "credit_note", "doubts": [],
    "lowers": {"invoice": "FA-2026-0420", "left": "890.00", "question": None},
}  # fmt: skip
OWNER_MAILS: dict[str, dict[str, JSON]] = {
    "confirmation": INVOICE,
    "already_known": INVOICE,
    "received": {
        "lines": [
            {**INVOICE, "kind": "entered", "kind_of": "invoice", "remarks": ["A new client."]},
            {**CREDIT_NOTE, "kind": "entered", "kind_of": "credit_note", "remarks": []},
            {"kind": "asked", "question": 9, "text": "Is that right?"},
            {"kind": "note", "text": "devis.pdf is a quote."},
        ],
        "more": 0, "entered": 1, "asked": 1, "reply_to": REPLY_TO,
    },
    "question": {
        "question": {"number": 9, "text": "Pay 2 400,00 €?", "choices": ["yes", "no"]},
        "reply_to": REPLY_TO,
    },
    "transcript": {"lines": [{"order": "ok 1", "result": "Done."}], "help": True, "reply_to": REPLY_TO},
    "help": {"reply_to": REPLY_TO},
    "urgent": URGENT,
    "enclosed": {
        "subject": "Claim file Dupont", "lines": ["It is enclosed.", "Some things are missing."],
        "tasks": [["Declare the claim", "2 January 2027", "R622-24"]], "reply_to": REPLY_TO,
    },
    "rules": {
        "file": "fr.yaml", "mended": False, "mistakes": ["rules/fr.yaml:4:3: error[unknown-key]: …"], "more": 2,
        "version": "9cda0773f0aa", "reply_to": REPLY_TO,
    },
    "statement": {
        "name": "november.ofx", "new": 12, "known": 3, "booked": 4, "asked": 1,
        "problems": ["line 12"], "reply_to": REPLY_TO,
    },
}  # fmt: skip


def letters_of(name: str, language: str) -> list[Rendered]:
    """One letter in every tone, about several invoices and about one, with and without the client's page."""
    mails = []
    for tone in TONES:
        for invoices in (INVOICES, INVOICES[:1]):
            page = "https://pay.example/i/oeisgg7dav52i46s5w2c5xzc" if len(invoices) == 1 else ""
            given = letter(language, tone, invoices=invoices, page_url=page).values()
            mails.append(TEMPLATES.render(name, language, given))
    return mails


def owner_mails(name: str, language: str) -> list[Rendered]:
    """One mail to the owner, live and in shadow mode where that changes it."""
    if name == "urgent":
        kinds = [(kind, over) for kind in ("bank", "cash", "notice") for over in (False, True)]
        return [TEMPLATES.render(name, language, {**URGENT, "kind": kind, "over": over}) for kind, over in kinds]
    if name in ("confirmation", "already_known"):
        return [TEMPLATES.render(name, language, given) for given in (INVOICE, CREDIT_NOTE)]
    if name != "digest":
        return [TEMPLATES.render(name, language, OWNER_MAILS[name])]
    facts = [digest_facts(language, live=live) for live in (True, False)]
    return [TEMPLATES.render(name, language, values(one)) for one in facts]
