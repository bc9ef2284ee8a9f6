"""From a name to a function: a public function in its file is its own registration."""

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from ganvas.errors import WrongUseError

LISTED = 30  # names in a sentence at most


def choices(module: ModuleType) -> list[str]:
    """The public names of a kind: the files of a package, or the functions that a module itself defines."""
    if hasattr(module, "__path__"):
        return sorted(m.name for m in pkgutil.iter_modules(module.__path__) if not m.name.startswith("_"))
    return sorted(
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    )


def unknown(kind: str, name: str, known: Iterable[str]) -> WrongUseError:
    """The error for a name that is not among those known, with the nearest match."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known[:LISTED])}{more}"
    return WrongUseError(f"unknown {kind} {name!r}: {hint}")


def resolve(name: str, module: ModuleType, kind: str) -> Any:
    """What `name` stands for in `module`: a function or a file there, or anything else as `package.module:name`."""
    if ":" in name:
        return _imported(name, kind)
    known = choices(module)
    if name not in known:
        raise unknown(kind, name, known)
    if hasattr(module, "__path__"):
        return importlib.import_module(f"{module.__name__}.{name}")
    return getattr(module, name)


def _imported(name: str, kind: str) -> Any:
    place, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(place), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise WrongUseError(f"cannot import {kind} {name!r} ({error}): write it as package.module:name") from error


def builder(name: str, module: ModuleType, kind: str, part: str) -> Callable[..., Any]:
    """The function `part` of a file in `module`; or, as `package.module:name`, a function or a file of one's own."""
    found = resolve(name, module, kind)
    function = getattr(found, part, found)
    if callable(function):
        return function
    having = [other for other in choices(module) if hasattr(resolve(other, module, kind), part)]
    raise WrongUseError(f"{name!r} is no {kind}, it has no {part}: choose from {', '.join(having)}")


def accepts(function: Callable[..., Any], parameter: str) -> bool:
    """Does `function` have a parameter of this name?"""
    return parameter in inspect.signature(function).parameters
