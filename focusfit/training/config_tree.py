"""Nested dataclasses from and to plain values, with errors that name the key."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any, TypeVar

from ..errors import TrainingError

T = TypeVar("T")


def plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists: what YAML and JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def changed(config: T, values: Any, file: str, key: str = "") -> T:
    """``config`` with some values replaced by those of nested dicts.

    Args:
        config: a dataclass of dataclasses.
        values: field names to values or to further dicts.
        file: where they come from, for errors.
        key: of ``config`` in the whole, for errors.

    Raises:
        TrainingError: a key that does not exist, or a value of the wrong type; names the nearest valid key.
    """
    if not isinstance(values, Mapping):
        raise TrainingError(f"{key or 'the whole'} is {_shown(values)}, expected keys with values", file=file)
    hints = typing.get_type_hints(type(config))
    result = {}
    for name, value in values.items():
        path = f"{key}.{name}" if key else str(name)
        if name not in hints:
            raise TrainingError(f"there is no setting {path!r}", file=file, remedy=_nearest(str(name), hints, key))
        result[name] = _converted(getattr(config, name), value, hints[name], file, path)
    return _replaced(config, result, file, key)


def _replaced(config: Any, values: Mapping[str, Any], file: str, key: str) -> Any:
    try:
        return replace(config, **values)
    except TrainingError as error:  # a value of the right type that makes no sense
        raise TrainingError(f"{key}: {error.cause}" if key else error.cause, file=file, remedy=error.remedy) from error


def _converted(current: Any, value: Any, hint: Any, file: str, path: str) -> Any:
    """``value`` as the type ``hint`` says."""
    choices = [hint] if not _is_union(hint) else list(typing.get_args(hint))
    if value is None and type(None) in choices:
        return None
    choices = [choice for choice in choices if choice is not type(None)]
    for choice in choices:
        if isinstance(choice, type) and is_dataclass(choice):
            start = current if isinstance(current, choice) else choice()
            return changed(start, value, file, path)
    for choice in choices:
        found, converted = _plain_value(value, choice)
        if found:
            return converted
    raise TrainingError(f"{path} is {_shown(value)}, expected {_described(hint)}", file=file)


def _plain_value(value: Any, hint: Any) -> tuple[bool, Any]:
    """Whether ``value`` can be had as ``hint``, and as what."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return value in arguments, value
    if origin is tuple:
        return _tuple_value(value, arguments)
    if hint is float and isinstance(value, str):  # YAML 1.1 takes 5e-4, without a dot, for text
        try:
            return True, float(value)
        except ValueError:
            return False, None
    if hint is float and type(value) is int:
        return True, float(value)
    return type(value) is hint, value


def _tuple_value(value: Any, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    if not isinstance(value, list | tuple):
        return False, None
    kinds = (arguments[0],) * len(value) if arguments[-1] is ... else arguments
    if len(kinds) != len(value):
        return False, None
    items = [_plain_value(item, kind) for item, kind in zip(value, kinds, strict=True)]
    return all(found for found, _ in items), tuple(item for _, item in items)


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _nearest(name: str, hints: Mapping[str, Any], key: str) -> str:
    close = get_close_matches(name, hints, n=1, cutoff=0.5)
    prefix = f"{key}." if key else ""
    return f"Did you mean {prefix}{close[0]}?" if close else f"There are {', '.join(prefix + name for name in hints)}."


def _described(hint: Any) -> str:
    if _is_union(hint):
        return " or ".join(_described(choice) for choice in typing.get_args(hint))
    if hint is type(None):
        return "nothing (null)"
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(str(argument) for argument in arguments)
    if typing.get_origin(hint) is tuple:
        if arguments[-1] is ...:
            return f"a list, each {_described(arguments[0])}"
        return "a list of " + ", ".join(_described(argument) for argument in arguments)
    return {float: "a number", int: "a whole number", bool: "true or false", str: "text"}.get(hint, str(hint))


def _shown(value: Any) -> str:
    return f"{value!r}" if not isinstance(value, Mapping) else "a group of keys"
