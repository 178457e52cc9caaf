"""`mailbot invoice`: what invoice documents say, and the invoices of the ledger."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.cli import app
from mailbot.cli.document import document_record
from mailbot.cli.leftovers import OF_LISTS, left_out, tell_left_out
from mailbot.cli.output import Status, failed, print_json, print_table, say, shown, walk
from mailbot.cli.settings import BUSINESS_OPTION, NOW_OPTION, SETTINGS_OPTION
from mailbot.errors import ReaderError
from mailbot.model import InvoiceDocument, Problem

invoice = typer.Typer(
    help="Invoices: what a document says, and what is owed.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(invoice, name="invoice")

_SUFFIXES = (".pdf", ".xml", ".eml", ".zip")
_MAX_BYTES = 30 * 1024 * 1024


@invoice.command("read")
def read(
    paths: Annotated[
        list[Path], typer.Argument(help="Invoices (.pdf, .xml), mails (.eml), archives (.zip), or folders of them.")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
    no_xml: Annotated[bool, typer.Option("--no-xml", help="Ignore the XML in PDFs; read their text.")] = False,
    no_ocr: Annotated[bool, typer.Option("--no-ocr", help="Never start character recognition.")] = False,
) -> None:
    """Say what each invoice states, and what is doubtful about it."""
    from mailbot.sandbox import Sandbox

    records: list[dict[str, Any]] = []
    partly = False
    with Sandbox(_MAX_BYTES) as sandbox:
        for name, path in walk(paths, _SUFFIXES):
            for record in _records(sandbox, name, path, use_xml=not no_xml, use_ocr=not no_ocr):
                partly = partly or "error" in record
                print_json(record) if json else records.append(record)
    if not json:
        _print_table(records)
    tell_left_out(paths, _SUFFIXES, OF_LISTS)
    if partly:
        raise typer.Exit(Status.PARTLY)


@invoice.command("list")
def list_invoices(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are settled.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object an invoice.")] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    now: datetime | None = NOW_OPTION,
) -> None:
    """List the invoices and credit notes that are open."""
    from mailbot.cli import views
    from mailbot.cli.installation import one_business
    from mailbot.jobs import showing

    with one_business(settings, business, now) as (installation, office):
        found = showing.owed(office, installation.now())
    chosen = [one for one in found if everything or one.invoice.open_amount > 0]
    if json:
        for one in chosen:
            print_json(views.owed_record(one))
    elif chosen:
        views.print_owed(chosen)
    else:
        say("Nothing is open." if found else "There is no invoice yet: forward one to the bot's mailbox.")


@invoice.command("show")
def show(
    number: Annotated[str, typer.Argument(help="The number of an invoice or credit note.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
) -> None:
    """Show an invoice and everything that happened to it."""
    from mailbot.cli import views
    from mailbot.cli.installation import one_business
    from mailbot.jobs import showing

    with one_business(settings, business) as (_, office):
        found = showing.one_invoice(office, number)
        near = [] if found else showing.nearest_numbers(office, number)
        unclear = showing.unknown_reference(office, found[0].number) if found else None
    if found is None:
        say(f"There is no invoice {number}." + (f" Did you mean {', '.join(near)}?" if near else ""))
        raise typer.Exit(Status.FAILURE)
    known, client, happened, proofs = found
    if json:
        events = [views.event_record(event) for event in happened]
        mails = [views.proof_record(proof) for proof in proofs]
        print_json({**views.invoice_record(known), "client_name": client.name, "events": events, "mails": mails})
    else:
        views.print_invoice(known, client, happened, office.business.timezone, unclear)
        views.print_proofs(proofs, office.business.timezone)


def _records(sandbox: Any, name: str, path: Path, *, use_xml: bool, use_ocr: bool) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        kind = path.suffix.lower()
        if kind == ".eml":
            found = sandbox.run("documents", data, use_ocr=use_ocr)
            yield from _of_parts(name, found, "The mail carries no invoice.")
        elif kind == ".zip" and data[:4] == b"PK\x03\x04":
            found = sandbox.run("documents", data, use_xml=use_xml, use_ocr=use_ocr)
            yield from _of_parts(name, found, "The archive holds no invoice.")
        else:
            yield document_record(name, sandbox.run("invoice", data, name=path.name, use_xml=use_xml, use_ocr=use_ocr))
    except FileNotFoundError:
        yield failed(name, "not_found", "There is no such file.")
    except OSError as error:
        yield failed(name, "not_readable", f"The file cannot be opened: {error.strerror}.")
    except ReaderError as error:
        yield failed(name, error.code, str(error))


def _of_parts(
    name: str, documents: list[tuple[str, InvoiceDocument | Problem]], nothing: str
) -> Iterator[dict[str, Any]]:
    if all(_is_left_out(document) for _, document in documents):
        yield failed(name, "no_invoice", nothing)
    for attachment, document in documents:
        if isinstance(document, Problem) and _is_left_out(document):
            say(left_out(f"{name} ({attachment})", document.message))
            continue
        yield {**document_record(name, document), "attachment": attachment}


def _is_left_out(document: InvoiceDocument | Problem) -> bool:
    return isinstance(document, Problem) and document.code == "left_out"


def _print_table(records: list[dict[str, Any]]) -> None:
    for record in records:
        if "error" in record:
            part = f" ({shown(record['attachment'])})" if record.get("attachment") else ""
            say(f"{record['file']}{part}: {shown(record['error']['message'])}")
    read = [record for record in records if "error" not in record]
    if read:
        head = ("File", "Number", "Kind", "Buyer", "Issued", "Due", "Amount due", "Doubts")
        print_table(head, [(shown(_name(record)), *_cells(record)) for record in read], right=(6,))


def _name(record: Mapping[str, Any]) -> str:
    return record.get("attachment") or Path(record["file"]).name


def _cells(record: Mapping[str, Any]) -> list[str]:
    amount = f"{record['amount_due'] or '?'} {record['currency'] or ''}".rstrip()
    doubts = "; ".join(f"{doubt['field']}: {doubt['why']}" for doubt in record["doubts"])
    cells = [
        record["number"],
        record["kind"],
        record["buyer"]["name"],
        record["issue_date"],
        record["due_date"],
    ]
    return [*(cell or "?" for cell in cells), amount, doubts]
