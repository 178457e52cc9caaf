"""What a fetched picture or a followed link says: mostly that a machine looked.

Apple Mail fetches every picture in advance, Gmail and others fetch for their users, scanners follow every link within
seconds. So each sighting gets a class from the table in trust.yaml, by what the request says of itself, where it comes
from and how soon it comes. Nothing about who fetched it outlives the classing. Off by default, and never the reason
for an act (CNIL, recommendation 2026-042 of 12 March 2026: individual tracking needs consent first).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Literal

import yaml

Kind = Literal["opened", "clicked"]
Trust = Literal["none", "likely"]
Setting = Literal["never", "with_consent", "always"]

PERSON = "probably_human"
"""The one class that counts."""

CLASSES = ("apple_mpp", "google_proxy", "mail_proxy", "prefetch", "scanner", "robot", PERSON)
_LONGEST_AGENT = 400
_PURPOSES = ("purpose", "sec-purpose", "x-moz", "x-purpose")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A picture or a link of a mail was fetched. It lives in memory until it is classed, and no longer.

    `link` names the mail (see `Tokens.link`), `what` the picture or the page, `address` is the IP address.
    """

    link: str
    kind: Kind
    what: str
    at: datetime
    agent: str = ""
    purpose: str = ""
    address: str = ""


def sighting(kind: Kind, link: str, what: str, headers: Mapping[str, str], address: str, at: datetime) -> Sighting:
    """What is kept of a request for a moment; header names in any case."""
    given = {name.lower(): value.lower() for name, value in headers.items()}
    purpose = " ".join(given.get(name, "") for name in _PURPOSES)
    agent = given.get("user-agent", "")
    return Sighting(link, kind, what, at, agent[:_LONGEST_AGENT].strip(), purpose[:_LONGEST_AGENT], address)


def classed(seen: Sighting, sent_at: datetime) -> str:
    """The class of a sighting of a mail that was sent at that instant: one of CLASSES."""
    seconds = (seen.at - sent_at).total_seconds()
    return next((row.name for row in _table().rows if row.fits(seen, seconds)), PERSON)


def in_bursts(seen: Sequence[Sighting]) -> frozenset[int]:
    """The places of those that came too fast after, or before, another fetch of something else of the same mail."""
    ordered = sorted(range(len(seen)), key=lambda at: (seen[at].link, seen[at].at))
    return frozenset(_follow_another(seen, ordered)) | frozenset(_follow_another(seen, ordered[::-1]))


def _follow_another(seen: Sequence[Sighting], ordered: Sequence[int]) -> Iterator[int]:
    """Those that have something else of their mail shortly before them in this order; one look at each."""
    last: Sighting | None = None
    another: Sighting | None = None  # the newest that is of something else than `last`
    for place in ordered:
        one = seen[place]
        if last is not None and last.link != one.link:
            last = another = None
        if last is not None and last.what != one.what:
            another = last
        last = one
        if another is not None and abs(one.at - another.at) <= BURST:
            yield place


def trust_of(name: str) -> Trust:
    """What the rules get to know of a class: perhaps a person, or nothing."""
    return "likely" if name == PERSON else "none"


def may_track(setting: Setting, agreed: bool | None) -> bool:
    """Whether a contact may be tracked; `agreed` is what it said, None: nothing. A refusal beats every setting."""
    return agreed is not False and (setting == "always" or (setting == "with_consent" and agreed is True))


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    kind: str | None
    agent: str | None
    agents: tuple[str, ...]
    purpose: tuple[str, ...]
    within: float | None
    networks: tuple[IPv4Network | IPv6Network, ...]

    def fits(self, seen: Sighting, seconds: float) -> bool:
        """Whether every condition of the row holds."""
        return (
            self.kind in (None, seen.kind)
            and self.agent in (None, seen.agent)
            and (not self.agents or any(part in seen.agent for part in self.agents))
            and (not self.purpose or any(part in seen.purpose for part in self.purpose))
            and (self.within is None or seconds <= self.within)
            and (not self.networks or _is_in(seen.address, self.networks))
        )


@dataclass(frozen=True, slots=True)
class _Table:
    rows: tuple[_Row, ...]
    burst_seconds: float
    burst_class: str


@cache
def _table() -> _Table:
    data = yaml.safe_load(resources.files(__package__).joinpath("trust.yaml").read_text(encoding="utf-8"))
    return _Table(tuple(_row(row) for row in data["rows"]), data["burst"]["seconds"], data["burst"]["class"])


def _row(data: dict[str, Any]) -> _Row:
    return _Row(
        name=data["class"],
        kind=data.get("kind"),
        agent=data.get("agent"),
        agents=tuple(data.get("agents", ())),
        purpose=tuple(data.get("purpose", ())),
        within=data.get("within"),
        networks=tuple(ip_network(text) for text in data.get("networks", ())),
    )


def _is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    found = _parsed(address)
    return found is not None and any(found in network for network in networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


BURST = timedelta(seconds=_table().burst_seconds)
"""How long sightings are held back, so that a burst is seen whole."""

HURRIED = _table().burst_class
"""The class of those in a burst."""
