"""Checked texts: what a value of mailbot.yaml has to look like, with the sentence for whoever wrote it otherwise."""

import difflib
import re
import shlex
from collections.abc import Sequence
from datetime import time
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator

MINIMUM = "minimum"
"""As a contract rate: the least that the law allows."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def nearest(word: str, known: Sequence[str]) -> str:
    """The end of a sentence about an unknown `word`: the known one that is most like it, or nothing."""
    near = difflib.get_close_matches(word, known, 1, 0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f'"{name}" is no time zone{nearest(name, sorted(available_timezones()))}')
    return name


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", text):
        raise ValueError(f'"{text}" is not an e-mail address')
    return text.lower()


def _iban(text: str) -> str:
    from stdnum import iban

    compact: str = iban.compact(text)
    if not iban.is_valid(compact):
        raise ValueError(f'"{text}" is not a valid IBAN: one of its characters is wrong or missing')
    return compact


def _siren(text: str) -> str:
    from stdnum.fr import siren

    compact: str = siren.compact(text)
    if not siren.is_valid(compact):
        raise ValueError(f'"{text}" is not a valid SIREN: nine digits, the last one checks the others')
    return compact


def weekdays(text: str) -> frozenset[int]:
    """ "mon-fri", "mon,wed,fri" or "daily" as ISO weekdays from 0 (Monday); raises ValueError."""
    if text == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in re.split(r"\s*,\s*", text):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(f'"{text}" are no weekdays: write mon-fri, or mon,wed,fri, or daily')
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    return frozenset(found)


def _weekdays(text: str) -> str:
    weekdays(text)
    return text


def _clock_time(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no time of day: write it as "07:30"') from None
    return text


def _contract_rate(text: str) -> str:
    if text != MINIMUM and not re.fullmatch(r"\d{1,2}(\.\d{1,3})?", text):
        raise ValueError(f'"{text}" is no rate: write a percentage like "12.5", or {MINIMUM}')
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("public_url: is like https://pay.firm.example")
    return text.rstrip("/")


def _words(command: object) -> object:
    """A command may be one text, "fetch --account 1": it is split as a shell would, and no shell sees it."""
    return shlex.split(command) if isinstance(command, str) else command


def _networks(given: object) -> object:
    """Addresses or networks: a list of them, or one text with commas in between, as the environment gives it."""
    texts = [part.strip() for part in given.split(",")] if isinstance(given, str) else given
    if isinstance(texts, list | tuple):
        for text in texts:
            ip_network(str(text))  # raises ValueError with a sentence
    return texts


Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
Iban = Annotated[str, AfterValidator(_iban)]
Siren = Annotated[str, AfterValidator(_siren)]
Weekdays = Annotated[str, AfterValidator(_weekdays)]
ClockTime = Annotated[str, AfterValidator(_clock_time)]
ContractRate = Annotated[str, AfterValidator(_contract_rate)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Program = Annotated[tuple[str, ...], BeforeValidator(_words)]
Networks = Annotated[tuple[str, ...], BeforeValidator(_networks)]
