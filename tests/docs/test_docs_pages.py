"""The pages say what is true of the code: generated ones are fresh, samples work, links lead somewhere."""

import importlib.util
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
import yaml

from mailbot import cli
from mailbot.config import load_settings, shipped
from mailbot.law.tables import read_tables
from mailbot.outbox.compose import Templates
from mailbot.owner.orders import parse_orders
from mailbot.rules.load import load_rules
from mailbot.rules.suites import Heading, read_heading
from mailbot.yamlfile import read_settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def samples(language: str) -> list[Any]:
    """Every fenced block of a language, named after its page."""
    samples = []
    for page in PAGES:
        found = (match for match in _FENCE.finditer(page.read_text(encoding="utf-8")) if match[2] == language)
        for number, match in enumerate(found, 1):
            text = re.sub(rf"^{match[1]}", "", match[3], flags=re.MULTILINE)
            samples.append(pytest.param(text, id=f"{page.relative_to(ROOT)}-{number}"))
    return samples


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_what_the_code_says_today():
    # In a process of its own: the order of commands in the help is the order in which they were imported.
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("text", samples("yaml"))
def test_every_yaml_sample_loads(text, tmp_path):
    if text.startswith("if:"):
        profile = "  - id: sample\n    label: Sample\n" + textwrap.indent(text, "    ") + "    tone: warm\n"
        whole = (shipped("rules") / "en.yaml").read_text(encoding="utf-8")
        text = whole.replace("profiles:\n", f"profiles:\n{profile}", 1)
    if text.startswith("suite:"):
        assert isinstance(read_heading(text, "sample.test.yaml"), Heading)
        return
    if text.startswith("version:") or "\nversion:" in text:
        loaded = load_rules(text, "sample.yaml", Templates(shipped("templates")).names())

        assert not isinstance(loaded, list), loaded
        return
    if text.startswith("# rates.yaml"):
        path = tmp_path / "rates.yaml"
        path.write_text(text, encoding="utf-8")
        assert read_tables([], (path.name, *read_settings(path))).reference
        return
    path = tmp_path / "mailbot.yaml"
    path.write_text(text, encoding="utf-8")

    settings, _ = load_settings(path, {})

    assert settings.businesses


def test_the_settings_of_deploy_load():
    settings, _ = load_settings(ROOT / "deploy" / "mailbot.yaml", {})

    assert settings.businesses[0].mode == "shadow"


@pytest.mark.parametrize("text", samples("sh"))
def test_every_command_of_a_shell_sample_exists_with_its_options(text):
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words and Path(words[0]).name == "mailbot":
            check_command(words[1:])
        if words[:1] == ["make"]:
            targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            assert words[1] in targets


def check_command(words: list[str]) -> None:
    """Walk down to the sub-command and parse its arguments as Typer would; nothing is run."""
    list(generator().command_names())
    command: Any = typer.main.get_command(cli.app)
    while hasattr(command, "commands"):
        assert words, "a group of commands does nothing by itself"
        command = command.commands[words.pop(0)]
    if ">" in words:
        words = words[: words.index(">")]

    command.make_context("sample", words)


def test_the_orders_that_pages_show_are_orders():
    shown = [match[3] for page in PAGES for match in _FENCE.finditer(page.read_text("utf-8")) if match[2] == "text"]
    blocks = [block for block in shown if re.match(r"(ok \d|go live|due date|number FA|correct FA)", block)]
    assert len(blocks) >= 5

    for block in blocks:
        orders, unknown = parse_orders(block, "en")

        assert orders, block
        assert unknown == (), block


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page):
    for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page

        assert place.exists(), target
        assert place.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(place), target


def anchors(page: Path) -> set[str]:
    """The headings as GitHub names them in links."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(page.read_text(encoding="utf-8"))
    }


def test_every_page_is_reached_from_the_first_one():
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = _LINK.findall(page.read_text(encoding="utf-8"))
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links if "://" not in link]

    assert set(PAGES) <= {page for page in seen if page.exists()}


def test_the_pictures_are_small():
    sizes = {picture.name: picture.stat().st_size for picture in (ROOT / "docs" / "pictures").glob("*.png")}

    assert set(sizes) == {"digest.png", "reminder.png"}
    assert max(sizes.values()) < 120_000


def test_the_readme_names_every_exit_of_the_story_and_both_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make demo" in text
    assert "make test" in text
    assert yaml.safe_load(_FENCE.findall(text)[-1][2])["mode"] == "shadow"
