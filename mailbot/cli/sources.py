"""All settings as rows of name, value and source. Heavy: imported inside commands only."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mailbot.config import Source
from mailbot.model import JSON
from mailbot.settings import Settings

_SECTIONS = ("mailbox", "smtp", "tracking", "digest", "rules", "mode")
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@:]*):[^@]*(?=@)")
_PASSWORD_IN_QUERY = re.compile(r"(?<=[?&])([a-z_]*password)=[^&]*")


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it is in force."""

    name: str
    """As it is written in mailbot.yaml: "smtp.url", or "businesses.1.smtp.url" where there are several."""
    value: JSON
    source: str
    """"mailbot.yaml:7", "MAILBOT_SMTP__URL" or "default"."""

    @property
    def text(self) -> str:
        """The value for people."""
        if isinstance(self.value, list):
            return ", ".join(map(str, self.value))
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "-" if self.value is None else str(self.value)


def rows(settings: Settings, source: Source) -> list[SettingRow]:
    """Every setting, secrets masked."""
    short = not any(name.startswith("businesses") for name in source)
    values = settings.model_dump(mode="json")
    found = []
    for dotted, value in _flat(values, ""):
        name = _short(dotted) if short else dotted
        found.append(SettingRow(name, _masked(value), _source(name, source)))
    return found


def _flat(value: JSON, dotted: str) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{dotted}.{key}".lstrip("."))
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{dotted}.{index}")
    else:
        yield dotted, value


def _short(dotted: str) -> str:
    """The name in the short form for one business."""
    first, _, rest = dotted.partition("businesses.0.")
    if first or not rest:
        return dotted
    return rest if rest.partition(".")[0] in _SECTIONS else f"business.{rest}"


def _source(name: str, source: Source) -> str:
    """Where the value was written; of a list, where its first item was."""
    return source.get(name) or source.get(f"{name}.0") or "default"


def _masked(value: JSON) -> JSON:
    if not isinstance(value, str):
        return value
    return _PASSWORD_IN_QUERY.sub(r"\1=***", _PASSWORD_IN_URL.sub(r"\1:***", value))
