"""What the owner should know of an invoice that came in, one sentence each, French or English.

The sentences stand in remarks.yaml. A remark asks nothing; what needs an answer is a question (`owner.questions`).
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

import yaml


def remark(code: str, language: str, fallback: str = "", **values: object) -> str:
    """The sentence for a code with its values; `fallback` for a code that is not known here."""
    written = _sentences().get(code)
    if written is None:
        return fallback or code.replace("_", " ")
    return written["fr" if language == "fr" else "en"].format(**values)


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    written = files("mailbot.owner").joinpath("remarks.yaml").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, str]]", yaml.safe_load(written))
