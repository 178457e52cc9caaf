"""What a fetch says of who fetched: by itself, by where it comes from, and by how soon it comes."""

from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mailbot.outbox.tracking import (
    CLASSES,
    PERSON,
    Kind,
    Setting,
    Sighting,
    classed,
    in_bursts,
    may_track,
    sighting,
    trust_of,
)

SENT = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"
OUTLOOK = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; ms-office; MSOffice 16)"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
HOUSE = "192.0.2.7"


def seen(kind: Kind = "opened", agent: str = READER, address: str = HOUSE, after: float = 4000, **headers: str) -> str:
    given = {"User-Agent": agent, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return classed(sighting(kind, "link", "picture", given, address, SENT + timedelta(seconds=after)), SENT)


@pytest.mark.parametrize("agent", [READER, OUTLOOK, SAFARI])
@pytest.mark.parametrize("kind", ["opened", "clicked"])
def test_mail_readers_and_browsers_are_probably_people(kind: Kind, agent: str) -> None:
    assert seen(kind, agent) == PERSON


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        ("Mozilla/5.0", "apple_mpp"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "google_proxy"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "mail_proxy"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/42.0 Safari/537.36 Edge/12.246 Mozilla/5.0", "scanner"),
        ("Barracuda Sentinel (EE)", "scanner"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "robot"),
        ("Mozilla/5.0 (X11) HeadlessChrome/130.0.0.0 Safari/537.36", "robot"),
        ("python-requests/2.32", "robot"),
        ("", "robot"),
    ],
)  # fmt: skip
def test_who_says_what_it_is_is_believed(agent: str, found: str) -> None:
    assert seen(agent=agent) == found


def test_bare_mozilla_follows_no_link_for_apple() -> None:
    assert seen("clicked", "Mozilla/5.0") == PERSON


@pytest.mark.parametrize("header", ["Purpose", "Sec_Purpose", "X_Moz"])
def test_what_is_fetched_in_advance_says_so(header: str) -> None:
    assert seen(**{header: "prefetch;prerender"}) == "prefetch"


@pytest.mark.parametrize(
    ("kind", "address", "found"),
    [
        ("opened", "209.222.82.9", "scanner"),
        ("clicked", "67.231.152.1", "scanner"),
        ("clicked", "52.101.1.1", "scanner"),
        ("opened", "52.101.1.1", "mail_proxy"),
        ("opened", "66.249.93.1", "google_proxy"),
        ("clicked", "66.249.93.1", "scanner"),
        ("opened", "17.58.1.1", "apple_mpp"),
        ("clicked", "17.58.1.1", PERSON),
        ("clicked", "52.98.1.1", "scanner"),
        ("clicked", "2a01:111:f403:c111::1", "scanner"),
        ("opened", "2a00:1450:4000:1::1", "google_proxy"),
        ("opened", "2620:149:af0::1", "apple_mpp"),
        ("opened", "::ffff:209.222.82.9", "scanner"),
        ("opened", "2001:db8::1", PERSON),
        ("opened", "nonsense", PERSON),
    ],
)  # fmt: skip
def test_the_network_tells_scanners_and_services(kind: Kind, address: str, found: str) -> None:
    assert seen(kind, address=address) == found


@pytest.mark.parametrize(("after", "found"), [(-5, "scanner"), (0, "scanner"), (60, "scanner"), (61, PERSON)])
def test_within_a_minute_only_machines_look(after: float, found: str) -> None:
    assert seen(after=after) == found


def at(seconds: float, what: str = "picture", link: str = "a") -> Sighting:
    return Sighting(link, "opened", what, SENT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("fetched", "hurried"),
    [
        ([at(0), at(2, "page")], {0, 1}),
        ([at(2, "page"), at(0)], {0, 1}),
        ([at(0), at(4, "page")], set()),
        ([at(0), at(1), at(2)], set()),
        ([at(0), at(1, "page", "b")], set()),
        ([at(0), at(2, "page"), at(30), at(31, "page")], {0, 1, 2, 3}),
        ([at(0), at(2), at(4, "page")], {1, 2}),
        ([], set()),
    ],
)
def test_a_burst_is_two_different_things_of_one_mail_at_once(fetched: list[Sighting], hurried: set[int]) -> None:
    assert in_bursts(fetched) == hurried


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abc"), st.sampled_from(["x", "y"])), max_size=12))
def test_a_burst_does_not_depend_on_the_order_of_the_notes(drawn: list[tuple[int, str, str]]) -> None:
    notes = [at(second, what, link) for second, what, link in drawn]
    expected = {
        one
        for one, mine in enumerate(notes)
        for other in notes
        if other.link == mine.link and other.what != mine.what and abs((other.at - mine.at).total_seconds()) <= 3
    }

    assert in_bursts(notes) == expected


@given(st.text(), st.text(), st.text(), st.integers(-100, 10**6))
def test_any_request_has_a_class_and_only_a_person_counts(agent: str, purpose: str, address: str, after: int) -> None:
    found = seen("clicked", agent, address, after, Purpose=purpose)

    assert found in CLASSES
    assert trust_of(found) == ("likely" if found == PERSON else "none")


def test_what_is_held_of_a_request_is_bounded() -> None:
    found = sighting("opened", "link", "picture", {"User-Agent": "a" * 100_000, "Purpose": "b" * 100_000}, "", SENT)

    assert len(found.agent) <= 400
    assert len(found.purpose) <= 400


@pytest.mark.parametrize(
    ("setting", "agreed", "may"),
    [
        ("never", None, False), ("never", True, False), ("never", False, False),
        ("with_consent", None, False), ("with_consent", True, True), ("with_consent", False, False),
        ("always", None, True), ("always", True, True), ("always", False, False),
    ],
)  # fmt: skip
def test_tracking_takes_a_setting_and_no_refusal(setting: Setting, agreed: bool | None, may: bool) -> None:
    assert may_track(setting, agreed) is may


def test_every_row_of_the_table_names_its_source_and_a_known_class() -> None:
    table = yaml.safe_load(resources.files("mailbot.outbox").joinpath("trust.yaml").read_text(encoding="utf-8"))
    known = {"class", "kind", "agent", "agents", "purpose", "within", "networks", "source"}

    for row in [*table["rows"], {**table["burst"], "class": table["burst"]["class"]}]:
        assert row["class"] in CLASSES
        assert row["source"]
    assert all(set(row) <= known for row in table["rows"])
    assert all(part == part.lower() for row in table["rows"] for part in row.get("agents", ()))
