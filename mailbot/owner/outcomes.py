"""What the bot answers to each order, in the owner's language: one sentence that says the new state."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

import yaml


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    written = files("mailbot.owner").joinpath("outcomes.yaml").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, str]]", yaml.safe_load(written))


def outcome(code: str, language: str, **values: object) -> str:
    """The sentence for one result; values that a client wrote are inserted as they are and escaped where shown."""
    return _sentences()[code]["fr" if language == "fr" else "en"].format(**values)
