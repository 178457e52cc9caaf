"""Who fetches the pictures and follows the links of one client's mails: a scanner, Google's relay, and a person.

They know only the mail that arrived and the web part behind its links, as machines and people do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from mailbot.demo.people import Person
from mailbot.demo.receipts import read_receipt

PUBLIC_URL = "https://pay.atelier-martin.example"
"""What the mails link to; in the demo it is a port of this machine."""

THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
GOOGLE = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"

Doing = tuple[datetime, Callable[[datetime], None]]
"""When somebody does something, and what."""


@dataclass
class Reader:
    """A client who agrees to read tracking on the page of the first mail; from then on mails have a picture."""

    person: Person
    web: str
    """Where the web part listens: http://127.0.0.1:PORT."""
    hand_in: Callable[[bytes], None]
    agreed: bool = False
    looked: bool = False

    def received(self, raw: bytes, now: datetime) -> Iterator[Doing]:
        """What follows from a mail that arrived at `now`."""
        page, picture = _link(raw, "i"), _link(raw, "o")
        if page is None:
            return
        if not self.agreed:
            self.agreed = True
            yield now + timedelta(hours=4), lambda _at: self._agree(page)
        elif picture is not None and not self.looked:
            self.looked = True
            yield now, lambda _at: self._fetch(FIREFOX, picture, page)  # within a second: a scanner in disguise
            yield now + timedelta(hours=2), lambda _at: self._fetch(GOOGLE, picture)
            read = now.replace(hour=11, minute=0) + timedelta(days=1)
            yield read, lambda at: self._read(raw, picture, at)
            yield read + timedelta(days=1), lambda _at: self._fetch(FIREFOX, page)

    def _agree(self, page: str) -> None:
        form = re.search(r'name="form" value="(\w+)"', self._ask(FIREFOX, page))
        if form is not None:
            fields = urlencode({"form": form[1], "given": "yes", "lang": self.person.language})
            self._ask(FIREFOX, f"{page}/consent", fields.encode())

    def _read(self, raw: bytes, picture: str, at: datetime) -> None:
        """Opens the mail at the desk, and lets the receipt go that it asks for."""
        self._fetch(THUNDERBIRD, picture)
        if b"\r\nDisposition-Notification-To:" in raw:
            self.hand_in(read_receipt(self.person.address, raw, self.person.language, at))

    def _fetch(self, agent: str, *paths: str) -> None:
        for path in paths:
            self._ask(agent, path)

    def _ask(self, agent: str, path: str, posted: bytes | None = None) -> str:
        asked = Request(f"{self.web}{path}", data=posted, headers={"User-Agent": agent})  # noqa: S310  (loopback)
        with urlopen(asked, timeout=30) as answer:  # noqa: S310  (the same)
            text: str = answer.read().decode("utf-8", "replace")
        return text


def _link(raw: bytes, place: str) -> str | None:
    """The path of a mail's page ("i") or picture ("o")."""
    body = message_from_bytes(raw, policy=default).get_body(("html",))
    found = re.search(rf'"({re.escape(PUBLIC_URL)}/{place}/[^"#]+)', body.get_content()) if body else None
    return urlsplit(found[1]).path if found else None
