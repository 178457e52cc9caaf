"""A day as an option of a command: year-month-day and nothing else, because 03/04/2026 is two days."""

from datetime import datetime

import typer


def iso_day(text: str) -> datetime:
    """Midnight of the day. Raises typer.BadParameter, with how to write it, for anything but 2026-12-31."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d")  # noqa: DTZ007  a day has no zone
    except ValueError as error:
        example = "for instance 2026-12-31"
        raise typer.BadParameter(f"{text!r} is no day: write it as year-month-day, {example}.") from error
