"""The JSON Schema of a rules file, for editors: completion and a first check while typing.

It lets every bare scalar through (`version: 1`, `due`, `15 EUR`): what a value means is for `mailbot rules check`
to say, which alone decides.
"""

import re
from collections.abc import Sequence
from typing import Any

from mailbot.rules.keys import BLOCKS, EFFECTS, Key
from mailbot.rules.signals import EVENTS, SIGNALS

Schema = dict[str, Any]
_SCALAR = ["string", "number", "boolean"]
_DAY = "[1-9]\\d{0,3}|0"


def schema(language: str = "en", templates: Sequence[str] = ()) -> Schema:
    """The schema (JSON Schema 2020-12); descriptions in French or English, `templates` are the mails there are."""
    blocks = {name: _block(name, keys, language, sorted(templates)) for name, keys in BLOCKS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mailbot rules, version 1",
        **blocks.pop("top"),
        "$defs": {**blocks, "conditions": _conditions(language), "condition": _condition()},
    }


def _block(name: str, keys: Sequence[Key], language: str, templates: Sequence[str]) -> Schema:
    found: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": [key.name for key in keys if key.needed],
        "properties": {key.name: _key(key, language, templates) for key in keys},
    }
    if name == "step":
        found["oneOf"] = [{"required": ["mail"]}, {"required": ["action"]}]
    if name == "reaction":
        found["anyOf"] = [{"required": [effect]} for effect in EFFECTS]
    return found


def _key(key: Key, language: str, templates: Sequence[str]) -> Schema:
    shown = {"examples": [key.example]} if key.example and not key.example.startswith(("-", "[")) else {}
    return {"description": key.label(language), **shown, **_shape(key, templates)}


def _shape(key: Key, templates: Sequence[str]) -> Schema:
    simple: dict[str, Schema] = {
        "version": {"enum": [1, "1"]},
        "block": {"$ref": "#/$defs/guards"},
        "conditions": {"$ref": "#/$defs/conditions"},
        "quiet": {"type": "array", "items": {"$ref": "#/$defs/quiet"}},
        "dates": {"type": "object", "additionalProperties": {"type": _SCALAR}},
        "step_words": {"type": "array", "items": {"type": _SCALAR}},
        "signal": {"enum": sorted(EVENTS)},
        "id": {"type": "string", "pattern": "^[a-z_][a-z0-9_]{0,63}$"},
        "days": {"type": "string", "pattern": f"^({_DAY}) (business )?days?$"},
        "hours": {"type": "string", "pattern": "^\\d{2}:\\d{2} ?- ?\\d{2}:\\d{2}$"},
        "money": {"type": "string", "pattern": "^[0-9].* ?[A-Z]{3}$"},
        "counter": {"type": "string", "pattern": "^\\d{1,3} per \\d{1,3} days?$"},
        "number": {"enum": [1, 2, 3, *key.words]},
    }
    if key.kind in simple:
        return simple[key.kind]
    if key.kind == "list":
        return {
            "type": "array",
            "minItems": int(key.needed),
            "items": {"$ref": f"#/$defs/{key.name.removesuffix('s')}"},
        }
    if key.kind == "words":
        return {"type": "array", "items": {"enum": list(key.words)} if key.words else {"type": _SCALAR}}
    if key.kind == "mail" and templates:
        return {"enum": list(templates)}
    return {"enum": list(key.words)} if key.words else {"type": _SCALAR}


def _conditions(language: str) -> Schema:
    lines = [f"{signal.name}: {signal.label(language)}" for signal in SIGNALS.values()]
    return {
        "type": "array",
        "minItems": 1,
        "items": {"$ref": "#/$defs/condition"},
        "description": "\n".join(lines),
    }


def _condition() -> Schema:
    names = "|".join(re.escape(name) for name in SIGNALS)
    groups: Schema = {name: {"$ref": "#/$defs/conditions"} for name in ("any", "all", "not")}
    return {
        "anyOf": [
            {"type": "string", "pattern": f"^(not +)?({names})( .*)?$"},
            {"type": "object", "properties": groups, "additionalProperties": False, "minProperties": 1,
             "maxProperties": 1},
        ],
    }  # fmt: skip
