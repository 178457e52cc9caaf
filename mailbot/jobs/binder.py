"""A dossier while it is put together: numbered exhibits, their files, and what is missing."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from mailbot.evidence.chain import digest
from mailbot.evidence.dossier import Exhibit
from mailbot.evidence.exhibits import Frame
from mailbot.evidence.wording import words as words_of
from mailbot.jobs.gathering import Material
from mailbot.jobs.office import Office

_LONGEST_NAME = 60


@dataclass
class Binder:
    """A dossier while it is put together."""

    office: Office
    material: Material
    language: str
    on: date
    files: dict[str, bytes] = field(default_factory=dict)
    """Contents as they are stored: seals name them."""
    pages: dict[str, bytes] = field(default_factory=dict)
    """What was made for reading."""
    exhibits: list[Exhibit] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    by_letter: dict[str, int] = field(default_factory=dict)
    """The exhibit of each letter and of each mail that left (by the id of its event)."""
    erased: frozenset[str] = frozenset()
    """sha256 of what sealed events say was erased on purpose."""
    named: frozenset[str] = frozenset()
    """All sources of the seals, each as it stands there."""
    sealed: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """What the seal of an event names: id of the event -> sha256 of its sources by their kind."""

    @property
    def words(self) -> Mapping[str, str]:
        return words_of("dossier", self.language)

    @property
    def frame(self) -> Frame:
        name = self.material.client.name
        return Frame(self.language, self.office.business.name, self.words["footer"].format(debtor=name), self.on)

    def add(
        self, title: str, day: date | None, contents: Mapping[str, bytes], missing: str = "",
        pages: Mapping[str, bytes] | None = None, *, gone: bool = False,
    ) -> int:  # fmt: skip
        """The next exhibit; `contents`: suffix -> stored bytes; `pages`: what was made for reading them; `gone`: its
        content was on record.

        What is missing is said in the cover, and which contents are not those that were sealed.
        """
        number = len(self.exhibits) + 1
        stem = f"{self.words['folder_exhibits']}/{number:03}-{slug(title)}"
        self.files.update({f"{stem}{suffix}": raw for suffix, raw in contents.items()})
        self.pages.update({f"{stem}{suffix}": raw for suffix, raw in (pages or {}).items()})
        names = tuple(f"{stem}{suffix}" for suffix in (*contents, *(pages or {})))
        altered = [raw for raw in contents.values() if not self.is_sealed(raw)]
        if altered:
            missing = self.words["content_altered"].format(number=number, what=title, sha256=digest(altered[0]))
        self.exhibits.append(Exhibit(number, title, day, names, missing, altered=bool(altered), gone=gone))
        if missing:
            self.missing.append(missing)
        return number

    def is_sealed(self, raw: bytes) -> bool:
        """Whether a seal names these bytes."""
        return digest(raw) in self._hashes

    @cached_property
    def _hashes(self) -> frozenset[str]:
        return frozenset(source.split(":")[1] for source in self.named)


def slug(text: str) -> str:
    """A text as a part of a file name: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME] or "x"
