"""The mailbox that clients and owners write to, as an IMAP folder; `inbox.maildir` is the same door to a Maildir.

Both give the same: unprocessed mails oldest first, their size looked at before their bytes are fetched,
and a way to file each one away. Nothing is ever deleted: a mail is moved, or else flagged.
"""

import imaplib
import re
import select
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any, cast

from imap_tools import BaseMailBox, ImapToolsError
from imap_tools.utils import encode_folder

from mailbot.errors import FilingError, MailboxError
from mailbot.imap import Connection, lines_of
from mailbot.oauth import Secret

MAX_BYTES = 25 * 1024 * 1024
"""A larger mail is not fetched: it stays where it is, and the owner is told."""
HEADER_BYTES = 64 * 1024
DONE = "$MailbotDone"
RENEWAL = 9 * 60.0
"""Seconds after which IDLE is said anew: RFC 2177 allows 29 minutes, home routers forget sooner."""

Known = Callable[[str, int, int], bool]
"""(folder, uidvalidity, uid) -> whether that mail is in the ledger already."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail of the mailbox. `raw` is None where it is larger than allowed; then `header` holds its start."""

    raw: bytes | None
    size: int
    folder: str
    uidvalidity: int
    uid: int
    internal_date: datetime | None
    header: bytes = b""


# ------------------------------------------------------------------------------------------------- IMAP


