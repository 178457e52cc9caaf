"""What every request meets first: a limit for each network, a bound on what is sent, and strict headers."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailbot.errors import MailbotError

BURST = 60
"""Requests that a network may make at once: a page is two, an office full of people a few dozen."""
PER_SECOND = 1.0
"""How fast it gets new ones."""
MOST_NETWORKS = 20_000
"""Remembered at a time; the one that was quiet longest is forgotten first (about 4 MB)."""
MOST_BODY = 16_384
"""Bytes of a form; the longest answer has 2,000 characters."""

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_HSTS = "max-age=31536000"


class Limiter:
    """A token bucket for each network, in bounded memory; time is told by `clock` in seconds."""

    def __init__(
        self, burst: float = BURST, per_second: float = PER_SECOND, most: int = MOST_NETWORKS,
        clock: Callable[[], float] = monotonic,
    ) -> None:  # fmt: skip
        self._burst, self._per_second, self._most, self._clock = burst, per_second, most, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, key: str) -> bool:
        """Whether one more request is within the limit, and count it."""
        now = self._clock()
        with self._lock:
            left, since = self._left.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._per_second)
            self._left[key] = (max(left - 1, 0.0), now)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
        return left >= 1

    def __len__(self) -> int:
        return len(self._left)


def network_of(address: str) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 that an IPv6 connection can choose from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def address_of(request: Request) -> str:
    """Where a request comes from; behind a trusted proxy (`web.proxies`), as that says."""
    return request.client.host if request.client else ""


class TooLongError(MailbotError):
    """More was sent than any form of ours holds."""


async def bounded_body(request: Request) -> bytes:
    """What was posted. Raises TooLongError before more than MOST_BODY bytes are in memory."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            raise TooLongError("a form is at most 16 kB")
    return body


class StrictHeaders:
    """Every answer, whatever made it, carries the headers; HSTS under the public https name only, never on loopback."""

    def __init__(self, app: ASGIApp, *, secure_host: str) -> None:
        self._app = app
        self._secure_host = secure_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._secure_host and Headers(scope=scope).get("host", "").partition(":")[0] == self._secure_host:
                    headers.setdefault("Strict-Transport-Security", _HSTS)
            await send(message)

        await self._app(scope, receive, with_headers)
