"""Sign-ins, copies in Sent and the key's fingerprint: each noted once, and one business never sees another's."""

from datetime import timedelta

import pytest
from ledger_samples import NOW, World, fill
from sqlalchemy import Engine

from mailbot.ledger import copies, installation, outgoing, sign_ins
from mailbot.ledger.store import reading, writing

LATER = NOW + timedelta(hours=1)
OURS, THEIRS = "atelier", "boulangerie"


@pytest.fixture
def world(engine: Engine) -> World:
    with writing(engine) as conn:
        fill(conn, THEIRS)
        return fill(conn, OURS)


def test_a_sign_in_is_kept_renewed_refused_once_and_forgotten(engine: Engine, world: World) -> None:
    with writing(engine) as conn:
        sign_ins.keep(conn, OURS, "first", LATER, NOW)
        sign_ins.keep(conn, OURS, "second", LATER, NOW)
        assert not sign_ins.refused(conn, OURS, "first", "an old one", NOW)
        assert sign_ins.refused(conn, OURS, "second", "revoked", NOW)
        assert not sign_ins.refused(conn, OURS, "second", "revoked", LATER)
        found = sign_ins.find(conn, OURS)
        assert found is not None
        assert (found.sealed, found.refused_at, found.why) == ("second", NOW, "revoked")

        sign_ins.keep(conn, OURS, "third", LATER, LATER)
        renewed = sign_ins.find(conn, OURS)
        assert renewed is not None
        assert (renewed.refused_at, renewed.why) == (None, None)
        sign_ins.forget(conn, OURS)
        assert sign_ins.find(conn, OURS) is None


def test_the_sign_in_of_another_business_is_neither_seen_nor_changed(engine: Engine, world: World) -> None:
    with writing(engine) as conn:
        sign_ins.keep(conn, OURS, "sealed", LATER, NOW)
        before = sign_ins.find(conn, OURS)

        assert sign_ins.find(conn, THEIRS) is None
        assert not sign_ins.refused(conn, THEIRS, "sealed", "x", NOW)
        sign_ins.forget(conn, THEIRS)
        sign_ins.keep(conn, THEIRS, "other", LATER, NOW)

        assert sign_ins.find(conn, OURS) == before


def test_a_copy_is_missing_until_it_is_noted_and_noted_once(engine: Engine, world: World) -> None:
    with writing(engine) as conn:
        assert copies.missing(conn, OURS, NOW - timedelta(days=1), LATER) == []
        outgoing.claim(conn, OURS, world.outgoing, "x", NOW, 60)
        outgoing.sent(conn, OURS, world.outgoing, NOW, 250, "ok")
        assert copies.missing(conn, OURS, NOW - timedelta(days=1), LATER) == [world.outgoing]
        assert copies.missing(conn, OURS, LATER, LATER + timedelta(days=1)) == []
        assert copies.missing(conn, THEIRS, NOW - timedelta(days=1), LATER) == []

        assert copies.last(conn, OURS) is None
        assert copies.keep(conn, OURS, world.outgoing, "mailbot", LATER)
        assert not copies.keep(conn, OURS, world.outgoing, "server", LATER)

        assert copies.last(conn, OURS) == "mailbot"
        assert copies.last(conn, THEIRS) is None
        assert copies.missing(conn, OURS, NOW - timedelta(days=1), LATER) == []


def test_the_first_key_stays_the_ledgers_until_a_person_accepts_another(engine: Engine) -> None:
    with writing(engine) as conn:
        assert installation.key_fingerprint(conn) is None
        installation.keep_key_fingerprint(conn, "aa", NOW)
        installation.keep_key_fingerprint(conn, "bb", NOW)
        assert installation.key_fingerprint(conn) == "aa"
        installation.accept_key(conn, "bb", LATER)
    with reading(engine) as conn:
        assert installation.key_fingerprint(conn) == "bb"