class ImapBox:
    """An IMAP folder. Connects when needed, also after a failure; every failure is a MailboxError."""

    def __init__(
        self,
        url: str,
        secret: Secret,
        folder: str = "INBOX",
        *,
        max_bytes: int = MAX_BYTES,
        timeout: float = 60,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._connection = Connection(url, secret, timeout=timeout, tls=tls)
        self._folder = folder
        self._max_bytes = max_bytes
        self._selected_on: BaseMailBox | None = None
        self._read_only = False
        self._uidvalidity = 0
        self._polled_uidvalidity = 0
        self._made: dict[str, str] = {}

    def poll(self, known: Known | None = None) -> Iterator[Fetched]:
        """The mails that are not filed yet, oldest first; those that are `known` are left out unfetched."""
        if self._connection.is_open:
            self._connection.is_alive()
        with self._selected() as box:
            uids = _search(box.client)
            self._polled_uidvalidity = number = self._uidvalidity
        if known is not None:
            uids = [uid for uid in uids if not known(self._folder, number, uid)]
        with self._selected() as box:
            sizes = _sizes(box.client, uids)
        for uid in uids:
            found = self._fetch(uid, *sizes[uid]) if uid in sizes else None
            if found is not None:
                yield found

    def file(self, uid: int, where: str = "processed") -> None:
        """Move a mail of the last poll into `mailbot/Processed` (or what `where` names, as unreadable).

        It is flagged instead where the server can neither move nor expunge a single mail, or refuses to (a shared
        folder, a full quota). Filing a mail that is gone already changes nothing. Raises FilingError where even the
        flag is refused.
        """
        with self._selected() as box:
            self._refuse_other_numbers()
            if self._read_only:
                raise FilingError(f"{self._folder} of {self._connection.server} may only be read.")
            try:
                self._move(box, uid, where)
            except (imaplib.IMAP4.abort, imaplib.IMAP4.readonly):
                raise
            except (imaplib.IMAP4.error, ImapToolsError) as refusal:
                self._flag(box, uid, refusal)

    def _move(self, box: BaseMailBox, uid: int, where: str) -> None:
        can, client = self._connection.capabilities, box.client
        if "MOVE" in can:
            lines_of(client.uid("MOVE", str(uid), self._target(box, where)))
        elif "UIDPLUS" in can:
            lines_of(client.uid("COPY", str(uid), self._target(box, where)))
            lines_of(client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
            lines_of(client.uid("EXPUNGE", str(uid)))
        else:
            self._mark_done(box, uid)

    def _flag(self, box: BaseMailBox, uid: int, refusal: Exception) -> None:
        """Mark a mail that may not be moved as done; a server that takes no such flag is no place to file in."""
        try:
            self._mark_done(box, uid)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise FilingError(f"{self._connection.server} answers: {str(refusal)[:200]}") from refusal

    def _mark_done(self, box: BaseMailBox, uid: int) -> None:
        lines_of(box.client.uid("STORE", str(uid), "+FLAGS.SILENT", f"({DONE})"))

    def wait(self, seconds: float, stop: Event) -> bool:
        """Return when something moved in the folder (True), at `stop`, or after so many seconds (False).

        Listens by IDLE where the server can, else only sleeps: then the next poll finds the news.
        """
        deadline = time.monotonic() + seconds
        with self._selected():
            listens = "IDLE" in self._connection.capabilities
        while listens and not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            with self._selected() as box:
                if _idle(box, min(left, RENEWAL), stop):
                    return True
        stop.wait(max(0.0, deadline - time.monotonic()))
        return False

    def check(self) -> list[str]:
        """What works: the login, the folder, how news come, how mails are filed. Raises MailboxError."""
        server = self._connection.server
        with self._selected() as box:
            waiting = len(_search(box.client))
        can = self._connection.capabilities
        return [
            f"logged in at {server} as {server.user}",
            f"{self._folder} has {waiting} mail{'' if waiting == 1 else 's'} to read",
            "news come at once (IDLE)" if "IDLE" in can else "no IDLE: the mailbox is polled",
            self._filing(),
        ]

    def _filing(self) -> str:
        if self._read_only:
            return "this account may not file mails: they stay where they are"
        moves = self._connection.capabilities & {"MOVE", "UIDPLUS"}
        return "mails are moved when done" if moves else f"mails are flagged {DONE} when done"

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _selected(self) -> Iterator[BaseMailBox]:
        """The connection with the folder open."""
        with self._connection.box() as box:
            if self._selected_on is not box:
                self._select(box)
                self._uidvalidity = int(box.client.response("UIDVALIDITY")[1][0] or 0)
                self._made.clear()
                self._selected_on = box
            yield box

    def _select(self, box: BaseMailBox) -> None:
        """Open the folder; one that may only be read is read, and its mails stay."""
        try:
            box.folder.set(self._folder)
        except imaplib.IMAP4.readonly:
            box.folder.set(self._folder, readonly=True)
        self._read_only = box.client.is_readonly

    def _refuse_other_numbers(self) -> None:
        if self._uidvalidity != self._polled_uidvalidity:
            raise MailboxError(f"{self._connection.server} has renumbered {self._folder}: it must be read anew.")

    def _fetch(self, uid: int, size: int, arrived: datetime | None) -> Fetched | None:
        """One mail; None where somebody else took it away meanwhile."""
        fits = size <= self._max_bytes
        part = "BODY.PEEK[]" if fits else f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"
        with self._selected() as box:
            if self._uidvalidity != self._polled_uidvalidity:
                return None
            content = _literal(lines_of(box.client.uid("FETCH", str(uid), f"(UID {part})")))
        if content is None:
            return None
        raw, header = (content, b"") if fits else (None, content)
        return Fetched(raw, size, self._folder, self._uidvalidity, uid, arrived, header)

    def _target(self, box: BaseMailBox, where: str) -> Any:
        """The folder for filed mails as the server names it, made where it is missing."""
        if where not in self._made:
            prefix, mark = _namespace(box, self._connection.capabilities)
            name = f"{prefix}mailbot{mark}{where.capitalize()}"
            if not box.folder.exists(name):
                box.folder.create(name)
                box.client.subscribe(cast("str", encode_folder(name)))
            self._made[where] = name
        return encode_folder(self._made[where])


def _search(client: imaplib.IMAP4) -> list[int]:
    """The UIDs that are not done, in the order of arrival."""
    lines = lines_of(client.uid("SEARCH", "UNDELETED", "UNKEYWORD", DONE))
    return sorted(int(word) for line in lines if line for word in line.split())


def _sizes(client: imaplib.IMAP4, uids: list[int]) -> dict[int, tuple[int, datetime | None]]:
    """uid -> (size in bytes, when the server received it)."""
    found = {}
    for start in range(0, len(uids), 200):
        some = ",".join(map(str, uids[start : start + 200]))
        for line in lines_of(client.uid("FETCH", some, "(UID RFC822.SIZE INTERNALDATE)")):
            text = line[0] if isinstance(line, tuple) else line or b""
            uid, size = re.search(rb"UID (\d+)", text), re.search(rb"RFC822\.SIZE (\d+)", text)
            if uid and size:
                found[int(uid[1])] = int(size[1]), _internal_date(text)
    return found


def _internal_date(text: bytes) -> datetime | None:
    local = imaplib.Internaldate2tuple(text)
    return datetime.fromtimestamp(time.mktime(local), UTC) if local else None


def _literal(parts: list[Any]) -> bytes | None:
    """The content that a FETCH gave; replies about flags, which a server may mix in, carry none."""
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)


def _namespace(box: BaseMailBox, capabilities: frozenset[str]) -> tuple[str, str]:
    """(prefix, separator) of personal folders: ("", "/"), ("INBOX.", "."); a flat server gets a hyphen."""
    if "NAMESPACE" in capabilities:
        line = lines_of(box.client.namespace())[0] or b""
        found = re.match(rb'\(\("([^"]*)" (?:"\\?(.)"|NIL)', line)
        if found:
            return found[1].decode("ascii", "replace"), (found[2] or b"-").decode("ascii", "replace")
    root = box.folder.list("", "")
    return "", root[0].delim if root and root[0].delim != "NIL" else "-"


def _idle(box: BaseMailBox, seconds: float, stop: Event) -> bool:
    """Listen for so long; whether the server had something to say."""
    client: Any = box.client
    tag = client._command("IDLE")
    heard = False
    while client._get_response() is not None:
        if client.tagged_commands[tag]:
            raise imaplib.IMAP4.error("IDLE was refused")
        heard = True
    end = time.monotonic() + seconds
    while not heard and not stop.is_set() and (left := end - time.monotonic()) > 0:
        heard = _heard(client, min(left, 1.0))
    client.send(b"DONE\r\n")
    box.consume_until_tagged_response(tag)
    return heard


def _heard(client: Any, seconds: float) -> bool:
    """Whether the server says something within so many seconds. Nothing of it is consumed."""
    patience = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        if _peek(client):
            return True
        ear = select.poll()
        ear.register(client.sock, select.POLLIN)
        if not ear.poll(seconds * 1000):
            return False
        found = _peek(client)
        if found == b"":
            raise imaplib.IMAP4.abort("the server hung up")
        return found is not None
    finally:
        client.sock.settimeout(patience)


def _peek(client: Any) -> bytes | None:
    """What lies in the buffer; None where TLS has no whole record yet."""
    try:
        return bytes(client.file.peek(1))
    except ssl.SSLWantReadError:
        return None
