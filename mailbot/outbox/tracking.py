"""What a fetched picture says: next to nothing. It is off by default and never the reason for an act.

Apple Mail fetches every picture in advance, Gmail fetches through a proxy, scanners fetch within seconds: a
fetch is classed by how far it can be trusted, and nothing about who fetched it is kept.
"""

from collections.abc import Mapping
from typing import Literal

Trust = Literal["none", "likely"]

_SOON = 60.0
_MACHINES = (
    "googleimageproxy", "ggpht", "yahoomailproxy", "bot", "crawler", "spider", "preview", "scanner",
    "curl", "wget", "python", "go-http-client",
)  # fmt: skip


def trust(headers: Mapping[str, str], seconds: float) -> Trust:
    """Whether a fetch, so many seconds after sending, may be a person's; header names in any case.

    `none`: a machine, a mail service's proxy, or so soon that it must be one. `likely`: a mail reader.
    """
    given = {name.lower(): value.lower() for name, value in headers.items()}
    agent = given.get("user-agent", "")
    if "prefetch" in given.get("purpose", "") + given.get("sec-purpose", "") + given.get("x-moz", ""):
        return "none"
    # Apple's privacy proxy names no reader at all: "Mozilla/5.0" and nothing else.
    if seconds < _SOON or agent in ("", "mozilla/5.0") or any(word in agent for word in _MACHINES):
        return "none"
    return "likely"
