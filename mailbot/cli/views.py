"""The ledger's facts as lines for people and as objects for scripts. Heavy: imported inside commands only."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import typer

from mailbot.cli.output import print_table, shown
from mailbot.jobs.showing import Explained, Owed, Status
from mailbot.ledger.clients import Client
from mailbot.ledger.invoices import Invoice
from mailbot.ledger.outgoing import Outgoing
from mailbot.ledger.questions import Question
from mailbot.model import JSON, Event
from mailbot.money import rounded
from mailbot.owner.numbers import checked
from mailbot.owner.phrases import mail_words
from mailbot.owner.proof import RUNGS, Proof
from mailbot.owner.risk import Risk
from mailbot.rules.canonical import to_record

_INVOICE_HEAD = ("Number", "Kind", "Client", "Issued", "Due", "Days late", "Amount", "Open")


def status_record(business: Status) -> dict[str, JSON]:
    """For `status --json`."""
    return {
        "business": business.business,
        "live": business.live,
        "owed": [owed_record(one) for one in business.owed],
        "queued": [_outgoing_record(row) for row in business.queued],
        "in_doubt": [_outgoing_record(row) for row in business.in_doubt],
        "questions": [
            {"number": one.number, "text": one.text, "choices": list(one.choices)} for one in business.questions
        ],
        "bank_through": _iso(business.bank_through),
        "credit": {client: amounts_record(amounts) for client, amounts in business.kept.items()},
    }


def owed_record(one: Owed) -> dict[str, JSON]:
    """An invoice with its client's name and how late it is."""
    return {**invoice_record(one.invoice), "client_name": one.client, "late_days": max(one.late, 0)}


def invoice_record(invoice: Invoice) -> dict[str, JSON]:
    """An invoice or credit note of the ledger."""
    return {
        "number": invoice.number,
        "kind": invoice.kind,
        "client": invoice.client,
        "issue_date": invoice.issued.isoformat(),
        "due_date": invoice.due.isoformat(),
        "currency": invoice.currency,
        "amount": _decimal(invoice.amount, invoice.currency),
        "open": _decimal(invoice.open_amount, invoice.currency),
    }


def amounts_record(amounts: Mapping[str, Decimal]) -> dict[str, JSON]:
    """Amounts by currency."""
    return {currency: _decimal(amount, currency) for currency, amount in amounts.items()}


def client_record(client: Client, owes: Mapping[str, Decimal]) -> dict[str, JSON]:
    """A client, and what it owes in each currency."""
    return {
        "client": client.id,
        "name": client.name,
        "nickname": client.nickname,
        "language": client.language,
        "category": client.category,
        "vat": client.vat,
        "siren": client.siren,
        "checked": {one.kind.lower(): one.verdict for one in checked(client.vat, client.siren)},
        "do_not_contact": client.do_not_contact,
        "contacts": [{"email": one.email, "name": one.name, "usable": one.usable} for one in client.contacts],
        "owes": amounts_record(owes),
    }


def event_record(event: Event) -> dict[str, JSON]:
    """An event, in the shape that `rules decide` reads."""
    return {
        "id": event.id,
        "name": event.name,
        "at": event.at.isoformat(),
        "day": event.day.isoformat(),
        "client": event.client,
        "invoice": event.invoice,
        "data": dict(event.data),
    }


def explained_record(found: Explained) -> dict[str, JSON]:
    """The decision with its trace, and the mails to come."""
    coming: list[JSON] = [
        {
            "day": one.day.isoformat(), "verdict": one.verdict.value, "what": one.what, "mail": one.mail,
            "invoices": list(one.invoices), "approval": one.approval,
        }
        for one in found.coming
    ]  # fmt: skip
    return {**to_record(found.decision), "client_name": found.client.name, "coming": coming}


