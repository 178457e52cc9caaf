"""The words of letters and files, from words.yaml: they are many and long, and people who know no Python read them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml


def words(document: str, language: str) -> Mapping[str, str]:
    """All words of a document (notice, dossier, tasks …) in French or English."""
    return _all()[document][language]


@cache
def _all() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(
        files("mailbot.evidence").joinpath("words.yaml").read_text("utf-8")
    )
    return found
