"""A child whose readers misbehave in every way that a hostile document could make a reader misbehave."""

import os
import sys
import time
from datetime import date

from mailbot.errors import ReaderError
from mailbot.model import Attachment
from mailbot.sandbox import Reader, serve


def echo(data: bytes, name: str = "", day: date | None = None) -> Attachment:
    assert day is None or isinstance(day, date)
    return Attachment(name, str(day), data)


def endless(data: bytes) -> str:
    while True:
        pass


def asleep(data: bytes) -> str:
    time.sleep(60)
    return "awake"


def bomb(data: bytes) -> str:
    return "x" * (1 << 33)


def suicide(data: bytes) -> str:
    os.kill(os.getpid(), 9)
    return "alive"


def broken(data: bytes) -> str:
    return {}["no such key"]


def refusing(data: bytes) -> str:
    raise ReaderError("too_big", "A header has more than 8 kB.")


def surrogate(data: bytes) -> str:
    return "\udc80"


def talkative(data: bytes) -> str:
    print("a library prints on stdout")
    return "x" * 10_000_000


def process_id(data: bytes) -> int:
    return os.getpid()


def environment(data: bytes) -> dict[str, str]:
    return dict(os.environ)


def liar(data: bytes) -> int:
    return 1


RETURNS = {
    "echo": Attachment,
    "endless": str,
    "asleep": str,
    "bomb": str,
    "suicide": str,
    "broken": str,
    "refusing": str,
    "surrogate": str,
    "talkative": str,
    "process_id": int,
    "environment": dict[str, str],
}
READERS = {name: Reader("sandbox_child", name, returns) for name, returns in RETURNS.items()}

if __name__ == "__main__":
    serve(READERS, int(sys.argv[1]), float(sys.argv[2]))
