"""The door through which every document of a stranger goes: readers run in a child process with limits.

A child is started once and reads many documents. It gets bytes and gives JSON, which is rebuilt here as the
values that the reader declares; nothing that comes from a child is ever executed or unpickled. A child that
runs out of time or memory, or dies, is replaced, and the caller gets a `ReaderError` for that one document.

Frames on the socket between the two, each with its length in four bytes before it:

    parent  {"reader": "invoice", "arguments": {...}}
    child   empty: the reader is imported, from here on the time counts (not said again by a child that has it)
    parent  the document
    child   V + JSON of the value · E + {code, message}: refused · X + {code, message}: replace this child
"""

import gc
import importlib
import json
import math
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import LifoQueue
from time import monotonic
from types import TracebackType
from typing import Any, Self, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from mailbot.errors import ReaderError
from mailbot.model import InvoiceDocument, Lesson, Letter, ListedClient, Listing, Problem, Reading, Statement

_LENGTH = struct.Struct("!I")
_START_SECONDS = 60.0
_READS_PER_CHILD = 1000  # parsers written in C leak; a child that reads for weeks must not reach its limit
_MEMORY_USED_UP = "Reading the file took more memory than a document may take."
_AT_ONCE = 64 * 1024  # what is sent in one piece with its length wakes the other side once
_BYTE_CODE = 4 * 1024 * 1024  # a child may write the byte code of what it imports, and nothing bigger


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a reader is, and the type that it declares (named here so that the parent need not import it)."""

    module: str
    function: str
    returns: Any
    seconds_per_megabyte: float = 0.0
    """What a long document gets beyond the time for any."""
    processor_seconds: float = math.inf
    """The most processor time of one reading, where less than the time for any is enough."""
    memory_bytes: int = 0
    """The most address space while it reads; 0 for as much as a child may have."""

    def seconds(self, base: float, size: int) -> float:
        """How long reading `size` bytes may take."""
        return base + self.seconds_per_megabyte * size / 1_000_000


READERS: Mapping[str, Reader] = {
    "letter": Reader("mailbot.inbox.read", "read_raw", tuple[Letter, Reading]),
    "invoice": Reader(
        "mailbot.readers",
        "read_invoice",
        InvoiceDocument | Problem,
        processor_seconds=3.0,
        memory_bytes=500_000_000,
    ),
    "documents": Reader("mailbot.readers", "read_documents", list[tuple[str, InvoiceDocument | Problem]]),
    "enclosed": Reader("mailbot.readers", "read_enclosed", list[tuple[str, bytes, InvoiceDocument | Problem]]),
    "lesson": Reader("mailbot.readers", "read_lesson", Lesson | None),
    "listing": Reader("mailbot.invoices.listing", "read_listing", Listing | Problem, seconds_per_megabyte=10.0),
    "contacts": Reader(
        "mailbot.invoices.contacts",
        "read_contacts",
        tuple[list[ListedClient], list[Problem]],
        seconds_per_megabyte=10.0,
    ),
    "statement": Reader("mailbot.bank.read", "read_statement", Statement | Problem, seconds_per_megabyte=10.0),
}


class Sandbox:
    """A pool of children that read documents; threads may share it.

    `max_bytes` bounds a document, `seconds` one reading (wall clock and processor; a reader may get more for each
    megabyte), `memory_bytes` a child's
    address space (not on macOS, which has no such limit). Children start when they are first needed.
    """

    def __init__(
        self,
        max_bytes: int = 30 * 1024 * 1024,
        seconds: float = 20.0,
        memory_bytes: int = 1024 * 1024 * 1024,
        *,
        children: int = 1,
        readers: Mapping[str, Reader] = READERS,
        command: Sequence[str] = (sys.executable, "-P", "-m", "mailbot.sandbox"),
    ) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._readers = readers
        self._command = (*command, str(memory_bytes), str(seconds))
        self._idle: LifoQueue[_Child | None] = LifoQueue()
        self._children = children
        for _ in range(children):
            self._idle.put(None)

    def run(self, reader: str, data: bytes, **arguments: object) -> Any:
        """What `reader` makes of `data`; `arguments` go to it by name and must be plain values or dates.

        Raises ReaderError: too_big, too_slow, too_much_memory, died, or what the reader raised itself.
        """
        if len(data) > self._max_bytes:
            raise ReaderError("too_big", f"The file has {_mb(len(data))}; at most {_mb(self._max_bytes)} are read.")
        returns = self._readers[reader].returns
        seconds = self._readers[reader].seconds(self._seconds, len(data))
        request = to_json({"reader": reader, "arguments": arguments})
        child = self._idle.get()
        try:
            if child is None or not child.usable():
                _end(child)
                child = _Child(self._command)
            answer = child.ask(reader, request, data, seconds, 4 * self._max_bytes + 1024 * 1024)
        except BaseException:
            _end(child)
            child = None
            raise
        finally:
            self._idle.put(child)
        return _rebuilt(returns, answer)

    def close(self) -> None:
        """End the children, waiting for readings under way; the sandbox can still be used afterwards."""
        children = [self._idle.get() for _ in range(self._children)]
        for child in children:
            _end(child)
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Child:
    """One child process and the socket to it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C in a terminal is for the parent to handle
            )
        self._reads_left = _READS_PER_CHILD
        self._imported: set[str] = set()

    def usable(self) -> bool:
        return self._reads_left > 0 and self._process.poll() is None

    def ask(self, reader: str, request: bytes, data: bytes, seconds: float, max_answer: int) -> bytes:
        self._prepare(reader, request)
        try:
            deadline = monotonic() + seconds
            _send(self._socket, data, deadline)
            answer = _receive(self._socket, deadline, max_answer)
        except TimeoutError as error:
            raise ReaderError("too_slow", f"Reading the file took more than {seconds:g} seconds.") from error
        except OSError as error:
            raise self._obituary(seconds) from error
        self._reads_left = 0 if answer[:1] == b"X" else self._reads_left - 1
        return answer

    def _prepare(self, reader: str, request: bytes) -> None:
        """Ask for a reader, and wait until the child has imported it, which may take longer than reading."""
        deadline = monotonic() + _START_SECONDS
        try:
            _send(self._socket, request, deadline)
            if reader not in self._imported:
                _receive(self._socket, deadline, 0)
                self._imported.add(reader)
        except OSError as error:
            raise ReaderError(
                "died", f"No reader could be started; see what `{' '.join(self._command)}` says."
            ) from error

    def _obituary(self, seconds: float) -> ReaderError:
        self.end()
        if self._process.returncode == -signal.SIGXCPU:
            return ReaderError("too_slow", f"Reading the file took more than {seconds:g} seconds.")
        if self._process.returncode == -signal.SIGABRT:  # so PDFium ends where it gets no more memory
            return ReaderError("too_much_memory", _MEMORY_USED_UP)
        return ReaderError("died", "The reader broke down over this file; it is damaged or made to do harm.")

    def end(self) -> None:
        self._socket.close()
        if self._process.poll() is None and not self._leaves():
            self._process.kill()
            self._process.wait()

    def _leaves(self) -> bool:
        """Whether the child ends by itself within a moment, so that its cause of death is its own."""
        try:
            self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            return False
        return True


