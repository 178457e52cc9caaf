"""A copy of the whole ledger while it is in use, and a ledger made of such a copy.

SQLite copies itself (https://sqlite.org/backup.html); PostgreSQL has pg_dump and pg_restore for it.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Engine, create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from mailbot.errors import LedgerError, Locked

_PAGES = 2000
"""Copied at a time (8 MB): writers go on between two portions."""
_SQLITE = b"SQLite format 3\0"
_POSTGRES = b"PGDMP"
_SECONDS = 3600
"""How long pg_dump or pg_restore may take."""


def suffix(engine: Engine) -> str:
    """How a copy of this ledger is called at its end."""
    return ".db" if engine.dialect.name == "sqlite" else ".dump"


def copy(engine: Engine, target: Path) -> None:
    """Writes the ledger to `target`, readable by its owner only, once it is whole and sound; a file there is replaced.

    Raises LedgerError for a place that cannot be written, and a copy that failed or is damaged.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with suppress(FileNotFoundError):
            part.unlink()
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if engine.dialect.name == "sqlite":
            _copy_sqlite(Path(engine.url.database or ""), part)
        else:
            _run("pg_dump", engine.url, ["--format=custom", "--no-owner", f"--file={part}"])
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(f"The ledger cannot be copied to {target}: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink()


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as ledger,
        closing(sqlite3.connect(target)) as made,
    ):
        ledger.backup(made, pages=_PAGES)
        [said] = made.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise LedgerError(f"The copy of the ledger is damaged ({said}): {source} may be, too.")


@contextmanager
def on_trial(file: Path, url: str) -> Iterator[str]:
    """The address of a ledger made of the copy, which is gone again afterwards; `url`: the installation's own ledger.

    Raises LedgerError for a file that is no copy of such a ledger, or is damaged.
    """
    parsed = make_url(url)
    _is_copy_for(file, parsed)
    if parsed.get_backend_name() == "sqlite":
        with TemporaryDirectory(prefix="mailbot-backup-") as folder:
            place = Path(folder) / "ledger.db"
            _take_sqlite(file, place)
            yield f"sqlite:///{place}"
        return
    name = f"mailbot_verify_{os.getpid()}"
    server = create_engine(parsed, isolation_level="AUTOCOMMIT")
    try:
        _say(server, f'CREATE DATABASE "{name}"')
        trial = parsed.set(database=name)
        _run("pg_restore", trial, ["--no-owner", "--exit-on-error", str(file)])
        yield trial.render_as_string(hide_password=False)
    finally:
        _say(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.dispose()


def put_back(file: Path, url: str, stamp: str, prepare: Callable[[str], None]) -> Path | None:
    """Makes the installation's ledger of the copy; where the ledger that was there lies now.

    `prepare` gets the address of the new ledger; on SQLite before it takes the old one's place, so that nobody ever
    works on one that was not prepared. The old file is kept under a name with `stamp`. PostgreSQL: the database has to
    be there and empty, and is prepared as soon as it is filled.
    Raises LedgerError for a file that is no copy or is damaged, Locked where there is no place for it.
    """
    parsed = make_url(url)
    _is_copy_for(file, parsed)
    if parsed.get_backend_name() == "sqlite":
        return _replace_sqlite(file, Path(parsed.database or ""), stamp, prepare)
    server = create_engine(parsed)
    try:
        with server.connect() as conn:
            if inspect(conn).get_table_names():
                raise Locked(f"The database {parsed.database} is not empty: name a new one in mailbot.yaml.")
    except SQLAlchemyError as error:
        raise LedgerError(f"The database {parsed.database} cannot be reached.") from error
    finally:
        server.dispose()
    _run("pg_restore", parsed, ["--no-owner", "--exit-on-error", "--single-transaction", str(file)])
    prepare(url)
    return None


def _replace_sqlite(file: Path, place: Path, stamp: str, prepare: Callable[[str], None]) -> Path | None:
    part, old = place.with_name(f".{place.name}.part"), place.with_name(f"{place.name}.{stamp}")
    try:
        _take_sqlite(file, part)
        prepare(f"sqlite:///{part}")
        _in_one_file(part)
        moved = place.exists()
        if moved:
            for end in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{place}{end}").replace(f"{old}{end}")
        part.replace(place)
    except OSError as error:
        raise LedgerError(f"{place} cannot be restored: {error.strerror}") from error
    finally:
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{part}{end}").unlink()
    return old if moved else None


def _in_one_file(ledger: Path) -> None:
    """What was written last stands in the file itself, and not in the log beside it, which would not move along."""
    try:
        with closing(sqlite3.connect(ledger)) as made:
            [mode] = made.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        raise LedgerError(f"{ledger} cannot be written: {error}") from error
    if mode != "delete":
        raise LedgerError(f"{ledger} is still in use.")


def _take_sqlite(file: Path, place: Path) -> None:
    try:
        shutil.copyfile(file, place)
        place.chmod(0o600)
        with closing(sqlite3.connect(place)) as made:
            [said] = made.execute("PRAGMA quick_check(1)").fetchone()
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(f"{file} cannot be read as a backup: {error}") from error
    if said != "ok":
        raise LedgerError(f"{file} is damaged: {said}")


def _is_copy_for(file: Path, url: URL) -> None:
    """Raises LedgerError where the file is not a copy, or one of the other kind of ledger."""
    try:
        with file.open("rb") as opened:
            first = opened.read(16)
    except OSError as error:
        raise LedgerError(f"{file} cannot be read: {error.strerror}") from error
    kinds = {"sqlite": (_SQLITE, "SQLite"), "postgresql": (_POSTGRES, "PostgreSQL")}
    wanted, name = kinds[url.get_backend_name()]
    if first.startswith(wanted):
        return
    others = [other for mark, other in kinds.values() if mark != wanted and first.startswith(mark)]
    what = f"a backup of {others[0]}, and the ledger in mailbot.yaml is {name}" if others else "no backup of a ledger"
    raise LedgerError(f"{file} is {what}.")


def _say(server: Engine, statement: str) -> None:
    try:
        with server.connect() as conn:
            conn.exec_driver_sql(statement)
    except SQLAlchemyError as error:
        raise LedgerError(
            "The copy is tried in a database of its own, which this user may not make: "
            f"ALTER ROLE {server.url.username or '…'} CREATEDB"
        ) from error


def _run(program: str, url: URL, arguments: Sequence[str]) -> None:
    """Runs a program of PostgreSQL; the password goes by the environment, where other users do not see it."""
    if shutil.which(program) is None:
        raise LedgerError(f"{program} is missing; install it with: apt-get install postgresql-client")
    environment = dict(os.environ) | ({"PGPASSWORD": str(url.password)} if url.password else {})
    address = url.set(drivername="postgresql", password=None).render_as_string()
    command = [program, f"--dbname={address}", "--no-password", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  (PostgreSQL's own program)
            command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise LedgerError(f"{program} took longer than an hour.") from error
    if done.returncode:
        said = next(iter(done.stderr.strip().splitlines()), f"exit status {done.returncode}")
        raise LedgerError(f"{program} failed: {said}")
