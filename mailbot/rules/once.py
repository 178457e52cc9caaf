"""A value that is worked out when it is first asked for, and kept."""

from collections.abc import Callable
from typing import Generic, Self, TypeVar, overload

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class once(Generic[Owner, Value]):  # noqa: N801  used like `property`
    """Like `functools.cached_property` without its lock, which until Python 3.12 costs a tenth of a decision."""

    def __init__(self, work: Callable[[Owner], Value]) -> None:
        self.work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, found: None, _owner: type) -> Self: ...
    @overload
    def __get__(self, found: Owner, _owner: type) -> Value: ...
    def __get__(self, found: Owner | None, _owner: type) -> Self | Value:
        if found is None:
            return self
        value = found.__dict__[self.name] = self.work(found)
        return value
