"""Small pieces of HTML that several sections use."""

import json
from html import escape
from typing import Any

from ganvas.report.charts import figure
from ganvas.report.record import Missing, is_number

LONGEST_VALUE = 120  # characters of a setting or a figure: lists can be endless


def absent(found: Any) -> str:
    """What is missing, said; nothing for what is there."""
    return f'<p class="absent">{_coded(found.sentence)}</p>' if isinstance(found, Missing) else ""


def _coded(sentence: str) -> str:
    """`code` in a sentence as <code>."""
    pieces = escape(sentence).split("`")
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))


def items(held: Any) -> list[tuple[str, Any]]:
    """The entries of a dict; none of anything else."""
    return list(held.items()) if isinstance(held, dict) else []


def plain(name: Any) -> str:
    """A name in words, escaped."""
    return escape(str(name).replace("_", " "))


def value_of(value: Any) -> str:
    """A setting or a figure, escaped; not endless."""
    text = _text(value)
    return escape(text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…")


def _text(value: Any) -> str:
    if is_number(value):
        return figure(value) if abs(value) >= 1e-3 or value == 0 else f"{value:.3g}"
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items()) or "none"
    return value if isinstance(value, str) else json.dumps(value)


def setting(name: str, value: Any) -> str:
    """`key=value` as the command line takes it."""
    if value is None or value == [] or value == ():
        return f"{name}=none"
    if isinstance(value, list) and "." not in name:
        return f"{name}={','.join(str(item) for item in value)}"
    return f"{name}={value if isinstance(value, str) else json.dumps(value)}"
