"""Which one client or invoice is meant by words on the command line."""

import typer
from sqlalchemy import Connection

from mailbot.cli.output import Status, say
from mailbot.jobs import showing
from mailbot.jobs.office import Office
from mailbot.jobs.targets import Target, resolve
from mailbot.ledger import clients, invoices
from mailbot.ledger.clients import Client
from mailbot.ledger.invoices import Invoice
from mailbot.ledger.store import reading


def one_target(office: Office, words: str) -> Target:
    """The client or invoice; a sentence and exit status 1 where it is none, or more than one."""
    with reading(office.engine) as conn:
        found = [target for target in _possible(conn, office, words.strip()) if target.client is not None]
    if not found:
        say(f"No invoice and no client is called {words!r}; `mailbot client list` shows them.")
    elif len(found) > 1:
        say(f"{words!r} may be {', '.join(target.label for target in found)}: which one?")
    if len(found) != 1:
        raise typer.Exit(Status.FAILURE)
    return found[0]


def one_client(office: Office, words: str) -> tuple[Client, list[Invoice]]:
    """The client and what was billed; a sentence and exit status 1 where it is none, or more than one."""
    found = showing.find_clients(office, words)
    if not found:
        say(f"There is no client {words!r}; `mailbot client list` shows them.")
    elif len(found) > 1:
        say(f"{words!r} may be {', '.join(f'{client.name} ({client.id})' for client, _ in found)}: which one?")
    if len(found) != 1:
        raise typer.Exit(Status.FAILURE)
    return found[0]


def _possible(conn: Connection, office: Office, words: str) -> list[Target]:
    """A number is a client's, as `mailbot client list` shows it, or an invoice's; in orders it is a question's."""
    if not (words.isascii() and words.isdigit()):
        return resolve(conn, office, words)
    of_client = [Target(one.name, one.id) for one in clients.everyone(conn, office.key) if str(one.id) == words]
    of_invoice = [Target(words, client, words) for client in invoices.among(conn, office.key, [words]).values()]
    return [*of_client, *of_invoice]
