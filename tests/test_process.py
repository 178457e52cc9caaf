"""Whether another process is gone is said only where its number means the same as ours."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from house import absent

from mailbot.process import Place, here, is_dead, is_seen, own_name

FIRST = "4026531836"
MACHINE = Place("bot", "3d1219c7c4c5", "deffd6c7636f", FIRST)
CONTAINER = Place("bot", "", "deffd6c7636f", "4026532201")


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def named(place: Place, pid: int) -> str:
    return f"{place.host}/{pid}/{place}/0a1b2c3d"


@pytest.mark.parametrize("place", [MACHINE, CONTAINER, Place("bot", "", "", "")], ids=["machine", "container", "bare"])
def test_where_the_numbers_are_the_same_a_gone_one_is_dead_and_a_running_one_is_not(place: Place, gone: int) -> None:
    assert is_dead(named(place, gone), place)
    assert not is_dead(named(place, os.getppid()), place)
    assert is_dead(named(place, os.getpid()), place), "our own number was somebody else's before us"


@pytest.mark.parametrize(
    "theirs",
    [
        replace(CONTAINER, namespace="4026532999"),
        replace(CONTAINER, boot="0000aaaa1111"),
        replace(MACHINE, machine="aaaaaaaaaaaa"),
        replace(CONTAINER, host="other"),
        MACHINE,
    ],
    ids=["another container", "one on another machine", "another machine", "another name", "the machine outside"],
)
def test_elsewhere_nobody_is_known_to_be_dead(theirs: Place, gone: int) -> None:
    for pid in (gone, os.getpid(), 1):
        assert not is_dead(named(theirs, pid), CONTAINER)


def test_after_a_restart_of_the_machine_all_its_processes_are_dead(gone: int) -> None:
    before = replace(MACHINE, boot="0000aaaa1111")

    assert is_dead(named(before, os.getppid()), MACHINE)
    assert not is_dead(named(replace(before, boot=""), gone), MACHINE), "it could not see when it was started"
    assert not is_dead(named(replace(before, namespace="4026532201"), gone), MACHINE), "a container's numbers"


@pytest.mark.parametrize("place", [MACHINE, CONTAINER], ids=["machine", "container"])
def test_a_running_process_is_seen_where_the_numbers_are_the_same(place: Place, gone: int) -> None:
    assert is_seen(named(place, os.getppid()), place)
    assert not is_seen(named(place, gone), place)
    assert not is_seen(named(replace(place, namespace="4026532999"), os.getppid()), place)
    assert not is_seen("bot", place)


def test_without_the_number_of_the_machines_start_nobody_is_seen() -> None:
    """The number of a process before the start may be that of another one now."""
    place = replace(MACHINE, boot="")

    assert not is_seen(named(place, os.getppid()), place)


@pytest.mark.parametrize(
    "name", ["", "bot", "bot/", "bot/x/y", "bot/0", "bot/-1/..", "bot/99999999999999999999/..", "a/1/b/c/d"]
)
def test_what_is_no_name_of_ours_is_not_dead(name: str) -> None:
    assert not is_dead(name, MACHINE)
    assert not is_dead(name)


def test_a_process_knows_itself_and_names_two_apart() -> None:
    mine = own_name("0a1b2c3d")

    assert mine.split("/")[:2] == [here().host, str(os.getpid())]
    assert mine != own_name("4e5f6071")


def test_a_process_with_numbers_of_its_own_names_another_place() -> None:
    command = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c",
               "from mailbot.process import own_name; print(own_name('x'))"]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        absent("unshare is not installed: apt-get install util-linux")
    if done.returncode != 0:
        absent(f"no numbering of its own can be made here: {done.stderr.strip()}")

    host, pid, place, _ = done.stdout.strip().split("/")

    assert (host, pid) == (here().host, "1")
    assert place != str(here())
    assert not is_dead(f"{host}/{os.getpid()}/{place}/x")
