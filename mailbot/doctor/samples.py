"""Invented facts to try templates with."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from mailbot.outbox.compose import LetterContext, ListedInvoice, Templates
from mailbot.outbox.letter import LANGUAGES
from mailbot.owner.digest import DigestFacts, digest

OWNER_LANGUAGES = ("en", "fr")
_LETTER = LetterContext(
    business="Atelier Martin SARL",
    client="Dupont & Fils SARL",
    language="fr",
    tone="neutral",
    today=date(2026, 11, 12),
    invoices=(ListedInvoice("FA-1", date(2026, 10, 1), date(2026, 10, 31), Decimal("1200.00"), Decimal("1200.00")),),
    reply_to="bot+r.token@atelier-martin.example",
    iban="FR7630006000011234567890189",
    previous_on=date(2026, 11, 3),
    promise_date=date(2026, 11, 10),
    paid_amount=Decimal("500.00"),
    paid_on=date(2026, 11, 9),
    deadline=date(2026, 11, 20),
    b2b=True,
    interest_law="C. com. L441-10 II",
    indemnity_law="C. com. L441-10 II et D441-5",
)


def render_all(templates: Templates, mails: Iterable[str]) -> int:
    """Write these mails and a digest in every language that their readers have; how many. Raises SettingsError."""
    from dataclasses import replace

    written = 0
    for language in LANGUAGES:
        values = replace(_LETTER, language=language).values()
        for mail in mails:
            templates.render(mail, language, values)
            written += 1
    for language in OWNER_LANGUAGES:
        facts = DigestFacts("Atelier Martin SARL", language, datetime(2026, 11, 12, 7, 30, tzinfo=UTC))
        digest(facts, templates.render)
        written += 1
    return written