def _end(child: _Child | None) -> None:
    if child is not None:
        child.end()


def _environment() -> dict[str, str]:
    """What a child sees: where this package is, and none of the parent's secrets."""
    return {"PYTHONPATH": str(Path(__file__).parent.parent), "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


@cache
def _adapter(returns: Any) -> TypeAdapter[tuple[Any]]:
    # In a tuple of one, because a configuration cannot be given for a bare dataclass.
    wrapped = tuple[returns]
    return TypeAdapter(wrapped, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


_FAILURE: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def _rebuilt(returns: Any, answer: bytes) -> Any:
    try:
        if answer[:1] == b"V":
            return _adapter(returns).validate_json(answer[1:])[0]
        error = _FAILURE.validate_json(answer[1:])
        failure = ReaderError(error["code"], error["message"])
    except (ValidationError, KeyError) as mismatch:
        raise ReaderError("died", "The reader's answer is not one of the values it declares.") from mismatch
    raise failure


# ------------------------------------------------------------------------------------------ both sides


def _send(connection: socket.socket, payload: bytes, deadline: float | None) -> None:
    length = _LENGTH.pack(len(payload))
    if len(payload) <= _AT_ONCE:
        payload = length + payload
    else:
        connection.settimeout(_left(deadline))
        connection.sendall(length)
    connection.settimeout(_left(deadline))
    connection.sendall(payload)


def _receive(connection: socket.socket, deadline: float | None, most: int) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, deadline))
    if length > most:
        raise ReaderError("too_big", f"What is in the file takes {_mb(length)}; at most {_mb(most)} are taken.")
    return _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    received = bytearray(length)
    view = memoryview(received)
    while view:
        connection.settimeout(_left(deadline))
        count = connection.recv_into(view, 0, socket.MSG_WAITALL)
        if not count:
            raise ConnectionResetError("the other side is gone")
        view = view[count:]
    return bytes(received)


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


