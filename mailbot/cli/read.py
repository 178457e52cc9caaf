"""`mailbot read`: what each mail is, without a database or settings; with `--replay`, the corrected ones in it."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.cli import app
from mailbot.cli.output import Status, failed, print_json, say, walk
from mailbot.cli.settings import BUSINESS_OPTION, SETTINGS_OPTION
from mailbot.errors import ReaderError
from mailbot.model import Forwarded, Letter, Order, Reading, Report

_READABLE = (".eml",)


@app.command()
def read(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Mails (.eml) and folders of them.", metavar="PATH...")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    owner: Annotated[
        list[str] | None, typer.Option("--owner", help="An owner's address; may be given again.", metavar="ADDRESS")
    ] = None,
    authserv_id: Annotated[
        str | None,
        typer.Option(help="The receiving server whose Authentication-Results count.", metavar="ID"),
    ] = None,
    today: Annotated[
        str | None, typer.Option(help="The day for relative dates of mails that have no date.", metavar="DATE")
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Read again every reply whose meaning you corrected, from the ledger.")
    ] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
) -> None:
    """Say what each mail is: a promise, a payment, a bounce, an order …"""
    if replay == bool(paths):
        say("Name mails to read, or --replay for those whose meaning you corrected.")
        raise typer.Exit(Status.USAGE)
    if replay:
        from mailbot.cli.replayed import print_replay

        print_replay(settings, business, as_json=as_json)
        return
    day = _day(today)
    broken = 0
    for name, path in walk(paths or [], _READABLE):
        record = _record(name, path, owner or [], authserv_id, day)
        broken += "error" in record
        print_json(record) if as_json else _print_line(record)
    if broken:
        raise typer.Exit(Status.PARTLY)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        say(f"--today {text}: write the day as 2026-11-30")
        raise typer.Exit(Status.USAGE) from None


def _record(name: str, path: Path, owners: list[str], authserv_id: str | None, today: date | None) -> dict[str, Any]:
    from mailbot.inbox.read import read_raw

    try:
        letter, reading = read_raw(_start_of(path), owners, authserv_id, today)
    except OSError as error:
        return {**failed(name, "unreadable_file", f"{error.strerror or error}: check the path"), "kind": "unreadable"}
    except ReaderError as error:
        return {**failed(name, error.code, str(error)), "kind": "unreadable"}
    except Exception as error:  # noqa: BLE001 - one mail of a stranger that breaks a reader must not end the run
        return {**failed(name, "died", f"The reader broke down over this mail ({error!r})."), "kind": "unreadable"}
    return {"file": name, **as_record(letter, reading)}


def _start_of(path: Path) -> bytes:
    """The bytes of a file; of one that is larger than mails are read, just enough to be refused."""
    from mailbot.inbox.mime import MAX_BYTES

    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def as_record(letter: Letter, reading: Reading) -> dict[str, Any]:
    """The object for one mail that `mailbot read --json` prints, without `schema` and `file`."""
    return {
        "kind": reading.kind.value,
        "language": reading.language,
        "intent": reading.intent.value if reading.intent else None,
        "also": [intent.value for intent in reading.also],
        "confidence": reading.confidence,
        "sure": reading.sure,
        "because": list(reading.because),
        "promise_date": _iso(reading.promise_date),
        "promise_amount": None if reading.promise_amount is None else f"{reading.promise_amount:.2f}",
        "paid_date": _iso(reading.paid_date),
        "return_date": _iso(reading.return_date),
        "new_contact": reading.new_contact,
        "invoices": list(reading.invoices),
        "new_text": reading.shown or reading.new_text,
        "signature": reading.signature,
        "subject": letter.subject,
        "from": letter.from_address,
        "message_id": letter.message_id,
        "authentic": reading.authentic,
        "report": _report(reading.report),
        "order": _order(reading.orders[0]) if reading.orders else None,
        "orders": [_order(order) for order in reading.orders],
        "unknown_lines": list(reading.unknown_lines),
        "forwarded": _forwarded(reading.forwarded),
        "flags": list(reading.flags),
        "attachments": [{"name": a.name, "type": a.type, "bytes": len(a.content)} for a in letter.attachments],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _report(report: Report | None) -> dict[str, Any] | None:
    if report is None:
        return None
    return {
        "type": report.type,
        "recipient": report.recipient,
        "status": report.status,
        "action": report.action,
        "class": report.class_,
        "reason": report.reason,
        "original_message_id": report.original_message_id,
        "diagnostic": report.diagnostic,
    }


def _order(order: Order) -> dict[str, Any]:
    return {"verb": order.verb, "target": order.target, "fields": dict(order.fields)}


def _forwarded(forwarded: Forwarded | None) -> dict[str, Any] | None:
    if forwarded is None:
        return None
    return {
        "from": forwarded.from_address,
        "to": list(forwarded.to),
        "cc": list(forwarded.cc),
        "subject": forwarded.subject,
        "date": forwarded.date,
        "style": forwarded.style,
        "text": forwarded.text,
        "attachments": list(forwarded.attachments),
    }


def _print_line(record: dict[str, Any]) -> None:
    if "error" in record:
        typer.echo(f"{record['file']}: {record['error']['message']}")
        return
    facts = [record["intent"] or record["kind"]]
    facts += [
        f"{name.replace('_', ' ')} {record[name]}"
        for name in ("promise_date", "promise_amount", "paid_date", "return_date", "new_contact")
        if record[name]
    ]
    facts += [f"invoice {number}" for number in record["invoices"]]
    facts += [f"{order['verb']} {order['target'] or ''}".strip() for order in record["orders"]]
    sure = "sure" if record["sure"] else "asks the owner"
    typer.echo(f"{Path(record['file']).name:24} {record['kind']:12} {', '.join(facts)} ({sure})")
    for words in record["because"][:1]:
        typer.echo(f"{'':24} « {' '.join(words.split())[:90]} »")
