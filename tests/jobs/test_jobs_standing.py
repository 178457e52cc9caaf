"""Insolvency proceedings hold a client's reminders until the owner goes on by name; every order's answer says so."""

from datetime import timedelta

import pytest
from e2e_house import LEMAIRE, House, bank_file, forwarded
from e2e_scene import MONDAY, OWNER, at, text_of
from jobs_story import SUNDAY, to_lemaire, typed

OPENED = "jugement d'ouverture Lemaire 27/02/2026"


def insolvent(house: House) -> None:
    now = at(MONDAY, 7, 40)
    house.turn(now, forwarded("FA-2026-0001", LEMAIRE, now), bank_file(SUNDAY, now))
    (done,) = typed(house, OPENED, at(MONDAY, 8))
    assert done.done, done


def said(house: House, order: str) -> str:
    (done,) = typed(house, order, at(MONDAY, 8, 10))
    assert done.done, done
    return done.result


@pytest.mark.parametrize(
    "orders", [["litige FA-2026-0001", "clos FA-2026-0001"], ["clos Lemaire"], ["promesse FA-2026-0001 le 04/03/2026"]]
)
def test_what_is_said_of_a_dispute_or_a_promise_leaves_the_reminders_on_hold(house: House, orders: list[str]) -> None:
    insolvent(house)

    results = [said(house, order) for order in orders]

    assert "restent suspendues" in results[-1]
    for ahead in (0, 7, 10):
        day = MONDAY + timedelta(days=ahead)
        house.turn(at(day, 8, 30), bank_file(day - timedelta(days=1), at(day, 8, 30)))
        house.turn(at(day, 9, 20))
    assert to_lemaire(house) == []


@pytest.mark.parametrize("order", ["reprends Lemaire", "envoie FA-2026-0001"])
def test_going_on_by_name_lets_them_go_on_with_a_warning(house: House, order: str) -> None:
    insolvent(house)

    assert "L622-7" in said(house, order)
    assert "L622-7" not in said(house, "reprends Lemaire")
    house.turn(at(MONDAY, 9, 20))
    assert len(to_lemaire(house)) == 1


def test_the_digest_takes_what_the_owner_told_for_no_reply_of_a_client(house: House) -> None:
    insolvent(house)
    house.turn(at(MONDAY + timedelta(days=1), 7, 40))

    digest = text_of(house.mails_to(OWNER.email)[-1])
    assert "insolvency_opened" not in digest
    assert "comme vous l'avez noté" in digest
    assert "RÉPONSES DES CLIENTS" not in digest


def test_nothing_is_said_of_insolvency_where_there_is_none(house: House) -> None:
    now = at(MONDAY, 7, 40)
    house.turn(now, forwarded("FA-2026-0001", LEMAIRE, now), bank_file(SUNDAY, now))

    assert "collective" not in said(house, "clos FA-2026-0001") + said(house, "reprends Lemaire")
