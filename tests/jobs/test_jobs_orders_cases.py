"""The graded mails of owners and of those who pretend to be one, through the whole job on a real ledger."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e_house import DUPONT, LEMAIRE, House, forwarded, write_settings
from e2e_scene import at
from orders_cases import FOLDER, HARMLESS, cases

from mailbot.sandbox import Sandbox

SERVER = b"mx.atelier-martin.example"
DAY = date(2026, 11, 23)


@pytest.fixture
def pinned(tmp_path: Path, sandbox: Sandbox) -> Iterator[House]:
    """A house whose receiving server is the one of the graded mails, with two clients that owe."""
    settings = write_settings(tmp_path / "house")
    tree = yaml.safe_load(settings.read_text())
    tree["mailbox"]["authserv_id"] = SERVER.decode()
    settings.write_text(yaml.safe_dump(tree, allow_unicode=True))
    house = House(settings, sandbox)
    bills = [("FA-2026-0412", LEMAIRE), ("FA-2026-0426", DUPONT), ("FA-2026-0431", DUPONT)]
    raws = [forwarded(number, client, at(DAY, 7)).replace(b"mx.mailbot.test", SERVER) for number, client in bills]
    house.turn(at(DAY, 7, 40), *raws)
    yield house
    house.close()


def mails(*first: str) -> list[dict[str, Any]]:
    return [case for case in cases() if case["file"][0] in first]


def said_by_owner(house: House) -> list[str]:
    return [row["name"] for row in house.rows("event") if row["name"].startswith("owner.")]


def test_no_attack_changes_anything(pinned: House) -> None:
    pinned.turn(at(DAY, 9), *((FOLDER / case["file"]).read_bytes() for case in mails("3")))

    assert len(pinned.rows("letter", state="read")) >= 50
    assert {row["verb"] for row in pinned.rows("owner_order")} <= HARMLESS
    assert said_by_owner(pinned) == []


def test_what_is_not_the_obvious_thing_is_not_done(pinned: House) -> None:
    quiet = [case for case in mails("2") if case.get("orders") == [] or case.get("nothing_acts")]

    pinned.turn(at(DAY, 9), *((FOLDER / case["file"]).read_bytes() for case in quiet))

    assert quiet
    assert {row["verb"] for row in pinned.rows("owner_order")} <= HARMLESS
    assert said_by_owner(pinned) == []


def test_every_order_is_kept_with_its_result_and_answered(pinned: House) -> None:
    ordered = [case for case in mails("0", "1") if case.get("orders") and not case.get("may_refuse")]

    pinned.turn(at(DAY, 9), *((FOLDER / case["file"]).read_bytes() for case in ordered))

    kept = pinned.rows("owner_order")
    told = {row["dedupe_key"] for row in pinned.rows("outgoing", what="transcript")}
    assert len({row["letter"] for row in kept}) == len(ordered)
    assert len(kept) >= sum(len(case["orders"]) for case in ordered)
    assert all(row["result"] for row in kept)
    assert len(told) == len(ordered)
    assert said_by_owner(pinned)
