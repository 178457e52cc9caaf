"""Access tokens of one business for all processes: renewed once, refused once, and never shown."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from e2e_house import House
from jobs_story import asked

from mailbot.errors import SignInError
from mailbot.jobs.signing_in import Door, access_token, give_up, keep
from mailbot.ledger import leases, sign_ins
from mailbot.ledger.store import reading, writing
from mailbot.oauth import Grant
from mailbot.sealing import Seal
from mailbot.testing.oauthd import OAuthProvider, oauth_provider

NOW = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
SEAL = Seal(b"k" * 32)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def provider() -> Iterator[OAuthProvider]:
    with oauth_provider("box@atelier.example") as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(house: House, provider: OAuthProvider, clock: Clock) -> Door:
    return Door(house.office, provider.server(), SEAL, clock, clock.sleep)


def sign_in(door: Door, provider: OAuthProvider, access: str = "first", minutes: int = 60) -> None:
    provider.refresh_tokens.add("lasting")
    grant = Grant(access, "lasting", door.clock() + timedelta(minutes=minutes))
    with writing(door.office.engine) as conn:
        keep(conn, door, grant)


def test_a_living_token_is_used_without_asking_anybody(door: Door, provider: OAuthProvider) -> None:
    sign_in(door, provider)

    assert [access_token(door), access_token(door)] == ["first", "first"]
    assert provider.asked == []


def test_a_token_that_a_mail_server_did_not_take_is_replaced(door: Door, provider: OAuthProvider, clock: Clock) -> None:
    sign_in(door, provider)
    clock.sleep(10 * 60)

    give_up(door, "first")
    renewed = access_token(door)

    assert renewed != "first"
    assert provider.refreshes() == 1
    give_up(door, "first")
    assert access_token(door) == renewed, "the old one's refusal says nothing of the new one"


def test_where_the_provider_withdrew_the_consent_the_owner_hears_of_it_then(
    door: Door, provider: OAuthProvider, clock: Clock, house: House
) -> None:
    sign_in(door, provider)
    provider.refresh_tokens.clear()
    clock.sleep(10 * 60)

    give_up(door, access_token(door))
    with pytest.raises(SignInError) as refused:
        access_token(door)

    assert refused.value.refused
    assert len(asked(house, "sign_in")) == 1
    give_up(door, "first")  # nothing is known of it any more, and nobody fails


def test_a_token_that_was_just_given_is_not_the_reason_for_a_refusal(
    door: Door, provider: OAuthProvider, clock: Clock
) -> None:
    sign_in(door, provider)
    clock.sleep(60)

    give_up(door, "first")

    assert access_token(door) == "first"
    assert provider.refreshes() == 0


def test_a_token_is_renewed_before_its_end_and_once_for_all(door: Door, provider: OAuthProvider, clock: Clock) -> None:
    sign_in(door, provider, minutes=30)
    clock.sleep(26 * 60)

    renewed = access_token(door)
    another_process = replace(door, seal=Seal(b"k" * 32))

    assert renewed != "first"
    assert access_token(another_process) == renewed
    assert provider.refreshes() == 1


def test_many_at_once_renew_once_also_where_an_old_refresh_token_is_dead(house: House, provider: OAuthProvider) -> None:
    provider.rotates = True
    door = Door(house.office, provider.server(), SEAL, lambda: datetime.now(UTC), threading.Event().wait)
    sign_in(door, provider, minutes=1)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(access_token(door))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 6
    assert len(set(got)) == 1
    assert provider.refreshes() == 1


def test_a_refused_renewal_is_one_question_and_no_more_knocking(
    house: House, door: Door, provider: OAuthProvider, clock: Clock
) -> None:
    sign_in(door, provider, minutes=30)
    provider.refresh_tokens.clear()
    clock.sleep(3600)

    for _ in range(5):
        with pytest.raises(SignInError, match=r"revoked.*mailbot login") as refused:
            access_token(door)
        assert refused.value.refused

    [question] = asked(house, "sign_in")
    assert "mailbot login" in question["text"]
    assert provider.refreshes() == 1
    assert [row["template"] for row in house.rows("outgoing", kind="owner")] == ["question"]

    sign_in(door, provider, "second")
    assert access_token(door) == "second"
    assert [question["state"] for question in asked(house, "sign_in")] == ["expired"]


def test_a_provider_out_of_reach_is_asked_again_and_a_token_is_used_to_its_end(
    house: House, door: Door, provider: OAuthProvider, clock: Clock
) -> None:
    sign_in(door, provider, minutes=30)
    provider.broken = True
    clock.sleep(27 * 60)
    assert access_token(door) == "first"
    clock.sleep(4 * 60)
    with pytest.raises(SignInError) as down:
        access_token(door)
    provider.broken = False

    assert not down.value.refused
    assert access_token(door) in provider.access_tokens
    assert asked(house, "sign_in") == []


def test_a_renewal_that_died_with_its_process_is_taken_over(door: Door, provider: OAuthProvider) -> None:
    sign_in(door, provider, minutes=1)
    with writing(door.office.engine) as conn:
        leases.take(conn, f"sign-in of {door.office.key}", "dead", NOW, 90)

    assert access_token(door) in provider.access_tokens


def test_without_a_sign_in_or_with_another_key_a_person_is_needed(door: Door, provider: OAuthProvider) -> None:
    with pytest.raises(SignInError, match="Nobody has signed in"):
        access_token(door)
    sign_in(door, provider)

    with pytest.raises(SignInError, match="another key"):
        access_token(replace(door, seal=Seal(b"o" * 32)))


def test_no_token_stands_readable_in_the_ledger(door: Door, provider: OAuthProvider) -> None:
    sign_in(door, provider)

    with reading(door.office.engine) as conn:
        known = sign_ins.find(conn, door.office.key)

    assert known is not None
    assert "lasting" not in known.sealed
    assert known.sealed not in repr(known)
