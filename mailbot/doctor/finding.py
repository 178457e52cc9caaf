"""What one check found."""

from dataclasses import dataclass
from enum import StrEnum

from mailbot.model import JSON


class Severity(StrEnum):
    """How bad it is; only an error makes the doctor's exit status 4."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"
    """Not tried, because what it needs has failed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was tried, what came back, and what mends it."""

    id: str
    severity: Severity
    tried: str
    found: str
    fix: str | None = None
    """A command, or one sentence that says what to do."""
    business: str | None = None

    def as_json(self) -> dict[str, JSON]:
        """For scripts; never holds a secret."""
        return {
            "id": self.id,
            "severity": self.severity.value,
            "business": self.business,
            "tried": self.tried,
            "found": self.found,
            "fix": self.fix,
        }