def print_status(business: Status) -> None:
    """One business on a screen."""
    mode = "live" if business.live else "shadow: nothing is sent to clients"
    bank = f"bank known through {business.bank_through}" if business.bank_through else "no bank file yet"
    typer.echo(f"{business.name} ({mode}), {business.day}; {bank}\n")
    if business.owed:
        print_owed(business.owed)
    else:
        typer.echo("Nothing is owed.")
    for name, amounts in business.kept.items():
        typer.echo(f"{shown(name)} has paid {_sum(amounts)} too much: kept for its next invoice, or to be paid back.")
    _print_waiting("To be sent", business.queued)
    _print_waiting("In doubt (it is not known whether they left)", business.in_doubt)
    if business.questions:
        typer.echo('\nQuestions to you; answer by mail or with: mailbot do "ok NUMBER"')
        for asked in business.questions:
            typer.echo(f"  {asked.number}. {shown(asked.text)}")


def print_owed(rows: Sequence[Owed]) -> None:
    """Invoices as a table."""
    print_table(
        _INVOICE_HEAD,
        [
            (
                one.invoice.number, one.invoice.kind.replace("_", " "), one.client,
                one.invoice.issued.isoformat(), one.invoice.due.isoformat(),
                str(one.late) if one.late > 0 and one.invoice.open_amount > 0 else "",
                _money(one.invoice.amount, one.invoice.currency),
                _money(one.invoice.open_amount, one.invoice.currency),
            )
            for one in rows
        ],
        right=(5, 6, 7),
    )  # fmt: skip


def print_clients(found: Sequence[tuple[Client, Mapping[str, Decimal]]]) -> None:
    """Clients as a table."""
    rows = [
        (
            str(client.id), client.name, client.nickname or "",
            ", ".join(one.email for one in client.contacts if one.usable) or "no address",
            _sum(owes),
        )
        for client, owes in found
    ]  # fmt: skip
    print_table(("Id", "Name", "Nickname", "Contacts", "Owes"), rows, right=(0, 4))


def risk_record(risk: Risk | None, language: str) -> JSON:
    """A client's risk: the score (0 to 100), its level, and each reason with its points."""
    if risk is None:
        return None
    reasons: list[JSON] = [
        {"code": one.code, "points": one.points, "text": one.words(language)} for one in risk.reasons
    ]
    return {"score": risk.score, "level": risk.level, "reasons": reasons}


def print_risk(risk: Risk | None, language: str) -> None:
    """The score, and each reason on a line of its own."""
    if risk is None:
        return
    typer.echo(f"\nRisk: {risk.score} of 100 ({risk.level})")
    for reason in risk.reasons:
        typer.echo(f"  {reason.points:>3}  {reason.words(language)}")


def print_client(client: Client, billed: Sequence[Invoice], day: date, kept: Mapping[str, Decimal]) -> None:
    """One client with everything that was billed, and what it has paid too much (`kept`, by currency)."""
    facts = [f"client {client.id}", client.language, client.category]
    typer.echo(f"{shown(client.name)} ({', '.join(facts)})")
    for number in checked(client.vat, client.siren):
        typer.echo(f"  {shown(number.words)}")
    if client.do_not_contact:
        typer.echo("Is not to be contacted, by your order.")
    for contact in client.contacts:
        unusable = "" if contact.usable else "  not used: it bounced, or you said so"
        typer.echo(f"  {shown(contact.name)} <{contact.email}>{unusable}".replace("   <", "  <"))
    if kept:
        typer.echo(f"Has paid {_sum(kept)} too much: kept for its next invoice, or to be paid back.")
    typer.echo("")
    print_owed([Owed(invoice, client.name, (day - invoice.due).days) for invoice in billed])


