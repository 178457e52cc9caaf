"""Which one client or invoice is meant by words on the command line."""

import typer

from mailbot.cli.output import Status, say
from mailbot.jobs.office import Office
from mailbot.jobs.targets import Target, resolve
from mailbot.ledger.store import reading


def one_target(office: Office, words: str) -> Target:
    """The client or invoice; a sentence and exit status 1 where it is none, or more than one."""
    with reading(office.engine) as conn:
        found = [target for target in resolve(conn, office, words) if target.client is not None]
    if not found:
        say(f"No invoice and no client is called {words!r}; `mailbot client list` shows them.")
    elif len(found) > 1:
        say(f"{words!r} may be {', '.join(target.label for target in found)}: which one?")
    if len(found) != 1:
        raise typer.Exit(Status.FAILURE)
    return found[0]
