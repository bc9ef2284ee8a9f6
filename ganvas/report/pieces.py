"""Small pieces of HTML that several sections use."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from ganvas.report.charts import figure
from ganvas.report.record import Missing, is_number

LONGEST_VALUE = 120  # characters of a setting or a figure: lists can be endless
BARS = 40


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
    if value is None or value in ([], (), {}):
        return f"{name}=none"
    if isinstance(value, list) and "." not in name:
        return f"{name}={','.join(str(item) for item in value)}"
    return f"{name}={value if isinstance(value, str) else json.dumps(value)}"


def paired_bars(sentence: str, shares: Mapping[str, tuple[float, float]], thing: tuple[str, str]) -> str:
    """Each name's share among real and among generated samples, as two bars; of very many those that differ most.

    `thing` is what a name is of, one and several.
    """
    apart = sorted(shares, key=lambda name: -abs(shares[name][1] - shares[name][0]))[:BARS]
    top = max(1e-9, *(share for pair in shares.values() for share in pair))
    rows = "".join(_pair(name, *pair, top) for name, pair in shares.items() if name in apart)
    fewer = f" The {BARS} of {len(shares)} {thing[1]} that differ most." if len(shares) > BARS else ""
    return (
        f'<p>{escape(sentence)} <span class="key real">real</span> <span class="key made">generated</span>{fewer}</p>'
        f'<table class="bars"><thead class="unseen"><tr><th scope="col">{thing[0].capitalize()}</th>'
        f'<th scope="col">Real</th><th scope="col">Generated</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _pair(name: str, real: float, made: float, top: float) -> str:
    def bar(kind: str, share: float) -> str:
        width = f"{100 * share / top:.1f}"
        return f'<td class="{kind}"><i style="width:calc({width}% * .84)"></i><span>{100 * share:.1f}%</span></td>'

    return f'<tr><th scope="row">{escape(name)}</th>{bar("real", real)}{bar("made", made)}</tr>'
