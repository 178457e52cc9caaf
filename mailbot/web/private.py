"""Who may see the figures: this machine itself, or whoever has the token of `web.metrics_token_file`."""

import hmac
from ipaddress import ip_address

from starlette.requests import Request

from mailbot.config import metrics_token
from mailbot.settings import Web

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def may_look_inside(request: Request, web: Web) -> bool:
    """A request of this machine that no proxy passed on, or one with "Authorization: Bearer TOKEN"."""
    token, given = metrics_token(web), request.headers.get("authorization", "")
    if token is not None and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    return _is_loopback(request) and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
