"""`mailbot login`: a person agrees once in a browser, and the bot opens its mailbox without a password from then on."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import typer

from mailbot.cli import app as cli
from mailbot.cli.output import say, shown
from mailbot.cli.settings import BUSINESS_OPTION, SETTINGS_OPTION
from mailbot.oauth import AuthServer, Grant

Clock = Callable[[], datetime]


@cli.command("login")
def login(
    settings: Path = SETTINGS_OPTION,
    business: str | None = BUSINESS_OPTION,
    page: bool = typer.Option(False, "--page", help="By a page instead of a code, where the provider has both."),
) -> None:
    """Sign in at the mailbox of Microsoft, Google or another provider without a password (`login:` in mailbot.yaml)."""
    from mailbot.cli.installation import one_business
    from mailbot.jobs.signing_in import keep
    from mailbot.ledger.store import writing

    with one_business(settings, business) as (app, office):
        door = app.door(office.business)
        account = office.business.mailbox.mail_address
        if door.server.device_url and not page:
            grant = _by_code(door.server, account, app.clock)
        else:
            grant = _by_page(door.server, account, app.clock)
        with writing(office.engine) as conn:
            keep(conn, door, grant)
        say("Signed in. Trying the mailbox ...")
        box = app.box(office.business)
        try:
            facts = box.check()
        finally:
            box.close()
        typer.echo("; ".join(facts))


def _by_code(server: AuthServer, account: str, clock: Clock) -> Grant:
    from mailbot.oauth import request_code, wait_for_person

    code = request_code(server, clock())
    say(f"Open {shown(code.page)} in any browser, sign in as {account}, and enter the code {shown(code.user_code)}")
    return wait_for_person(server, code, clock, time.sleep)


def _by_page(server: AuthServer, account: str, clock: Clock) -> Grant:
    from mailbot.cli.landing import Landing
    from mailbot.oauth import exchange, request_page

    with Landing() as landing:
        request = request_page(server, landing.address, account)
        say(
            f"Open this page in a browser, sign in as {account} and agree:\n\n{request.url}\n\n"
            "Is the browser on another machine? Then its last page cannot be shown: copy that page's address\n"
            f"({landing.address}?...) from the browser's address bar, paste it here and press Enter."
        )
        answered = landing.wait()
    return exchange(server, request, answered, clock())
