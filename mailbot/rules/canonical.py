"""Decisions and cases as JSON: sorted keys, one way to write each value; equal decisions are equal bytes."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from mailbot.model import Alert, ClientFacts, Contact, Decision, Event, InvoiceFacts, Trace, Verdict
from mailbot.rules.balance import HIGHEST_POWER


def to_json(decision: Decision) -> str:
    """The decision as canonical JSON; `from_json` gives an equal one back."""
    return json.dumps(to_record(decision), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_record(decision: Decision) -> dict[str, Any]:
    """The same as plain values: dates as ISO texts, tuples as lists."""
    return {
        "client": decision.client,
        "day": decision.day.isoformat(),
        "verdict": decision.verdict.value,
        "what": decision.what,
        "mail": decision.mail,
        "tone": decision.tone,
        "lead": decision.lead,
        "invoices": list(decision.invoices),
        "levels": [list(level) for level in decision.levels],
        "trigger": decision.trigger,
        "generation": decision.generation,
        "approval": decision.approval,
        "attach": list(decision.attach),
        "use_contact": decision.use_contact,
        "alerts": [
            {"code": a.code, "invoice": a.invoice, "event": a.event, "text": a.text, "waits": a.waits}
            for a in decision.alerts
        ],
        "reason": decision.reason,
        "code": decision.code,
        "trace": [
            {
                "rule": t.rule,
                "result": t.result,
                "detail": t.detail,
                "line": t.line,
                "depth": t.depth,
                "invoice": t.invoice,
            }
            for t in decision.trace
        ],
        "next": decision.next.isoformat() if decision.next else None,
        "profile": decision.profile,
        "mode": decision.mode,
        "rules_hash": decision.rules_hash,
    }


def from_json(text: str) -> Decision:
    """The reverse of `to_json`; raises ValueError, KeyError or TypeError for anything else."""
    record = json.loads(text)
    mode: Literal["live", "shadow"] = "shadow" if record["mode"] == "shadow" else "live"
    return Decision(
        client=record["client"],
        day=date.fromisoformat(record["day"]),
        verdict=Verdict(record["verdict"]),
        what=record["what"],
        mail=record["mail"],
        tone=record["tone"],
        lead=record["lead"],
        invoices=tuple(record["invoices"]),
        levels=tuple((invoice, step) for invoice, step in record["levels"]),
        trigger=record["trigger"],
        generation=record["generation"],
        approval=record["approval"],
        attach=tuple(record["attach"]),
        use_contact=record["use_contact"],
        alerts=tuple(Alert(**alert) for alert in record["alerts"]),
        reason=record["reason"],
        code=record["code"],
        trace=tuple(Trace(**trace) for trace in record["trace"]),
        next=date.fromisoformat(record["next"]) if record["next"] else None,
        profile=record["profile"],
        mode=mode,
        rules_hash=record["rules_hash"],
    )


def read_case(line: str) -> tuple[ClientFacts, list[Event], date]:
    """One line of a file of cases: {"client": {…}, "invoices": […], "events": […], "day": "…"}.

    Raises ValueError with a sentence where something is missing or of the wrong kind.
    """
    try:
        case = json.loads(line, parse_float=Decimal)
        client = _client(case["client"], case["invoices"])
        events = [_event(event, n) for n, event in enumerate(case.get("events", []))]
        day = date.fromisoformat(case["day"])
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is missing") from error
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a case: {error}") from error
    if day == date.max:
        raise ValueError(f"the day {day.isoformat()} has no day after it")
    return client, events, day


def _client(record: Mapping[str, Any], invoices: list[Mapping[str, Any]]) -> ClientFacts:
    return ClientFacts(
        id=str(record["id"]),
        name=str(record.get("name", record["id"])),
        invoices=tuple(_invoice(invoice) for invoice in invoices),
        category=str(record.get("category", "standard")),
        language=str(record.get("language", "fr")),
        contacts=tuple(
            Contact(str(c["email"]), str(c.get("name") or ""), bool(c.get("usable", True)))
            for c in record.get("contacts", [])
        ),
        do_not_contact=bool(record.get("do_not_contact", False)),
        professional=None if record.get("professional") is None else bool(record["professional"]),
    )


def _invoice(record: Mapping[str, Any]) -> InvoiceFacts:
    kind: Literal["invoice", "credit_note"] = "credit_note" if record.get("kind") == "credit_note" else "invoice"
    return InvoiceFacts(
        number=str(record["number"]),
        kind=kind,
        issued=date.fromisoformat(record["issued"]),
        due=date.fromisoformat(record["due"]),
        amount=_amount(record["amount"]),
        currency=str(record.get("currency", "EUR")),
        delivered=date.fromisoformat(record["delivered"]) if record.get("delivered") else None,
    )


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount.adjusted() > HIGHEST_POWER:
        raise ValueError(f"{str(value)[:40]!r} is not an amount")
    return amount


def _event(record: Mapping[str, Any], position: int) -> Event:
    """An event; without an id it gets its place in the list, without an instant the beginning of its day."""
    day = date.fromisoformat(record["day"])
    at = datetime.fromisoformat(record.get("at") or f"{day.isoformat()}T00:00:00+00:00")
    if at.tzinfo is None:
        raise ValueError(f"the instant {at.isoformat()} has no time zone")
    return Event(
        id=str(record.get("id") or f"{record['name']}/{position:06}"),
        name=str(record["name"]),
        at=at,
        day=day,
        client=None if record.get("client") is None else str(record["client"]),
        invoice=None if record.get("invoice") is None else str(record["invoice"]),
        data=dict(record.get("data") or {}),
    )