def print_invoice(
    invoice: Invoice, client: Client, happened: Sequence[Event], zone: str, unclear: Question | None = None
) -> None:
    """One invoice and its history; of a credit note also the open question (`unclear`) which invoice it is for."""
    from zoneinfo import ZoneInfo

    kind = "Credit note" if invoice.kind == "credit_note" else "Invoice"
    typer.echo(f"{kind} {invoice.number} to {shown(client.name)} (client {client.id})")
    typer.echo(f"  issued {invoice.issued}, due {invoice.due}, {_money(invoice.amount, invoice.currency)}")
    if invoice.document.delivery_date is not None:
        typer.echo(f"  delivered or completed {invoice.document.delivery_date}, by its data")
    typer.echo(f"  still open: {_money(invoice.open_amount, invoice.currency)}")
    if unclear is not None:
        typer.echo(f"  {_unknown_reference(unclear)}")
    for event in happened:
        facts = ", ".join(f"{key} {_brief(event.data[key])}" for key in _TOLD if event.data.get(key))
        at = event.at.astimezone(ZoneInfo(zone))
        typer.echo(f"  {at:%Y-%m-%d %H:%M}  {event.name:22} {shown(facts)}".rstrip())


def _unknown_reference(asked: Question) -> str:
    """What a credit note waits for, and the answers to the question about it."""
    named = shown(str(asked.about["named"])[:80])
    known = [shown(str(one)) for one in asked.about["choices"]]
    answers = [
        f'"{asked.number} {choice}" for {meant}'
        for choice, meant in zip(asked.choices, [*known, "none of them"], strict=False)
    ]
    return (
        f"It refers to invoice {named}, which is not known of this client: until then it counts for the oldest open "
        f"one. Forward {named} to the bot, or answer with mailbot do: {', '.join(answers)}."
    )


def proof_record(proof: Proof) -> dict[str, JSON]:
    """A mail that left, and each rung of proof with its instant."""
    return {
        "outgoing": proof.sent.data.get("outgoing"),
        "mail": proof.sent.data.get("mail"),
        "to": proof.sent.data.get("to"),
        "proof": [{"rung": rung, "at": at.isoformat()} for rung, at in proof.reached],
        "failed": proof.failed,
    }


def print_proofs(proofs: Sequence[Proof], zone: str) -> None:
    """What is known of each mail, strongest last."""
    from zoneinfo import ZoneInfo

    if proofs:
        typer.echo("\nMails about it, and what is known of them")
    for proof in proofs:
        reached = "; ".join(
            f"{RUNGS[rung][1]} {at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for rung, at in proof.reached
        )
        failed = f"; {proof.words('en')}" if proof.failed else ""
        mail = mail_words(str(proof.sent.data.get("mail")), "en")
        typer.echo(f"  {proof.sent.day}  {mail} to {shown(str(proof.sent.data.get('to')))}: {reached}{failed}")


_TOLD = ("class", "what", "to", "amount", "promise_date", "date", "until", "because", "reason", "why")


def _print_waiting(title: str, rows: Sequence[Outgoing]) -> None:
    if rows:
        typer.echo(f"\n{title}")
    for row in rows:
        answer = f"   last answer: {shown(row.smtp_reply)}" if row.smtp_reply else ""
        what = " ".join((row.template, *row.invoices))
        typer.echo(f"  {row.due_at:%Y-%m-%d %H:%M} UTC  {what} to {row.recipient}{answer}")


def _outgoing_record(row: Outgoing) -> dict[str, JSON]:
    return {
        "mail": row.template,
        "to": row.recipient,
        "invoices": list(row.invoices),
        "state": row.state,
        "due_at": _iso(row.due_at),
        "attempts": row.attempt,
        "answer": row.smtp_reply,
    }


def _money(amount: Decimal, currency: str) -> str:
    return f"{_decimal(amount, currency)} {currency}"


def _sum(amounts: Mapping[str, Decimal]) -> str:
    return " + ".join(_money(amount, currency) for currency, amount in amounts.items() if amount)


def _decimal(amount: Decimal, currency: str) -> str:
    """With the digits of its currency: "1234.50"."""
    return f"{rounded(amount, currency):f}"


def _brief(value: JSON) -> str:
    text = " / ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value else None
