"""Italian certified mail (PEC): envelopes around a mail, and receipts of the providers (DM 2 November 2005, annex).

The envelope comes from the provider ("Per conto di: …") with the mail inside; the person who wrote is the sender of
the inner mail. Receipts say in headers what became of a mail of ours.
"""

from dataclasses import replace

from mailbot.inbox.bounces import address_in, original_id, said
from mailbot.inbox.reasons import reason_of
from mailbot.model import Letter, Report

_ENVELOPES = frozenset({"posta-certificata", "errore"})
_DELIVERED = {"accettazione": "relayed", "presa-in-carico": "relayed", "avvenuta-consegna": "delivered"}
_FAILED = frozenset({"non-accettazione", "errore-consegna", "mancata-consegna", "rilevazione-virus"})


def opened(letter: Letter) -> Letter:
    """The mail inside a certified envelope, else `letter` itself.

    Recipients and headers stay those of the envelope: nothing inside it may speak for the server that received it.
    """
    headers = dict(letter.headers)
    if headers.get("x-trasporto", "").lower() not in _ENVELOPES or not letter.enclosed:
        return letter
    inner = letter.enclosed[0]
    return replace(
        inner,
        to=letter.to,
        headers=letter.headers,
        date=letter.date or inner.date,
        in_reply_to=inner.in_reply_to or letter.in_reply_to,
        references=inner.references or letter.references,
    )


def read_receipt(letter: Letter) -> Report | None:
    """What a provider of certified mail reports of a mail of ours: accepted, delivered, or not."""
    headers = dict(letter.headers)
    kind = headers.get("x-ricevuta", "").strip().lower()
    original = headers.get("x-riferimento-message-id") or original_id(letter)
    recipient = address_in(headers.get("x-riferimento-destinatario", ""))
    if kind in _DELIVERED:
        return Report("dsn", recipient, None, _DELIVERED[kind], "other", "other", original, kind)
    delayed = kind == "preavviso-errore-consegna"
    if not delayed and kind not in _FAILED:
        return None
    reason, class_ = reason_of("", None, said(letter), gave_up=not delayed)
    return Report("dsn", recipient, None, "delayed" if delayed else "failed", class_, reason, original, kind)
