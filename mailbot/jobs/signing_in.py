"""Access tokens for a business's mailbox: from the ledger while one lives, else renewed by one process for all.

A refusal by the provider is asked about once and remembered: nobody knocks again until a person has signed in anew.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import Connection

from mailbot.config import client_secret
from mailbot.errors import SignInError
from mailbot.jobs.mailing import ask, mail_question, short
from mailbot.jobs.office import Office
from mailbot.ledger import leases, questions, sign_ins
from mailbot.ledger.sign_ins import SignIn
from mailbot.ledger.store import reading, writing
from mailbot.oauth import AuthServer, Grant, google, microsoft, renew
from mailbot.sealing import Seal
from mailbot.settings import Login

EARLY = timedelta(minutes=5)
"""An access token is renewed so long before its end, so that none dies within a session's login."""
_RENEWAL_SECONDS = 90.0
"""How long one process may take to renew; longer than `oauth.TIMEOUT`."""
_LOOK_SECONDS = 0.5
_YOUNG = timedelta(minutes=5)
"""A token that is refused so soon after it was given is not dead: the server refuses for another reason."""


@dataclass(frozen=True, slots=True)
class Door:
    """A business's way into its mailbox. `clock` is the machine's: providers know no other day."""

    office: Office
    server: AuthServer
    seal: Seal
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]


def auth_server(login: Login) -> AuthServer:
    """The provider of a `login:`; raises SettingsError where its client secret cannot be read."""
    known = client_secret(login)
    if login.provider == "microsoft":
        return microsoft(login.client_id, known, login.tenant)
    if login.provider == "google":
        return google(login.client_id, known)
    return AuthServer(
        token_url=login.token_url or "", scope=login.scope or "", client_id=login.client_id, client_secret=known,
        authorize_url=login.authorize_url or "", device_url=login.device_url or "",
    )  # fmt: skip


def access_token(door: Door) -> str:
    """A token that lives for some minutes at least. Raises SignInError; `refused` where only a person can help."""
    office, until = door.office, door.clock() + timedelta(seconds=_RENEWAL_SECONDS)
    role, renewer = f"sign-in of {office.key}", token_hex(8)
    while True:
        known, grant = _known(door)
        if grant.expires_at - EARLY > door.clock():
            return grant.access_token
        with writing(office.engine) as conn:
            mine = leases.take(conn, role, renewer, door.clock(), _RENEWAL_SECONDS)
        if mine:
            break
        if door.clock() >= until:
            raise SignInError("Another process is renewing the sign-in and does not come to an end.", refused=False)
        door.sleep(_LOOK_SECONDS)
    try:
        return _renewed(door, known, grant)
    finally:
        with writing(office.engine) as conn:
            leases.drop(conn, role, renewer)


def give_up(door: Door, token: str) -> None:
    """A mail server did not take this access token before its end, as after a new password or a withdrawn consent: the
    next one is bought anew, and where the provider refuses that, the owner is asked at once and not an hour later."""
    now = door.clock()
    with suppress(SignInError):
        known, grant = _known(door)
        if grant.access_token == token and now - known.changed_at >= _YOUNG:
            with writing(door.office.engine) as conn:
                sign_ins.end(conn, door.office.key, known.sealed, now)


def keep(conn: Connection, door: Door, grant: Grant) -> None:
    """A person has signed in: from now on this grant counts, and what was asked about the old one is settled."""
    key, now = door.office.key, door.clock()
    _save(conn, door, grant)
    for question in questions.open_ones(conn, key):
        if question.dedupe_key.startswith("sign_in/"):
            questions.expire(conn, key, question.number, "signed in again", now)


def _known(door: Door) -> tuple[SignIn, Grant]:
    """What the ledger has; raises SignInError where that is nothing, refused, or sealed with another key."""
    with reading(door.office.engine) as conn:
        known = sign_ins.find(conn, door.office.key)
    if known is None:
        raise SignInError("Nobody has signed in at the mailbox yet. Run: mailbot login", refused=True)
    if known.refused_at is not None:
        raise SignInError(f"{known.why} Run: mailbot login", refused=True)
    opened = door.seal.open(known.sealed)
    if opened is None:
        raise SignInError("The sign-in was sealed with another key. Run: mailbot login", refused=True)
    tokens = json.loads(opened)
    return known, Grant(tokens["access"], tokens["refresh"], known.expires_at)


def _renewed(door: Door, known: SignIn, grant: Grant) -> str:
    current, held = _known(door)
    if current.sealed != known.sealed:  # somebody was faster between our look and our lease
        return held.access_token
    try:
        fresh = renew(door.server, grant.refresh_token, door.clock())
    except SignInError as error:
        if error.refused:
            _refused(door, known, str(error))
            raise SignInError(f"{error} Run: mailbot login", refused=True) from error
        if grant.expires_at > door.clock():
            return grant.access_token  # the provider is out of reach, and the token still good for some minutes
        raise
    with writing(door.office.engine) as conn:
        _save(conn, door, fresh)
    return fresh.access_token


def _save(conn: Connection, door: Door, grant: Grant) -> None:
    sealed = door.seal.close(json.dumps({"access": grant.access_token, "refresh": grant.refresh_token}))
    sign_ins.keep(conn, door.office.key, sealed, grant.expires_at, door.clock())


def _refused(door: Door, known: SignIn, why: str) -> None:
    """Remember it and tell the owner, once; by mail at once, which leaves where sending has a login of its own."""
    office, now = door.office, door.clock()
    with writing(office.engine) as conn:
        if not sign_ins.refused(conn, office.key, known.sealed, why, now):
            return
        key = f"sign_in/{short(known.sealed)}"
        about = {"mailbox": office.business.mailbox.mail_address, "why": why}
        mail_question(conn, office, ask(conn, office, "sign_in", key, about, now), key, now)
