"""A settings file as nodes: every scalar stays the text that was written, every value knows its line."""

from pathlib import Path
from typing import Any

import yaml

from mailbot.errors import SettingsError


def read_settings(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The file as nested dicts and lists of texts, and the line of every value by its dotted path ("smtp.url").

    Raises SettingsError with all that is wrong with its shape: no YAML, keys written twice, not a mapping.
    """
    lines: dict[str, int] = {}
    problems: list[str] = []
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(
            [f"{path.name}:{line}: {error.problem}. Use spaces, and quote texts that have a colon."]
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError([f"{path.name}: cannot be read ({error})"]) from error

    def value(node: yaml.Node, dotted: str) -> Any:
        if dotted:
            lines[dotted] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, child in node.value:
                if key.value in found:
                    problems.append(f'{path.name}:{key.start_mark.line + 1}: "{key.value}" is written twice')
                found[key.value] = value(child, f"{dotted}.{key.value}".lstrip("."))
                lines[f"{dotted}.{key.value}".lstrip(".")] = key.start_mark.line + 1
            return found
        if isinstance(node, yaml.SequenceNode):
            return [value(child, f"{dotted}.{index}") for index, child in enumerate(node.value)]
        plain_null = isinstance(node, yaml.ScalarNode) and node.style is None and node.value in ("", "null", "~")
        return None if plain_null else node.value

    tree = value(node, "") if node is not None else {}
    if not isinstance(tree, dict):
        problems.append(f"{path.name}:1: this is not a list of settings")
    if problems:
        raise SettingsError(problems)
    return tree, lines
