"""Names, imports and what is public."""

import ast
import platform
import subprocess
import sys
from pathlib import Path

import pytest

import ganvas
from ganvas import losses, networks
from ganvas.errors import WrongUseError
from ganvas.names import accepts, choices, resolve

PACKAGE = Path(ganvas.__file__).parent
ORDER = """
    errors names machine waves whole images unsupervised latent layers losses penalties optimizers augment data figures
    features networks fidelity recipe recipes games given progress run metrics vitals scores translation doctor engine
    trainer exploration report comparison cli
""".split()


def _imports(file):
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ganvas"):
            rest = node.module.split(".")[1:]
            yield from [rest[0]] if rest else [a.name for a in node.names if not a.name.startswith("__")]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("ganvas."))


def test_imports_run_one_way():
    broken = []
    for file in PACKAGE.rglob("*.py"):
        place = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if place == "__init__":
            continue
        assert place in ORDER, f"{place} has no place in the order of imports"
        broken += [(place, used) for used in _imports(file) if ORDER.index(used) > ORDER.index(place)]
    assert broken == []


def test_importing_ganvas_and_its_command_line_is_cheap():
    code = "import sys, ganvas, ganvas.cli; print([m for m in ('tensorflow', 'keras', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="oneDNN is for x86")
@pytest.mark.parametrize(("asked", "found"), [(None, "1"), ("0", "0")])
def test_onednn_is_on_unless_the_user_says_otherwise(asked, found, monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if asked:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", asked)
    code = "import os, ganvas; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == found


def test_every_public_name_is_there():
    assert [name for name in ganvas.__all__ if not getattr(ganvas, name)] == []
    assert set(ganvas.__all__) <= set(dir(ganvas))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ganvas.nothing


def test_every_public_thing_says_what_it_is():
    silent = []
    for file in PACKAGE.rglob("*.py"):
        tree = ast.parse(file.read_text())
        parts = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef) and n in tree.body]
        public = [n for n in parts if not n.name.startswith("_")]
        silent += [(file.name, n.name) for n in public if not ast.get_docstring(n)]
        silent += [] if ast.get_docstring(tree) else [(file.name, "module")]
    assert silent == []


def test_choices_are_the_public_functions_or_files():
    assert choices(losses) == ["hinge", "least_squares", "nonsaturating", "relativistic", "saturating", "wasserstein"]
    assert {"dcgan", "dense", "plain", "toy"} < set(choices(networks))
    assert "compared" not in choices(networks)


def test_resolve():
    assert resolve("hinge", losses, "loss") is losses.hinge
    assert resolve("ganvas.losses:hinge", losses, "loss") is losses.hinge
    assert resolve("dcgan", networks, "network").__name__ == "ganvas.networks.dcgan"
    with pytest.raises(WrongUseError, match=r"unknown loss 'hing': did you mean 'hinge'\?"):
        resolve("hing", losses, "loss")
    with pytest.raises(WrongUseError, match="choose from hinge, least_squares"):
        resolve("zzz", losses, "loss")
    with pytest.raises(WrongUseError, match=r"cannot import loss 'no\.such:thing'"):
        resolve("no.such:thing", losses, "loss")
    assert accepts(losses.nonsaturating, "smoothing")
    assert not accepts(losses.hinge, "smoothing")
