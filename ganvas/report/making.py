"""How a run was made: its recipe, the command that repeats it, the data, versions and machine, and what it took."""

import json
import shlex
from html import escape
from typing import Any

from ganvas import recipes
from ganvas.errors import WrongUseError
from ganvas.recipe import Recipe, parse_overrides
from ganvas.report.charts import figure
from ganvas.report.pieces import absent, items, setting, value_of
from ganvas.report.record import Missing, Record, is_number
from ganvas.report.words import count, duration, listed


def recipe(record: Record, level: int) -> str:
    """What differs from the defaults, the command, data, versions, machine, and what it cost."""
    given, defaults = _flat(_fields(record.recipe)), _flat(_fields(Recipe()))
    differing = {name: value for name, value in given.items() if value != defaults.get(name) and name != "name"}
    return (
        f"<p>The recipe is <code>{escape(record.recipe.name)}</code>; this is where it differs from the defaults.</p>"
        f"{_settings(differing)}<details><summary>The whole recipe</summary>{_settings(given)}</details>"
        f"<h{level}>Do it again</h{level}>"
        f"{_commands(record)}<h{level}>What it took</h{level}>{_facts(record)}"
    )


def _fields(recipe: Recipe) -> dict[str, Any]:
    return json.loads(recipe.to_json())


def _settings(settings: dict[str, Any]) -> str:
    rows = "".join(
        f"<div><dt>{_breakable(name)}</dt><dd>{value_of(value)}</dd></div>" for name, value in settings.items()
    )
    return f'<dl class="settings">{rows}</dl>'


def _breakable(name: str) -> str:
    """A setting's name that may go on in the next line after a dot or a low line."""
    return escape(name).replace("_", "_<wbr>").replace(".", ".<wbr>")


def _commands(record: Record) -> str:
    exact = f"ganvas train {shlex.quote(str(record.run.path / 'recipe.json'))}"
    words = _overrides(record)
    named = f"\nganvas train {shlex.join([record.recipe.name, *words])}" if words is not None else ""
    said = "Either line repeats the run" if named else "This repeats the run"
    told = f"{said}, to the bit on the same kind of CPU."
    if record.run.cures():
        told = "This begins anew with the settings that the doctor left; its way there is in cures.jsonl."
    return f"<pre><code>{escape(exact + named)}</code></pre><p>{told}</p>"


def _overrides(record: Record) -> list[str] | None:
    """The settings that make the shipped recipe of this name into the run's; None where the command cannot say it."""
    wanted = record.recipe
    try:
        shipped = recipes.find(wanted.name)
        before, after = _flat(_fields(shipped)), _flat(_fields(wanted))
        words = [setting(name, value) for name, value in after.items() if before.get(name) != value]
        again = shipped.but(**parse_overrides(words))
    except WrongUseError:
        return None
    own_files = record.run.located(wanted) != wanted
    return words if _fields(again) == _fields(wanted) and not own_files else None


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Settings within settings under dotted names, as the command line takes them."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        flat |= {f"{name}.{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _facts(record: Record) -> str:
    environment, data, machine = record.environment, record.part("data"), record.part("machine")
    packages = [f"{name} {version}" for name, version in record.part("packages").items() if version]
    python = [f"Python {environment['python']}"] if environment.get("python") else []
    facts = {
        "Time": duration(record.seconds) if record.seconds is not None else None,
        "CPU time": _cpu_time(record),
        "Samples seen": figure(record.last["images"]) if is_number(record.last.get("images")) else None,
        "Data": f"{data['name']}, {count(data['count'], 'sample')}" if isinstance(data.get("count"), int) else None,
        "Data's SHA-256": data.get("sha256"),
        "Networks": ", ".join(_sizes(record)),
        "Versions": ", ".join(python + packages),
        "Machine": ", ".join(str(machine[key]) for key in ("processor", "system") if machine.get(key)),
    }
    rows = "".join(f"<div><dt>{n}</dt><dd>{escape(str(v))}</dd></div>" for n, v in facts.items() if v)
    missing = [n for n, v in facts.items() if not v]
    unknown = absent(Missing(f"Not on record: {listed(missing)}.")) if missing else ""
    return f'<dl class="facts">{rows}</dl>{unknown}'


def _sizes(record: Record) -> list[str]:
    networks = [(name, held) for name, held in items(record.environment.get("networks")) if isinstance(held, dict)]
    return [f"{name} {count(h['parameters'], 'parameter')}" for name, h in networks if is_number(h.get("parameters"))]


def _cpu_time(record: Record) -> str | None:
    if is_number(record.last.get("cpu_seconds")):
        return duration(record.last["cpu_seconds"])
    if record.seconds is None or not record.cores:
        return None
    return f"at most {duration(record.seconds * record.cores)} ({count(record.cores, 'core')} all the time)"
