"""Bank files and invoices from the command line into the ledger. Heavy: imported inside commands only."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from mailbot.cli.leftovers import left_out
from mailbot.cli.output import say, walk
from mailbot.errors import ReaderError
from mailbot.invoices.contacts import with_contacts, with_terms
from mailbot.jobs.banking import Imported, take_statement
from mailbot.jobs.importing import Change, take_file, take_list
from mailbot.jobs.office import Office
from mailbot.ledger import clients
from mailbot.ledger.store import writing
from mailbot.model import InvoiceDocument, ListedClient, Listing, Problem

_LISTS = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
_DOCUMENTS = (".pdf", ".xml")
READABLE = (*_LISTS, *_DOCUMENTS)
"""The suffixes of the files that are taken in from a folder."""


@dataclass(frozen=True, slots=True)
class Read:
    """One file that was read: what it says, and by what its bytes are known again (documents only)."""

    name: str
    path: Path
    mark: bytes
    found: Listing | InvoiceDocument | Problem


class _Undone(Exception):
    """Rolls a dry run back."""


def import_statement(office: Office, path: Path, now: datetime, *, dry_run: bool) -> Imported | Problem:
    """Read one file in a bounded child process and take it in; a dry run leaves no trace."""
    try:
        raw = path.read_bytes()
        read = office.sandbox.run("statement", raw, name=path.name)
    except OSError as error:
        return Problem("unreadable", f"the file cannot be opened ({error.strerror})")
    except ReaderError as error:
        return Problem(error.code, str(error))
    if isinstance(read, Problem):
        return read
    taken = None
    with suppress(_Undone), writing(office.engine) as conn:
        taken = take_statement(conn, office, raw, read, None, now)
        if dry_run:
            raise _Undone
    return taken or Problem("unreadable", "the file brought nothing")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How lists are to be read: days of payment where nothing says them, what 03/04 means, who the clients are."""

    terms: int | None = None
    month_first: bool = False
    contacts: Path | None = None
    """A list of clients with their addresses and terms."""


def import_files(
    office: Office, paths: Sequence[Path], now: datetime, *, apply: bool, wanted: Wanted
) -> tuple[list[Change], list[Problem]]:
    """Take in lists and documents; all that would change and all that is wrong at once. Rolled back without `apply`.

    Each file is read by itself and its bytes are let go. What was read is then one transaction: a file that cannot be
    read does not keep the others out, and nobody waits for the ledger while files are read.
    """
    known, problems = _contacts(office, wanted.contacts)
    read = [_read(office, name, path, wanted) for name, path in walk(paths, READABLE)]
    changes: list[Change] = []
    used: set[int] = set()
    with suppress(_Undone), writing(office.engine) as conn:
        for one in read:
            if isinstance(one.found, Listing) and wanted.contacts is not None:
                one, lines = _with_contacts(one, one.found, known, wanted.terms)
                used |= lines
            _take(conn, office, one, now, changes, problems)
        problems += _unknown(conn, office, known, used, wanted.contacts)
        if not apply:
            raise _Undone
    return changes, problems


def _read(office: Office, name: str, path: Path, wanted: Wanted) -> Read:
    try:
        raw = path.read_bytes()
        if raw[:5] == b"%PDF-" or path.suffix.lower() in _DOCUMENTS:
            return Read(name, path, sha256(raw).digest(), office.sandbox.run("invoice", raw, name=path.name))
        later = wanted.contacts is not None
        more = {"terms": None if later else wanted.terms, "month_first": wanted.month_first, "undated": later}
        return Read(name, path, b"", office.sandbox.run("listing", raw, name=name, **more))
    except OSError as error:
        said = f"The file cannot be opened ({error.strerror})."
        return Read(name, path, b"", Problem("unreadable", said, file=name))
    except ReaderError as error:
        return Read(name, path, b"", Problem(error.code, str(error), file=name))


def _take(
    conn: Connection, office: Office, read: Read, now: datetime, changes: list[Change], problems: list[Problem]
) -> None:
    name, found = read.name, read.found
    if isinstance(found, Problem):
        problems.append(Problem(found.code, found.message, found.line, found.column, name))
    elif isinstance(found, Listing):
        done, wrong = take_list(conn, office, found.entries, name, now)
        changes += done
        problems += [*found.problems, *wrong]
        if found.left_out:
            say(left_out(name, f"Drafts, cancelled invoices and quotes in it: {found.left_out}."))
    elif (content := _same_bytes(read)) is None:
        problems.append(Problem("changed", "The file changed while it was taken in: import it again.", file=name))
    else:
        changes.append(take_file(conn, office, Path(name).name, content, found, now))


def _same_bytes(read: Read) -> bytes | None:
    """The document that was read; None where the file is another one by now."""
    try:
        content = read.path.read_bytes()
    except OSError:
        return None
    return content if sha256(content).digest() == read.mark else None


# ------------------------------------------------------------------------ a list of clients beside the lists


def _contacts(office: Office, path: Path | None) -> tuple[list[ListedClient], list[Problem]]:
    if path is None:
        return [], []
    try:
        found, problems = office.sandbox.run("contacts", path.read_bytes(), name=str(path))
    except OSError as error:
        return [], [Problem("unreadable", f"The file cannot be opened ({error.strerror}).", file=str(path))]
    except ReaderError as error:
        return [], [Problem(error.code, str(error), file=str(path))]
    return found, problems


def _with_contacts(
    read: Read, listing: Listing, known: Sequence[ListedClient], terms: int | None
) -> tuple[Read, set[int]]:
    """The list with what is known of its clients; invoices that are due on no day even so are problems."""
    entries, used = with_contacts(listing.entries, known, clients.name_key)
    dated, problems = with_terms(entries, terms, read.name)
    return replace(read, found=replace(listing, entries=tuple(dated), problems=(*listing.problems, *problems))), used


def _unknown(
    conn: Connection, office: Office, known: Sequence[ListedClient], used: set[int], path: Path | None
) -> list[Problem]:
    """The clients of the list of contacts that no list of invoices names and the ledger does not know either."""
    return [
        Problem("unknown_client", f"No invoice is of {client.account or client.name}.", client.line, file=str(path))
        for client in known
        if client.line not in used and not (client.name and clients.by_name(conn, office.key, client.name) is not None)
    ]
