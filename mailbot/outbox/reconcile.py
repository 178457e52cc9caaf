"""Did it leave? Looks in the Sent folder, where Gmail, Exchange and many others put what was submitted, or in the
folders where blind copies come in.

An answer is "it is there" or "it is not there (yet)". Whatever keeps the question from being answered is a
MailboxError and never counts as "not there".
"""

import imaplib
import re
import ssl
from datetime import datetime

from imap_tools import BaseMailBox
from imap_tools.folder import FolderInfo

from mailbot.errors import MailboxError
from mailbot.imap import Connection, lines_of
from mailbot.oauth import Secret

_NAMES = (
    "sent", "sent items", "sent messages", "sent mail",
    "envoyés", "éléments envoyés", "messages envoyés", "courrier envoyé", "objets envoyés",
    "gesendet", "gesendete elemente", "gesendete objekte",
)  # fmt: skip
"""For servers that do not mark the folder with \\Sent (RFC 6154): what mail programs call it, best first."""


class SentFolder:
    """The Sent folder of the account that mails are submitted with."""

    def __init__(self, url: str, secret: Secret, *, timeout: float = 60, tls: ssl.SSLContext | None = None) -> None:
        self._connection = Connection(url, secret, timeout=timeout, tls=tls)

    def find(self, message_id: str) -> bool:
        """Whether a mail with exactly this Message-ID (with its angle brackets) lies there.

        Raises MailboxError where that cannot be said: no such folder, no connection, a refused search.
        """
        if not re.fullmatch(r"<[!-~]+>", message_id) or '"' in message_id or "\\" in message_id:
            raise MailboxError(f"{message_id!r} is no Message-ID that can be searched for.")
        if self._connection.is_open:
            self._connection.is_alive()
        with self._connection.box() as box:
            return any(_lies_in(box, name, message_id) for name in self._names(box))

    def file(self, raw: bytes, at: datetime) -> None:
        """Put a copy there, marked as read; `at` is its date. Raises MailboxError."""
        with self._connection.box() as box:
            box.append(raw, self._names(box)[0], dt=at, flag_set=[r"\Seen"])

    def check(self) -> str:
        """The name of the folder. Raises MailboxError."""
        with self._connection.box() as box:
            return self._names(box)[0]

    def close(self) -> None:
        self._connection.close()

    def _names(self, box: BaseMailBox) -> list[str]:
        """The folder marked as Sent, then those with such a name: a server may show one and file in the other."""
        folders = [folder for folder in box.folder.list() if "\\noselect" not in _flags(folder)]
        marked = [folder.name for folder in folders if "\\sent" in _flags(folder)]
        named = sorted((_rank(folder), folder.name) for folder in folders if _rank(folder) < len(_NAMES))
        found = list(dict.fromkeys(marked + [name for _, name in named]))
        if not found:
            raise MailboxError(f"{self._connection.server} shows no Sent folder for {self._connection.server.user}.")
        return found


class Archive(SentFolder):
    """The folder where blind copies come in, and those below mailbot/ to which mails are filed from there."""

    def __init__(
        self, url: str, secret: Secret, folder: str, *, timeout: float = 60, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(url, secret, timeout=timeout, tls=tls)
        self._folder = folder

    def _names(self, box: BaseMailBox) -> list[str]:
        """First where copies come in: one that is filed during the search is found where it goes."""
        filed = [folder.name for folder in box.folder.list() if "mailbot" in _parts(folder)[:-1]]
        return [self._folder, *filed]


def _lies_in(box: BaseMailBox, folder: str, message_id: str) -> bool:
    box.folder.set(folder, readonly=True)
    found = _search(box.client, message_id)
    # A search by header is for a part of it, and some servers search words instead.
    return any(_message_id(box.client, uid) == message_id for uid in reversed(found))


def _parts(folder: FolderInfo) -> list[str]:
    return folder.name.lower().split(folder.delim) if folder.delim else [folder.name.lower()]


def _flags(folder: FolderInfo) -> set[str]:
    return {flag.lower() for flag in folder.flags}


def _rank(folder: FolderInfo) -> int:
    """The place of a folder's own name in the list; after its end where it is not in it."""
    name = folder.name.rpartition(folder.delim)[2].lower() if folder.delim else folder.name.lower()
    return _NAMES.index(name) if name in _NAMES else len(_NAMES)


def _search(client: imaplib.IMAP4, message_id: str) -> list[bytes]:
    lines = lines_of(client.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"'))
    return [uid for line in lines if line for uid in line.split()]


def _message_id(client: imaplib.IMAP4, uid: bytes) -> str:
    parts = lines_of(client.uid("FETCH", uid.decode("ascii"), "(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"))
    text = next((part[1] for part in parts if isinstance(part, tuple)), b"")
    return "".join(text.decode("ascii", "replace").partition(":")[2].split())
