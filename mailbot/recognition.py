"""Characters in pictures, by the program tesseract where it is installed; it runs beside a reader, with limits.

Meant for a sandbox's child, which has one thread and no search path: only the usual places of programs are looked at.
"""

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Final

_PLACES: Final = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"
_LANGUAGES: Final = ("fra", "eng", "deu", "spa", "ita", "nld")
"""Those whose invoices are read, of which the installed ones are looked for together."""
_SECONDS: Final = 12.0
"""For all pictures of one document or mail, by the clock."""
_PROCESSOR_SECONDS: Final = 4
"""For one picture; a page takes about one."""
_MEMORY: Final = 1024 * 1024 * 1024

HOW_TO_INSTALL: Final = (
    "Pictures are read where tesseract is installed: on Debian and Ubuntu, apt-get install tesseract-ocr "
    "tesseract-ocr-fra (also -deu, -spa, -ita, -nld for other languages)."
)


def recogniser(seconds: float = _SECONDS) -> Callable[[bytes, int], str | None] | None:
    """A function from a picture (PGM, dots per inch) to tesseract's TSV, or None where tesseract is not installed.

    It gives None for a picture that it cannot read, and for every one once `seconds` are over.
    """
    program, languages = _installed()
    if not languages:
        return None
    deadline = monotonic() + seconds

    def recognise(picture: bytes, dots_per_inch: int) -> str | None:
        command = [program, "stdin", "stdout", "-l", "+".join(languages), "--dpi", str(dots_per_inch), "tsv"]
        return _told(command, picture, deadline - monotonic())

    return recognise


@cache
def _installed() -> tuple[str, tuple[str, ...]]:
    """(the program, its languages that are wanted); no language where there is no program."""
    program = shutil.which("tesseract", path=_PLACES)
    listed = _told([program, "--list-langs"], b"", _SECONDS) if program else None
    known = (listed or "").split()
    return program or "", tuple(language for language in _LANGUAGES if language in known)


def _told(command: list[str], said: bytes, seconds: float) -> str | None:
    if seconds <= 0:
        return None
    try:
        done = subprocess.run(  # noqa: S603  (a program at a fixed place; the picture goes in by stdin)
            command,
            input=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            env={"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},
            preexec_fn=_limited,  # safe: a sandbox's child has one thread
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _limited() -> None:
    """The program's own limits; those of the reader that starts it count what the reader has used already."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, most))
    if sys.platform != "darwin":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
