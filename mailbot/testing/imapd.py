"""pymap, faithful like a real server: `python -m mailbot.testing.imapd ...` takes pymap's own arguments.

As it is (0.36), its Maildir backend numbers new mails in the order of a directory listing and sends mails as
Python's email package writes them anew, with bare line feeds. Real servers number them as they come and send
their bytes.
"""

import mailbox
from typing import Any

from pymap.backend.maildir.mailbox import Maildir
from pymap.main import main


def keys_by_arrival(maildir: Maildir) -> list[str]:
    """Names begin with the time of delivery, so their order is that of arrival."""
    return sorted(mailbox.Maildir.keys(maildir))


def bytes_as_stored(maildir: Maildir, key: str) -> bytes:
    """The file itself, with the line ends of RFC 9051."""
    return mailbox.Maildir.get_bytes(maildir, key).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


if __name__ == "__main__":
    replaced: Any = Maildir
    replaced.keys = keys_by_arrival
    replaced.get_message = bytes_as_stored
    main()
