"""The pages in a real browser, as people with a phone or a desk get them: Chromium, without a script of ours."""

import os
import re
import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path

import httpx
import pytest
from web_house import WebHouse, house

pytestmark = pytest.mark.system

_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--virtual-time-budget=2000",
)  # fmt: skip
_MEASURE = """<script>
const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > WIDTH + 0.5
  && !e.closest(".unseen"));
document.title = "wide: " + wide.map(e => e.tagName + "." + e.className).join(" ") + ";small: " +
  [...document.querySelectorAll("summary, button, .button, input[type=date]")]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).length + ";"
</script>"""


def chromium(*arguments: str) -> str:
    """What a browser with a fresh profile printed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        absent("chromium is missing; install it with: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        command = [program, *_OPTIONS, f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def measured(home: WebHouse, folder: Path, width: int) -> str:
    """What sticks out of a page of that width, and how many things to press are too small for a thumb (44 points)."""
    visitor = home.visitor()
    page = visitor.get(home.path("i")).text.replace('href="/style.css"', 'href="style.css"')
    page = page.replace('<details class="answer" name="answer"', '<details open class="answer"')
    assert page.count("<details open ") == 4, "all four answers are shown, which close each other otherwise"
    (folder / "style.css").write_bytes(visitor.get("/style.css").content + f"html{{width:{width}px}}".encode())
    (folder / "page.html").write_text(page + _MEASURE.replace("WIDTH", str(width)), encoding="utf-8")
    shown = chromium("--dump-dom", f"--window-size={max(width, 500)},900", str(folder / "page.html"))
    found = re.search(r"<title>(wide: .*?;small: \d+;)</title>", shown)
    assert found is not None
    return found[1]


def test_a_browser_shows_the_page_under_its_strict_headers(tracked: WebHouse) -> None:
    with tracked.served() as address:
        shown = chromium("--dump-dom", address + tracked.path("i"))
        log = httpx.get(address + "/style.css")

    assert "<h1>Vos factures en cours</h1>" in shown
    assert "<path" in shown.partition('class="qr"')[2][:400]
    assert log.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("width", [360, 500, 1100])
def test_nothing_sticks_out_and_everything_can_be_pressed(tmp_path: Path, width: int) -> None:
    home = house(tmp_path / "home", name="Société Générale de Menuiserie et d'Agencement du Grand-Est", language="fr")

    assert measured(home, tmp_path, width) == "wide: ;small: 0;"
    home.app.close()


def test_long_numbers_and_english_fit_a_phone_too(tmp_path: Path) -> None:
    long = (("RE/2026/000000000012345-KDNR-998877", date(2026, 10, 31), "1234567.89"),)
    home = house(tmp_path / "home", language="en", open_ones=long, listed=1)

    assert measured(home, tmp_path, 360) == "wide: ;small: 0;"
    home.app.close()


@pytest.mark.parametrize(("language", "other"), [("fr", "English"), ("en", "Français")])
def test_all_answers_have_their_buttons_on_a_phone_in_both_languages(tmp_path: Path, language: str, other: str) -> None:
    home = house(tmp_path / "home", language=language)

    assert measured(home, tmp_path, 390) == "wide: ;small: 0;"
    assert other in (tmp_path / "page.html").read_text(encoding="utf-8")
    home.app.close()


def test_the_style_sheet_is_used(home: WebHouse, tmp_path: Path) -> None:
    with home.served() as address:
        chromium(f"--screenshot={tmp_path / 'page.png'}", "--window-size=500,1600", address + home.path("i"))

    # A page without its sheet is a few lines of black on white: its picture is far smaller.
    assert (tmp_path / "page.png").stat().st_size > 60_000