# ------------------------------------------------------------------------------------------- the child


def serve(readers: Mapping[str, Reader], memory_bytes: int, seconds: float) -> None:
    """The child's life: read documents from the socket on descriptor 0 until the parent is gone."""
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_BYTE_CODE, _BYTE_CODE))
    imported: dict[str, Any] = {}
    with socket.socket(fileno=os.dup(0)) as connection:
        while True:
            try:
                request = json.loads(_receive(connection, None, 1024 * 1024))
            except ConnectionResetError:
                return
            reader = readers[request["reader"]]
            if request["reader"] not in imported:
                imported[request["reader"]] = _imported(reader)
                _send(connection, b"", None)
            function = imported[request["reader"]]
            arguments = _typed(function, request["arguments"])
            data = _receive(connection, None, 1 << 32)
            _allow_processor(min(reader.seconds(seconds, len(data)), reader.processor_seconds))
            _allow_memory(reader.memory_bytes or memory_bytes, memory_bytes)
            _send(connection, _answer(reader, function, data, arguments), None)
            _allow_memory(memory_bytes, memory_bytes)


def _imported(reader: Reader) -> Any:
    """The reader's function, with everything that it imports kept out of later garbage collections."""
    function = getattr(importlib.import_module(reader.module), reader.function)
    _adapter(reader.returns)
    gc.collect()
    gc.freeze()
    return function


def _typed(function: Any, arguments: Mapping[str, object]) -> dict[str, object]:
    """The arguments as the reader declares them: a date that was written as text is a date again."""
    declared = _declared(function)
    return {name: declared[name].validate_python(value) for name, value in arguments.items()}


@cache
def _declared(function: Any) -> Mapping[str, TypeAdapter[Any]]:
    return {name: TypeAdapter(hint) for name, hint in get_type_hints(function).items() if name != "return"}


def _allow_processor(seconds: float) -> None:
    """Bound this process by itself too: the parent may no longer be there to kill it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def _allow_memory(most: int, hard: int) -> None:
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (min(most, hard), hard))


def _answer(reader: Reader, function: Any, data: bytes, arguments: Mapping[str, object]) -> bytes:
    try:
        return b"V" + _adapter(reader.returns).dump_json((function(data, **arguments),))
    except ReaderError as error:
        return _failure(b"E", error.code, str(error))
    except MemoryError:
        return _failure(b"X", "too_much_memory", _MEMORY_USED_UP)
    except PydanticSerializationError:
        return _failure(b"X", "died", "The reader found text in this file that is not Unicode.")
    except Exception as error:  # noqa: BLE001
        # Whatever a stranger's document makes a parser raise is the document's failure and ends here; the
        # place is named so that the reader can be mended.
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return _failure(b"X", "died", f"The reader broke down over this file ({type(error).__name__} in {where}).")


def _failure(mark: bytes, code: str, message: str) -> bytes:
    return mark + to_json({"code": code, "message": message})


if __name__ == "__main__":
    serve(READERS, int(sys.argv[1]), float(sys.argv[2]))
