"""The web part: pictures of mails that have one, the clients' pages, one-click stop, health and metrics.

On loopback unless told otherwise, behind a reverse proxy that speaks TLS. GET never changes what the bot does: what
was fetched is recorded as a sighting, most of which are machines, and nothing is sent because of one. Whoever has no
genuine address learns nothing: a wrong picture is the same picture, a wrong page a plain one.
"""

from mailbot.web.routes import build
from mailbot.web.serving import beside, flush, serve

__all__ = ["beside", "build", "flush", "serve"]
