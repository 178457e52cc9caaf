"""A dossier while it is put together: numbered exhibits, their files, and what is missing."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mailbot.evidence.dossier import Exhibit
from mailbot.evidence.exhibits import Frame
from mailbot.evidence.wording import words as words_of
from mailbot.jobs.gathering import Material
from mailbot.jobs.office import Office

_LONGEST_NAME = 60


@dataclass(slots=True)
class Binder:
    """A dossier while it is put together."""

    office: Office
    material: Material
    language: str
    on: date
    files: dict[str, bytes] = field(default_factory=dict)
    exhibits: list[Exhibit] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    by_letter: dict[str, int] = field(default_factory=dict)
    """The exhibit of each letter and of each mail that left (by the id of its event)."""
    erased: frozenset[str] = frozenset()

    @property
    def words(self) -> Mapping[str, str]:
        return words_of("dossier", self.language)

    @property
    def frame(self) -> Frame:
        name = self.material.client.name
        return Frame(self.language, self.office.business.name, self.words["footer"].format(debtor=name), self.on)

    def add(self, title: str, day: date | None, contents: Mapping[str, bytes], missing: str = "") -> int:
        """The next exhibit; `contents`: suffix -> bytes. What is missing is said in the cover."""
        number = len(self.exhibits) + 1
        stem = f"{self.words['folder_exhibits']}/{number:03}-{slug(title)}"
        names = tuple(f"{stem}{suffix}" for suffix in contents)
        self.files.update(zip(names, contents.values(), strict=True))
        self.exhibits.append(Exhibit(number, title, day, names, missing))
        if missing:
            self.missing.append(missing)
        return number


def slug(text: str) -> str:
    """A text as a part of a file name: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME] or "x"
